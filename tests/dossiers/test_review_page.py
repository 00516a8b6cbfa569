"""The page of a dossier for support: the two texts, the decisions, what it costs."""

import pytest
from django.urls import reverse

from directory import publishing
from directory.documents import to_document
from dossiers import decisions, drafts
from dossiers.models import Decision, Dossier, DraftFiche, Remarque
from journal.models import Entry
from tests.builders import make_contact
from tests.dossiers.builders import (
    accept_all,
    draft_of,
    edit,
    make_complete_uo,
    opened,
    step,
    submitted,
    taken,
    validated,
)
from tests.dossiers.validation import other_structure, page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]
PAGE_QUERIES = 31


def test_old_and_new_stand_side_by_side(structure, sophie):
    dossier = taken(structure, conditions_accueil="Sans rendez-vous, le matin.", animaux_domestiques="Acceptés")
    text = sophie.get(page(dossier)).content.decode()
    assert "<del>Sur rendez-vous.</del>" in text and "<ins>Sans rendez-vous, le matin.</ins>" in text
    assert "2\u00a0lignes à décider" in text and "niveau 3" in text


def test_a_line_is_decided_by_a_plain_form(structure, sophie):
    dossier = taken(structure, conditions_accueil="Nouveau", animaux_domestiques="Acceptés")
    draft = draft_of(dossier, "uo")
    data = {
        "fiche": draft.pk,
        "d:conditions_accueil": "oui",
        "d:animaux_domestiques": "non",
        "m:animaux_domestiques": "imprecise",
        "t:animaux_domestiques": "Lesquels ?",
    }
    assert sophie.post(page(dossier, "decider"), data).status_code == 302
    held = {one.address: (one.is_accepted, one.motif, one.message) for one in Decision.objects.all()}
    assert held == {
        "conditions_accueil": (True, "", ""),
        "animaux_domestiques": (False, "imprecise", "Lesquels ?"),
    }
    before = Entry.objects.count()
    sophie.post(page(dossier, "decider"), data)
    assert Entry.objects.count() == before, "the same form sent twice decides nothing more"
    sophie.post(page(dossier, "decider"), {"fiche": draft.pk, "annuler": "conditions_accueil"})
    assert Decision.objects.count() == 1


def test_a_refusal_without_reason_is_told_under_its_line_and_the_rest_is_kept(structure, sophie):
    dossier = taken(structure, conditions_accueil="Nouveau", animaux_domestiques="Acceptés")
    data = {"fiche": draft_of(dossier, "uo").pk, "d:conditions_accueil": "oui", "d:animaux_domestiques": "non"}
    response = sophie.post(page(dossier, "decider"), data)
    assert response.status_code == 422
    assert "Refuser demande un motif ou un message." in response.content.decode()
    assert list(Decision.objects.values_list("address", flat=True)) == ["conditions_accueil"]


def test_the_fragment_of_a_line_brings_the_bar_and_the_list(structure, sophie):
    dossier = taken(structure, conditions_accueil="Nouveau", animaux_domestiques="Acceptés")
    data = {"fiche": draft_of(dossier, "uo").pk, "d:conditions_accueil": "oui"}
    response = sophie.post(page(dossier, "decider"), data, headers={"X-Fragment": "1"})
    text = response.content.decode()
    assert text.count("<tbody") == 1 and 'id="barre"' in text and 'id="fiches"' in text
    assert "1\u00a0ligne à décider" in text and "<html" not in text


def test_accept_all_keeps_what_was_refused(structure, sophie):
    dossier = taken(structure, conditions_accueil="Nouveau", animaux_domestiques="Acceptés", complements="Parking")
    draft = draft_of(dossier, "uo")
    decisions.decide(draft.pk, ["complements"], is_accepted=False, by=structure.sophie, motif="inexacte")
    sophie.post(
        page(dossier, "decider"),
        {"fiche": draft.pk, "tout": "oui", "d:complements": "non", "m:complements": "inexacte"},
    )
    assert set(Decision.objects.filter(is_accepted=True).values_list("address", flat=True)) == {
        "conditions_accueil",
        "animaux_domestiques",
    }
    assert Decision.objects.get(address="complements").is_accepted is False


def test_a_line_that_changed_since_it_was_read_is_not_decided(structure, sophie):
    dossier = taken(structure)
    draft = draft_of(dossier, "uo")
    [read] = next(one for one in decisions.reviews(dossier) if one.draft == draft).proposals
    edit(draft, structure.sophie, conditions_accueil="Corrigé par le support.")
    data = {"fiche": draft.pk, "d:conditions_accueil": "oui", "f:conditions_accueil": read.fingerprint}
    response = sophie.post(page(dossier, "decider"), data)
    assert response.status_code == 409 and "a changé depuis" in response.content.decode()
    assert not Decision.objects.exists()


@pytest.mark.parametrize("data", [{"m:conditions_accueil": "zzz"}, {"t:conditions_accueil": "x" * 1001}])
def test_a_bad_reason_is_told_and_decides_nothing(structure, sophie, data):
    dossier = taken(structure)
    data = {"fiche": draft_of(dossier, "uo").pk, "d:conditions_accueil": "non", **data}
    assert sophie.post(page(dossier, "decider"), data).status_code == 422
    assert not Decision.objects.exists()


@pytest.mark.parametrize("fiche", ["", "0", "abc", "9" * 40])
def test_the_fiche_of_another_dossier_is_404(structure, sophie, fiche):
    dossier = taken(structure)
    other = draft_of(submitted(other_structure(structure)), "uo")
    assert sophie.post(page(dossier, "decider"), {"fiche": fiche}).status_code == 404
    assert sophie.post(page(dossier, "decider"), {"fiche": other.pk, "tout": "oui"}).status_code == 404


def test_nobody_decides_before_taking_it_nor_its_sender(structure, sophie, client):
    dossier = submitted(structure)
    data = {"fiche": draft_of(dossier, "uo").pk, "d:conditions_accueil": "oui"}
    response = sophie.post(page(dossier, "decider"), data)
    assert response.status_code == 409 and "Prenez" in response.content.decode()
    step(dossier, "withdraw", structure.camille)
    step(dossier, "submit", structure.sophie)
    dossier = step(dossier, "take", structure.sophie)
    text = sophie.get(page(dossier)).content.decode()
    assert "un autre agent doit le valider" in text and 'type="radio"' not in text
    assert sophie.post(page(dossier, "decider"), data).status_code == 409
    response = sophie.post(page(dossier, "valider"), {"version": dossier.version})
    assert response.status_code == 409
    assert not Decision.objects.exists()


def test_a_new_unit_is_one_proposal_shown_whole(structure, sophie):
    dossier = opened(structure)
    new = drafts.add_uo(dossier, name="Consultation jeunes", type_uo=None, by=structure.camille)
    known = draft_of_uo(dossier).content
    edit(
        new, structure.camille, **{name: known[name] for name in ("champ_activite", "mode_prise_en_charge", "publics")}
    )
    dossier = step(step(dossier, "submit", structure.camille), "take", structure.sophie)
    text = sophie.get(page(dossier), {"fiche": new.pk}).content.decode()
    assert "Nouvelle unité" in text and "Consultation jeunes" in text and text.count('value="non"') == 1
    sophie.post(page(dossier, "decider"), {"fiche": new.pk, "d:": "non", "m:": "autorisation"})
    assert Decision.objects.get(fiche=new).address == decisions.WHOLE


def draft_of_uo(dossier: Dossier):
    return dossier.fiches.filter(kind="uo").order_by("position").first()


def test_a_slot_is_decided_whole(structure, sophie):
    """Its two hours are two lines of the diff, and one proposal: half a slot means nothing."""
    document = to_document("uo", structure.uo.pk)
    slot = {"uid": "a" * 32, "jour_semaine": 1, "heure_debut": "09:00", "heure_fin": "12:00"}
    empty = {"type_plage": None, "date_debut": None, "date_fin": None}
    publishing.publish("uo", document | {"horaires": [slot | empty]}, by=structure.karim, origin="direct")
    dossier = drafts.open_dossier(structure.eg, by=structure.camille)
    for draft in dossier.fiches.all():
        later = {"horaires": [slot | empty | {"heure_debut": "08:00", "heure_fin": "13:00"}]}
        edit(draft, structure.camille, **(later if draft.kind == "uo" else {}))
    dossier.refresh_from_db()
    dossier = step(step(dossier, "submit", structure.camille), "take", structure.sophie)
    [proposal] = next(one for one in decisions.reviews(dossier) if one.draft.kind == "uo").proposals
    assert proposal.address == f"horaires/{'a' * 32}" and len(proposal.lines) == 2


def test_the_whole_fiche_can_be_read(structure, sophie):
    dossier = taken(structure)
    url = page(dossier)
    draft = draft_of(dossier, "uo")
    assert "Secrétariat" not in sophie.get(url, {"fiche": draft.pk}).content.decode()
    assert "Secrétariat" in sophie.get(url, {"fiche": draft.pk, "vue": "tout"}).content.decode()


def test_what_moved_meanwhile_is_shown_beside(structure, sophie):
    dossier = taken(structure)
    live = to_document("uo", structure.uo.pk)
    publishing.publish("uo", live | {"complements": "Parking gratuit"}, by=structure.karim, origin="direct")
    text = sophie.get(page(dossier), {"fiche": draft_of(dossier, "uo").pk}).content.decode()
    assert "La fiche publiée a changé depuis que ce dossier a été commencé" in text and "Parking gratuit" in text


def test_accepting_everything_does_not_undo_what_a_referent_changed_meanwhile(structure):
    """Nobody proposed to take the car park away."""
    dossier = taken(structure)
    live = to_document("uo", structure.uo.pk)
    publishing.publish("uo", live | {"complements": "Parking gratuit"}, by=structure.karim, origin="direct")
    [review] = [one for one in decisions.reviews(dossier) if one.draft.kind == "uo"]
    assert [one.address for one in review.proposals] == ["conditions_accueil"]
    accept_all(dossier, structure.sophie)
    step(dossier, "validate", structure.sophie)
    structure.uo.refresh_from_db()
    assert (structure.uo.complements, structure.uo.conditions_accueil) == ("Parking gratuit", "Sans rendez-vous.")


def test_the_button_says_what_it_waits_for(structure, sophie):
    dossier = taken(structure)
    uo = draft_of(dossier, "uo")
    text = sophie.get(page(dossier)).content.decode()
    assert "« Valider » attend" in text and f"?fiche={uo.pk}#l-" in text
    assert page(dossier, "valider") not in text
    accept_all(dossier, structure.sophie)
    assert page(dossier, "valider") in sophie.get(page(dossier)).content.decode()


def test_a_rule_that_breaks_keeps_the_button_off_and_names_the_line(structure, sophie):
    dossier = taken(structure)
    draft = draft_of(dossier, "uo")
    DraftFiche.objects.filter(pk=draft.pk).update(content=draft.base | {"publics": []})
    decisions.decide(draft.pk, ["publics/TRE_R239|07"], is_accepted=True, by=structure.sophie)
    text = sophie.get(page(dossier), {"fiche": draft.pk}).content.decode()
    assert "ne peuvent pas être publiées telles quelles" in text
    assert page(dossier, "valider") not in text


def test_support_corrects_by_itself_and_the_page_says_so(structure, sophie):
    dossier = taken(structure)
    draft = draft_of(dossier, "uo")
    assert reverse("dossiers:fiche", args=[dossier.pk, draft.pk]) in sophie.get(page(dossier)).content.decode()
    edit(draft, structure.sophie, conditions_accueil="Corrigé.")
    assert "corrigée par le support" in sophie.get(page(dossier)).content.decode()


def test_a_remark_joins_the_thread(structure, sophie):
    dossier = taken(structure)
    draft = draft_of(dossier, "uo")
    response = sophie.post(page(dossier, "remarque"), {"text": "Quel étage ?", "fiche": draft.pk})
    assert response.status_code == 302
    remark = Remarque.objects.get()
    assert (remark.text, remark.author, remark.fiche) == ("Quel étage ?", structure.sophie, draft)
    assert "Quel étage ?" in sophie.get(page(dossier)).content.decode()
    assert sophie.post(page(dossier, "remarque"), {"text": " "}).status_code == 422
    other = draft_of(submitted(other_structure(structure)), "uo")
    sophie.post(page(dossier, "remarque"), {"text": "Ailleurs", "fiche": other.pk})
    assert Remarque.objects.get(text="Ailleurs").fiche is None


def test_the_journal_is_told_in_words(structure, sophie):
    dossier = validated(structure)
    text = sophie.get(page(dossier, "history")).content.decode()
    for words in ("a ouvert le dossier", "a accepté 1\u00a0ligne", "a validé le dossier", "a publié le dossier"):
        assert words in text


@pytest.mark.parametrize("units", [1, 15])
def test_the_page_costs_the_same_whatever_the_number_of_fiches(structure, sophie, units, django_assert_num_queries):
    for n in range(units - 1):
        make_complete_uo(structure.eg, f"Unité {n}")
    dossier = taken(structure, conditions_accueil="Changé partout")
    make_contact(structure.uo, telecoms=[("2", "0199000009")])
    accept_all(dossier, structure.sophie)
    sophie.get(page(dossier))
    with django_assert_num_queries(PAGE_QUERIES):
        response = sophie.get(page(dossier))
    assert len(response.context["entries"]) == units + 1


def test_deciding_costs_the_same_whatever_the_number_of_lines_and_fiches(structure, django_assert_max_num_queries):
    for n in range(10):
        make_complete_uo(structure.eg, f"Unité {n}")
    dossier = taken(structure, conditions_accueil="Changé", animaux_domestiques="Non", complements="Rien")
    draft = draft_of_uo(dossier)
    addresses = ["conditions_accueil", "animaux_domestiques", "complements"]
    with django_assert_max_num_queries(18):
        decisions.decide(draft.pk, addresses, is_accepted=True, by=structure.sophie)
