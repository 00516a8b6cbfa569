"""Which of the two names FINESS gives is shown, and where the other goes."""

import re

_SMALL = {"A", "AU", "AUX", "D", "DE", "DES", "DU", "EN", "ET", "L", "LA", "LE", "LES", "SUR", "SITE"}
_WORD = re.compile(r"[^\W_]+")


def names(short: str, long: str, complement: str) -> tuple[str, str]:
    """(dénomination, complément).

    `short` (rs) is cut at 38 characters, `long` (rslongue) at 60. The long one is the dénomination when it is fuller:
    every word of the short one is in it, whole, abbreviated or as initials. Otherwise (« CMPP TONY LAINE » against
    « CENTRE MEDICO PSYCHO PEDAGOGIQUE… ») the short one names the place and the long one joins the complement.
    """
    if not short or not long or _same(short, long):
        return short or long, complement
    if len(long) > len(short) and is_fuller(long, short):
        return long, complement
    if _same(long, complement) or is_fuller(short, long):
        return short, complement
    return short, " – ".join(part for part in (long, complement) if part)


def _same(one: str, other: str) -> bool:
    return _words(one) == _words(other)


def _words(text: str) -> list[str]:
    return _WORD.findall(text.upper())


def is_fuller(long: str, short: str) -> bool:
    """Every word of `short` that carries meaning is in `long`."""
    have = _words(long)
    initials = "".join(word[0] for word in have)
    return all(_is_in(word, have, initials) for word in _words(short) if word not in _SMALL)


def _is_in(word: str, have: list[str], initials: str) -> bool:
    if any(other == word or _abbreviates(word, other) or _abbreviates(other, word) for other in have):
        return True
    return 2 <= len(word) <= 7 and _in_order(word, initials)


def _abbreviates(short: str, long: str) -> bool:
    """CTRE for CENTRE, ASS for ASSOCIATION, LAGN (cut) for LAGNY."""
    return 3 <= len(short) < len(long) and short[0] == long[0] and _in_order(short, long)


def _in_order(letters: str, text: str) -> bool:
    rest = iter(text)
    return all(letter in rest for letter in letters)
