"""Remarks and presence on a dossier."""

import datetime as dt

import pytest
from django.utils import timezone

from dossiers import presence, remarks
from dossiers.models import Presence, Remarque
from tests.dossiers.builders import (
    draft_of,
    opened,
)
from tests.dossiers.screens import text_of, url

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]


def test_a_remark_is_on_the_dossier_a_fiche_or_a_field(camille, structure):
    dossier = opened(structure)
    draft = draft_of(dossier, "uo")
    for sent in ({}, {"fiche": draft.pk}, {"fiche": draft.pk, "address": "conditions_accueil"}):
        camille.post(url("remarque", dossier), {"text": "À revoir ?", **sent})
    found = list(Remarque.objects.values_list("fiche", "address"))
    assert found == [(None, ""), (draft.pk, ""), (draft.pk, "conditions_accueil")]
    page = camille.get(url("dossier", dossier))
    assert "Accueil de jour, Conditions d’accueil" in text_of(page)
    assert f'href="{draft.get_absolute_url()}#id_conditions_accueil"' in page.content.decode()


@pytest.mark.parametrize(
    "sent", [{"text": ""}, {"text": "  "}, {"text": "x" * 5000}, {"text": "Où ?", "address": "zzz"}]
)
def test_a_remark_says_something_about_something(camille, structure, sent):
    dossier = opened(structure)
    fiche = {"fiche": draft_of(dossier, "uo").pk} if "address" in sent else {}
    page = camille.post(url("remarque", dossier), sent | fiche)
    assert page.status_code == 422 and "ror-error" in page.content.decode()
    assert sent["text"].strip() in page.content.decode()
    assert not Remarque.objects.exists()


def test_a_remark_is_settled_once_and_says_by_whom(client, structure):
    dossier = opened(structure)
    remark = remarks.add(dossier, text="À revoir ?", by=structure.camille)
    for user in (structure.karim, structure.camille):
        client.force_login(user)
        client.post(url("resoudre", dossier, remark.pk))
    remark.refresh_from_db()
    assert remark.resolved_by == structure.karim
    assert "par Karim Belkacem" in text_of(client.get(url("dossier", dossier)))


@pytest.mark.parametrize("back", ["https://ailleurs.invalid/", "//ailleurs.invalid", "javascript:alert(1)"])
def test_one_comes_back_to_our_pages_only(camille, structure, back):
    dossier = opened(structure)
    answer = camille.post(url("remarque", dossier), {"text": "Bonjour", "retour": back})
    assert answer.url == f"{dossier.get_absolute_url()}#remarques"


def test_who_is_there_is_told_for_a_minute(client, structure):
    dossier = opened(structure)
    draft = draft_of(dossier, "uo")
    client.force_login(structure.karim)
    for _ in range(2):
        assert "Karim" not in text_of(client.post(url("presents", dossier), {"fiche": draft.pk}))
    assert Presence.objects.count() == 1
    client.force_login(structure.camille)
    told = text_of(client.get(url("dossier", dossier)))
    assert "Karim Belkacem sur « Accueil de jour »" in told
    Presence.objects.update(seen_at=timezone.now() - dt.timedelta(seconds=presence.SECONDS + 1))
    assert "Karim Belkacem sur" not in text_of(client.post(url("presents", dossier)))


def test_presence_keeps_no_session_alive(camille, structure):
    """The page asks by itself: it is no activity of the person."""
    dossier = opened(structure)
    old = timezone.now() - dt.timedelta(minutes=30)
    structure.camille.sessions_ouvertes.update(seen_at=old)
    camille.post(url("presents", dossier), headers={"X-Background": "1"})
    assert structure.camille.sessions_ouvertes.get().seen_at == old


def test_a_lost_session_answers_401_to_the_page_that_asks(client, structure):
    dossier = opened(structure)
    answer = client.post(url("presents", dossier), headers={"Accept": "text/html, application/json"})
    assert answer.status_code == 401
