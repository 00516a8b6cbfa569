"""What could be lost, doubled, overwritten or told to the wrong person between a draft and its publication."""

import datetime as dt
import threading

import pytest
from django.core.exceptions import BadRequest, PermissionDenied
from django.db import OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from post_office.models import Email

from directory import documents, publishing
from directory.models import Habilitation, Role, UniteOperationnelle
from dossiers import checklist, decisions, drafts, effects, rebasing, workflow
from dossiers.models import Dossier, DraftFiche, Etat, Statut
from dossiers.workflow import TransitionRefused
from journal.models import Entry
from tests.builders import make_departement, make_eg, make_user
from tests.dossiers.builders import (
    Structure,
    accept_all,
    draft_of,
    edit,
    make_complete_uo,
    make_structure,
    opened,
    step,
    submitted,
    taken,
    validated,
)

pytestmark = pytest.mark.django_db
TODAY, TOMORROW = dt.date(2026, 3, 2), dt.date(2026, 3, 3)
FINAL = {"type_fermeture": "DEF", "date_fermeture": "2026-02-01", "date_reouverture": None}


@pytest.fixture(autouse=True)
def monday(settings):
    settings.ROR_TODAY = TODAY


@pytest.fixture
def structure(db):
    return make_structure()


def publish_uo(structure, **changes) -> None:
    """Somebody publishes the unit directly."""
    live = documents.to_document("uo", structure.uo.pk)
    publishing.publish("uo", live | changes, by=structure.karim, origin="direct")


def move_to_another_eg(structure):
    other = make_eg()
    publish_uo(structure, entite_geographique=other.idnat_struct)
    return other


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
    drafts.remove(moved, by=structure.camille)
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


# --- Rights ----------------------------------------------------------------------------------------------------------


def test_a_contributor_opens_nothing(structure):
    by = make_user(role=Role.CONTRIBUTEUR, eg=structure.eg)
    with pytest.raises(PermissionDenied):
        drafts.open_dossier(structure.eg, by=by)


def test_an_agent_whose_habilitation_ended_decides_nothing_more(structure):
    dossier = taken(structure)
    Habilitation.objects.filter(user=structure.sophie).update(revoked_at=timezone.now())
    with pytest.raises(PermissionDenied):
        accept_all(dossier, structure.sophie)
    with pytest.raises(PermissionDenied):
        edit(draft_of(dossier, "uo"), structure.sophie, nom="Autre")


def test_an_agent_of_another_territory_who_is_also_referent_here_is_not_support_here(structure):
    both = make_user("deux@exemple.fr", role=Role.REFERENT, eg=structure.eg)
    both.habilitations.create(role=Role.SUPPORT, departement=make_departement("91"), valid_from="2020-01-01")
    dossier = submitted(structure)
    with pytest.raises(PermissionDenied):
        step(dossier, "take", both)
    step(dossier, "withdraw", both)


def test_who_opened_it_and_is_no_referent_any_more_is_told_nothing(structure):
    dossier = opened(structure)
    Habilitation.objects.filter(user=structure.camille).update(valid_to="2026-03-01")
    step(dossier, "submit", structure.karim)
    assert not Email.objects.filter(to__contains="camille").exists()
    assert Email.objects.filter(to__contains="karim").exists()


# --- Drafts ----------------------------------------------------------------------------------------------------------


def test_closing_a_unit_keeps_what_somebody_is_typing(structure):
    dossier = drafts.open_dossier(structure.eg, by=structure.camille)
    uo = draft_of(dossier, "uo")
    uo = drafts.save(uo.pk, version=uo.version, saisie={"nom": ["À moitié"]}, document=None, by=structure.karim)
    uo = drafts.close_uo(uo, type_fermeture="DEF", date_fermeture=TOMORROW, version=uo.version, by=structure.camille)
    assert uo.saisie == {"nom": ["À moitié"]} and uo.content["type_fermeture"] == "DEF"
    assert uo.state == Etat.A_COMPLETER


@pytest.mark.parametrize("what", ["duplicate", "close_uo"])
def test_an_establishment_is_neither_duplicated_nor_closed_in_a_dossier(structure, what):
    dossier = drafts.open_dossier(structure.eg, by=structure.camille)
    eg = draft_of(dossier, "eg")
    with pytest.raises(BadRequest):
        if what == "duplicate":
            drafts.duplicate(eg, by=structure.camille)
        else:
            drafts.close_uo(
                eg, type_fermeture="DEF", date_fermeture=TOMORROW, version=eg.version, by=structure.camille
            )


def test_a_unit_removed_twice_is_removed_once(structure):
    dossier = drafts.open_dossier(structure.eg, by=structure.camille)
    new = drafts.add_uo(dossier, name="CJC", type_uo=None, by=structure.camille)
    for _ in range(2):
        drafts.remove(DraftFiche(pk=new.pk, dossier=dossier, key=new.key, kind="uo"), by=structure.camille)
    assert Entry.objects.filter(action="dossier_remove_uo").count() == 1


CONTACT = {
    "uid": "c1", "nature": None, "fonction": None, "nom": "Accueil", "description": "", "niveau": 2, "ordre": 0,
    "telecoms": [],
}  # fmt: skip
TELECOM = {"uid": "t1", "canal": "2", "adresse": "0199000001", "utilisation": "", "niveau": 2}
WRONG = {
    "another kind": {"kind": "ej"},
    "another schema": {"schema": 99},
    "a field that does not exist": {"is_admin": True},
    "a text that is a list": {"nom": ["a"]},
    "a text that is a number": {"complements": 3},
    "a list that is a text": {"contacts": "tous"},
    "a list that is nothing": {"contacts": None},
    "lines that are texts": {"contacts": ["c1"]},
    "a line without uid": {"contacts": [CONTACT | {"uid": ""}]},
    "a uid that is an address": {"contacts": [CONTACT | {"uid": "a/b"}]},
    "a uid beyond its column": {"contacts": [CONTACT | {"uid": "a" * 33}]},
    "two lines of one uid": {"contacts": [CONTACT, CONTACT]},
    "two numbers of one uid": {"contacts": [CONTACT | {"telecoms": [TELECOM, TELECOM]}]},
    "a line with a field of its own": {"contacts": [CONTACT | {"unite": 3}]},
    "a level that is a text": {"contacts": [CONTACT | {"niveau": "1"}]},
    "a code that is a number": {"type_uo": 3},
    "codes that are a text": {"publics": "TRE_R239|07"},
    "codes that are lists": {"publics": [["TRE_R239|07"]]},
    "a code twice": {"publics": ["TRE_R239|07", "TRE_R239|07"]},
    "a date that is none": {"date_fermeture": "2026-02-31"},
    "an hour that is none": {"horaires": [{"uid": "h1", "heure_debut": "25:00"}]},
    "a number that is none": {"age_min": "douze"},
    "a yes that is a text": {"unite_sensible": "oui"},
    "a null character": {"nom": "a\x00b"},
    "half a character": {"nom": "a\ud800b"},
}


@pytest.mark.parametrize("document", WRONG.values(), ids=WRONG)
def test_what_is_no_document_is_a_bad_request(structure, document):
    dossier = drafts.open_dossier(structure.eg, by=structure.camille)
    uo = draft_of(dossier, "uo")
    with pytest.raises(BadRequest):
        drafts.save(uo.pk, version=1, saisie=None, document=uo.content | document, by=structure.camille)
    uo.refresh_from_db()
    assert uo.version == 1


def test_what_is_no_name_and_no_closing_is_a_bad_request(structure):
    dossier = drafts.open_dossier(structure.eg, by=structure.camille)
    uo = draft_of(dossier, "uo")
    with pytest.raises(BadRequest):
        drafts.add_uo(dossier, name="a\x00b", type_uo=None, by=structure.camille)
    with pytest.raises(BadRequest):
        drafts.close_uo(uo, type_fermeture=["DEF"], date_fermeture="demain", version=1, by=structure.camille)
    assert DraftFiche.objects.count() == 2


@pytest.mark.parametrize("document", ["texte", ["liste"], 3])
def test_what_is_not_even_a_dictionary_is_a_bad_request(structure, document):
    dossier = drafts.open_dossier(structure.eg, by=structure.camille)
    with pytest.raises(BadRequest):
        drafts.save(draft_of(dossier, "uo").pk, version=1, saisie=None, document=document, by=structure.camille)


def test_a_fiche_stays_the_one_it_is_whatever_is_sent(structure):
    other = make_complete_uo(make_eg())
    dossier = drafts.open_dossier(structure.eg, by=structure.camille)
    theirs = documents.to_document("uo", other.pk)
    uo = edit(draft_of(dossier, "uo"), structure.camille, finalise=False, **theirs)
    assert uo.content["identifiant"] == uo.key
    assert uo.content["entite_geographique"] == structure.eg.idnat_struct
    held = draft_of(dossier, "eg")
    second = held.content["lieux"][0] | {"uid": "autre", "nom": "Annexe"}
    eg = edit(held, structure.camille, finalise=False, lieux=[*held.content["lieux"], second])
    assert [line["est_principal"] for line in eg.content["lieux"]] == [True, False]


def test_every_live_document_is_one_that_may_be_saved(structure):
    dossier = drafts.open_dossier(structure.eg, by=structure.camille)
    for draft in DraftFiche.objects.filter(dossier=dossier):
        assert edit(draft, structure.camille, finalise=False).version == draft.version


def test_what_is_typed_is_kept_without_the_characters_no_database_holds(structure):
    dossier = drafts.open_dossier(structure.eg, by=structure.camille)
    uo = drafts.save(
        draft_of(dossier, "uo").pk,
        version=1,
        saisie={"nom": ["a\x00b\ud800"], "contacts-c\x00-nom": ["d"]},
        document=None,
        by=structure.camille,
    )
    assert uo.saisie == {"nom": ["ab"], "contacts-c-nom": ["d"]}


def test_a_draft_of_an_older_release_is_read_at_the_present_schema(structure, monkeypatch):
    dossier = drafts.open_dossier(structure.eg, by=structure.camille)

    def upgrade(document):
        return document | {"schema": 2, "nom": f"{document.get('nom', '')} (2)"}

    monkeypatch.setattr(documents, "upgrade", upgrade)
    uo = draft_of(dossier, "uo")
    assert uo.content["nom"] == uo.base["nom"] == "Accueil de jour (2)"
    [content] = DraftFiche.objects.filter(pk=uo.pk).values_list("content", flat=True)
    assert content["schema"] == 2
    assert list(DraftFiche.objects.filter(pk=uo.pk).values_list("content__nom", flat=True)) == ["Accueil de jour"]


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


# --- Deciding --------------------------------------------------------------------------------------------------------


def test_a_message_beyond_its_column_is_refused_in_words(structure):
    dossier = taken(structure)
    with pytest.raises(ValueError, match="1000"):
        decisions.decide(
            draft_of(dossier, "uo").pk,
            ["conditions_accueil"],
            is_accepted=False,
            by=structure.sophie,
            message="é" * 1001,
        )


# --- Cost ------------------------------------------------------------------------------------------------------------


def test_the_checklist_and_the_sending_cost_the_same_whatever_the_number_of_units(structure):
    def count(captured: CaptureQueriesContext) -> int:
        return sum(
            "nomenclature_modelesaisie" not in query["sql"] for query in captured
        )  # kept, and asked by the clock

    def cost() -> tuple[int, int, int]:
        with CaptureQueriesContext(connection) as opening:
            dossier = drafts.open_dossier(structure.eg, by=structure.camille)
        for draft in DraftFiche.objects.filter(dossier=dossier, kind="uo"):
            edit(draft, structure.camille, finalise=False, complements="Nouveau")
        with CaptureQueriesContext(connection) as listing:
            checklist.items(dossier, DraftFiche.objects.filter(dossier=dossier))
        for draft in DraftFiche.objects.filter(dossier=dossier):
            drafts.finalise(draft.pk, version=draft.version, by=structure.camille)
        dossier.refresh_from_db()
        with CaptureQueriesContext(connection) as sending:
            workflow.move("submit", dossier.pk, version=dossier.version, by=structure.camille)
        step(dossier, "withdraw", structure.camille)
        step(dossier, "abandon", structure.camille)
        return count(opening), count(listing), count(sending)

    one = cost()
    for n in range(4):
        make_complete_uo(structure.eg, f"Unité {n}")
    assert cost() == one


def test_the_buttons_ask_each_right_once(structure, django_assert_max_num_queries):
    dossier = submitted(structure)
    with django_assert_max_num_queries(4):  # habilitations and establishment, as référent then as support
        assert workflow.possible(structure.sophie, dossier) == ["withdraw", "take", "release", "return", "validate"]
