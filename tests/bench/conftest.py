"""A small seeded base for the bench, in a transaction never committed."""

import pytest
from django.conf import settings
from django.db import connection, transaction

from directory.demo import seed
from nomenclature.loading import load


@pytest.fixture(scope="package")
def seeded(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        load(settings.FIXTURES / "nomenclature")
        seed.seed(seed.Scale(60))
        connection.check_constraints()  # once here: what stays deferred is checked again after each test
        yield
        transaction.set_rollback(True)
