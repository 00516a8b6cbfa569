"""The form, the list that follows its extractions, and the way there from the results."""

import pytest

from restitutions.extractions import services
from restitutions.models import Etat, Extraction
from tests import builders as b
from tests.restitutions.extractions.making import LIST, NEW, ask

pytestmark = pytest.mark.django_db
LIST_QUERIES = 3  # session, user with her rights, the rows; the dossiers counted in the frame


def test_the_form_offers_the_search_it_comes_from(client, support, offer):
    client.force_login(support)
    page = client.get(NEW, {"q": "csapa", "patientele": "A", "vue": "liste"}).content.decode()
    assert "La recherche\u00a0: «\u00a0csapa\u00a0», Adultes" in page
    answer = client.post(NEW, {"perimetre": "recherche", "format": "csv", "recherche": "q=csapa&patientele=A&page=3"})
    assert answer.status_code == 302
    assert Extraction.objects.get().query == "q=csapa&patientele=A"
    assert "La recherche" not in client.get(NEW).content.decode()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"perimetre": "departement", "format": "csv"}, "Choisissez le département à extraire."),
        (
            {"perimetre": "departement", "departement": "zz", "format": "csv"},
            "Ce département n’est pas dans la liste.",
        ),
        ({"perimetre": "recherche", "format": "csv", "recherche": "q="}, "Choix"),
        ({"format": "csv"}, "Choisissez ce que le fichier contient."),
        ({"perimetre": "tout"}, "Choisissez un format."),
        ({"perimetre": "\x00", "format": "\x00", "recherche": "\x00" * 3000}, "ror-error"),
    ],
)
def test_a_wrong_form_says_why(client, support, data, words):
    client.force_login(support)
    response = client.post(NEW, data)
    assert response.status_code == 422
    assert words.lower() in response.content.decode().lower()
    assert not Extraction.objects.exists()


def test_the_list_asks_for_itself_only_while_something_is_made(client, support, offer):
    client.force_login(support)
    extraction = ask(support)
    page = client.get(LIST).content.decode()
    assert 'hx-trigger="every 2s"' in page and '{"X-Background": "1"}' in page and "En attente" in page
    services.run(extraction.pk)
    fragment = client.get(LIST, headers={"HX-Request": "true"}).content.decode()
    assert "hx-trigger" not in fragment and "Prête" in fragment and "<h1" not in fragment
    assert 'id="extractions-annonce" hx-swap-oob' in fragment


def test_the_results_page_offers_it_to_those_entitled_beyond_200(client, support, settings):
    settings.RESULTS_MAX = 1
    for name in ("CSAPA un", "CSAPA deux"):
        eg = b.make_eg(denomination=name)
        b.make_uo(eg=eg)
        b.project(eg)
    for user, offered in ((support, True), (b.make_user(), False)):
        client.force_login(user)
        page = client.get("/recherche/", {"q": "csapa"}).content.decode()
        assert "s’arrête aux" in page and ("Extraction complète" in page) is offered
    settings.RESULTS_MAX = 200
    client.force_login(support)
    assert "Extraction complète" not in client.get("/recherche/", {"q": "csapa"}).content.decode()


@pytest.mark.parametrize("number", [1, 15])
def test_the_list_costs_the_same_whatever_its_length(client, support, number, django_assert_num_queries):
    for _ in range(number):
        ask(support)
        Extraction.objects.update(etat=Etat.ECHOUEE)
    client.force_login(support)
    client.get(LIST)
    with django_assert_num_queries(LIST_QUERIES):
        client.get(LIST)
