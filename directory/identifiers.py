"""National identifiers and their keys (domain model §2)."""

import re

from django.core.exceptions import ValidationError
from stdnum import luhn
from stdnum.fr import siren as fr_siren
from stdnum.fr import siret as fr_siret

FINESS = re.compile(r"^[0-9][0-9A-Z][0-9]{7}$")
IDENTIFIANT_OFFRE = re.compile(r"^[0-9]{2}/[0-9A-Za-z_-]+$")


def finess_key_is_right(finess: str) -> bool:
    """Luhn over the nine characters; Corsica's A and B count as 1 and 2."""
    if not FINESS.match(finess):
        return False
    return luhn.is_valid(finess.replace("A", "1").replace("B", "2"))


def validate_finess(value: str) -> None:
    """Blocking when a person types it; an import reports it as a warning and keeps the number."""
    if not FINESS.match(value):
        raise ValidationError("Un numéro FINESS compte 9 caractères, par exemple 750011728.", code="finess_format")
    if not finess_key_is_right(value):
        raise ValidationError("La clé de ce numéro FINESS est fausse : vérifiez la saisie.", code="finess_key")


def validate_siren(value: str) -> None:
    if not fr_siren.is_valid(value):
        raise ValidationError("Un SIREN compte 9 chiffres ; la clé de celui-ci est fausse.", code="siren")


def validate_siret(value: str) -> None:
    """La Poste's own rule (sum of the digits, multiple of 5) is part of stdnum."""
    if not fr_siret.is_valid(value):
        raise ValidationError("Un SIRET compte 14 chiffres ; la clé de celui-ci est fausse.", code="siret")


def idnat_struct_of_ej(*, finess: str | None, siren: str | None, rang: str | None) -> str:
    """Pivot of an EJ: 1 + FINESS first, else 2 + SIREN, else 0/4 + rang (RG_EXP_004, RG_EXP_037)."""
    return _idnat("2", finess, siren, rang)


def idnat_struct_of_eg(*, finess: str | None, siret: str | None, rang: str | None) -> str:
    """Pivot of an EG: 1 + FINESS first, else 3 + SIRET, else 0/4 + rang (RG_EXP_005, RG_EXP_038)."""
    return _idnat("3", finess, siret, rang)


def _idnat(second_prefix: str, finess: str | None, second: str | None, rang: str | None) -> str:
    if finess:
        return f"1{finess}"
    if second:
        return f"{second_prefix}{second}"
    if rang:
        digits = rang.removeprefix("EJ")
        return ("4" if len(digits) == 14 else "0") + rang
    return ""
