"""What the facets name, and a professional in front of the pages of the search."""

import pytest
from django.test import Client

from tests.builders import make_concept, make_user


@pytest.fixture
def facet_values(db) -> None:
    make_concept("ror-type-offre|etablissement", "Établissement")
    make_concept("ror-patientele|E", "Enfant")
    make_concept("ror-patientele|A", "Adulte")


@pytest.fixture
def reader(client) -> Client:
    client.force_login(make_user())
    return client
