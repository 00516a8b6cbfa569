"""Undo what a spreadsheet does to a FINESS line: lost leading zeros, French dates, SIRET in scientific notation.

A cell that cannot be repaired is emptied and named in `lost`: the import then keeps what the directory holds.
"""

import re
from dataclasses import dataclass, field

from directory import identifiers
from directory.imports.values import siren_key_is_right, siret_key_is_right

_SCIENTIFIC = re.compile(r"^\d+(?:[.,]\d+)?E\+?\d+$", re.IGNORECASE)
_FRENCH_DATE = re.compile(r"^(\d{1,2})/(\d{1,2})/(\d{4})$")
_ANY_SLASHED_DATE = re.compile(r"^\d{1,2}/\d{1,2}/\d{2,4}$")
_WIDTHS = {"commune": 3, "departement": 2, "categetab": 3, "statutjuridique": 2}
_DATES = ("dateouv", "dateautor", "datecrea", "datemaj")


@dataclass(slots=True)
class Repairs:
    """What was done to one line, in French, and the columns whose value is lost."""

    done: list[str] = field(default_factory=list)
    lost: set[str] = field(default_factory=set)


def repair(row: dict[str, str]) -> Repairs:
    """Repair the line in place. A sound line is left as it is and gives no repair."""
    repairs = Repairs()
    _finess(row, repairs)
    _phone(row, repairs)
    for name, width in _WIDTHS.items():
        value = row.get(name, "")
        if value and len(value) < width and value.isdecimal():
            _set(row, name, value.zfill(width), repairs)
    for name, width, is_right in (("siret", 14, siret_key_is_right), ("siren", 9, siren_key_is_right)):
        _number(row, name, width, is_right, repairs)
    _dates(row, repairs)
    return repairs


def _set(row: dict[str, str], name: str, value: str, repairs: Repairs) -> None:
    repairs.done.append(f"{name} {row[name]} → {value}")
    row[name] = value


def _lose(row: dict[str, str], name: str, repairs: Repairs) -> None:
    repairs.done.append(f"{name} {row[name]} illisible, laissé vide")
    repairs.lost.add(name)
    row[name] = ""


def _finess(row: dict[str, str], repairs: Repairs) -> None:
    """Numbers of départements 01 to 09 lose their zero; the key tells whether the repair is right."""
    for name in ("nofinesset", "nofinessej", "nofiness"):
        value = row.get(name, "")
        if len(value) == 8 and value.isdecimal() and identifiers.finess_key_is_right(f"0{value}"):
            _set(row, name, f"0{value}", repairs)


def _phone(row: dict[str, str], repairs: Repairs) -> None:
    value = row.get("telephone", "")
    if len(value) == 9 and value.isdecimal() and value[0] != "0":
        _set(row, "telephone", f"0{value}", repairs)
    elif _SCIENTIFIC.match(value):
        _lose(row, "telephone", repairs)


def _number(row: dict[str, str], name: str, width: int, is_right, repairs: Repairs) -> None:
    value = row.get(name, "")
    if _SCIENTIFIC.match(value):
        _lose(row, name, repairs)
    elif value.isdecimal() and 0 < width - len(value) <= 2 and is_right(value.zfill(width)):
        _set(row, name, value.zfill(width), repairs)


def _dates(row: dict[str, str], repairs: Repairs) -> None:
    for name in _DATES:
        value = row.get(name, "")
        if found := _FRENCH_DATE.match(value):
            _set(row, name, f"{found[3]}-{int(found[2]):02}-{int(found[1]):02}", repairs)
        elif _ANY_SLASHED_DATE.match(value):  # two-digit years: the century is a guess
            _lose(row, name, repairs)
