"""The page of a fiche: who opens it, saving, finalising, the preview, what it costs."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from directory.models import Role
from dossiers import drafts
from dossiers.models import Etat
from journal.models import Entry
from tests.builders import make_eg, make_habilitation, make_user
from tests.dossiers.builders import draft_of, edit, step
from tests.dossiers.fiche.sending import AUTOSAVE, TYPED, fresh, logged_in, sent, submitted_from, texte, url

pytestmark = pytest.mark.django_db


# --- Who -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["fiche", "apercu", "publiee"])
def test_the_pages_of_another_structure_do_not_exist(draft, name):
    other = logged_in(make_user(role=Role.REFERENT, eg=make_eg()))
    assert other.get(url(draft, name)).status_code == 404
    assert other.post(url(draft), sent(draft, nom="Pris")).status_code == 404
    assert other.post(url(draft, "conflit"), sent(draft, nom="Pris")).status_code == 404
    assert fresh(draft).version == draft.version


def test_a_fiche_is_found_only_through_its_own_dossier(structure, camille, draft):
    other = drafts.open_dossier(make_eg_of(structure.camille), by=structure.camille)
    assert camille.get(reverse("dossiers:fiche", args=[other.pk, draft.pk])).status_code == 404
    assert camille.get(reverse("dossiers:fiche", args=[other.pk, 10**15])).status_code == 404


def make_eg_of(user: User):
    eg = make_eg()
    make_habilitation(user, Role.REFERENT, eg=eg)
    return eg


def test_who_may_only_read_sees_the_form_locked_and_why(structure, dossier, draft):
    step(submitted_from(dossier, structure), "take", structure.sophie)
    page = texte(logged_in(structure.camille).get(url(draft)))
    assert "envoyé en validation" in page
    assert "<fieldset" in page and "disabled" in page
    assert "Enregistrer et finaliser" not in page
    assert "data-autosave" not in page


def test_the_agent_who_took_the_dossier_corrects_it_and_the_others_do_not(structure, dossier, draft):
    submitted_from(dossier, structure)
    sophie = logged_in(structure.sophie)
    assert "Prenez d’abord le dossier en charge" in texte(sophie.get(url(draft)))
    step(dossier, "take", structure.sophie)
    assert "Enregistrer et finaliser" in texte(sophie.get(url(draft)))
    assert sophie.post(url(draft), sent(draft, conditions_accueil=TYPED)).status_code == 302
    assert fresh(draft).content["conditions_accueil"] == TYPED
    other = logged_in(make_user("paul@exemple.fr", role=Role.SUPPORT))
    assert "a pris ce dossier en charge" in texte(other.get(url(draft)))
    assert other.post(url(draft), sent(draft, conditions_accueil="Non.")).status_code == 409
    assert fresh(draft).content["conditions_accueil"] == TYPED


def test_a_get_writes_nothing(camille, draft):
    for name in ("fiche", "apercu", "publiee"):
        camille.get(url(draft, name))
    assert fresh(draft).version == draft.version


def test_a_post_without_a_token_is_refused(structure, draft):
    client = Client(enforce_csrf_checks=True)
    client.force_login(structure.camille)
    assert client.post(url(draft), sent(draft, conditions_accueil=TYPED)).status_code == 403
    assert fresh(draft).version == draft.version


# --- Saving ----------------------------------------------------------------------------------------------------------


def test_saving_keeps_the_document_and_says_when(camille, draft):
    answer = camille.post(url(draft), sent(draft, conditions_accueil=TYPED), follow=True)
    assert answer.redirect_chain == [(url(draft), 302)]
    assert "Enregistré à" in texte(answer)
    saved = fresh(draft)
    assert saved.content["conditions_accueil"] == TYPED
    assert saved.state == Etat.ENREGISTREE


def test_saving_what_was_not_changed_changes_nothing(camille, draft):
    assert camille.post(url(draft), sent(draft)).status_code == 302
    assert fresh(draft).version == draft.version
    assert fresh(draft).state == Etat.FINALISEE


def test_an_invalid_text_is_kept_and_shown_again_with_its_error(camille, draft):
    answer = camille.post(url(draft), sent(draft, age_min="douze", conditions_accueil=TYPED))
    assert answer.status_code == 422
    assert "pas encore valide" in texte(answer)
    held = fresh(draft)
    assert held.saisie["age_min"] == ["douze"]
    assert held.content == draft.content
    assert held.state == Etat.A_COMPLETER
    again = texte(camille.get(url(draft)))
    assert 'value="douze"' in again
    assert TYPED in again
    assert 'href="#id_age_min"' in again, "the summary leads to the field"
    assert camille.post(url(draft), sent(draft, age_min="12")).status_code == 302
    assert fresh(draft).saisie is None
    assert fresh(draft).content["age_min"] == "12"
    assert fresh(draft).content["conditions_accueil"] == TYPED


def test_what_is_not_ours_cannot_be_sent(camille, draft):
    forged = {"champs": "nom identifiant entite_geographique", "identifiant": "11/999", "nom": "Autre nom"}
    camille.post(url(draft), sent(draft) | forged)
    assert fresh(draft).content["identifiant"] == draft.content["identifiant"]


@pytest.mark.parametrize("version", ["", "zzz", "-1", "9" * 40, "²"])
def test_an_unreadable_version_loses_nothing(camille, draft, version):
    answer = camille.post(url(draft), sent(draft, conditions_accueil=TYPED, version=version))
    assert answer.status_code == 409
    assert TYPED in texte(answer)
    assert fresh(draft).version == draft.version


def test_adding_a_line_without_javascript_writes_nothing(camille, draft):
    answer = camille.post(url(draft), sent(draft, conditions_accueil=TYPED, ajouter="contacts"))
    assert answer.status_code == 200
    assert TYPED in texte(answer)
    assert fresh(draft).version == draft.version


def test_a_fiche_taken_out_of_the_dossier_is_gone(structure, camille, dossier):
    made = drafts.add_uo(dossier, name="À retirer", type_uo=None, by=structure.camille)
    data = sent(made)
    drafts.remove(made, version=made.version, by=structure.karim)
    assert camille.post(url(made), data).status_code == 404
    assert camille.post(url(made), data | {"autosave": "1"}, **AUTOSAVE).status_code == 404


# --- Finalising ------------------------------------------------------------------------------------------------------


def test_finalising_leads_to_the_next_fiche_to_finish_then_to_the_dossier(structure, camille, dossier, draft):
    edit(draft_of(dossier, "eg"), structure.camille, finalise=False, commentaire="À revoir.")
    answer = camille.post(url(draft), sent(draft, conditions_accueil=TYPED, finaliser="1"))
    assert answer.url == url(draft_of(dossier, "eg"))
    assert fresh(draft).state == Etat.FINALISEE
    eg = draft_of(dossier, "eg")
    assert camille.post(url(eg), sent(eg, finaliser="1")).url == dossier.get_absolute_url()


def test_what_is_missing_is_said_and_the_text_is_kept(camille, draft):
    answer = camille.post(url(draft), sent(draft, conditions_accueil="", nom="Nouveau nom", finaliser="1"))
    assert answer.status_code == 422
    assert 'href="#id_conditions_accueil"' in texte(answer)
    assert fresh(draft).content["nom"] == "Nouveau nom"
    assert fresh(draft).state == Etat.ENREGISTREE
    assert f'name="version" value="{fresh(draft).version}"' in texte(answer)


def test_a_double_click_on_finalise_is_one(camille, draft):
    data = sent(draft, conditions_accueil=TYPED, finaliser="1")
    assert [camille.post(url(draft), data).status_code for _ in range(2)] == [302, 302]
    assert fresh(draft).state == Etat.FINALISEE
    assert Entry.objects.filter(action="dossier_finalise").count() == 1


# --- Preview ---------------------------------------------------------------------------------------------------------


def test_the_preview_shows_what_was_saved(camille, draft):
    answer = camille.post(url(draft), sent(draft, conditions_accueil=TYPED, apercu="1"))
    assert answer.url == url(draft, "apercu")
    page = texte(camille.get(answer.url))
    assert TYPED in page
    assert "rien n’est publié" in page
    assert "09:00" in page
    assert camille.get(f"{answer.url}?mois=2026-02").status_code == 200


def test_the_preview_of_the_establishment_lists_the_units_of_the_dossier(structure, camille, dossier):
    made = drafts.add_uo(dossier, name="Unité nouvelle", type_uo=None, by=structure.camille)
    page = texte(camille.get(url(draft_of(dossier, "eg"), "apercu")))
    assert "Unité nouvelle" in page
    assert url(made, "apercu") in page
    assert camille.get(url(made, "apercu")).status_code == 200, "of a unit that says nothing yet"


# --- Cost ------------------------------------------------------------------------------------------------------------


def test_the_page_costs_the_same_however_many_fiches_there_are(
    structure, camille, dossier, draft, django_assert_num_queries
):
    camille.get(url(draft))  # the lists the process keeps are read once
    with django_assert_num_queries(11):
        camille.get(url(draft))
    for name in ("Deux", "Trois", "Quatre"):
        drafts.add_uo(dossier, name=name, type_uo=None, by=structure.camille)
    with django_assert_num_queries(11):
        camille.get(url(draft))
