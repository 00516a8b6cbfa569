"""Cells of a FINESS address into the fields of `Adresse`, readable: « 12 bis Rue de l'Abbé… », « Paris Cedex 12 ».

FINESS writes capitals without accents and codes for the street types. We write the word of TRE_R35, capitals on the
words that carry meaning, small French words in lower case, « d » and « l » joined to the word that follows. Accents
are not guessed. Text that already has lower-case letters (BAN) is kept as it is.
"""

import re
from collections.abc import Mapping

EXTENSIONS = {"B": "bis", "T": "ter", "Q": "quater"}  # C is ambiguous: kept as it is
_SMALL = {
    "a",
    "au",
    "aux",
    "d",
    "de",
    "des",
    "du",
    "en",
    "et",
    "l",
    "la",
    "le",
    "les",
    "lès",
    "ou",
    "par",
    "sous",
    "sur",
}
_CAPITALS = {
    "BP",
    "CS",
    "TSA",
    "ZA",
    "ZAC",
    "ZI",
    "ZUP",
    "ZAD",
    "HLM",
    "RN",
    "RD",
    "CD",
    "CHU",
    "CHR",
    "CH",
    "CRF",
    "RER",
    "SNCF",
}
_ROMAN = re.compile(r"^[IVX]{2,}$")
_ELISION = re.compile(r"\b([DL]) (?=[AEIOUYH])")
_POST_BOX = re.compile(r"\b(?:BP|CS|TSA|CP)\s?\d+(?:\s\d+)*\b")
_RANGE = re.compile(r"^(\d{1,4})\s?[-/A]\s?(\d{1,4})$")
_NUMBER = re.compile(r"^(\d{1,4})\s?([A-Za-z])$")
CEDEX = re.compile(r"\s+CEDE?X?(?:\s+\d+)?$", re.IGNORECASE)


def title(text: str) -> str:
    """« RUE DE L ABREUVOIR » → « Rue de l'Abreuvoir »; unchanged when it has lower-case letters already."""
    if any(char.islower() for char in text):
        return text
    joined = _ELISION.sub(r"\1'", text)
    words = joined.split()
    done = [_word(word, first=index == 0) for index, word in enumerate(words)]
    if words and len(words[-1]) == 1:  # « Bâtiment A »
        done[-1] = words[-1]
    return " ".join(done)


def _word(word: str, *, first: bool) -> str:
    if word in _CAPITALS or _ROMAN.match(word):
        return word
    parts = re.split(r"([-'(/\".,])", word)
    done = []
    for index, part in enumerate(parts):
        small = part.lower() in _SMALL and (index > 0 or not first)
        done.append(part.lower() if small else _capital(part))
    return "".join(done)


def _capital(part: str) -> str:
    if part[:1].isdigit():  # 1ER → 1er, N7 and 8 stay
        return part.lower()
    if any(char.isdigit() for char in part):
        return part
    return part[:1] + part[1:].lower()


def street(code: str, name: str, types: Mapping[str, str]) -> str:
    """Street type and name; the type is not repeated when the name already says it (`CHE;CHEMIN VERT`)."""
    code = code.strip().upper()
    if not code:
        return title(name)
    word = types.get(code) or title(code)
    if name.upper().startswith((f"{word.upper()} ", f"{code} ")) or name.upper() == word.upper():
        return title(name)
    tail = name if any(char.islower() for char in name) else title(f"X {name}")[2:]  # not the first word
    return f"{word} {tail}".strip()


def build(
    *, number: str, extension: str, code: str, name: str, distribution: str, place: str, types: Mapping[str, str]
) -> dict[str, str]:
    """Every field of `Adresse` but the postal code and the town.

    `distribution` is compldistrib (building, floor; or a range of numbers), `place` lieuditbp (place, post box).
    """
    if found := _NUMBER.match(number):
        number, extension = found[1], extension or found[2].upper()
    if (found := _RANGE.match(distribution)) and number in (found[1], found[2]):
        number, distribution = f"{found[1]}-{found[2]}", ""
    box, place = _post_box(place)
    return {
        "point_remise": "",
        "complement_point_geographique": title(distribution),
        "numero_voie": number,
        "extension": EXTENSIONS.get(extension.upper(), extension),
        "libelle_voie": street(code, name, types),
        "lieu_dit": title(place),
        "mention_distribution": box,
    }


def _post_box(place: str) -> tuple[str, str]:
    """« BP 71 IMMEUBLE SEMAFA » → (« BP 71 », « IMMEUBLE SEMAFA »)."""
    found = _POST_BOX.search(place.upper())
    if not found:
        return "", place
    rest = f"{place[: found.start()]} {place[found.end() :]}"
    return found[0], " ".join(rest.split()).strip(" -,/")


def postal(line: str) -> tuple[str, str]:
    """« 92205 NEUILLY SUR SEINE CEDEX » → (« 92205 », « NEUILLY SUR SEINE CEDEX »); no code → ("", line)."""
    found = re.match(r"^(\d{5})\s*(.*)$", line)
    return (found[1], found[2]) if found else ("", line)


def town(name: str) -> str:
    """The town without its CEDEX, even cut short (« …CEDE »)."""
    return CEDEX.sub("", name)
