"""The search says what the page says, to the same people, by pages; a mistake is told, never guessed."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from nomenclature import refreshed
from tests import builders as b
from tests.api.conftest import machine, make_client, person

pytestmark = pytest.mark.django_db
URL = "/api/v1/etablissements/"
CAMSP = {"code": "ror-type-uo|CAMSP"}
QUERIES = 4  # the token with its client; the kept counts, one pass over what is chosen, the page


def test_answers_with_national_names(world):
    answer = machine().get(URL, CAMSP | {"ou": "75110"}).json()
    assert (answer["nombreEtablissements"], answer["nombreOffres"]) == (1, 1)
    assert (answer["suivant"], answer["precedent"], answer["listeTronquee"]) == (None, None, False)
    [eg] = answer["etablissements"]
    assert (eg["cle"], eg["denominationEG"]) == (world.eg.finess, "CAMSP du Lys")
    assert eg["url"] == f"http://testserver/api/v1/etablissements/{world.eg.finess}/"
    assert eg["distanceKm"] < 1
    assert eg["duree"] == {"minutes": 1, "calcul": "estimée"}
    [offre] = eg["offres"]
    assert offre["identifiantOffre"] == world.uo.identifiant
    assert offre["url"] == f"http://testserver/api/v1/uo/{world.uo.cle}/"
    assert {
        "cle": "type_offre",
        "valeurs": [{"code": "etablissement", "libelle": "Établissement", "etablissements": 1}],
    } in answer["facettes"]


def test_without_a_place_there_is_no_distance(world):
    [eg] = machine().get(URL, CAMSP).json()["etablissements"]
    assert (eg["distanceKm"], eg["duree"]) == (None, None)


def test_the_filters_of_the_page_are_those_of_the_api(world):
    client = machine()
    for asked, expected in (
        ({"age": "3"}, 1),
        ({"age": "40"}, 0),
        ({"zone": "48,2,49,3"}, 1),
        ({"zone": "45,2,46,3"}, 0),
    ):
        assert client.get(URL, CAMSP | asked).json()["nombreEtablissements"] == expected, asked


def test_people_read_it_too(world):
    assert person().get(URL, CAMSP).json()["nombreEtablissements"] == 1


@pytest.mark.parametrize(("niveau", "phone"), [(1, "0199000001"), (2, "0199000002"), (3, "0199000003")])
def test_each_client_reads_its_level(world, niveau, phone):
    [eg] = machine(niveau=niveau).get(URL, CAMSP).json()["etablissements"]
    assert eg["telephone"] == phone
    assert eg["offres"][0]["telephone"] == phone


def test_a_sensitive_unit_is_found_by_regulation_there_alone(world):
    asked = {"q": "Refuge des Roses"}
    seen = {
        "public": machine(niveau=1),
        "professionnels": machine(niveau=2),
        "régulation": machine(niveau=3),
        "régulation d’ici": machine(niveau=3, departement=b.make_departement("75")),
        "régulation d’ailleurs": machine(niveau=3, departement=b.make_departement("91")),
    }
    counts = {name: client.get(URL, asked).json()["nombreOffres"] for name, client in seen.items()}
    assert counts == {
        "public": 0,
        "professionnels": 0,
        "régulation": 1,
        "régulation d’ici": 1,
        "régulation d’ailleurs": 0,
    }


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({}, "q"),
        ({"q": ""}, "q"),
        ({"q": "!!!"}, "q"),
        ({"q": "x" * 300}, "q"),
        ({"q": "a\x00b"}, "q"),
        ({"code": "x"}, "code"),
        ({"code": "x|y"}, "q"),
        ({"q": "camsp", "ou": "99999"}, "ou"),
        ({"q": "camsp", "ou": "Paris"}, "ou"),
        ({"q": "camsp", "lat": "48"}, "lat"),
        ({"q": "camsp", "lat": "nan", "lon": "2"}, "lat"),
        ({"q": "camsp", "lat": "91", "lon": "2"}, "lat"),
        ({"q": "camsp", "dans": "partout"}, "dans"),
        ({"q": "camsp", "tri": "alphabet"}, "tri"),
        ({"q": "camsp", "taille": "51"}, "taille"),
        ({"q": "camsp", "taille": "zéro"}, "taille"),
        ({"q": "camsp", "curseur": "n’importe"}, "curseur"),
        ({"q": "camsp", "type_uo": "inconnu"}, "type_uo"),
        ({"q": "camsp", "page": "2"}, "page"),
        ({"q": "camsp", "rayon": "7"}, "rayon"),
        ({"q": "camsp", "zone": "1,2,3"}, "zone"),
        ({"q": "camsp", "age": "-1"}, "age"),
        ({"q": "camsp", "ouvert": "demain"}, "ouvert"),
        ({"q": "camsp", "ouvert_le": "32/01/2026"}, "ouvert_le"),
    ],
)
def test_a_mistake_is_a_400_that_names_its_parameter(world, asked, field):
    response = machine().get(URL, asked)
    answer = response.json()
    assert response.status_code == answer["status"] == 400
    assert response["Content-Type"] == "application/problem+json"
    assert list(answer["erreurs"]) == [field]
    assert all(message.endswith((".", ":")) for message in answer["erreurs"][field])


def test_pages_follow_each_other_and_miss_nobody(world):
    names = [f"CAMSP {number:02d}" for number in range(7)]
    for name in names:
        eg = b.make_eg(denomination=name)
        b.make_uo(eg=eg, type_uo="CAMSP")
        b.project(eg)
    refreshed.reset_all()
    client, found, address, seen = machine(), [], URL, []
    query: dict = CAMSP | {"taille": "3"}
    while address:
        answer = client.get(address, query).json()
        found += [eg["denominationEG"] for eg in answer["etablissements"]]
        seen.append((bool(answer["precedent"]), bool(answer["facettes"])))
        address, query = answer["suivant"], {}
    assert sorted(found) == sorted([*names, "CAMSP du Lys"])
    assert seen == [(False, True), (True, False), (True, False)]


def test_a_cursor_is_good_for_its_question_alone(world):
    for _ in range(2):
        b.project(b.make_uo(type_uo="CAMSP").entite_geographique)
    refreshed.reset_all()
    client = machine()
    following = client.get(URL, CAMSP | {"taille": "1"}).json()["suivant"]
    assert client.get(following).status_code == 200
    assert client.get(following.replace("taille=1", "taille=2")).status_code == 400
    assert client.get(following[:-1] + "!").status_code == 400


def test_what_has_not_changed_is_not_sent_again(world):
    client = machine()
    first = client.get(URL, CAMSP)
    assert first["Cache-Control"] == "private, no-cache"
    assert {"Authorization", "Cookie"} <= set(first["Vary"].split(", "))
    again = client.get(URL, CAMSP, headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    other = machine(niveau=1).get(URL, CAMSP, headers={"if-none-match": first["ETag"]})
    assert other.status_code == 200


@pytest.mark.parametrize("rows", [1, 12])
def test_it_costs_the_same_for_one_row_and_for_twelve(world, rows):
    for _ in range(rows):
        b.project(b.make_uo(type_uo="CAMSP").entite_geographique)
    refreshed.reset_all()
    client, asked = machine(make_client()), CAMSP | {"ou": "75110", "type_uo": "CAMSP"}
    client.get(URL, asked)  # the process reads the lists of communes and codes once
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(URL, asked)
    assert answer.json()["nombreEtablissements"] == rows + 1
    assert len(queries) == QUERIES, "\n".join(query["sql"][:150] for query in queries)
