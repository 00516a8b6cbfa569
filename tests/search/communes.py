"""The 35,000 real communes as the index reads them, straight from the fixtures: no database."""

from functools import cache
from pathlib import Path

from nomenclature.loading.csv_files import read_communes, read_departements
from nomenclature.loading.rows import Bundle
from search import places
from search.place_index import PlaceIndex

FIXTURES = Path(__file__).resolve().parent.parent.parent / "fixtures" / "nomenclature"
CEDEX = {"92205": ("92051",), "94804": ("94076",)}  # as addresses of FINESS teach them


@cache
def real_index() -> PlaceIndex:
    """Built once a process."""
    bundle = Bundle()
    read_communes(FIXTURES / "communes.csv", bundle)
    read_departements(FIXTURES / "departements.csv", bundle)
    departements = {row["code"]: row for row in bundle.tables["departements"]}
    rows = []
    for row in bundle.tables["communes"]:
        departement = departements[row["departement_id"]]
        joined = {
            "departement__nom": departement["nom"],
            "departement__region_id": departement["region_id"],
            "departement__territoire_sante__label": None,
        }
        if row["latitude"] is not None:
            rows.append(row | joined)
    return PlaceIndex(rows)


def use_real_communes(monkeypatch) -> PlaceIndex:
    """Make them what the boxes read, for one test."""
    index = real_index()
    index.cedex = CEDEX
    monkeypatch.setattr(places, "index", lambda: index)
    return index
