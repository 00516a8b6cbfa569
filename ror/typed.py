"""Small numbers that come with a request: a version, a position, an identifier. No rule of ours, no import of ours."""


def small_number(text: str | None, *, digits: int = 9) -> int | None:
    """The whole number this text is; None for anything else (empty, a sign, « ² », more than `digits` figures)."""
    is_number = bool(text) and text.isascii() and text.isdigit() and len(text) <= digits
    return int(text) if is_number else None
