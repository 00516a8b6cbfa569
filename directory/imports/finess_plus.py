"""The FINESS+ « structures » feed: JSON, gzip or not, EJ (`pmej`) with their EG (`ege`), closed ones included.

Read as a stream, twice like the legacy files: sites and duplicates first, records then. The spec of December 2025 and
the files of 2026 differ; this reads the files (see docs/import-finess.md).
"""

import datetime as dt
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import ijson

from directory.closing import OPEN, Triple
from directory.imports import addresses, coordinates, lines
from directory.imports.communes import RENAMED, departement_of
from directory.imports.fields import Line
from directory.imports.lists import Lists
from directory.imports.names import names
from directory.imports.records import EG, EJ, Candidates, EgRecord, EjRecord, FileRefused, LineRefused, Record, Survey
from directory.imports.report import WARNED, Report
from directory.imports.values import finess_number, parse_date
from directory.models import EntiteGeographique, EntiteJuridique, Lieu

SEAT, PLACE = "02", "03"  # usageAdresse
MAIN_SITE_ROLES = ("B", "C")


class FinessPlusFile:
    """One structures file; see `records.Source`."""

    name, label = "finess-plus", "FINESS+ structures (JSON)"
    describes = frozenset({EJ, EG})

    def __init__(self, path: Path, lists: Lists, report: Report, departements: set[str]):
        self.path, self.lists, self.report, self.departements = path, lists, report, departements
        self.declared_date: dt.date | None = None
        self.damaged = False
        self._numbers: dict[str, str] = {}  # egeId of a main site -> FINESS number
        self._main: dict[str, str] = {}  # FINESS number of an annex -> egeId of its main site
        self._active: dict[str, tuple[int, int]] = {}  # EG said twice, once open: where the open one is
        report.label = self.label

    # --- first reading ---------------------------------------------------------------------------------------------

    def survey(self) -> Survey:
        survey = Survey()
        self.declared_date = survey.date = self._generated_at()
        states: dict[str, tuple[tuple[int, int], bool]] = {}
        ids: dict[str, str] = {}
        for index, pmej in self._pmej():
            survey.total += 1
            general = _general(pmej, "informationsGeneralesPMEJ")
            survey.see(_text(general, "numFinessPm"), f"pmej {index}", repr(general))
            for rank, ege in enumerate(_list(pmej, "ege"), start=1):
                survey.total += 1
                self._survey_ege(survey, (index, rank), ege, _text(general, "numFinessPm"), states, ids)
        wanted = set(self._main.values())
        self._numbers = {ege_id: finess for ege_id, finess in ids.items() if ege_id in wanted}
        for finess in self._active:
            survey.conflicts.pop(finess, None)
        return survey

    def _survey_ege(self, survey, at: tuple[int, int], ege: dict, ej: str, states: dict, ids: dict) -> None:
        general = _general(ege, "informationsGeneralesEGE")
        finess, ege_id = _text(general, "numFinessEge"), _text(general, "egeId")
        is_open = ege.get("etatObjet") == "A"
        ids[ege_id] = finess
        for role in _list(ege, "roleEge"):
            if role.get("roleRelationEge") in MAIN_SITE_ROLES and str(role.get("idEgeNonPorteuse")) == ege_id:
                self._main[finess] = str(role.get("idEgePorteuse"))
        survey.see(finess, f"pmej {at[0]}, ege {at[1]}", repr((ej, ege)))
        if finess in states and states[finess][1] != is_open:  # moved: closed in one EJ, open in another
            self._active[finess] = at if is_open else states[finess][0]
        states.setdefault(finess, (at, is_open))
        if is_open and self._is_wanted(_departement(_address_of(ege, PLACE), self.lists)):
            survey.wanted_ej.add(ej)

    def _is_wanted(self, departement: str) -> bool:
        return not self.departements or departement in self.departements

    def _generated_at(self) -> dt.date | None:
        with lines.open_binary(self.path) as file:
            try:
                value = next(ijson.items(file, "generatedAt"), "")
            except (ijson.JSONError, UnicodeDecodeError, *lines.READ_ERRORS) as error:
                raise lines.unreadable(self.path, error) from error
        try:
            return parse_date(str(value))
        except ValueError:
            return None

    def _pmej(self) -> Iterator[tuple[int, dict]]:
        try:
            with lines.open_binary(self.path) as file:
                for index, pmej in enumerate(ijson.items(file, "pmej.item"), start=1):
                    if not isinstance(pmej, dict) or "informationsGeneralesPMEJ" not in pmej:
                        raise FileRefused(
                            f"{self.path} : ce fichier JSON n’est pas le flux FINESS+ « structures » "
                            "(le flux « activités » n’est pas importé)."
                        )
                    yield index, pmej
        except (ijson.JSONError, UnicodeDecodeError, *lines.READ_ERRORS) as error:
            raise lines.unreadable(self.path, error) from error

    # --- second reading --------------------------------------------------------------------------------------------

    def records(self, survey: Survey) -> Iterator[Record]:
        seen: set[str] = set()
        for index, pmej in self._pmej():
            where = f"pmej {index}"
            general = _general(pmej, "informationsGeneralesPMEJ")
            finess = _text(general, "numFinessPm")
            egs = list(enumerate(_list(pmej, "ege"), start=1))
            record = self._guarded(EJ, where, finess, survey, seen, partial(self._ej, pmej=pmej, survey=survey))
            if record:
                yield record
            for rank, ege in egs:
                number = _text(_general(ege, "informationsGeneralesEGE"), "numFinessEge")
                if self._active.get(number, (index, rank)) != (index, rank):
                    self.report.add(EG, "read")
                    self.report.add(EG, "closed_unknown")
                    continue
                where = f"pmej {index}, ege {rank}"
                record = self._guarded(EG, where, number, survey, seen, partial(self._eg, ege=ege, ej=finess))
                if record:
                    yield record

    def _guarded(self, kind: str, where: str, finess: str, survey: Survey, seen: set[str], build) -> Record | None:
        """Build one record; a refusal or a duplicate is counted and gives None."""
        self.report.add(kind, "read")
        try:
            finess_number(finess, "numéro")
            if finess in survey.conflicts:
                raise LineRefused("même numéro, contenu différent", " et ".join(survey.conflicts[finess]))
            if finess in seen:
                self.report.add(kind, "duplicates")
                return None
            seen.add(finess)
            return build(Line(where, finess, self.lists, self.report))
        except LineRefused as refusal:
            self.report.refuse(kind, refusal.kind, where=where, finess=finess, detail=refusal.detail)
        except (TypeError, ValueError, AttributeError) as error:  # a value of another type than the feed's
            self.report.refuse(kind, "structure inattendue", where=where, finess=finess, detail=str(error))
        return None

    def _ej(self, line: Line, pmej: dict, survey: Survey) -> EjRecord | None:
        general = _general(pmej, "informationsGeneralesPMEJ")
        address = _address_of(pmej, SEAT)
        departement = _departement(address, self.lists)
        if self.departements and line.finess not in survey.wanted_ej and not self._is_wanted(departement):
            self.report.add(EJ, "filtered")
            return None
        line.check_key()
        raison_sociale, complement = names(
            _text(general, "denominationPm"), _text(general, "denominationLonguePmSmsse"), ""
        )
        found = {
            "raison_sociale": line.name(raison_sociale),
            "complement_raison_sociale": complement,
            "statut_juridique_id": line.statut(_text(general, "statutJuridique")),
            "siren": line.siren(_text(general, "siren")),
            "date_creation": line.date(_text(general, "dateCreation"), "date de création"),
            **self._address(line, address, _text(general, "complementAdressePmSmsse"))[0],
        }
        return EjRecord(
            where=line.where,
            finess=line.finess,
            departement=departement,
            values=line.fit(EntiteJuridique, found),
            telephone=line.telephone(_phone(pmej)),
            closing=self._closing(line, pmej, _text(general, "dateFermeture")),
        )

    def _eg(self, line: Line, ege: dict, ej: str) -> EgRecord | None:
        general = _general(ege, "informationsGeneralesEGE")
        address = _address_of(ege, PLACE)
        departement = _departement(address, self.lists)
        if not self._is_wanted(departement):
            self.report.add(EG, "filtered")
            return None
        finess_number(ej, "entité juridique")
        categorie_id = line.categorie(_text(ege, "categorieentiteGeographiqueExercice"))
        denomination, complement = names(
            _text(general, "nomEgeCourt"), _text(general, "nomEgeLong"), _text(general, "complementDenominationEg")
        )
        espic = _list(general, "espic")
        found = {
            "denomination": line.name(denomination),
            "complement_denomination": complement,
            "categorie_id": categorie_id,
            "siret": line.siret(_text(general, "siret")),
            "modalite_participation_sph_id": line.sph(str(espic[0]) if espic else ""),
            "date_ouverture": line.date(_text(general, "dateOuverture"), "date d’ouverture"),
            "date_autorisation": line.date(_text(general, "datePremiereAutorisation"), "date d’autorisation"),
        }
        line.check_key()
        lieu, commune_id = self._address(line, address, "", with_commune=True)
        return EgRecord(
            where=line.where,
            finess=line.finess,
            ej=ej,
            departement=departement,
            values=line.fit(EntiteGeographique, found),
            lieu=line.fit(Lieu, lieu) | {"commune_id": commune_id},
            telephone=line.telephone(_phone(ege)),
            closing=self._closing(line, ege, _text(general, "dateFermeture")),
            main_site=self._numbers.get(self._main.get(line.finess, ""), None),
            point=_point(line, address),
        )

    def _closing(self, line: Line, holder: dict, closed_on: str) -> Triple:
        """DEF at dateFermeture; an inactive object without a date closes on its last update."""
        date = line.date(closed_on, "date de fermeture")
        if holder.get("etatObjet") == "I" and date is None:
            date = line.date(_text(holder, "dateDerniereMaj"), "date de mise à jour") or self.declared_date
            line.warn("fermé sans date, date de mise à jour retenue", f"{date:%d/%m/%Y}" if date else "")
        return ("DEF", date, None) if date else OPEN

    def _address(self, line: Line, address: dict, complement: str, *, with_commune: bool = False):
        """Fields of `Adresse`, and the commune of an EG."""
        insee, code_postal = _text(address, "cogCommune"), _text(address, "codePostal")
        written = _text(address, "ligneAcheminement")
        place = self.lists.communes.get(RENAMED.get(insee, insee))
        if with_commune:
            place = line.commune(
                insee, code_postal=code_postal, locality=written, departement=_departement(address, self.lists)
            )
        found = addresses.build(
            number=_text(address, "numeroVoie"),
            extension=_text(address, "complementVoie"),
            code=_text(address, "typeVoie"),
            name=_text(address, "libelleVoie"),
            distribution=_text(address, "complementPointGeographique") or complement,
            place=_text(address, "lieuDit"),
            types=self.lists.street_types,
        )
        town = self.lists.communes.locality(place, written or (place.nom if place else ""))
        return found | {"code_postal": code_postal, "localite": town}, place.insee if place else None


def is_json(start: bytes) -> bool:
    """True when the file begins as a JSON object or list."""
    return start.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"[")


def _general(holder: dict, name: str) -> dict:
    found = holder.get(name) if isinstance(holder, dict) else None
    return found if isinstance(found, dict) else {}


def _text(holder: dict, name: str) -> str:
    """The value as clean text, empty when absent. Some values are padded with spaces."""
    value = holder.get(name) if isinstance(holder, dict) else None
    return "" if value is None else lines.clean(str(value))


def _list(holder: dict, name: str) -> list[Any]:
    value = holder.get(name) if isinstance(holder, dict) else None
    return value if isinstance(value, list) else []


def _address_of(holder: dict, usage: str) -> dict:
    """The address of that use, else the first one, else nothing."""
    found = [one for one in _list(holder, "adresse") if isinstance(one, dict)]
    return next((one for one in found if one.get("usageAdresse") == usage), found[0] if found else {})


def _departement(address: dict, lists: Lists) -> str:
    insee = _text(address, "cogCommune")
    place = lists.communes.get(RENAMED.get(insee, insee))
    if place:
        return place.departement
    code = insee or _text(address, "codePostal")
    return departement_of(code[:3] if code[:2] in ("97", "98") else code[:2])


def _phone(holder: dict) -> str:
    """The telephone of role 01, else the first one."""
    contacts = [one for one in _list(holder, "contact") if isinstance(one, dict)]
    contacts.sort(key=lambda one: _text(_general(one, "typeContact"), "roleContact") != "01")
    numbers = [_text(_general(one, "telecom"), "telephone") for one in contacts]
    return next((number for number in numbers if number), "")


def _point(line: Line, address: dict) -> Candidates | None:
    """The position of the address; None when it has none (a third of them)."""
    where = _general(address, "coordonneesGeographique")
    if not where:
        return None
    numbers = [where.get(name) for name in ("coordonneeX", "coordonneeY", "directionLatitude", "directionLongitude")]
    try:
        found = coordinates.candidates(numbers, where.get("scoreBAN"))
    except (TypeError, ValueError):
        found = None
    if found is None and any(numbers):
        line.report.note(WARNED, "coordonnées illisibles, point laissé vide", where=line.where, finess=line.finess)
    return found
