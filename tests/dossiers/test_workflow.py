"""Each step of the workflow, each refused person, each refused state, and what the database refuses by itself."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction
from post_office.models import Email

from directory import documents, publishing
from directory.models import FicheVersion, Role, UniteOperationnelle
from dossiers import decisions, drafts, effects, workflow
from dossiers.models import Decision, Dossier, DraftFiche, Statut
from dossiers.models.dossiers import STEPS
from dossiers.workflow import TRANSITIONS, TransitionRefused
from journal.models import Entry, Message
from tests.builders import make_eg, make_habilitation, make_user
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
TODAY = dt.date(2026, 3, 2)
TOMORROW = dt.date(2026, 3, 3)


@pytest.fixture(autouse=True)
def monday(settings):
    settings.ROR_TODAY = TODAY


@pytest.fixture
def structure(db):
    return make_structure()


def actions(dossier: Dossier) -> list[str]:
    return list(Entry.objects.filter(target=dossier.reference).order_by("pk").values_list("action", flat=True))


# --- Opening ---------------------------------------------------------------------------------------------------------


def test_a_dossier_opens_on_the_live_fiches(structure):
    dossier = drafts.open_dossier(structure.eg, by=structure.camille)
    eg, uo = DraftFiche.objects.filter(dossier=dossier)
    assert (eg.kind, uo.kind, uo.name) == ("eg", "uo", "Accueil de jour")
    assert uo.content == uo.base and uo.base_version == structure.uo.version
    assert actions(dossier) == ["dossier_open"]


def test_one_open_dossier_per_establishment(structure):
    dossier = drafts.open_dossier(structure.eg, by=structure.camille)
    with pytest.raises(drafts.DossierAlreadyOpen) as refused:
        drafts.open_dossier(structure.eg, by=structure.karim)
    assert refused.value.dossier == dossier


@pytest.mark.parametrize("role", [None, Role.LECTEUR, Role.REGULATION])
def test_who_does_not_answer_for_the_structure_opens_nothing(structure, role):
    with pytest.raises(PermissionDenied):
        drafts.open_dossier(structure.eg, by=make_user(role=role or ""))


def test_the_referent_of_another_structure_neither_sees_nor_moves_it(structure):
    dossier, other = opened(structure), make_user(role=Role.REFERENT, eg=make_eg())
    with pytest.raises(PermissionDenied):
        step(dossier, "submit", other)
    with pytest.raises(PermissionDenied):
        edit(draft_of(dossier, "uo"), other, nom="Pris")


# --- Steps -----------------------------------------------------------------------------------------------------------


def test_from_the_first_line_to_the_publication(structure):
    dossier = validated(structure)
    structure.uo.refresh_from_db()
    assert dossier.status == Statut.PUBLIE
    assert structure.uo.conditions_accueil == "Sans rendez-vous."
    version = FicheVersion.objects.filter(kind="uo").latest("pk")
    assert (version.origin, version.author) == (dossier.reference, structure.sophie)
    steps = [action for action in actions(dossier) if action.removeprefix("dossier_") in {*TRANSITIONS, "publish"}]
    assert steps == ["dossier_submit", "dossier_take", "dossier_validate", "dossier_publish"]


@pytest.mark.parametrize("action", TRANSITIONS)
@pytest.mark.parametrize("status", Statut)
def test_a_step_starts_only_from_its_sources(structure, action, status):
    """Every pair of the table, those it allows being told apart by their own refusals."""
    dossier = _in(structure, status)
    if status in TRANSITIONS[action].sources:
        return
    before = Dossier.objects.filter(pk=dossier.pk).values().get()
    with pytest.raises(TransitionRefused):
        step(dossier, action, structure.sophie, comment="Voir le message")
    assert Dossier.objects.filter(pk=dossier.pk).values().get() == before


def _in(structure, status: Statut) -> Dossier:
    match status:
        case Statut.INITIE:
            return opened(structure)
        case Statut.SOUMIS:
            return submitted(structure)
        case Statut.A_CORRIGER:
            return step(taken(structure), "return", structure.sophie, comment="À préciser")
        case Statut.VALIDE:
            return validated(structure, date_effet=TOMORROW)
        case Statut.PUBLIE:
            return validated(structure)
    return step(opened(structure), "abandon", structure.camille)


@pytest.mark.parametrize("source", Statut)
@pytest.mark.parametrize("target", Statut)
def test_the_database_refuses_a_step_that_does_not_exist(structure, source, target):
    if source == target or (source, target) in STEPS:
        return
    dossier = _in(structure, source)
    with pytest.raises(DatabaseError), transaction.atomic():
        Dossier.objects.filter(pk=dossier.pk).update(status=target)


def test_the_database_refuses_a_dossier_born_sent_and_one_deleted(structure):
    with pytest.raises(DatabaseError), transaction.atomic():
        Dossier.objects.create(
            eg=structure.eg, opened_by=structure.camille, status="soumis", submitted_by=structure.camille
        )
    dossier = opened(structure)
    with pytest.raises(DatabaseError), transaction.atomic():
        Dossier.objects.filter(pk=dossier.pk).delete()


def test_the_same_click_twice_is_one_step(structure):
    dossier = opened(structure)
    version = dossier.version
    first = workflow.move("submit", dossier.pk, version=version, by=structure.camille)
    again = workflow.move("submit", dossier.pk, version=version, by=structure.camille)
    assert first.version == again.version
    assert actions(dossier).count("dossier_submit") == 1
    with pytest.raises(TransitionRefused):
        workflow.move("submit", dossier.pk, version=version, by=structure.karim)


# --- Sending ---------------------------------------------------------------------------------------------------------


def test_a_fiche_that_is_not_finalised_keeps_the_dossier_here(structure):
    dossier = opened(structure)
    edit(draft_of(dossier, "uo"), structure.camille, finalise=False, nom="Autre nom")
    with pytest.raises(TransitionRefused) as refused:
        step(dossier, "submit", structure.camille)
    assert refused.value.reasons == ["Autre nom"]


def test_an_establishment_without_unit_is_not_sent():
    structure = make_structure(with_uo=False)
    dossier = drafts.open_dossier(structure.eg, by=structure.camille)
    edit(draft_of(dossier, "eg"), structure.camille, commentaire="Sonner.")
    with pytest.raises(TransitionRefused) as refused:
        step(dossier, "submit", structure.camille)
    assert "Au moins une UO rattachée à l’établissement" in refused.value.reasons


def test_nothing_changed_is_not_sent(structure):
    dossier = drafts.open_dossier(structure.eg, by=structure.camille)
    with pytest.raises(TransitionRefused) as refused:
        step(dossier, "submit", structure.camille)
    assert refused.value.reasons == ["Au moins une modification à valider"]


def test_a_date_d_effet_is_not_in_the_past(structure):
    dossier = opened(structure)
    with pytest.raises(TransitionRefused, match="date d’effet"):
        step(dossier, "submit", structure.camille, date_effet=TODAY - dt.timedelta(1))
    assert step(dossier, "submit", structure.camille, date_effet=TODAY).date_effet == TODAY


def test_it_is_taken_back_until_support_takes_it(structure):
    dossier = submitted(structure)
    assert step(dossier, "withdraw", structure.karim).status == Statut.INITIE
    step(dossier, "submit", structure.camille)
    step(dossier, "take", structure.sophie)
    with pytest.raises(TransitionRefused, match="Sophie"):
        step(dossier, "withdraw", structure.camille)


# --- Support ---------------------------------------------------------------------------------------------------------


def test_a_referent_decides_nothing(structure):
    dossier = taken(structure)
    for action in ("take", "release", "return", "validate"):
        with pytest.raises(PermissionDenied):
            step(dossier, action, structure.camille, comment="Moi")


def test_who_sent_does_not_validate(structure):
    dossier = opened(structure)
    dossier = step(dossier, "submit", structure.sophie)
    step(dossier, "take", structure.sophie)
    with pytest.raises(TransitionRefused, match="un autre agent"):
        step(dossier, "validate", structure.sophie)
    with pytest.raises(decisions.NotDecidable):
        accept_all(dossier, structure.sophie)


def test_every_line_is_decided_before_it_is_validated(structure):
    dossier = taken(structure)
    with pytest.raises(TransitionRefused) as refused:
        step(dossier, "validate", structure.sophie)
    assert refused.value.reasons == ["1 ligne à décider"]


def test_a_refused_line_is_not_published_and_the_message_says_why(structure):
    dossier = taken(structure, conditions_accueil="Nouveau", animaux_domestiques="Acceptés")
    draft = draft_of(dossier, "uo")
    decisions.decide(draft.pk, ["conditions_accueil"], is_accepted=True, by=structure.sophie)
    decisions.decide(
        draft.pk,
        ["animaux_domestiques"],
        is_accepted=False,
        by=structure.sophie,
        motif="imprecise",
        message="Lesquels ?",
    )
    step(dossier, "validate", structure.sophie)
    uo = UniteOperationnelle.objects.get(pk=structure.uo.pk)
    assert (uo.conditions_accueil, uo.animaux_domestiques) == ("Nouveau", "")
    mail = Email.objects.filter(to__contains="camille").latest("pk")
    assert "Animaux domestiques : Trop imprécise pour orienter : Lesquels ?" in mail.message
    assert "Acceptés" not in mail.message


def test_a_refusal_needs_a_reason(structure):
    dossier = taken(structure)
    draft = draft_of(dossier, "uo")
    with pytest.raises(ValueError, match="pourquoi"):
        decisions.decide(draft.pk, ["conditions_accueil"], is_accepted=False, by=structure.sophie)
    assert not Decision.objects.exists()


def test_a_line_that_changed_since_it_was_decided_waits_again(structure):
    dossier = taken(structure)
    accept_all(dossier, structure.sophie)
    draft = edit(draft_of(dossier, "uo"), structure.sophie, conditions_accueil="Corrigé par le support.")
    assert draft.is_corrected
    assert decisions.blockers(decisions.reviews(dossier)) == ["1 ligne à décider"]
    accept_all(dossier, structure.sophie)
    step(dossier, "validate", structure.sophie)
    assert (
        "Le support a corrigé lui-même : Accueil de jour"
        in Email.objects.filter(to__contains="camille").latest("pk").message
    )


def test_everything_refused_is_returned_not_validated(structure):
    dossier = taken(structure)
    decisions.decide(
        draft_of(dossier, "uo").pk, ["conditions_accueil"], is_accepted=False, by=structure.sophie, motif="inexacte"
    )
    with pytest.raises(TransitionRefused) as refused:
        step(dossier, "validate", structure.sophie)
    assert "renvoyez" in refused.value.reasons[0]
    assert step(dossier, "return", structure.sophie).status == Statut.A_CORRIGER


def test_a_return_says_why(structure):
    dossier = taken(structure)
    with pytest.raises(TransitionRefused, match="pourquoi"):
        step(dossier, "return", structure.sophie)


def test_a_refused_new_unit_is_refused_whole(structure):
    dossier = opened(structure)
    new = drafts.add_uo(dossier, name="Consultation jeunes", type_uo=None, by=structure.camille)
    known = draft_of_uo(dossier).content
    names = ("champ_activite", "mode_prise_en_charge", "publics")
    edit(new, structure.camille, **{name: known[name] for name in names})
    dossier = step(step(dossier, "submit", structure.camille), "take", structure.sophie)
    decisions.decide(draft_of_uo(dossier).pk, ["conditions_accueil"], is_accepted=True, by=structure.sophie)
    decisions.decide(new.pk, [decisions.WHOLE], is_accepted=False, by=structure.sophie, motif="autorisation")
    step(dossier, "validate", structure.sophie)
    assert UniteOperationnelle.objects.filter(entite_geographique=structure.eg).count() == 1


def draft_of_uo(dossier: Dossier) -> DraftFiche:
    return DraftFiche.objects.filter(dossier=dossier, kind="uo").order_by("position").first()


# --- Date d'effet ----------------------------------------------------------------------------------------------------


def test_it_waits_for_its_day_then_is_published_once(structure, settings):
    dossier = validated(structure, date_effet=TOMORROW)
    assert dossier.status == Statut.VALIDE
    assert effects.apply_due() == []
    structure.uo.refresh_from_db()
    assert structure.uo.conditions_accueil == "Sur rendez-vous."
    settings.ROR_TODAY = TOMORROW
    assert effects.apply_due() == [dossier.pk]
    assert effects.apply_due() == []
    structure.uo.refresh_from_db()
    assert structure.uo.conditions_accueil == "Sans rendez-vous."
    assert FicheVersion.objects.filter(kind="uo", origin=dossier.reference).count() == 1
    assert Message.objects.filter(key__startswith=f"{dossier.reference}:publish").count() == 2


def test_the_next_dossier_starts_from_the_waiting_one_and_does_not_overtake_it(structure, settings):
    first = validated(structure, date_effet=TOMORROW)
    second = drafts.open_dossier(structure.eg, by=structure.karim)
    draft = draft_of(second, "uo")
    assert draft.content["conditions_accueil"] == "Sans rendez-vous."
    edit(draft, structure.karim, animaux_domestiques="Acceptés")
    with pytest.raises(TransitionRefused, match="03/03/2026"):
        step(second, "submit", structure.karim)
    step(second, "submit", structure.karim, date_effet=TOMORROW)
    step(second, "take", structure.sophie)
    [review] = [one for one in decisions.reviews(second) if one.draft.kind == "uo"]
    assert [one.address for one in review.proposals] == ["animaux_domestiques"]
    accept_all(second, structure.sophie)
    step(second, "validate", structure.sophie)
    settings.ROR_TODAY = TOMORROW
    assert effects.apply_due() == [first.pk, second.pk]
    structure.uo.refresh_from_db()
    assert (structure.uo.conditions_accueil, structure.uo.animaux_domestiques) == ("Sans rendez-vous.", "Acceptés")


def test_what_a_referent_changed_meanwhile_is_kept_at_effect(structure, settings):
    validated(structure, date_effet=TOMORROW, conditions_accueil="Validé", nom="Nouveau nom")
    live = documents.to_document("uo", structure.uo.pk)
    changes = {"conditions_accueil": "Changé en direct", "complements": "Parking"}
    publishing.publish("uo", live | changes, by=structure.karim, origin="direct")
    settings.ROR_TODAY = TOMORROW
    effects.apply_due()
    structure.uo.refresh_from_db()
    uo = structure.uo
    assert (uo.nom, uo.conditions_accueil, uo.complements) == ("Nouveau nom", "Changé en direct", "Parking")
    assert Entry.objects.get(action="dossier_live_kept").detail["lines"] == ["conditions_accueil"]


def test_one_that_cannot_be_published_is_set_aside_and_support_is_told(structure, settings):
    blocked = validated(structure, date_effet=TOMORROW)
    other = make_structure_beside()
    fine = validated(other, date_effet=TOMORROW)
    DraftFiche.objects.filter(dossier=blocked, kind="uo").update(
        accepted=draft_of(blocked, "uo").accepted | {"type_uo": "ror-type-uo|inconnu"}
    )
    settings.ROR_TODAY = TOMORROW
    assert effects.apply_due() == [fine.pk]
    blocked.refresh_from_db()
    assert blocked.status == Statut.VALIDE and "inconnu" in blocked.blocked
    assert Message.objects.filter(key__contains=":blocked:", recipient=settings.SUPPORT["email"]).exists()
    assert step(blocked, "reopen", structure.sophie, comment="Type d’UO retiré").status == Statut.A_CORRIGER


def make_structure_beside():
    eg = make_eg()
    camille = make_user("autre@exemple.fr", role=Role.REFERENT, eg=eg)
    sophie = make_user("support2@exemple.fr")
    make_habilitation(sophie, Role.SUPPORT)
    return Structure(eg, make_complete_uo(eg), camille, camille, sophie)


# --- Messages --------------------------------------------------------------------------------------------------------


def test_each_referent_is_told_of_each_step_in_an_envelope_of_her_own(structure):
    validated(structure)
    told = Message.objects.filter(recipient__endswith="exemple.fr").values_list("recipient", flat=True)
    # submit, take, validate: publishing at once is said by the message of the validation
    assert sorted(told) == ["camille@exemple.fr"] * 3 + ["karim@exemple.fr"] * 3
    assert all(len(mail.to) == 1 for mail in Email.objects.all())
