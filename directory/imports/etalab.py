"""The legacy files of data.gouv.fr: cs1100501 (EJ), cs1100502 (EG), cs1100507 (EG and geolocation), sound or damaged.

Read twice: a survey (date, duplicates, EJ quoted, coordinates, which come after all the EG), then the records.
"""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

from directory.imports import addresses, coordinates, excel_damage, lines
from directory.imports.communes import departement_of, insee_of
from directory.imports.fields import Line
from directory.imports.lists import Lists
from directory.imports.names import names
from directory.imports.records import (
    EG,
    EJ,
    EgRecord,
    EjRecord,
    FileRefused,
    LineRefused,
    Projected,
    Record,
    Survey,
)
from directory.imports.report import REPAIRED, WARNED, Report
from directory.imports.values import finess_number, parse_date
from directory.models import EntiteGeographique, EntiteJuridique, Lieu

ET_COLUMNS = (
    "section nofinesset nofinessej rs rslongue complrs compldistrib numvoie typvoie voie compvoie lieuditbp commune "
    "departement libdepartement ligneacheminement telephone telecopie categetab libcategetab categagretab "
    "libcategagretab siret codeape codemft libmft codesph libsph dateouv dateautor datemaj numuai"
).split()
EJ_COLUMNS = (
    "section nofiness rs rslongue complrs numvoie typvoie voie compvoie compldistrib lieuditbp commune "
    "ligneacheminement departement libdepartement telephone statutjuridique libstatutjuridique categetab libcategetab "
    "siren codeape datecrea"
).split()
LAYOUTS = {"structureet": (ET_COLUMNS, "nofinesset", 31), "structureej": (EJ_COLUMNS, "nofiness", 23)}
GEOLOCATION = "geolocalisation"
LOST_FIELDS = {  # column that a spreadsheet may destroy -> field whose stored value is kept
    "siret": "siret",
    "siren": "siren",
    "telephone": "telephone",
    "dateouv": "date_ouverture",
    "dateautor": "date_autorisation",
    "datecrea": "date_creation",
}


class EtalabFile:
    """One legacy file; see `records.Source`."""

    def __init__(self, path: Path, section: str, delimiter: str, lists: Lists, report: Report, departements: set[str]):
        self.path, self.section, self.delimiter = path, section, delimiter
        self.lists, self.report, self.departements = lists, report, departements
        self.encoding = lines.encoding_of(path)
        self.describes = frozenset({EJ if section == "structureej" else EG})
        self.name, self.label = "", ""
        self.declared_date: dt.date | None = None
        self._points: dict[str, Projected] = {}
        self._point_dates: dict[str, str] = {}
        self.damaged = False
        report.facts["Encodage"] = {"utf-8-sig": "UTF-8"}.get(self.encoding, self.encoding.upper())

    # --- first reading ---------------------------------------------------------------------------------------------

    def survey(self) -> Survey:
        survey = Survey()
        latest = ""
        for number, cells in lines.read(self.path, self.encoding, self.delimiter):
            if cells[0] == self.section:
                latest = max(latest, self._survey_record(survey, number, cells))
            elif cells[0] == GEOLOCATION:
                self._survey_point(number, cells)
            elif cells[0] == "finess" and number == 1:
                self.declared_date = _header_date(cells)
        self._name()
        survey.date = self.declared_date or _date_or_none(latest)
        if not self.declared_date:
            detail = f"date retenue : {survey.date:%d/%m/%Y} (dernière mise à jour lue)" if survey.date else ""
            self.report.note(WARNED, "première ligne absente ou sans date", where="ligne 1", detail=detail)
        return survey

    def _survey_record(self, survey: Survey, number: int, cells: list[str]) -> str:
        """Note one record; returns its last update, `AAAA-MM-JJ`."""
        survey.total += 1
        row, _ = self._row(cells)
        if row is None:
            return ""
        key = LAYOUTS[self.section][1]
        survey.see(row[key], f"ligne {number}", tuple(cells))
        if EG in self.describes and self._is_wanted(row):
            survey.wanted_ej.add(row["nofinessej"])
        return row.get("datemaj", "")

    def _is_wanted(self, row: dict[str, str]) -> bool:
        return not self.departements or self._departement(row) in self.departements

    def _departement(self, row: dict[str, str]) -> str:
        place = self.lists.communes.get(insee_of(row["departement"], row["commune"]))
        return place.departement if place else departement_of(row["departement"])

    def _survey_point(self, number: int, cells: list[str]) -> None:
        """Keep the point of one geolocation line; of several for one EG, the latest, marked unreliable."""
        where, finess = f"ligne {number}", cells[1] if len(cells) > 1 else ""
        rest = _without_padding(cells[4:])
        date = rest.pop() if rest and _looks_like_date(rest[-1]) else ""
        try:
            point = coordinates.projected(cells[2], cells[3], ",".join(rest))
        except (ValueError, IndexError):
            self.report.note(WARNED, "coordonnées illisibles, point laissé vide", where=where, finess=finess)
            return
        if point is None:
            return
        before = self._points.get(finess)
        if before and (before.x, before.y, before.epsg) != (point.x, point.y, point.epsg):
            self.report.note(WARNED, "plusieurs points pour un établissement", where=where, finess=finess)
            if date < self._point_dates.get(finess, ""):
                point = before
            point.reliable = False
        self._points[finess] = point
        self._point_dates[finess] = date

    def _name(self) -> None:
        if EJ in self.describes:
            self.name, self.label = "cs1100501", "entités juridiques (cs1100501)"
        elif self._points:
            self.name, self.label = "cs1100507", "établissements géolocalisés (cs1100507)"
        else:
            self.name, self.label = "cs1100502", "établissements (cs1100502)"
        self.report.label = self.label

    # --- second reading --------------------------------------------------------------------------------------------

    def records(self, survey: Survey) -> Iterator[Record]:
        kind = EJ if EJ in self.describes else EG
        seen: set[str] = set()
        for number, cells in lines.read(self.path, self.encoding, self.delimiter):
            if cells[0] in (GEOLOCATION, "finess"):
                continue
            where = f"ligne {number}"
            self.report.add(kind, "read")
            try:
                record = self._record(where, cells, survey, seen)
            except LineRefused as refusal:
                finess = cells[1] if len(cells) > 1 else ""
                self.report.refuse(kind, refusal.kind, where=where, finess=finess, detail=refusal.detail)
                continue
            if record:
                yield record

    def _record(self, where: str, cells: list[str], survey: Survey, seen: set[str]) -> Record | None:
        if cells[0] != self.section:
            raise LineRefused("ligne d’un autre type", f"« {cells[0]} »")
        row, repairs = self._row(cells)
        if row is None:
            expected = LAYOUTS[self.section][2]
            raise LineRefused("nombre de cellules inattendu", f"{len(cells)} cellules au lieu de {expected}")
        finess = finess_number(row[LAYOUTS[self.section][1]], "numéro")
        if finess in survey.conflicts:
            raise LineRefused("même numéro, contenu différent", " et ".join(survey.conflicts[finess]))
        if finess in seen:
            self.report.add(EJ if EJ in self.describes else EG, "duplicates")
            return None
        seen.add(finess)
        if repairs.done:
            self.damaged = True
            self.report.note(
                REPAIRED, "ligne abîmée par un tableur", where=where, finess=finess, detail=" ; ".join(repairs.done)
            )
        line = Line(where, finess, self.lists, self.report)
        record = self._ej(line, row, survey) if EJ in self.describes else self._eg(line, row)
        if record:
            record.lost = {LOST_FIELDS[name] for name in repairs.lost if name in LOST_FIELDS}
        return record

    def _row(self, cells: list[str]) -> tuple[dict[str, str] | None, excel_damage.Repairs | None]:
        """Named cells, repaired; (None, None) when their number is not that of the layout."""
        columns, _, least = LAYOUTS[self.section]
        if len(cells) > len(columns):
            cells = cells[: len(columns)] if not any(cells[len(columns) :]) else []
        if len(cells) < least:
            return None, None
        row = dict(zip(columns, cells, strict=False))
        return row, excel_damage.repair(row)

    def _ej(self, line: Line, row: dict[str, str], survey: Survey) -> EjRecord | None:
        if self.departements and line.finess not in survey.wanted_ej and not self._is_wanted(row):
            self.report.add(EJ, "filtered")
            return None
        line.check_key()
        raison_sociale, complement = names(row["rs"], row["rslongue"], row["complrs"])
        found = {
            "raison_sociale": line.name(raison_sociale),
            "complement_raison_sociale": complement,
            "statut_juridique_id": line.statut(row["statutjuridique"]),
            "siren": line.siren(row["siren"]),
            "date_creation": line.date(row["datecrea"], "date de création"),
            **self._address(line, row)[0],
        }
        return EjRecord(
            where=line.where,
            finess=line.finess,
            departement=self._departement(row),
            values=line.fit(EntiteJuridique, found),
            telephone=line.telephone(row["telephone"]),
            closing=None,
        )

    def _eg(self, line: Line, row: dict[str, str]) -> EgRecord | None:
        if not self._is_wanted(row):
            self.report.add(EG, "filtered")
            return None
        ej = finess_number(row["nofinessej"], "entité juridique")
        if ej == line.finess:
            raise LineRefused("numéro FINESS illisible", "même numéro pour l’établissement et son entité juridique")
        categorie_id = line.categorie(row["categetab"])
        denomination, complement = names(row["rs"], row["rslongue"], row["complrs"])
        found = {
            "denomination": line.name(denomination),
            "complement_denomination": complement,
            "categorie_id": categorie_id,
            "siret": line.siret(row["siret"]),
            "modalite_participation_sph_id": line.sph(row["codesph"]),
            "date_ouverture": line.date(row["dateouv"], "date d’ouverture"),
            "date_autorisation": line.date(row["dateautor"], "date d’autorisation"),
        }
        line.check_key()
        address, commune_id = self._address(line, row, with_commune=True)
        return EgRecord(
            where=line.where,
            finess=line.finess,
            ej=ej,
            departement=self._departement(row),
            values=line.fit(EntiteGeographique, found),
            lieu=line.fit(Lieu, address) | {"commune_id": commune_id},
            telephone=line.telephone(row["telephone"]),
            point=self._points.get(line.finess),
        )

    def _address(self, line: Line, row: dict[str, str], *, with_commune: bool = False) -> tuple[dict, str | None]:
        """Fields of `Adresse`, and the commune of an EG."""
        code_postal, written = addresses.postal(row["ligneacheminement"])
        insee = insee_of(row["departement"], row["commune"])
        place = self.lists.communes.get(insee)
        if with_commune:
            place = line.commune(insee, code_postal=code_postal, locality=written, departement=row["departement"])
        address = addresses.build(
            number=row["numvoie"],
            extension=row["compvoie"],
            code=row["typvoie"],
            name=row["voie"],
            distribution=row["compldistrib"],
            place=row["lieuditbp"],
            types=self.lists.street_types,
        )
        address |= {"code_postal": code_postal, "localite": self.lists.communes.locality(place, written)}
        return address, place.insee if place else None


def recognise(start: bytes) -> tuple[str, str] | None:
    """(section, separator) of a legacy file from its first bytes, or None. Raises `FileRefused` for a near cousin."""
    text = start.decode("iso-8859-1").removeprefix("ï»¿").lstrip()
    for line in text.splitlines()[:3]:
        for delimiter in ";\t,":
            cells = lines.cells(line, delimiter)
            if cells[0] in LAYOUTS:
                _check_width(cells[0], line, delimiter)
                return cells[0], delimiter
            if cells[0] == GEOLOCATION:
                raise FileRefused(
                    "ce fichier ne contient que des lignes de géolocalisation : donnez le cs1100507 entier."
                )
            if cells[0].lower() in ("nofinesset", "nofinessej"):
                raise FileRefused(
                    "ce fichier a une ligne d’en-tête (historique annuel ou republication) : "
                    "donnez le fichier etalab-cs1100507, cs1100502 ou cs1100501."
                )
    return None


def _check_width(section: str, line: str, delimiter: str) -> None:
    """Other files have lines of the same name. The raw line is counted: a stray quote must not hide its cells."""
    found = len(_without_padding(line.strip().split(delimiter)))
    if found < 8:
        raise FileRefused(
            f"les lignes « {section} » de ce fichier ont trop peu de cellules ({found} au lieu de "
            f"{LAYOUTS[section][2]}) : les équipements (cs1100505) ne sont pas importés."
        )


def _without_padding(cells: list[str]) -> list[str]:
    """Without the empty cells a spreadsheet adds at the end."""
    while cells and not cells[-1]:
        cells = cells[:-1]
    return cells


def _looks_like_date(cell: str) -> bool:
    return len(cell) in (8, 9, 10) and cell[:1].isdigit() and cell.count("-") + cell.count("/") == 2


def _header_date(cells: list[str]) -> dt.date | None:
    row = {"datemaj": cells[3] if len(cells) > 3 else ""}
    excel_damage.repair(row)
    return _date_or_none(row["datemaj"])


def _date_or_none(value: str) -> dt.date | None:
    try:
        return parse_date(value)
    except ValueError:
        return None
