"""What the services of the dossiers refuse, whoever calls them, and what they cost."""

import pytest
from django.core.exceptions import BadRequest, PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from post_office.models import Email

from directory import documents
from directory.models import Habilitation, Role
from dossiers import checklist, decisions, drafts, workflow
from dossiers.models import DraftFiche, Etat
from journal.models import Entry
from tests.builders import make_departement, make_eg, make_user
from tests.dossiers.builders import (
    TOMORROW,
    accept_all,
    draft_of,
    edit,
    make_complete_uo,
    opened,
    step,
    submitted,
    taken,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]


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
        drafts.remove(DraftFiche(pk=new.pk, dossier=dossier, key=new.key, kind="uo"), version=1, by=structure.camille)
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
