"""The page of one dossier: who opens it, what it says, what it costs."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from directory import documents, publishing
from directory.models import Role
from dossiers import drafts, remarks
from dossiers.models import Dossier, DraftFiche, Presence, Remarque
from tests.builders import make_departement, make_eg, make_user
from tests.dossiers.builders import draft_of, edit, make_complete_uo, opened
from tests.dossiers.screens import text_of, url

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]


GETS = ["dossier", "abandonner"]
POSTS = ["envoyer", "reprendre", "abandonner", "ajouter_uo", "remarque", "presents"]
FICHE_GETS = ["fiche", "retirer", "fermer"]
FICHE_POSTS = ["fiche", "dupliquer", "retirer", "fermer"]


def stranger(who: str):
    if who == "référent d’ailleurs":
        return make_user(role=Role.REFERENT, eg=make_eg())
    if who == "support d’ailleurs":
        return make_user(role=Role.SUPPORT, departement=make_departement("93"))
    return make_user(role=who)


@pytest.mark.parametrize("who", [Role.LECTEUR, Role.REGULATION, "référent d’ailleurs", "support d’ailleurs"])
def test_for_another_structure_it_does_not_exist(client, structure, who):
    dossier = opened(structure)
    remark = remarks.add(dossier, text="Bonjour", by=structure.camille)
    draft = draft_of(dossier, "uo")
    before = Dossier.objects.filter(pk=dossier.pk).values().get()
    client.force_login(stranger(who))
    for method, names, more in (("get", GETS, ()), ("post", POSTS, ()), ("get", FICHE_GETS, (draft.pk,))):
        for name in names:
            assert getattr(client, method)(url(name, dossier, *more)).status_code == 404, name
    for name in FICHE_POSTS:
        assert client.post(url(name, dossier, draft.pk), {"version": draft.version}).status_code == 404, name
    assert client.post(url("resoudre", dossier, remark.pk)).status_code == 404
    assert Dossier.objects.filter(pk=dossier.pk).values().get() == before
    assert DraftFiche.objects.filter(dossier=dossier).count() == 2 and not Presence.objects.exists()


def test_a_fiche_of_another_dossier_is_not_reached_through_mine(camille, structure):
    mine, other = opened(structure), make_eg()
    make_complete_uo(other)
    theirs = drafts.open_dossier(other, by=make_user(role=Role.REFERENT, eg=other))
    draft = draft_of(theirs, "uo")
    for name in ("fiche", "retirer", "fermer"):
        assert camille.get(url(name, mine, draft.pk)).status_code == 404
    assert camille.post(url("dupliquer", mine, draft.pk)).status_code == 404
    remark = remarks.add(theirs, text="Bonjour", by=theirs.opened_by)
    assert camille.post(url("resoudre", mine, remark.pk)).status_code == 404
    answer = camille.post(url("remarque", mine), {"text": "Bonjour", "fiche": draft.pk})
    assert answer.status_code == 404 and not Remarque.objects.filter(dossier=mine).exists()


@pytest.mark.parametrize("number", ["9" * 30, "0"])
def test_a_number_nobody_has_is_not_found(camille, structure, number):
    assert camille.get(f"/dossiers/{number}/").status_code == 404
    assert camille.get(f"/dossiers/{opened(structure).pk}/fiches/{number}/").status_code == 404


def test_the_check_list_leads_to_what_blocks(camille, structure):
    dossier = opened(structure)
    draft = edit(draft_of(dossier, "uo"), structure.camille, finalise=False, nom="")
    page = camille.get(url("dossier", dossier))
    assert f'<a href="{draft.get_absolute_url()}">UO' in page.content.decode()
    assert "1 sur 2" in text_of(page).replace("\xa0", " ")
    assert re.search(r'<button class="btn btn-primary[^>]*disabled', page.content.decode())


def test_a_dossier_costs_the_same_with_3_and_15_fiches(client):
    """Fiches to complete, changed, with remarks, and published again meanwhile: nothing asks one by one."""
    costs = [_cost_of_a_dossier(client, units) for units in (2, 14)]
    assert costs == [DOSSIER_QUERIES, DOSSIER_QUERIES]


def _cost_of_a_dossier(client, units: int) -> int:
    eg = make_eg()
    referent, other = (make_user(role=Role.REFERENT, eg=eg) for _ in range(2))
    unites = [make_complete_uo(eg, f"Unité {number}") for number in range(units)]
    dossier = drafts.open_dossier(eg, by=referent)
    for draft in DraftFiche.objects.filter(dossier=dossier, kind="uo"):
        edit(draft, referent, finalise=False, conditions_accueil="Autrement.")
        remarks.add(dossier, text="Relu ?", by=other, fiche=draft, address="nom")
    for uo in unites:
        live = documents.to_document("uo", uo.pk)
        publishing.publish("uo", live | {"conditions_accueil": "En direct."}, by=other, origin="direct")
    client.force_login(referent)
    client.get(url("dossier", dossier))
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url("dossier", dossier)).status_code == 200
    return len(queries)


DOSSIER_QUERIES = 20
