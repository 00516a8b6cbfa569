"""What a person typed, as a full-text query over words in their compared form (`nomenclature.text`)."""

from nomenclature.text import normalise

# Joining words say nothing alone: they are not asked for when anything else was typed.
JOINING_WORDS = frozenset("a au aux d de des du en et l la le les ou par pour sur un une".split())


def words(text: str) -> list[str]:
    """The words to look for, in order; joining words only when nothing else was typed."""
    found = normalise(text).split()
    return [word for word in found if word not in JOINING_WORDS] or found


def tsquery(text: str, weights: str, *, every: bool = True) -> str | None:
    """`'csapa':*AB & 'evr':*AB`: each word a prefix (short ones only as the last), all required or any.

    None when there is no word. Words are ASCII letters and digits (see `normalise`), so nothing typed can break out
    of the quotes.
    """
    found = words(text)
    if not found:
        return None
    last = len(found) - 1
    parts = [f"'{word}':{'*' if len(word) > 2 or rank == last else ''}{weights}" for rank, word in enumerate(found)]
    return (" & " if every else " | ").join(parts)


def whole_words(text: str, weights: str) -> str | None:
    """Like `tsquery` without prefixes: « aurore 93 » is the 93 of the name, not every postal code that begins so."""
    return " & ".join(f"'{word}':{weights}" for word in words(text)) or None
