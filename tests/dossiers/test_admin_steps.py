"""The steps of support from the admin, what follows a decision, and two agents who click at once."""

import threading

import pytest
from django.db import connection
from django.test import Client
from post_office.models import Email

from directory import publishing
from directory.documents import to_document
from directory.models import FicheVersion, Role, UniteOperationnelle
from dossiers import decisions, drafts, following, undoing
from dossiers.models import Dossier, DraftFiche, Remarque, Statut
from journal.models import Entry, Message
from tests.builders import make_user
from tests.dossiers.builders import (
    TODAY,
    TOMORROW,
    Structure,
    accept_all,
    draft_of,
    edit,
    make_structure,
    opened,
    step,
    submitted,
    taken,
    validated,
)
from tests.dossiers.validation import current, page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]


# --- Steps -----------------------------------------------------------------------------------------------------------


def test_validating_shows_the_message_then_publishes_once(structure, sophie):
    dossier = taken(structure, conditions_accueil="Nouveau", animaux_domestiques="Acceptés")
    draft = draft_of(dossier, "uo")
    decisions.decide(draft.pk, ["conditions_accueil"], is_accepted=True, by=structure.sophie)
    refusal = {"motif": "imprecise", "message": "Lesquels ?"}
    decisions.decide(draft.pk, ["animaux_domestiques"], is_accepted=False, by=structure.sophie, **refusal)
    text = sophie.get(page(dossier, "valider")).content.decode()
    assert "Animaux domestiques : Trop imprécise pour orienter : Lesquels ?" in text
    data = {"version": dossier.version, "comment": "Merci."}
    assert sophie.post(page(dossier, "valider"), data | {"apercu": "1"}).status_code == 200
    assert current(dossier).status == Statut.SOUMIS, "a preview decides nothing"
    assert sophie.post(page(dossier, "valider"), data).status_code == 302
    assert sophie.post(page(dossier, "valider"), data).status_code == 302, "the same click twice is one step"
    assert current(dossier).status == Statut.PUBLIE
    assert FicheVersion.objects.filter(origin=dossier.reference).count() == 1
    assert Email.objects.filter(message__contains="Merci.", to="camille@exemple.fr").count() == 1


def test_the_preview_is_the_message_that_leaves(structure, sophie):
    dossier = taken(structure)
    data = {"version": dossier.version, "motifs": ["horaires", "texte"], "comment": "Voir avec Karim."}
    response = sophie.post(page(dossier, "renvoyer"), data | {"apercu": "1"})
    preview = response.context["preview"]
    sophie.post(page(dossier, "renvoyer"), data)
    mail = Email.objects.get(subject__contains="à corriger", to="camille@exemple.fr")
    assert preview.subject in mail.subject
    assert mail.message.replace("Bonjour Camille Belkacem,", "Bonjour,") == preview.body
    assert "Les horaires sont incomplets" in preview.body and "Voir avec Karim." in preview.body
    assert [str(structure.camille), str(structure.karim)] == preview.to


def test_a_return_without_reason_is_refused_with_words(structure, sophie):
    dossier = taken(structure)
    response = sophie.post(page(dossier, "renvoyer"), {"version": dossier.version})
    assert response.status_code == 409 and "Dites pourquoi" in response.content.decode()
    assert current(dossier).status == Statut.SOUMIS
    data = {"version": dossier.version, "motifs": ["contacts"]}
    assert sophie.post(page(dossier, "renvoyer"), data).status_code == 302
    assert current(dossier).status == Statut.A_CORRIGER
    assert "Les coordonnées sont à vérifier" in current(dossier).motif


def test_refused_lines_are_reason_enough(structure, sophie):
    dossier = taken(structure)
    addresses = ["conditions_accueil"]
    decisions.decide(draft_of(dossier, "uo").pk, addresses, is_accepted=False, by=structure.sophie, motif="inexacte")
    assert sophie.post(page(dossier, "renvoyer"), {"version": dossier.version}).status_code == 302


def test_a_step_that_is_not_possible_says_why_and_changes_nothing(structure, sophie):
    dossier = taken(structure)
    response = sophie.post(page(dossier, "valider"), {"version": dossier.version})
    assert response.status_code == 409 and "1 ligne à décider" in response.content.decode()
    for name in ("rouvrir", "valider"):
        text = sophie.get(page(dossier, name)).content.decode()
        assert "disabled" in text
    assert sophie.post(page(dossier, "rouvrir"), {"version": dossier.version, "comment": "x"}).status_code == 409
    assert current(dossier).status == Statut.SOUMIS


@pytest.mark.parametrize("version", ["", "abc", "-1", "9" * 30, "1"])
def test_a_stale_or_senseless_version_is_refused(structure, sophie, version):
    dossier = taken(structure)
    accept_all(dossier, structure.sophie)
    assert sophie.post(page(dossier, "valider"), {"version": version}).status_code == 409
    assert current(dossier).status == Statut.SOUMIS


def test_a_validation_is_undone_before_its_day(structure, sophie):
    dossier = validated(structure, date_effet=TOMORROW)
    assert sophie.post(page(dossier, "rouvrir"), {"version": dossier.version}).status_code == 422
    data = {"version": dossier.version, "comment": "Erreur de date"}
    assert sophie.post(page(dossier, "rouvrir"), data).status_code == 302
    assert current(dossier).status == Statut.A_CORRIGER


def test_a_long_comment_is_refused_next_to_its_field(structure, sophie):
    dossier = taken(structure)
    response = sophie.post(page(dossier, "renvoyer"), {"version": dossier.version, "comment": "x" * 3001})
    assert response.status_code == 422 and "is-invalid" in response.content.decode()


# --- Refused lines in a new dossier ----------------------------------------------------------------------------------


def with_a_refusal(structure: Structure) -> Dossier:
    dossier = taken(structure, conditions_accueil="Nouveau", animaux_domestiques="Acceptés")
    draft = draft_of(dossier, "uo")
    decisions.decide(draft.pk, ["conditions_accueil"], is_accepted=True, by=structure.sophie)
    refusal = {"motif": "imprecise", "message": "Lesquels ?"}
    decisions.decide(draft.pk, ["animaux_domestiques"], is_accepted=False, by=structure.sophie, **refusal)
    return step(dossier, "validate", structure.sophie)


def test_refused_lines_go_on_in_a_new_dossier(structure, sophie):
    dossier = with_a_refusal(structure)
    assert "Ouvrir un dossier avec les lignes refusées" in sophie.get(page(dossier)).content.decode()
    response = sophie.post(page(dossier, "suite"))
    suite = Dossier.objects.get(suite_de=dossier)
    assert response.url == page(suite)
    draft = draft_of(suite, "uo")
    assert draft.content["animaux_domestiques"] == "Acceptés"
    assert draft.base["animaux_domestiques"] == "" and draft.content["conditions_accueil"] == "Nouveau"
    remark = Remarque.objects.get(dossier=suite)
    assert (remark.fiche, remark.address) == (draft, "animaux_domestiques")
    assert remark.text == "Ligne refusée : Trop imprécise pour orienter : Lesquels ?"
    again = sophie.post(page(dossier, "suite"))
    assert again.status_code == 409 and "ont déjà leur suite" in again.content.decode()
    assert Dossier.objects.filter(suite_de=dossier).count() == 1, "the second click opens nothing"


def test_a_refused_new_unit_goes_on_whole(structure):
    dossier = opened(structure)
    new = drafts.add_uo(dossier, name="Consultation jeunes", type_uo=None, by=structure.camille)
    known = dossier.fiches.filter(kind="uo").first().content
    names = ("champ_activite", "mode_prise_en_charge", "publics")
    edit(new, structure.camille, **{name: known[name] for name in names})
    dossier = step(step(dossier, "submit", structure.camille), "take", structure.sophie)
    accept_all(dossier, structure.sophie)
    decisions.decide(new.pk, [decisions.WHOLE], is_accepted=False, by=structure.sophie, motif="autorisation")
    dossier = step(dossier, "validate", structure.sophie)
    suite = following.follow_up(dossier, by=structure.sophie)
    again = DraftFiche.objects.get(dossier=suite, key=new.key)
    assert again.is_new and again.name == "Consultation jeunes"
    assert again.remarques.get().text.startswith("Unité refusée")


def test_no_new_dossier_without_refusal_nor_beside_an_open_one(structure, sophie):
    with pytest.raises(following.NothingToFollow, match="une fois"):
        following.follow_up(taken(structure), by=structure.sophie)
    dossier = current(Dossier.objects.get())
    accept_all(dossier, structure.sophie)
    dossier = step(dossier, "validate", structure.sophie)
    with pytest.raises(following.NothingToFollow, match="Aucune ligne"):
        following.follow_up(dossier, by=structure.sophie)


def test_an_open_dossier_keeps_the_refused_lines_waiting(structure, sophie):
    dossier = with_a_refusal(structure)
    drafts.open_dossier(structure.eg, by=structure.camille)
    answer = sophie.post(page(dossier, "suite"))
    assert answer.status_code == 409 and "est déjà ouvert sur cet établissement" in answer.content.decode()
    assert not Dossier.objects.filter(suite_de=dossier).exists()


# --- Undoing a publication -------------------------------------------------------------------------------------------


def uo_of(structure: Structure) -> UniteOperationnelle:
    return UniteOperationnelle.objects.get(pk=structure.uo.pk)


def test_a_publication_is_undone_by_new_versions(structure, sophie):
    dossier = validated(structure)
    before = uo_of(structure).version
    assert "retrouve ce que disait la précédente" in sophie.get(page(dossier, "annuler")).content.decode()
    assert sophie.post(page(dossier, "annuler")).status_code == 422
    assert sophie.post(page(dossier, "annuler"), {"comment": "Mauvais établissement"}).status_code == 302
    sophie.post(page(dossier, "annuler"), {"comment": "Mauvais établissement"})
    uo = uo_of(structure)
    assert (uo.conditions_accueil, uo.version) == ("Sur rendez-vous.", before + 1)
    version = FicheVersion.objects.get(origin=f"annulation:{dossier.pk}")
    assert version.author == structure.sophie
    assert Entry.objects.filter(action="dossier_undo", target=dossier.reference).count() == 1
    assert Message.objects.filter(key__startswith=f"{dossier.reference}:undo").count() == 2
    assert current(dossier).status == Statut.PUBLIE
    told = sophie.get(page(dossier)).content.decode()
    assert "a été annulée" in told and page(dossier, "annuler") not in told


def test_a_fiche_that_moved_since_keeps_the_publication(structure, sophie):
    dossier = validated(structure)
    live = to_document("uo", structure.uo.pk)
    publishing.publish("uo", live | {"complements": "Parking"}, by=structure.karim, origin="direct")
    assert "publiée de nouveau depuis" in sophie.get(page(dossier, "annuler")).content.decode()
    with pytest.raises(undoing.NotUndone) as refused:
        undoing.undo(dossier.pk, reason="Erreur", by=structure.sophie)
    assert "Accueil de jour" in refused.value.reasons[0]
    assert uo_of(structure).complements == "Parking"


def test_a_unit_the_dossier_closed_is_open_again(structure):
    dossier = opened(structure)
    draft = draft_of(dossier, "uo")
    closing = {"type_fermeture": "DEF", "date_fermeture": TODAY}
    drafts.add_uo(dossier, name="Remplaçante", type_uo=None, by=structure.camille)
    new = dossier.fiches.get(base_version=0)
    names = ("champ_activite", "mode_prise_en_charge", "publics")
    edit(new, structure.camille, **{name: draft.content[name] for name in names})
    draft = drafts.close_uo(draft, version=draft.version, by=structure.camille, **closing)
    drafts.finalise(draft.pk, version=draft.version, by=structure.camille)
    dossier = step(step(dossier, "submit", structure.camille), "take", structure.sophie)
    accept_all(dossier, structure.sophie)
    dossier = step(dossier, "validate", structure.sophie)
    assert uo_of(structure).date_fermeture == TODAY
    undoing.undo(dossier.pk, reason="Erreur", by=structure.sophie)
    assert uo_of(structure).date_fermeture is None
    assert UniteOperationnelle.objects.get(nom="Remplaçante").version == 1, "what was created stays"
    assert "Restent publiées" in Email.objects.filter(subject__contains="annulée").first().message


def test_only_support_undoes_and_only_what_is_published(structure, sophie):
    dossier = validated(structure, date_effet=TOMORROW)
    with pytest.raises(undoing.NotUndone):
        undoing.undo(dossier.pk, reason="x", by=structure.sophie)
    with pytest.raises(undoing.PermissionDenied):
        undoing.undo(dossier.pk, reason="x", by=structure.camille)
    assert "il n’y a rien à annuler" in sophie.get(page(dossier, "annuler")).content.decode()


# --- Two agents at once ----------------------------------------------------------------------------------------------


def at_once(*calls) -> None:
    """Run the calls in threads that start together."""
    barrier = threading.Barrier(len(calls))

    def run(call):
        try:
            barrier.wait()
            call()
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def agents(structure: Structure) -> list[Client]:
    found = [structure.sophie, make_user("theo@exemple.fr", role=Role.SUPPORT, is_staff=True)]
    structure.sophie.is_staff = True
    structure.sophie.save()
    clients = []
    for user in found:
        client = Client()
        client.force_login(user)
        clients.append(client)
    return clients


@pytest.mark.django_db(transaction=True)
def test_two_agents_take_the_same_dossier_and_one_has_it():
    structure = make_structure()
    clients, dossier = agents(structure), submitted(structure)
    data, url = {"version": dossier.version}, page(dossier, "prendre")
    at_once(*[lambda client=client: client.post(url, data) for client in clients])
    assert Entry.objects.filter(action="dossier_take").count() == 1
    assert current(dossier).assigned_to_id == Entry.objects.get(action="dossier_take").author_id


@pytest.mark.django_db(transaction=True)
def test_two_validations_at_once_publish_once():
    structure = make_structure()
    clients, dossier = agents(structure), taken(structure)
    accept_all(dossier, structure.sophie)
    data, url = {"version": dossier.version}, page(dossier, "valider")
    at_once(*[lambda client=client: client.post(url, data) for client in clients])
    assert current(dossier).status == Statut.PUBLIE
    assert FicheVersion.objects.filter(origin=dossier.reference).count() == 1
    assert Entry.objects.filter(action="dossier_publish").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_undoings_at_once_restore_once():
    structure = make_structure()
    [client, other], dossier = agents(structure), validated(structure)
    data, url = {"comment": "Erreur"}, page(dossier, "annuler")
    at_once(*[lambda client=client: client.post(url, data) for client in (client, other)])
    assert FicheVersion.objects.filter(origin=undoing.origin(dossier)).count() == 1
