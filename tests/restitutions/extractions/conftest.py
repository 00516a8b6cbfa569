"""A small offer, who may extract it, and a folder for the files; the queue is heard by nobody."""

import pytest
from django.db import transaction

from directory.models import Role
from restitutions import tasks
from tests import builders as b


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.EXTRACTIONS_DIR = tmp_path / "extractions"
    return settings.EXTRACTIONS_DIR


@pytest.fixture(autouse=True)
def _lists():
    b.make_concept("ror-patientele|A", "Adultes")
    b.make_concept("ror-type-offre|etablissement", "Établissement")


@pytest.fixture(autouse=True)
def hints(monkeypatch) -> list[str]:
    """What the queue is told, which nobody hears: the row alone counts."""
    told = []
    monkeypatch.setattr(tasks.make_extraction, "delay", told.append)
    return told


@pytest.fixture
def support():
    return b.make_user(role=Role.SUPPORT)


@pytest.fixture
def offer():
    """Two establishments of Paris, one of Essonne; a sensitive unit and an establishment without unit."""
    evry = b.make_commune("91228", "Évry", latitude=48.62, longitude=2.44, codes_postaux=["91000"])
    alpha, beta, gamma, empty = (
        b.make_eg(denomination=name, commune=commune)
        for name, commune in (("Alpha", None), ("Bêta", None), ("Gamma", evry), ("Sans unité", evry))
    )
    b.make_contact(alpha, telecoms=[("1", "0102030401")])
    b.make_contact(alpha, niveau=3, telecoms=[("1", "0102030499")])
    b.make_uo(eg=alpha, nom="CSAPA un", age_min=18)
    b.make_uo(eg=beta, nom="=CSAPA deux", type_uo="CSAPA")
    b.make_uo(eg=beta, nom="Refuge caché", unite_sensible=True)
    b.make_uo(eg=gamma, nom="CAMSP", type_uo="CAMSP")
    with transaction.atomic():
        b.project(alpha, beta, gamma, empty)
    return {"alpha": alpha, "beta": beta, "gamma": gamma, "empty": empty}
