"""Steps that every format shares: from cells already repaired to checked values, with the remarks they deserve."""

import datetime as dt

from directory import identifiers
from directory.imports import values
from directory.imports.communes import Place, departement_of
from directory.imports.lists import Lists
from directory.imports.records import LineRefused
from directory.imports.report import WARNED, Report
from directory.models import EntiteGeographique, EntiteJuridique, Lieu
from directory.models.common import Adresse

LENGTHS = {
    model: {field.attname: field.max_length for field in model._meta.concrete_fields if field.max_length}
    for model in (EntiteJuridique, EntiteGeographique, Lieu)
}
ADDRESS_FIELDS = tuple(field.name for field in Adresse._meta.fields)


class Line:
    """One record being read: where it is, its number, and the remarks about it."""

    __slots__ = ("finess", "lists", "lost", "report", "where")

    def __init__(self, where: str, finess: str, lists: Lists, report: Report):
        self.where, self.finess, self.lists, self.report = where, finess, lists, report
        self.lost: set[str] = set()

    def warn(self, kind: str, detail: str = "") -> None:
        self.report.note(WARNED, kind, where=self.where, finess=self.finess, detail=detail)

    def check_key(self) -> None:
        """A false key is told, and the number kept: FINESS itself publishes some."""
        if not identifiers.finess_key_is_right(self.finess):
            self.warn("clé du numéro FINESS fausse, numéro conservé")

    def date(self, value: str, what: str) -> dt.date | None:
        try:
            return values.parse_date(value)
        except ValueError:
            self.warn(f"{what} invraisemblable, laissée vide", f"« {value} »")
            return None

    def telephone(self, value: str) -> str:
        try:
            return values.telephone(value)
        except ValueError:
            self.warn("téléphone illisible, laissé vide", f"« {value} »")
            return ""

    def siret(self, value: str) -> str | None:
        return self._number(value, 14, values.siret_key_is_right, "SIRET")

    def siren(self, value: str) -> str | None:
        return self._number(value, 9, values.siren_key_is_right, "SIREN")

    def _number(self, value: str, width: int, is_right, what: str) -> str | None:
        if not value:
            return None
        if len(value) != width or not (value.isascii() and value.isdecimal()):
            self.warn(f"{what} illisible, laissé vide", f"« {value} »")
            return None
        if not is_right(value):
            self.warn(f"clé du {what} fausse, numéro conservé", value)
        return value

    def sph(self, code: str) -> int | None:
        """Participation in the hospital public service, when the code is one JDV_J202 offers."""
        found = self.lists.sph.get(code)
        if code and found not in self.lists.offered["JDV_J202"]:
            self.warn("participation au service public hospitalier inconnue, laissée vide", f"code « {code} »")
            return None
        return found

    def categorie(self, code: str) -> int:
        found = self.lists.categorie(code)
        if found not in self.lists.offered["JDV_J55"]:
            self.warn("catégorie hors du jeu de valeurs JDV_J55, conservée", f"catégorie {code}")
        elif found in self.lists.retired:
            self.warn("catégorie retirée de la nomenclature, conservée", f"catégorie {code}")
        return found

    def statut(self, code: str) -> int:
        found = self.lists.statut(code)
        if found not in self.lists.offered["JDV_J199"]:
            self.warn("statut juridique hors du jeu de valeurs JDV_J199, conservé", f"statut {code}")
        elif found in self.lists.retired:
            self.warn("statut juridique retiré de la nomenclature, conservé", f"statut {code}")
        return found

    def commune(self, insee: str, *, code_postal: str, locality: str, departement: str) -> Place | None:
        """The commune; a code that does not exist any more is told, with what replaced it."""
        communes = self.lists.communes
        place = communes.find(insee, code_postal=code_postal, locality=locality, departement=departement)
        if place is None:
            self.warn("commune introuvable, laissée vide", f"code « {insee} », {code_postal} {locality}".strip(", "))
        elif not communes.get(insee):
            self.warn("code commune périmé, commune retrouvée", f"{insee or 'absent'} → {place.insee} {place.nom}")
        return place

    def departement(self, place: Place | None, code: str) -> str:
        return place.departement if place else departement_of(code)

    def fit(self, model: type, found: dict) -> dict:
        """Cut, and tell, what is longer than its column; refuse an empty name."""
        for name, value in found.items():
            limit = LENGTHS[model].get(name)
            if limit and isinstance(value, str) and len(value) > limit:
                self.warn("texte trop long, coupé", f"{model._meta.get_field(name).verbose_name} : « {value} »")
                found[name] = value[:limit].rstrip()
        return found

    def name(self, value: str) -> str:
        if not value:
            raise LineRefused("nom absent", "raison sociale vide")
        return value
