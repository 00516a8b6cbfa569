"""Two people on one fiche, the page that saves by itself, and the public fiche that moved."""

import re

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from dossiers import drafts, rebasing
from dossiers.models import DraftFiche
from tests.dossiers.builders import Structure, edit
from tests.dossiers.fiche.sending import (
    TYPED,
    autosave,
    fresh,
    publish,
    sent,
    submitted_from,
    texte,
    url,
)

pytestmark = pytest.mark.django_db


# --- Autosave --------------------------------------------------------------------------------------------------------


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
