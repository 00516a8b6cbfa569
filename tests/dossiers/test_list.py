"""The list of the dossiers, and opening one."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from directory.models import Role
from dossiers import decisions, drafts
from dossiers.models import Dossier
from tests.builders import make_concept, make_departement, make_eg, make_user
from tests.dossiers.builders import (
    TODAY,
    TOMORROW,
    make_complete_uo,
    opened,
    step,
    submitted,
)
from tests.dossiers.screens import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]


# --- The list --------------------------------------------------------------------------------------------------------


def test_a_professional_without_structure_is_told_how_to_have_one(client):
    client.force_login(make_user(role=Role.LECTEUR))
    page = client.get("/dossiers/")
    assert "demandez-en l’accès depuis sa fiche" in text_of(page)
    assert reverse("dossiers:ouvrir") not in page.content.decode()


def test_only_mine_are_listed(camille, structure):
    mine = opened(structure)
    other = make_eg(denomination="Celle d’une autre (fictif)")
    drafts.open_dossier(other, by=make_user(role=Role.REFERENT, eg=other))
    page = camille.get("/dossiers/")
    assert mine.numero in text_of(page) and "Celle d’une autre" not in text_of(page)


def test_support_lists_its_territory_and_no_other(client, structure):
    mine = opened(structure)
    for departement, expected in (("75", True), ("93", False)):
        client.force_login(make_user(role=Role.SUPPORT, departement=make_departement(departement)))
        assert (mine.numero in text_of(client.get("/dossiers/"))) is expected


def says(client, user, filtre: str = "en-cours") -> str:
    client.force_login(user)
    return text_of(client.get("/dossiers/", {"filtre": filtre}))


def test_whose_turn_it_is_for_each_of_them(client, structure, settings):
    dossier = opened(structure)
    assert "À vous de jouer" in says(client, structure.camille)
    assert "Chez les référents depuis aujourd’hui" in says(client, structure.sophie)
    step(dossier, "submit", structure.camille, date_effet=TOMORROW)
    Dossier.objects.update(submitted_at=timezone.now() - (timezone.localdate() - TODAY) - dt.timedelta(days=3))
    assert "Chez le support depuis 3 jours" in says(client, structure.camille).replace("\xa0", " ")
    assert "À prendre en charge depuis 3 jours" in says(client, structure.sophie).replace("\xa0", " ")
    step(dossier, "take", structure.sophie)
    assert "Sophie l’examine" in says(client, structure.karim)
    assert "À vous : pris en charge" in says(client, structure.sophie)
    for review in decisions.reviews(dossier):
        if review.proposals:
            addresses = [one.address for one in review.proposals]
            decisions.decide(review.draft.pk, addresses, is_accepted=True, by=structure.sophie)
    step(dossier, "validate", structure.sophie)
    assert "Prend effet le 03/03/2026" in says(client, structure.camille).replace("\xa0", " ")


@pytest.mark.parametrize("asked", ["mesanges", "CSAPA més", "{finess}", "{finess_spaced}", "{numero}", "{pk}"])
def test_it_is_found_by_name_finess_or_number(camille, structure, asked):
    dossier = opened(structure)
    finess = structure.eg.finess
    spaced = f"{finess[:2]} {finess[2:5]} {finess[5:8]} {finess[8:]}"
    asked = asked.format(finess=finess, finess_spaced=spaced, numero=dossier.numero, pk=dossier.pk)
    assert dossier.numero in text_of(camille.get("/dossiers/", {"q": asked}))


@pytest.mark.parametrize("asked", ["introuvable", "2020-0001", "99999999999", "…", "\x00", "%", "x" * 300])
def test_what_is_not_found_says_so(camille, structure, asked):
    dossier = opened(structure)
    page = camille.get("/dossiers/", {"q": asked, "filtre": "nimporte", "page": "zzz"})
    assert page.status_code == 200
    found = dossier.numero in text_of(page)
    assert found is (asked == "\x00")  # nothing is left of it: the whole list


@pytest.mark.parametrize("count", [1, 15])
def test_the_list_costs_the_same_whatever_it_holds(client, count, django_assert_num_queries):
    make_concept("TRE_R286|DEF", "Définitive", value_set="JDV_J201")
    sophie = make_user(role=Role.SUPPORT)
    for _ in range(count):
        eg = make_eg()
        make_complete_uo(eg)
        drafts.open_dossier(eg, by=sophie)
    client.force_login(sophie)
    client.get("/dossiers/")
    with django_assert_num_queries(LIST_QUERIES):
        client.get("/dossiers/")


LIST_QUERIES = 6  # the session, the user with her rights, counts, number of the page, keys, rows


def test_home_tells_support_what_waits_and_is_kept_by_no_browser(client, structure):
    submitted(structure)
    client.force_login(structure.sophie)
    page = client.get("/")
    assert "1 dossier à traiter" in text_of(page)
    assert "no-store" in page["Cache-Control"]
    client.force_login(make_user(role=Role.SUPPORT, departement=make_departement("93")))
    assert "Rien à traiter" in text_of(client.get("/"))


def test_home_and_header_count_what_is_open(camille, structure):
    opened(structure)
    for path in ("/", "/dossiers/"):
        assert 'ror-count">1<span class="visually-hidden"> en cours' in camille.get(path).content.decode()
    assert "À vous de jouer" in text_of(camille.get("/"))


# --- Opening ---------------------------------------------------------------------------------------------------------


def test_opening_from_a_fiche_asks_first_then_opens_once(camille, structure):
    address = reverse("dossiers:ouvrir")
    page = camille.get(address, {"eg": structure.eg.cle})
    assert "Ouvrir le dossier" in text_of(page) and not Dossier.objects.exists()
    first = camille.post(address, {"eg": structure.eg.cle})
    again = camille.post(address, {"eg": structure.eg.cle}, follow=True)
    dossier = Dossier.objects.get()
    assert first.url == dossier.get_absolute_url() == again.redirect_chain[0][0]
    assert f"Un dossier y est déjà ouvert : le n° {dossier.numero}" in text_of(again).replace("\xa0", " ")


def test_one_chooses_among_the_structures_one_answers_for(camille, structure):
    make_eg(denomination="Celle d’une autre (fictif)")
    page = text_of(camille.get(reverse("dossiers:ouvrir")))
    assert "Les Mésanges" in page and "Celle d’une autre" not in page
    assert "Les Mésanges" not in text_of(camille.get(reverse("dossiers:ouvrir"), {"q": "introuvable"}))


def test_support_searches_by_name_or_finess(client, structure):
    client.force_login(structure.sophie)
    assert "Les Mésanges" not in text_of(client.get(reverse("dossiers:ouvrir")))
    for asked in ("mesanges", structure.eg.finess):
        assert "Les Mésanges" in text_of(client.get(reverse("dossiers:ouvrir"), {"q": asked}))


@pytest.mark.parametrize("role", [Role.LECTEUR, Role.REGULATION, Role.CONTRIBUTEUR])
def test_who_does_not_answer_for_it_opens_nothing(client, structure, role):
    client.force_login(make_user(role=role, eg=structure.eg if role == Role.CONTRIBUTEUR else None))
    address = reverse("dossiers:ouvrir")
    assert client.get(address, {"eg": structure.eg.cle}).status_code == 404
    assert client.post(address, {"eg": structure.eg.cle}).status_code == 404
    assert not Dossier.objects.exists()
