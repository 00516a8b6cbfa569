"""Text as it is compared: what a person types and what a label holds, in one form. Shared with the search."""

import re
import unicodedata

_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss"})
_NOT_A_WORD = re.compile(r"[^a-z0-9]+")
_INITIALS = re.compile(r"\b([a-z])\.(?=[a-z]\b)")
_SAINT = {"st": "saint", "ste": "sainte", "sts": "saints", "stes": "saintes"}


def normalise(text: str) -> str:
    """Lower case, no accents, œ→oe, initials joined (C.M.P.P. → cmpp), anything but letters and digits a single space,
    whole words st/ste → saint/sainte.

    Idempotent; the result is ASCII, never starts or ends with a space, and may be empty.
    """
    plain = text.lower() if text.isascii() else _without_accents(text)
    words = _NOT_A_WORD.sub(" ", _INITIALS.sub(r"\1", plain) if "." in plain else plain).split()
    return " ".join(_SAINT.get(word, word) for word in words)


def _without_accents(text: str) -> str:
    lowered = unicodedata.normalize("NFKD", text.lower().translate(_LIGATURES))
    plain = "".join(char for char in lowered.lower() if not unicodedata.combining(char))
    return plain.translate(_LIGATURES)
