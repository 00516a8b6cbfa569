"""What most tests of the dossiers share: a Monday, a structure with its people, and who is in front of the screen."""

import pytest
from django.test import Client

from tests.builders import make_concept, make_type_uo
from tests.dossiers.builders import TODAY, Structure, make_structure


@pytest.fixture
def monday(settings):
    settings.ROR_TODAY = TODAY


@pytest.fixture
def structure(db) -> Structure:
    return make_structure()


@pytest.fixture
def camille(client, structure) -> Client:
    """The référent, logged in."""
    client.force_login(structure.camille)
    return client


@pytest.fixture
def sophie(structure) -> Client:
    """The agent of support, logged in, beside whoever uses `client`."""
    client = Client()
    client.force_login(structure.sophie)
    return client


@pytest.fixture
def types(structure):
    """Two types d’UO, one proposed for the category of the structure."""
    first, other = make_type_uo("CJC", "Consultation jeunes consommateurs"), make_type_uo("ACT", "Appartement")
    first.categories.add(structure.eg.categorie)
    other.categories.add(make_concept("TRE_R66|165", "ACT"))
    return first, other
