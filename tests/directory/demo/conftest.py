"""One seeded database for the package: nomenclature, showcase and a small mass, in a transaction never committed."""

from pathlib import Path

import pytest
from django.db import connection, transaction

from directory.demo import seed
from nomenclature.loading import load

EG = 120


@pytest.fixture(scope="package")
def seeded(django_db_setup, django_db_blocker):
    """What `seed()` answered. Tests only read; whoever writes does it in a savepoint of its own."""
    root = Path(__file__).parents[3]
    with django_db_blocker.unblock(), transaction.atomic():
        load(root / "fixtures" / "nomenclature")
        lines: list[str] = []
        done = seed.seed(seed.Scale(EG), say=lines.append)
        connection.check_constraints()  # once here: what stays deferred is checked again after each test
        yield done, tuple(lines)
        transaction.set_rollback(True)
