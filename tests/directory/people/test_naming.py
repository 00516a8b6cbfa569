"""Inviting by the name of a structure: what is proposed, to whom, and what is typed without choosing."""

import pytest
from django.urls import reverse

from accounts.models import User
from directory.models import Habilitation, Role
from tests.builders import make_commune, make_departement, make_eg, make_ej, make_user
from tests.directory.people.sending import INVITE, form

pytestmark = pytest.mark.django_db
SUGGESTIONS = reverse("admin:directory_habilitation_suggestions")


@pytest.fixture
def structures():
    ej = make_ej(raison_sociale="Association Mésanges et compagnie")
    return {
        "paris": make_eg(denomination="CSAPA Les Mésanges", entite_juridique=ej),
        "est": make_eg(denomination="CAARUD Les Mésanges", commune=make_commune("93001", "Aubervilliers")),
        "autre": make_eg(denomination="CMPP des Saules"),
        "ferme": make_eg(denomination="Mésanges fermées", type_fermeture="DEF", date_fermeture="2020-01-01"),
        "ej": ej,
    }


def names(client, text: str) -> list[str]:
    groups = client.get(SUGGESTIONS, {"q": text}).json()["groups"]
    return [option["label"] for group in groups for option in group["options"]]


def test_words_of_the_name_whatever_the_accents_find_what_is_open(client, support, structures):
    assert names(client, "mesanges") == [
        "CAARUD Les Mésanges",
        "CSAPA Les Mésanges",
        "Association Mésanges et compagnie",
    ]
    assert names(client, "mesanges csapa") == ["CSAPA Les Mésanges"]
    assert names(client, structures["autre"].finess) == ["CMPP des Saules"]
    [option] = client.get(SUGGESTIONS, {"q": "saules"}).json()["groups"][0]["options"]
    assert option["value"] == structures["autre"].cle
    assert ["Saules", True] in option["segments"]


@pytest.mark.parametrize("text", ["", "m", "%", "x" * 5000])
def test_what_finds_nothing_proposes_nothing(client, support, structures, text):
    assert names(client, text) == []


def test_support_of_a_departement_is_proposed_its_own_alone(client, structures):
    client.force_login(make_user(role=Role.SUPPORT, departement=make_departement("93"), is_staff=True))
    assert names(client, "mesanges") == ["CAARUD Les Mésanges"]


def test_nobody_else_is_proposed_anything(client, structures):
    for user in (make_user(), make_user(is_staff=True), make_user(role=Role.REFERENT, eg=structures["paris"])):
        client.force_login(user)
        assert client.get(SUGGESTIONS, {"q": "mesanges"}, follow=True).status_code == 403


def invite(client, **more) -> str:
    return client.post(INVITE, form() | more, follow=True).content.decode()


def test_the_suggestion_that_was_chosen_gives_the_right(client, support, structures):
    invite(client, structure="CSAPA Les Mésanges", structure_cle=structures["paris"].cle)
    assert Habilitation.objects.get(user__email="ana@exemple.fr").eg == structures["paris"]


def test_a_name_that_only_one_has_is_enough(client, support, structures):
    invite(client, structure="saules")
    assert Habilitation.objects.get(user__email="ana@exemple.fr").eg == structures["autre"]


def test_a_name_several_have_asks_which_with_their_numbers(client, support, structures):
    page = invite(client, structure="les mésanges")
    assert "dites laquelle par son numéro" in page
    assert structures["paris"].cle in page and structures["est"].cle in page
    assert not User.objects.filter(email="ana@exemple.fr").exists()


def test_a_forged_choice_outside_the_territory_is_refused(client, structures):
    client.force_login(make_user(role=Role.SUPPORT, departement=make_departement("93"), is_staff=True))
    page = invite(client, structure="CSAPA", structure_cle=structures["paris"].cle)
    assert "Nommez un établissement de votre territoire" in page
    assert not Habilitation.objects.filter(eg=structures["paris"]).exists()


@pytest.mark.parametrize("count", [1, 9])
def test_proposing_costs_the_same_however_many_are_found(client, support, count, django_assert_num_queries):
    for number in range(count):
        make_eg(denomination=f"Mésanges {number}")
    names(client, "mesanges")
    with django_assert_num_queries(4):  # session, user with her rights; EG, EJ
        names(client, "mesanges")
