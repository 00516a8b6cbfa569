"""The API says what the page says, to the same people."""

import pytest
from django.urls import reverse

from search import suggestions
from tests.builders import make_concept, make_contact, make_eg, make_uo, make_user, project

pytestmark = pytest.mark.django_db
URL = "/api/v1/recherche/"


@pytest.fixture
def camsp():
    make_concept("ror-type-offre|etablissement", "Établissement")
    eg = make_eg(denomination="CAMSP du Lys")
    uo = make_uo(eg=eg, type_uo="CAMSP", nom="CAMSP, accueil")
    make_contact(uo, niveau=2, telecoms=[("2", "0199000002")])
    make_contact(uo, niveau=3, telecoms=[("2", "0199000003")], ordre=0)
    project(eg)
    suggestions._index.reset()
    return eg


def test_answers_with_national_names(client, camsp):
    client.force_login(make_user())
    answer = client.get(URL, {"code": "ror-type-uo|CAMSP"}).json()
    assert (answer["nombreEtablissements"], answer["nombreOffres"]) == (1, 1)
    [eg] = answer["etablissements"]
    assert eg["denominationEG"] == "CAMSP du Lys"
    assert eg["url"] == reverse("directory:eg", args=[camsp.finess])
    assert eg["offres"][0]["telephone"] == "0199000002"
    assert {
        "cle": "type_offre",
        "valeurs": [{"code": "etablissement", "libelle": "Établissement", "etablissements": 1}],
    } in answer["facettes"]


def test_anonymous_gets_nothing(client, camsp):
    response = client.get(URL, {"code": "ror-type-uo|CAMSP"})
    assert response.status_code in (302, 403)


@pytest.mark.parametrize("params", [{}, {"q": ""}, {"q": "camsp", "ou": "99999"}, {"code": "x|y"}, {"q": "x" * 300}])
def test_a_question_not_understood_is_a_400_with_words(client, camsp, params):
    client.force_login(make_user())
    response = client.get(URL, params)
    assert response.status_code == 400
    assert all(messages for messages in response.json().values())
