"""A few FINESS lines written for the tests: real layouts, invented or public content."""

import gzip
import json
from pathlib import Path

from directory.imports.etalab import EJ_COLUMNS, ET_COLUMNS
from tests.builders import make_finess

ET = {
    "section": "structureet",
    "nofinesset": "750011728",
    "nofinessej": "750721334",
    "rs": "ACT LES TILLEULS",
    "numvoie": "12",
    "typvoie": "R",
    "voie": "DE PARADIS",
    "compvoie": "B",
    "commune": "110",
    "departement": "75",
    "libdepartement": "PARIS",
    "ligneacheminement": "75010 PARIS",
    "telephone": "0146661267",
    "categetab": "165",
    "siret": "77567227200017",
    "codesph": "",
    "dateouv": "1979-02-13",
    "datemaj": "2020-02-04",
}
EJ = {
    "section": "structureej",
    "nofiness": "750721334",
    "rs": "CROIX ROUGE FRANCAISE",
    "numvoie": "98",
    "typvoie": "R",
    "voie": "DIDOT",
    "commune": "114",
    "ligneacheminement": "75014 PARIS",
    "departement": "75",
    "telephone": "0144431100",
    "statutjuridique": "61",
    "siren": "775672272",
    "datecrea": "1945-01-01",
}
PARIS_10 = ("652600.0", "6863700.0")  # Lambert-93, in the 10th arrondissement
LAMBERT = "1,ATLASANTE,96,BAN,EPSG:2154 RGF93 / Lambert-93 (Métropole)"


def et(**cells: str) -> str:
    return ";".join((ET | cells).get(name, "") for name in ET_COLUMNS)


def ej(**cells: str) -> str:
    return ";".join((EJ | cells).get(name, "") for name in EJ_COLUMNS)


def geo(
    x: str = PARIS_10[0], y: str = PARIS_10[1], source: str = LAMBERT, finess: str = ET["nofinesset"], date: str = ""
) -> str:
    return ";".join(["geolocalisation", finess, x, y, source, date])


def many(number: int, *, start: str = "77", **cells: str) -> list[str]:
    """That many EG of one EJ, each with its own number."""
    return [et(nofinesset=make_finess(start), rs=f"FOYER {rank}", **cells) for rank in range(number)]


class Folder:
    """Writes files of the tests; every call gives a new path."""

    def __init__(self, path: Path):
        self._path, self._serial = path, 0

    def bytes(self, content: bytes, name: str = "") -> Path:
        self._serial += 1
        path = self._path / (name or f"fichier-{self._serial}.csv")
        path.write_bytes(content)
        return path

    def csv(self, *lines: str, date: str | None = "2026-05-12", encoding: str = "utf-8", end: str = "\n") -> Path:
        head = [f"finess;etalab;98;{date}"] if date else []
        return self.bytes((end.join([*head, *lines]) + end).encode(encoding))

    def json(self, *pmej: dict, generated_at: str = "2026-08-13T02:07:30Z", zipped: bool = True) -> Path:
        content = json.dumps({"schemaVersion": "v1.0.0", "generatedAt": generated_at, "pmej": list(pmej)}).encode()
        return self.bytes(gzip.compress(content) if zipped else content)


def address(**cells) -> dict:
    return {
        "usageAdresse": "03",
        "numeroVoie": "12",
        "typeVoie": "R",
        "libelleVoie": "DE PARADIS",
        "complementVoie": "B",
        "complementPointGeographique": None,
        "lieuDit": None,
        "cogCommune": "75110",
        "ligneAcheminement": "PARIS",
        "codePostal": "75010",
        "coordonneesGeographique": None,
    } | cells


def position(x, y, lat=None, lon=None, score="0.97") -> dict:
    return {
        "coordonneeX": x,
        "coordonneeY": y,
        "directionLatitude": lat,
        "directionLongitude": lon,
        "scoreBAN": score,
    }


def phone(number: str | None) -> list[dict]:
    return [{"typeContact": {"roleContact": "01"}, "telecom": {"telephone": number}}] if number else []


def ege(number: str = "750011728", *, ege_id: str = "1", closed: str | None = None, main: str = "", **cells) -> dict:
    """One EG of the FINESS+ feed; `main` is the egeId of its main site."""
    general = {
        "egeId": ege_id,
        "numFinessEge": number,
        "nomEgeCourt": "ACT LES TILLEULS",
        "nomEgeLong": None,
        "complementDenominationEg": None,
        "siret": "77567227200017",
        "dateOuverture": "1979-02-13",
        "datePremiereAutorisation": "1978-12-01",
        "dateFermeture": closed,
        "espic": [],
    } | cells.pop("general", {})
    roles = [{"idEgePorteuse": main, "idEgeNonPorteuse": ege_id, "roleRelationEge": "B"}] if main else []
    return {
        "informationsGeneralesEGE": general,
        "categorieentiteGeographiqueExercice": "165",
        "adresse": [address()],
        "contact": phone("0146661267"),
        "roleEge": roles,
        "etatObjet": "I" if closed else "A",
        "dateDerniereMaj": "2021-10-18 00:00:00",
    } | cells


def pmej(*eges: dict, number: str = "750721334", closed: str | None = None, **cells) -> dict:
    general = {
        "pmSmsseId": "9",
        "numFinessPm": number,
        "denominationPm": "CROIX ROUGE FRANCAISE",
        "denominationLonguePmSmsse": "CROIX ROUGE FRANCAISE",
        "siren": "775672272",
        "statutJuridique": "61",
        "dateCreation": "1945-01-01",
        "dateFermeture": closed,
    } | cells.pop("general", {})
    return {
        "informationsGeneralesPMEJ": general,
        "adresse": [address(usageAdresse="02", cogCommune="75110")],
        "contact": [],
        "ege": list(eges),
        "etatObjet": "I" if closed else "A",
        "dateDerniereMaj": "2021-10-18 00:00:00",
    } | cells
