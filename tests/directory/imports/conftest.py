import pytest

from accounts.models import User
from directory.imports import finess
from directory.models import EntiteGeographique, EntiteJuridique
from tests.builders import make_commune, make_concept, make_departement

from .lines import Folder


@pytest.fixture
def folder(tmp_path) -> Folder:
    return Folder(tmp_path)


@pytest.fixture
def lists(db):
    """The few codes and communes that the lines of the tests name."""
    for code in ("165", "197", "355"):
        make_concept(f"TRE_R66|{code}", value_set="JDV_J55")
    make_concept("TRE_R66|620", "Pharmacie")
    make_concept("TRE_R66|382", "Foyer retiré", value_set="JDV_J55", retired=True)
    for code in ("60", "61"):
        make_concept(f"TRE_R72|{code}", value_set="JDV_J199")
    for code in ("1", "6"):
        make_concept(f"TRE_R73|{code}", value_set="JDV_J202")
    for code, label in {"R": "Rue", "AV": "Avenue", "CHE": "Chemin", "CHEM": "Chemin, cheminement"}.items():
        make_concept(f"TRE_R35|{code}", label)
    make_concept("TRE_R287|06", "Standard", value_set="JDV_J221")
    make_departement("75", territoire_sante=make_concept("TRE_R88|113", "Paris", value_set="JDV_J249"))
    make_commune()
    make_departement("01", "Ain")
    make_departement("971", "Guadeloupe")
    make_departement("974", "La Réunion")
    for insee, nom, code_postal, lat, lon in (
        ("93066", "Saint-Denis", "93380", 48.9391, 2.3589),
        ("92051", "Neuilly-sur-Seine", "92200", 48.8846, 2.2697),
        ("92002", "Antony", "92160", 48.7536, 2.2970),
        ("77288", "Melun", "77000", 48.5421, 2.6554),
        ("01451", "Viriat", "01440", 46.2541, 5.2171),
    ):
        make_commune(insee, nom, latitude=lat, longitude=lon, codes_postaux=[code_postal])
    overseas = {"departement": make_departement("971")}
    make_commune("97105", "Basse-Terre", codes_postaux=["97100"], latitude=15.9985, longitude=-61.7233, **overseas)
    make_commune(
        "97411",
        "Saint-Denis",
        codes_postaux=["97400"],
        latitude=-20.9328,
        longitude=55.4472,
        departement=make_departement("974"),
    )


@pytest.fixture
def load(lists):
    """Runs an import; gives the report of the last file."""

    def run(*paths, **options):
        options = {"by": User.objects.system()} | options
        return finess.run(paths, **options).reports[-1]

    return run


@pytest.fixture
def eg():
    return lambda number="750011728": EntiteGeographique.objects.get(finess=number)


@pytest.fixture
def ej():
    return lambda number="750721334": EntiteJuridique.objects.get(finess=number)


def kinds(report) -> dict[str, int]:
    """{kind of remark: how many}."""
    return {kind: remarks.count for kind, remarks in report.remarks.items()}


@pytest.fixture
def remarks():
    return kinds
