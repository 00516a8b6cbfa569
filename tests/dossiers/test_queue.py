"""The queue of support: who opens it, its order, its counters, its filters."""

import datetime as dt

import pytest
from django.test import Client

from directory.models import Role
from dossiers import queue
from dossiers.models import Dossier
from journal.models import Entry
from tests.builders import make_commune, make_departement, make_eg, make_user
from tests.dossiers.builders import (
    TODAY,
    step,
    submitted,
    taken,
    validated,
)
from tests.dossiers.validation import QUEUE, other_structure, page, sent_days_ago

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]
QUEUE_QUERIES = 13


# --- Who -------------------------------------------------------------------------------------------------------------


NAMES = ("change", "history", "renvoyer", "valider", "rouvrir", "annuler")
POSTS = ("decider", "remarque", "prendre", "rendre", "renvoyer", "valider", "rouvrir", "suite", "annuler")


def test_a_referent_enters_no_page_of_validation(structure, client):
    dossier = taken(structure)
    client.force_login(structure.camille)
    for url in (QUEUE, *(page(dossier, name) for name in NAMES)):
        assert client.get(url, follow=True).status_code == 403, url
    for name in POSTS:
        assert client.post(page(dossier, name), {"version": dossier.version}, follow=True).status_code == 403


def test_staff_without_a_role_of_support_validates_nothing(structure, client):
    dossier = taken(structure)
    client.force_login(make_user(role=Role.REFERENT, eg=structure.eg, is_staff=True))
    for url in (QUEUE, *(page(dossier, name) for name in NAMES)):
        assert client.get(url).status_code == 403, url


def test_support_of_another_departement_sees_its_own_alone(structure, client):
    """Paris is elsewhere for support of Seine-Saint-Denis."""
    dossier = taken(structure)
    commune = make_commune("93001", "Aubervilliers", latitude=48.91, longitude=2.38, codes_postaux=["93300"])
    here = submitted(other_structure(structure, denomination="CSAPA du Canal (fictif)", commune=commune))
    client.force_login(make_user(role=Role.SUPPORT, departement=make_departement("93"), is_staff=True))
    text = client.get(QUEUE).content.decode()
    assert "CSAPA du Canal" in text and "Mésanges" not in text
    assert client.get(page(here)).status_code == 200
    before = Dossier.objects.filter(pk=dossier.pk).values().get()
    for name in NAMES:
        assert client.get(page(dossier, name)).status_code == 404, name
    for name in POSTS:
        assert client.post(page(dossier, name), {"version": dossier.version, "comment": "x"}).status_code == 404
    assert Dossier.objects.filter(pk=dossier.pk).values().get() == before


@pytest.mark.parametrize("pk", ["0", "abc", "9" * 30, "1'--", "²"])
def test_a_dossier_that_does_not_exist_is_404(sophie, pk):
    assert sophie.get(f"{QUEUE}{pk}/change/").status_code == 404


def test_reading_writes_nothing_and_steps_are_posts(structure, sophie):
    dossier = taken(structure)
    before = Entry.objects.count()
    for name in NAMES:
        sophie.get(page(dossier, name))
    for name in ("decider", "remarque", "prendre", "rendre", "suite"):
        assert sophie.get(page(dossier, name)).status_code == 405
    assert Entry.objects.count() == before


def test_the_index_of_the_administration_leads_to_the_queue(structure, sophie):
    submitted(structure)
    text = sophie.get("/admin/").content.decode()
    assert "1\u00a0dossier à traiter" in text and QUEUE in text


# --- Queue -----------------------------------------------------------------------------------------------------------


def shown(client: Client, **query) -> list[int]:
    return [item.dossier.pk for item in client.get(QUEUE, query).context["rows"]]


def test_the_oldest_comes_first_and_is_late(structure, sophie, settings):
    settings.DOSSIER_TARGET_DAYS = 5
    recent, old = submitted(structure), submitted(other_structure(structure))
    sent_days_ago(recent, 1)
    sent_days_ago(old, 6)
    response = sophie.get(QUEUE)
    rows = response.context["rows"]
    assert [row.dossier.pk for row in rows] == [old.pk, recent.pk]
    assert [row.age.text for row in rows] == ["6\u00a0j, en retard", "1\u00a0j"]
    assert shown(sophie, age="retard") == [old.pk]
    assert shown(sophie, age="7") == []


@pytest.mark.parametrize(("days", "css"), [(3, ""), (4, "ror-warn"), (5, "ror-warn"), (6, "ror-bad")])
def test_age_is_told_against_the_target(structure, days, css, settings):
    settings.DOSSIER_TARGET_DAYS = 5
    dossier = submitted(structure)
    sent_days_ago(dossier, days)
    dossier.refresh_from_db()
    assert queue.Item(dossier, structure.sophie).age.css == css


def test_counters_say_what_their_links_show(structure, sophie, settings):
    settings.DOSSIER_TARGET_DAYS = 5
    mine = taken(structure)
    free = submitted(other_structure(structure))
    colleague = make_user(role=Role.SUPPORT)
    theirs = step(submitted(other_structure(structure)), "take", colleague)
    late = submitted(other_structure(structure))
    sent_days_ago(late, 9)
    returned = step(taken(other_structure(structure)), "return", structure.sophie, comment="À revoir")
    waiting = validated(other_structure(structure), date_effet=TODAY + dt.timedelta(3))
    blocked = validated(other_structure(structure), date_effet=TODAY + dt.timedelta(3))
    Dossier.objects.filter(pk=blocked.pk).update(blocked="Type retiré")
    expected = {
        "À traiter": {mine.pk, free.pk, theirs.pk, late.pk},
        "À prendre": {free.pk, late.pk},
        "Les miens": {mine.pk},
        "Chez mes collègues": {theirs.pk},
        "En retard": {late.pk},
        "À corriger": {returned.pk},
        "Date d’effet à venir": {waiting.pk},
        "Mis de côté": {blocked.pk},
    }
    counters = sophie.get(QUEUE).context["counters"]
    assert {one.label: one.n for one in counters} == {label: len(pks) for label, pks in expected.items()}
    for counter in counters:
        response = sophie.get(f"{QUEUE}?{counter.query}")
        assert {row.dossier.pk for row in response.context["rows"]} == expected[counter.label], counter.label
        assert [one.label for one in response.context["counters"] if one.is_current] == [counter.label]


def test_it_is_searched_by_name_number_finess_and_people(structure, sophie):
    dossier, other = submitted(structure), submitted(other_structure(structure, denomination="CAMSP du Lys"))
    for text in ("mesanges", "Mésanges csapa", dossier.numero, f"n° {dossier.numero}", structure.eg.finess, "Karim"):
        assert shown(sophie, q=text) == [dossier.pk], text
    assert shown(sophie, q=structure.eg.finess[:4] + " " + structure.eg.finess[4:]) == [dossier.pk]
    assert shown(sophie, q="lys") == [other.pk]
    assert shown(sophie, q="%") == shown(sophie, q="introuvable") == []
    assert "Aucun dossier pour ces critères" in sophie.get(QUEUE, {"q": "introuvable"}).content.decode()


def test_filters_hold_together(structure, sophie):
    dossier = submitted(structure)
    Dossier.objects.filter(pk=dossier.pk).update(campagne="CSAPA 2026")
    submitted(other_structure(structure))
    categorie = structure.eg.categorie_id
    assert shown(sophie, campagne="CSAPA 2026", categorie=categorie, departement="75") == [dossier.pk]
    assert shown(sophie, statut="initie") == []
    assert dossier.pk in shown(sophie, statut="tous")


@pytest.mark.parametrize("query", ["statut=zzz", "age=%00", "categorie='", "departement=99", "assigne=1e9", "page=zz"])
def test_a_criterion_nobody_understands_is_told_next_to_its_field(sophie, query):
    response = sophie.get(f"{QUEUE}?{query}")
    assert response.status_code == (200 if "page" in query else 400)


@pytest.mark.parametrize("rows", [1, 60])
def test_the_queue_costs_the_same_whatever_its_length(structure, sophie, rows, django_assert_num_queries):
    first = submitted(structure)
    others = [make_eg(ej=structure.eg.entite_juridique) for _ in range(rows - 1)]
    made = Dossier.objects.bulk_create(Dossier(eg=eg, opened_by=structure.camille) for eg in others)
    Dossier.objects.filter(pk__in=[one.pk for one in made]).update(
        status="soumis", submitted_by=structure.camille, submitted_at=first.submitted_at
    )
    sophie.get(QUEUE)
    with django_assert_num_queries(QUEUE_QUERIES):
        response = sophie.get(QUEUE)
    assert len(response.context["rows"]) == min(rows, 50)


def test_taking_from_the_row_comes_back_to_the_list(structure, sophie):
    dossier = submitted(structure)
    back = f"{QUEUE}?assigne=personne"
    response = sophie.post(page(dossier, "prendre"), {"version": dossier.version, "next": back})
    assert response.url == back
    dossier.refresh_from_db()
    assert dossier.assigned_to == structure.sophie
    elsewhere = {"version": dossier.version, "next": "https://ailleurs.invalid/"}
    assert sophie.post(page(dossier, "rendre"), elsewhere).url == page(dossier)


def test_what_was_not_done_never_redirects_as_what_was(structure, sophie):
    """`script/drill` counts a redirection as a promise."""
    dossier = taken(structure)
    stale = {"version": dossier.version - 1, "next": QUEUE}
    step(dossier, "release", structure.sophie)
    response = sophie.post(page(dossier, "prendre"), stale)
    assert response.status_code == 409
    assert "Le dossier a changé depuis" in response.content.decode()
    dossier.refresh_from_db()
    assert dossier.assigned_to is None
