"""What each kind of offer plausibly holds: codes per type d'UO, in `offres.csv`. Invented here, from the labels alone.

A row is data, not a rule: nothing forbids another description. Codes are bare where the field has one system
(activités TRE_R211, actes TRE_R210, spécialisations TRE_R245, compétences TRE_R243, spécialités TRE_R38, publics
TRE_R239, modalités TRE_R338), and `R94|51` where it has several (professions, niveaux).
"""

import csv
from dataclasses import dataclass, fields
from pathlib import Path

TABLE = Path(__file__).with_name("offres.csv")


@dataclass(frozen=True)
class Offre:
    """One kind of UO.

    `noms`: everyday names, the second and following for further units of one EG; `ages`, `horaires`: alternatives
    (`18-`, `0-6`, `3mo-36mo`; keys of `horaires.SEMAINES`); `champ`, `mode`: when the type d'UO leaves them open;
    `mobile`: has a zone d'intervention.
    """

    type_uo: str
    noms: tuple[str, ...]
    activites: str
    actes: str
    specialisations: str
    professions: str
    competences: str
    specialites: str
    publics: str
    ages: tuple[str, ...]
    champ: str
    mode: str
    horaires: tuple[str, ...]
    modalites: str
    ouverture: str
    niveaux: str
    theme: str
    temporalite: str
    mobile: bool
    sensible: bool


def _read() -> dict[str, Offre]:
    kinds = {field.name: field.type for field in fields(Offre)}

    def value(name: str, text: str) -> str | bool | tuple[str, ...]:
        if kinds[name] is bool:
            return text == "1"
        return text if kinds[name] is str else tuple(text.split("|"))

    with TABLE.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        return {row["cle"]: Offre(**{name: value(name, row[name]) for name in kinds}) for row in rows}


OFFRES: dict[str, Offre] = _read()
