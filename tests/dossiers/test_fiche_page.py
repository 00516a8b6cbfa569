"""The page of one fiche: who opens it, what is kept of what is typed, and two people writing at the same time."""

import re

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from accounts.models import Session, User
from directory import publishing
from directory.documents import to_document
from directory.models import Kind, Role
from dossiers import drafts, kept_text, rebasing, reconciling
from dossiers.fiche_pages import FichePage
from dossiers.models import Dossier, DraftFiche, Etat
from journal.models import Entry
from tests.builders import make_concept, make_eg, make_habilitation, make_horaire, make_modele, make_user
from tests.dossiers.builders import Structure, draft_of, edit, make_structure, step

pytestmark = pytest.mark.django_db

TYPED = "Sans rendez-vous, le lundi."
AUTOSAVE = {"HTTP_ACCEPT": "application/json", "HTTP_X_REQUESTED_WITH": "fetch"}


def make_modeles() -> None:
    """A general modèle for each kind: a few fields of each sort, one required."""
    champs = {name: {} for name in ("nom", "age_min", "age_max", "animaux_domestiques", "contacts", "horaires")}
    make_modele("uo", general=True, **champs, conditions_accueil={"obligatoire": True})
    make_modele("eg", general=True, nom_operationnel={}, commentaire={}, lieux={})


@pytest.fixture
def structure() -> Structure:
    make_modeles()
    make_concept("TRE_R252|01", "Ouverture", value_set="JDV_J41")
    structure = make_structure()
    make_horaire(structure.uo, 1, "09:00", "17:00")
    publishing.publish_many("uo", [structure.uo.pk], by=User.objects.system(), origin="test", project=False)
    return structure


@pytest.fixture
def dossier(structure) -> Dossier:
    """Open, by Camille; every fiche starts green."""
    return drafts.open_dossier(structure.eg, by=structure.camille)


@pytest.fixture
def draft(dossier) -> DraftFiche:
    return draft_of(dossier, "uo")


@pytest.fixture
def camille(structure) -> Client:
    return logged_in(structure.camille)


def logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def url(draft: DraftFiche, name: str = "fiche") -> str:
    return reverse(f"dossiers:{name}", args=[draft.dossier_id, draft.pk])


def sent(draft: DraftFiche, **changes) -> dict:
    """What the page as it is now would send, with these fields changed."""
    draft = DraftFiche.objects.select_related("dossier__eg").get(pk=draft.pk)
    page = FichePage.of(draft, draft.updated_by)
    form = page.form()
    data = reconciling.typed(form) | {"version": draft.version, "base": reconciling.token(draft, draft.content)}
    data["auteur"] = kept_text.author(draft.updated_by)
    return data | changes


def fresh(draft: DraftFiche) -> DraftFiche:
    return DraftFiche.objects.get(pk=draft.pk)


def texte(response) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


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


def submitted_from(dossier: Dossier, structure: Structure) -> Dossier:
    edit(draft_of(dossier, "uo"), structure.camille, conditions_accueil="Sans rendez-vous.")
    return step(dossier, "submit", structure.camille)


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
    drafts.remove(made, by=structure.karim)
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


# --- Autosave --------------------------------------------------------------------------------------------------------


def autosave(client: Client, draft: DraftFiche, data: dict):
    return client.post(url(draft), data | {"autosave": "1"}, **AUTOSAVE)


def test_the_page_saves_by_itself_and_goes_on_from_the_answer(camille, draft):
    first = autosave(camille, draft, sent(draft, conditions_accueil=TYPED)).json()
    assert first["version"] == draft.version + 1
    assert re.fullmatch(r"\d\d:\d\d", first["saved_at"])
    assert (first["state"], first["state_label"], first["n_missing"]) == ("enregistree", "Enregistrée", 0)
    data = sent(draft, conditions_accueil="", version=first["version"], base=first["base"])
    second = autosave(camille, draft, data).json()
    assert second["version"] == first["version"] + 1
    assert second["n_missing"] == 1
    assert fresh(draft).content["conditions_accueil"] == ""


def test_an_invalid_text_is_saved_by_itself_too(camille, draft):
    answer = autosave(camille, draft, sent(draft, age_min="douze"))
    assert answer.status_code == 200
    assert answer.json()["state"] == "a_completer"
    assert fresh(draft).saisie["age_min"] == ["douze"]


def test_an_autosave_on_a_fiche_somebody_saved_is_refused_in_words(structure, camille, draft):
    data = sent(draft, conditions_accueil=TYPED)
    edit(draft, structure.karim, finalise=False, nom="Nom de Karim")
    answer = autosave(camille, draft, data)
    assert (answer.status_code, answer.json()["erreur"]) == (409, "conflit")
    assert "Karim" in answer.json()["message"]
    assert fresh(draft).content["conditions_accueil"] != TYPED


def test_an_autosave_on_a_dossier_that_went_on_is_refused_in_words(structure, camille, dossier, draft):
    data = sent(draft, conditions_accueil=TYPED)
    submitted_from(dossier, structure)
    answer = autosave(camille, draft, data)
    assert (answer.status_code, answer.json()["erreur"]) == (409, "ferme")
    page = camille.post(url(draft), data)
    assert page.status_code == 409
    assert TYPED in texte(page), "the text stays on the page"
    assert fresh(draft).content["conditions_accueil"] == "Sans rendez-vous."


def test_an_autosave_by_who_lost_the_right_is_refused(monkeypatch, camille, draft):
    def refuse(*args, **more):
        raise PermissionDenied

    monkeypatch.setattr(drafts, "save", refuse)
    answer = autosave(camille, draft, sent(draft, conditions_accueil=TYPED))
    assert (answer.status_code, answer.json()["erreur"]) == (403, "droits")
    assert camille.post(url(draft), sent(draft)).status_code == 403


# --- Two people ------------------------------------------------------------------------------------------------------


def conflict(structure: Structure, camille: Client, draft: DraftFiche, theirs: dict, mine: dict):
    """Camille opened the page, Karim saved, Camille sends."""
    data = sent(draft, **mine)
    edit(draft, structure.karim, finalise=False, **theirs)
    return camille.post(url(draft), data), data


def test_both_texts_are_shown_and_nothing_is_written(structure, camille, draft):
    answer, _ = conflict(
        structure, camille, draft, {"conditions_accueil": "Texte de Karim."}, {"conditions_accueil": TYPED}
    )
    assert answer.status_code == 409
    assert TYPED in texte(answer) and "Texte de Karim." in texte(answer)
    assert fresh(draft).content["conditions_accueil"] == "Texte de Karim."


@pytest.mark.parametrize("side, kept", [("mien", TYPED), ("leur", "Texte de Karim."), ("", TYPED)])
def test_each_line_is_chosen_and_what_does_not_meet_is_united(structure, camille, draft, side, kept):
    theirs = {"conditions_accueil": "Texte de Karim.", "animaux_domestiques": "Acceptés"}
    _, data = conflict(structure, camille, draft, theirs, {"conditions_accueil": TYPED, "nom": "Nom de Camille"})
    choice = {"garder-conditions_accueil": side} if side else {}
    answer = camille.post(url(draft, "conflit"), data | {"sur": fresh(draft).version} | choice)
    assert answer.status_code == 302
    content = fresh(draft).content
    assert content["conditions_accueil"] == kept
    assert content["nom"] == "Nom de Camille"
    assert content["animaux_domestiques"] == "Acceptés"


def test_an_invalid_text_survives_the_conflict(structure, camille, draft):
    mine = {"age_min": "douze", "nom": "Nom de Camille"}
    answer, data = conflict(structure, camille, draft, {"conditions_accueil": "Texte de Karim."}, mine)
    assert answer.status_code == 409
    camille.post(url(draft, "conflit"), data | {"sur": fresh(draft).version})
    held = fresh(draft)
    assert held.saisie["age_min"] == ["douze"]
    assert held.saisie["nom"] == ["Nom de Camille"]
    assert held.saisie["conditions_accueil"] == ["Texte de Karim."]


def test_a_third_save_asks_again(structure, camille, draft):
    _, data = conflict(structure, camille, draft, {"nom": "Nom de Karim"}, {"nom": "Nom de Camille"})
    over = fresh(draft).version
    edit(draft, structure.karim, finalise=False, nom="Encore Karim")
    answer = camille.post(url(draft, "conflit"), data | {"sur": over, "garder-nom": "mien"})
    assert answer.status_code == 409
    assert "Encore Karim" in texte(answer)
    assert fresh(draft).content["nom"] == "Encore Karim"


def test_going_back_to_my_text_shows_it_and_writes_nothing(structure, camille, draft):
    _, data = conflict(structure, camille, draft, {"nom": "Nom de Karim"}, {"nom": "Nom de Camille"})
    answer = camille.post(url(draft), data | {"reprendre": "1"})
    assert answer.status_code == 200
    assert 'value="Nom de Camille"' in texte(answer)
    assert fresh(draft).content["nom"] == "Nom de Karim"
    assert camille.post(url(draft), data).status_code == 409, "it still starts from the version it was written on"


def test_without_the_text_it_started_from_every_difference_is_asked(structure, camille, draft):
    data = sent(draft, conditions_accueil=TYPED, base="abimé")
    edit(draft, structure.karim, finalise=False, nom="Nom de Karim")
    page = texte(camille.post(url(draft), data))
    assert 'name="garder-nom"' in page and 'name="garder-conditions_accueil"' in page


# --- The public fiche moved ------------------------------------------------------------------------------------------


def publish(structure: Structure, **changes) -> None:
    document = to_document(Kind.UO, structure.uo.pk) | changes
    publishing.publish(Kind.UO, document, by=structure.karim, origin="direct")


def test_a_public_fiche_that_changed_is_told_and_taken(structure, camille, draft):
    assert "La fiche publiée a changé" not in texte(camille.get(url(draft)))
    assert camille.get(url(draft, "publiee")).status_code == 302
    publish(structure, animaux_domestiques="Acceptés")
    assert "Rien n’y contredit" in texte(camille.get(url(draft)))
    assert "Acceptés" in texte(camille.get(url(draft, "publiee")))
    assert camille.post(url(draft, "publiee"), {"version": draft.version}).status_code == 302
    assert fresh(draft).content["animaux_domestiques"] == "Acceptés"


@pytest.mark.parametrize("side, kept", [("mien", TYPED), ("leur", "En ligne.")])
def test_what_meets_is_asked(structure, camille, draft, side, kept):
    edit(draft, structure.camille, conditions_accueil=TYPED)
    publish(structure, conditions_accueil="En ligne.")
    assert "attend votre choix" in texte(camille.get(url(draft)))
    page = texte(camille.get(url(draft, "publiee")))
    assert TYPED in page and "En ligne." in page
    data = {"version": fresh(draft).version, "asked": ["conditions_accueil"]}
    refused = camille.post(url(draft, "publiee"), data)
    assert refused.status_code == 422
    assert fresh(draft).content["conditions_accueil"] == TYPED
    camille.post(url(draft, "publiee"), data | {"garder-conditions_accueil": side})
    assert fresh(draft).content["conditions_accueil"] == kept
    assert not rebasing.moved(fresh(draft).dossier, [fresh(draft)])


def test_a_line_nobody_was_asked_about_is_asked(structure, camille, draft):
    edit(draft, structure.camille, conditions_accueil=TYPED)
    publish(structure, conditions_accueil="En ligne.")
    answer = camille.post(url(draft, "publiee"), {"version": fresh(draft).version})
    assert answer.status_code == 409
    assert fresh(draft).content["conditions_accueil"] == TYPED


def test_an_invalid_text_is_corrected_before_the_public_fiche_is_taken(structure, camille, draft):
    camille.post(url(draft), sent(draft, age_min="douze"))
    publish(structure, animaux_domestiques="Acceptés")
    answer = camille.post(url(draft, "publiee"), {"version": fresh(draft).version}, follow=True)
    assert "Corrigez d’abord" in texte(answer)
    assert fresh(draft).saisie["age_min"] == ["douze"]


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


# --- The session is over ---------------------------------------------------------------------------------------------


def test_a_text_sent_on_a_session_that_is_over_comes_back_after_the_login(structure, camille, draft):
    data = sent(draft, conditions_accueil=TYPED)
    Session.objects.all().delete()
    answer = camille.post(url(draft), data)
    assert answer.status_code == 302 and answer.url.startswith("/connexion/")
    assert f"next={url(draft)}" in answer.url
    assert fresh(draft).version == draft.version
    camille.force_login(structure.camille)
    page = texte(camille.get(url(draft)))
    assert TYPED in page and "voici votre texte" in page
    assert fresh(draft).version == draft.version, "shown, not saved"
    assert camille.post(url(draft), data).status_code == 302
    assert "voici votre texte" not in texte(camille.get(url(draft)))


def test_a_text_kept_for_one_page_is_not_shown_on_another(structure, camille, dossier, draft):
    data = sent(draft, conditions_accueil=TYPED)
    Session.objects.all().delete()
    camille.post(url(draft), data)
    camille.force_login(structure.camille)
    assert TYPED not in texte(camille.get(url(draft_of(dossier, "eg"))))


def test_a_text_too_long_to_be_a_fiche_is_not_kept(structure, camille, draft):
    Session.objects.all().delete()
    author = kept_text.author(structure.camille)
    camille.post(url(draft), {"conditions_accueil": "x" * 400_000, "auteur": author})
    camille.force_login(structure.camille)
    assert "voici votre texte" not in texte(camille.get(url(draft)))


def test_a_text_kept_for_its_author_is_not_shown_to_who_logs_in_next(structure, camille, draft):
    data = sent(draft, conditions_accueil=TYPED)
    Session.objects.all().delete()
    camille.post(url(draft), data)
    camille.force_login(structure.karim)
    page = texte(camille.get(url(draft)))
    assert TYPED not in page and "voici votre texte" not in page


@pytest.mark.parametrize("author", ["", "1:signe-ailleurs", "camille"])
def test_a_text_that_no_page_of_ours_signed_is_not_kept(structure, camille, draft, author):
    data = sent(draft, conditions_accueil=TYPED) | {"auteur": author}
    camille.cookies.clear()
    assert camille.post(url(draft), data).status_code == 302
    assert not Session.objects.filter(user=None).exists(), "nobody fills the table of sessions without an account"


@pytest.mark.parametrize("name", ["fiche", "conflit"])
def test_the_pages_that_hold_a_text_say_whose_it_is(structure, camille, draft, name):
    data = sent(draft, conditions_accueil=TYPED)
    edit(draft, structure.karim, finalise=False, conditions_accueil="Autre chose.")
    page = camille.get(url(draft)) if name == "fiche" else camille.post(url(draft), data)
    assert page.status_code == (200 if name == "fiche" else 409)
    assert page.content.decode().count(f'name="auteur" value="{kept_text.author(structure.camille)}"') == 1


def test_an_autosave_on_a_session_that_is_over_says_so(camille, draft):
    data = sent(draft, conditions_accueil=TYPED)
    Session.objects.all().delete()
    assert autosave(camille, draft, data).status_code == 401


def test_the_session_says_who_is_there(structure, camille, client):
    address = reverse("accounts_session")
    assert client.get(address).status_code == 401
    assert camille.get(address).json()["user"] == structure.camille.pk
    assert camille.post(address).status_code == 405


def test_a_session_without_its_second_factor_is_not_there_yet(client):
    client.force_login(make_user(totp=False, role=Role.SUPPORT))
    assert client.get(reverse("accounts_session")).status_code == 401


# --- Cost ------------------------------------------------------------------------------------------------------------


def test_the_page_costs_the_same_however_many_fiches_there_are(
    structure, camille, dossier, draft, django_assert_num_queries
):
    camille.get(url(draft))  # the lists the process keeps are read once
    with django_assert_num_queries(14):
        camille.get(url(draft))
    for name in ("Deux", "Trois", "Quatre"):
        drafts.add_uo(dossier, name=name, type_uo=None, by=structure.camille)
    with django_assert_num_queries(14):
        camille.get(url(draft))
