"""Code systems and their concepts, with their validity."""

import datetime as dt

import pytest

from nomenclature.models import Concept
from tests import builders as b
from tests.api.conftest import machine

pytestmark = pytest.mark.django_db
URL = "/api/v1/nomenclature/"


@pytest.fixture
def codes():
    for number in range(5):
        b.make_concept(f"TRE_R211|{number:03d}", f"Activité {number}")
    Concept.objects.filter(code="001").update(retired=True, valid_to=dt.date(2024, 1, 1))
    Concept.objects.filter(code="002").update(parent=Concept.objects.get(code="000"))


def test_the_systems_and_where_their_codes_are(codes):
    [system] = machine().get(URL).json()
    assert (system["code"], system["regional"]) == ("TRE_R211", False)
    assert system["concepts"] == "http://testserver/api/v1/nomenclature/TRE_R211/"


def test_codes_with_their_validity(codes):
    answer = machine().get(f"{URL}TRE_R211/").json()
    assert [one["code"] for one in answer["concepts"]] == ["000", "001", "002", "003", "004"]
    assert answer["concepts"][1] == {
        "code": "001",
        "libelle": "Activité 1",
        "libelleCourt": "",
        "debutValidite": None,
        "finValidite": "2024-01-01",
        "retire": True,
        "parent": None,
    }
    assert answer["concepts"][2]["parent"] == "000"


def test_without_those_that_are_retired(codes):
    answer = machine().get(f"{URL}TRE_R211/", {"actifs": "true"}).json()
    assert "001" not in [one["code"] for one in answer["concepts"]]


def test_by_pages_both_ways(codes):
    client, address, found = machine(), f"{URL}TRE_R211/?taille=2", []
    while address:
        answer = client.get(address).json()
        found += [one["code"] for one in answer["concepts"]]
        address, back = answer["suivant"], answer["precedent"]
    assert found == ["000", "001", "002", "003", "004"]
    assert [one["code"] for one in client.get(back).json()["concepts"]] == ["002", "003"]


@pytest.mark.parametrize("asked", [{"taille": "0"}, {"taille": "x"}, {"actifs": "x"}, {"inconnu": "1"}])
def test_mistakes_are_told(codes, asked):
    assert machine().get(f"{URL}TRE_R211/", asked).status_code == 400


def test_a_wrong_cursor_or_system_is_not_found(codes):
    assert machine().get(f"{URL}TRE_R211/", {"curseur": "x"}).status_code == 404
    assert machine().get(f"{URL}TRE_R999/").status_code == 404


@pytest.mark.parametrize("rows", [1, 5])
def test_it_costs_the_same_for_one_and_for_five(codes, rows, django_assert_num_queries):
    client = machine()
    with django_assert_num_queries(3):  # the token with its client, the system, its concepts with their parents
        client.get(f"{URL}TRE_R211/", {"taille": str(rows)})
