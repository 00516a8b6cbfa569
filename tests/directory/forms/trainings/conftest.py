"""The lists and the structures of the trainings, once for the package, in a transaction never committed."""

from pathlib import Path

import pytest
from django.db import connection, transaction

from directory.demo import seed
from directory.documents import to_document
from directory.models import EntiteGeographique, Kind, UniteOperationnelle
from nomenclature.loading import load


@pytest.fixture(scope="package")
def seeded(django_db_setup, django_db_blocker):
    """The demo, its showcase included. Tests only read it, or write in a savepoint of their own."""
    root = Path(__file__).parents[4]
    with django_db_blocker.unblock(), transaction.atomic():
        load(root / "fixtures" / "nomenclature")
        seed.seed(seed.Scale(20), say=lambda line: None)
        connection.check_constraints()
        yield
        transaction.set_rollback(True)


@pytest.fixture
def showcase(seeded, db):
    """`showcase("CSAPA – Accueil de jour")`: kind and live document of the fiche whose name begins so."""

    def read(name: str) -> tuple[Kind, dict]:
        uo = UniteOperationnelle.objects.filter(nom__startswith=name).first()
        if uo:
            return Kind.UO, to_document(Kind.UO, uo.pk)
        eg = EntiteGeographique.objects.get(denomination__startswith=name)
        return Kind.EG, to_document(Kind.EG, eg.pk)

    return read
