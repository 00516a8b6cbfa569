"""One cell into one value: dates, telephones, numbers. Nothing here knows a file format."""

import datetime as dt
import re

from stdnum.fr import siren as fr_siren
from stdnum.fr import siret as fr_siret

from directory import identifiers
from directory.imports.records import LineRefused

EARLIEST = dt.date(1500, 1, 1)  # the oldest hospices are younger; 0201-12-01 is a slip of the pen
_NOT_A_DIGIT = re.compile(r"[\s./-]")
_TEN_DIGITS = re.compile(r"^0[0-9]{9}$")
_SHORT_NUMBER = re.compile(r"^(?:1[0-9]{1,2}|3[0-9]{3}|116[0-9]{3})$")


def finess_number(value: str, what: str) -> str:
    """The number as it is stored, or `LineRefused`."""
    if not identifiers.FINESS.match(value):
        raise LineRefused("numéro FINESS illisible", f"{what} « {value} »" if value else f"{what} absent")
    return value


def parse_date(value: str) -> dt.date | None:
    """A date from `AAAA-MM-JJ` (an hour after it is ignored); raises ValueError when it is none or implausible."""
    if not value:
        return None
    date = dt.date.fromisoformat(value[:10])
    if date < EARLIEST:
        raise ValueError(value)
    return date


def telephone(value: str) -> str:
    """Digits of a French number (10, or a short one); raises ValueError on anything else."""
    digits = _NOT_A_DIGIT.sub("", value)
    if digits.startswith("+33"):
        digits = f"0{digits[3:]}"
    if not digits or set(digits) == {"0"}:
        return ""
    if _TEN_DIGITS.match(digits) or _SHORT_NUMBER.match(digits):
        return digits
    raise ValueError(value)


def is_mobile(number: str) -> bool:
    """06 and 07, overseas 0639, 0690 to 0696 included."""
    return number.startswith(("06", "07"))


def siret_key_is_right(value: str) -> bool:
    return fr_siret.is_valid(value)


def siren_key_is_right(value: str) -> bool:
    return fr_siren.is_valid(value)
