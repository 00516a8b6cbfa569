"""What happens to a dossier when something else moves: units, publications, dossiers in a row."""

import threading

import pytest
from django.db import OperationalError, connection, transaction

from directory import publishing
from directory.models import Role, UniteOperationnelle
from dossiers import decisions, drafts, effects, rebasing, workflow
from dossiers.models import Dossier, DraftFiche, Statut
from dossiers.workflow import TransitionRefused
from journal.models import Entry
from tests.builders import make_eg, make_user
from tests.dossiers.builders import (
    TODAY,
    TOMORROW,
    Structure,
    accept_all,
    draft_of,
    edit,
    make_complete_uo,
    make_structure,
    move_to_another_eg,
    opened,
    publish_uo,
    step,
    taken,
    validated,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]
FINAL = {"type_fermeture": "DEF", "date_fermeture": "2026-02-01", "date_reouverture": None}


# --- A unit that left, or closed, while it is in a dossier -----------------------------------------------------------


def test_a_unit_moved_to_another_establishment_is_not_brought_back(structure):
    dossier = taken(structure)
    other = move_to_another_eg(structure)
    uo = draft_of(dossier, "uo")
    [review] = [one for one in decisions.reviews(dossier) if one.draft.pk == uo.pk]
    assert [one.address for one in review.proposals] == ["conditions_accueil"], "not a new unit to accept whole"
    accept_all(dossier, structure.sophie)
    with pytest.raises(TransitionRefused) as refused:
        step(dossier, "validate", structure.sophie)
    assert "autre établissement" in " ".join(refused.value.reasons)
    structure.uo.refresh_from_db()
    assert structure.uo.entite_geographique == other and structure.uo.conditions_accueil == "Sur rendez-vous."


def test_it_is_taken_out_of_the_dossier_which_goes_on(structure):
    make_complete_uo(structure.eg, "Autre unité")
    dossier = opened(structure)
    moved = DraftFiche.objects.get(dossier=dossier, key=structure.uo.identifiant)
    move_to_another_eg(structure)
    with pytest.raises(TransitionRefused) as refused:
        step(dossier, "submit", structure.camille)
    assert len(refused.value.reasons) == 1 and "autre établissement" in refused.value.reasons[0]
    drafts.remove(moved, version=moved.version, by=structure.camille)
    assert step(dossier, "submit", structure.camille).status == Statut.SOUMIS


def test_a_unit_that_moved_since_the_validation_sets_the_dossier_aside(structure, settings):
    dossier = validated(structure, date_effet=TOMORROW)
    move_to_another_eg(structure)
    settings.ROR_TODAY = TOMORROW
    assert effects.apply_due() == []
    dossier.refresh_from_db()
    assert "autre établissement" in dossier.blocked


def test_a_unit_closed_meanwhile_stays_closed(structure):
    dossier = taken(structure)
    publish_uo(structure, **FINAL)
    accept_all(dossier, structure.sophie)
    step(dossier, "validate", structure.sophie)
    structure.uo.refresh_from_db()
    assert structure.uo.type_fermeture == "DEF"
    assert structure.uo.conditions_accueil == "Sans rendez-vous."


def test_an_establishment_whose_units_are_all_closed_is_not_described_for_the_first_time(structure):
    publish_uo(structure, **FINAL)
    assert not drafts.open_dossier(structure.eg, by=structure.camille).is_first


# --- Publishing ------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_nobody_publishes_between_what_the_effect_reads_and_what_it_writes(settings, monkeypatch):
    """A direct correction that slipped in between would be overwritten in silence."""
    settings.ROR_TODAY = TODAY
    structure, answers = make_structure(), []
    read = effects._live

    def correct():
        try:
            with transaction.atomic():
                with connection.cursor() as cursor:
                    cursor.execute("set local lock_timeout = '300ms'")
                publish_uo(structure, complements="Parking")
            answers.append("published")
        except OperationalError:
            answers.append("waits")
        finally:
            connection.close()

    def slow(kind, key):
        found = read(kind, key)
        other = threading.Thread(target=correct)
        other.start()
        other.join(20)
        return found

    dossier = taken(structure)
    accept_all(dossier, structure.sophie)
    monkeypatch.setattr(effects, "_live", slow)
    step(dossier, "validate", structure.sophie)
    assert answers == ["waits"]


def test_a_fault_in_one_dossier_does_not_keep_the_others(structure, settings, monkeypatch):
    first = validated(structure, date_effet=TOMORROW)
    other = make_structure_beside()
    second = validated(other, date_effet=TOMORROW)
    publish = publishing.publish

    def faulty(kind, document, **more):
        if more["origin"] == first.reference:
            raise ValueError("schema 0 inconnu")
        return publish(kind, document, **more)

    monkeypatch.setattr(publishing, "publish", faulty)
    settings.ROR_TODAY = TOMORROW
    assert effects.apply_due() == [second.pk]
    first.refresh_from_db()
    assert first.blocked and first.status == Statut.VALIDE


def test_a_database_that_stops_sets_nothing_aside(structure, settings, monkeypatch):
    dossier = validated(structure, date_effet=TOMORROW)

    def stop(*_, **__):
        raise OperationalError("terminating connection")

    monkeypatch.setattr(publishing, "publish", stop)
    settings.ROR_TODAY = TOMORROW
    with pytest.raises(OperationalError):
        effects.apply_due()
    dossier.refresh_from_db()
    assert dossier.blocked == ""


def make_structure_beside():
    eg = make_eg()
    return Structure(
        eg,
        make_complete_uo(eg),
        make_user("autre@exemple.fr", role=Role.REFERENT, eg=eg),
        make_user("autre2@exemple.fr", role=Role.REFERENT, eg=eg),
        make_user("support2@exemple.fr", role=Role.SUPPORT),
    )


def test_what_the_database_would_refuse_is_said_at_validation_not_on_the_day(structure):
    [lieu] = structure.eg.lieux.all()
    twice = [{"uid": uid, "lieu_uid": lieu.uid} for uid in ("a", "b")]  # a rule that only a constraint holds
    dossier = taken(structure, date_effet=TOMORROW, lieux_offre=twice)
    accept_all(dossier, structure.sophie)
    with pytest.raises(TransitionRefused) as refused:
        step(dossier, "validate", structure.sophie)
    assert "lieu_once_per_uo" in " ".join(refused.value.reasons)
    assert not structure.uo.lieux_offre.exists()


def test_nothing_is_public_after_the_rehearsal_of_a_later_publication(structure):
    versions = UniteOperationnelle.objects.get().version
    validated(structure, date_effet=TOMORROW)
    assert UniteOperationnelle.objects.get().version == versions
    assert not Entry.objects.filter(action="dossier_publish").exists()


def test_a_validation_that_publishes_clicked_twice_is_one(structure):
    dossier = taken(structure)
    accept_all(dossier, structure.sophie)
    dossier.refresh_from_db()
    for _ in range(2):
        done = workflow.move("validate", dossier.pk, version=dossier.version, by=structure.sophie)
        assert done.status == Statut.PUBLIE
    assert Entry.objects.filter(target=dossier.reference, action="dossier_validate").count() == 1


# --- Dossiers in a row -----------------------------------------------------------------------------------------------


def next_one(structure, **changes) -> Dossier:
    """Another dossier, on the same unit, validated for the same day as the one that waits."""
    dossier = drafts.open_dossier(structure.eg, by=structure.karim)
    edit(draft_of(dossier, "uo"), structure.karim, **changes)
    dossier = step(step(dossier, "submit", structure.karim, date_effet=TOMORROW), "take", structure.sophie)
    accept_all(dossier, structure.sophie)
    return step(dossier, "validate", structure.sophie)


def test_what_was_built_on_a_dossier_set_aside_is_set_aside_too(structure, settings):
    """Published alone, « Troisième » would be taken for older than the live text, and dropped."""
    first = validated(structure, date_effet=TOMORROW, conditions_accueil="Deuxième", type_uo="ror-type-uo|CSAPA")
    second = next_one(structure, conditions_accueil="Troisième")
    broken = draft_of(first, "uo").accepted | {"type_uo": "ror-type-uo|inconnu"}
    DraftFiche.objects.filter(dossier=first, kind="uo").update(accepted=broken)
    settings.ROR_TODAY = TOMORROW
    assert effects.apply_due() == []
    second.refresh_from_db()
    assert first.numero in second.blocked
    third = drafts.open_dossier(structure.eg, by=structure.camille)
    assert draft_of(third, "uo").content["conditions_accueil"] == "Sur rendez-vous.", "nothing starts from them now"


def test_what_was_built_on_a_validation_that_is_annulled_is_set_aside(structure, settings):
    first = validated(structure, date_effet=TOMORROW, conditions_accueil="Deuxième")
    second = next_one(structure, conditions_accueil="Troisième")
    step(first, "reopen", structure.sophie, comment="Erreur")
    second.refresh_from_db()
    assert first.numero in second.blocked
    settings.ROR_TODAY = TOMORROW
    assert effects.apply_due() == []
    step(first, "abandon", structure.camille)
    assert step(second, "reopen", structure.sophie, comment="À reprendre").status == Statut.A_CORRIGER


def test_a_dossier_on_other_fiches_goes_on(structure, settings):
    other = make_complete_uo(structure.eg, "Autre unité")
    first = drafts.open_dossier(structure.eg, by=structure.camille)
    edit(DraftFiche.objects.get(dossier=first, key=structure.uo.identifiant), structure.camille, complements="Un")
    first = step(step(first, "submit", structure.camille, date_effet=TOMORROW), "take", structure.sophie)
    accept_all(first, structure.sophie)
    step(first, "validate", structure.sophie)
    second = drafts.open_dossier(structure.eg, by=structure.karim)
    edit(DraftFiche.objects.get(dossier=second, key=other.identifiant), structure.karim, complements="Deux")
    second = step(step(second, "submit", structure.karim, date_effet=TOMORROW), "take", structure.sophie)
    accept_all(second, structure.sophie)
    step(second, "validate", structure.sophie)
    step(first, "reopen", structure.sophie, comment="Erreur")
    settings.ROR_TODAY = TOMORROW
    assert effects.apply_due() == [second.pk]


# --- The public fiche moved under the draft --------------------------------------------------------------------------


def clashing(structure) -> DraftFiche:
    dossier = opened(structure, conditions_accueil="Le mien")
    publish_uo(structure, conditions_accueil="Le leur")
    return draft_of(dossier, "uo")


def test_a_clash_nobody_was_asked_about_drops_nothing(structure):
    uo = clashing(structure)
    uo = edit(uo, structure.camille, finalise=False, complements="Le mien")
    publish_uo(structure, complements="Le leur aussi")  # after the page was shown
    asked = {"version": uo.version, "keep_mine": ["conditions_accueil"], "by": structure.camille}
    with pytest.raises(drafts.StaleDraft):
        rebasing.take(uo, asked=["conditions_accueil"], **asked)
    assert draft_of(uo.dossier, "uo").content["complements"] == "Le mien"
    taken_now = rebasing.take(uo, asked=["conditions_accueil", "complements"], **asked)
    assert (taken_now.content["conditions_accueil"], taken_now.content["complements"]) == ("Le mien", "Le leur aussi")


def test_what_is_half_typed_is_finished_before_the_base_changes(structure):
    """Its raw fields hold the old public values: saved later, they would revert the new ones in silence."""
    uo = clashing(structure)
    uo = drafts.save(uo.pk, version=uo.version, saisie={"nom": [""]}, document=None, by=structure.camille)
    with pytest.raises(drafts.NotReady):
        rebasing.take(uo, version=uo.version, keep_mine=[], by=structure.camille)
