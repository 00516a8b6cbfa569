"""What leaves a dossier: one sent back that did not change, the last unit closed, a unit taken out and its remarks."""

import datetime as dt
import threading

import pytest
from django.db import connection
from django.utils import timezone

from dossiers import checklist, demo, drafts, remarks
from dossiers.drafts import StaleDraft
from dossiers.models import Dossier, DraftFiche, Remarque, Statut
from dossiers.workflow import TransitionRefused
from journal.models import Entry
from tests.builders import make_eg
from tests.dossiers.builders import TOMORROW, draft_of, edit, make_structure, opened, step, submitted, taken
from tests.dossiers.screens import url

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]


# --- Sent back, and sent again ---------------------------------------------------------------------------------------


@pytest.fixture
def returned(structure) -> Dossier:
    return step(taken(structure), "return", structure.sophie, comment="Quels jours de la semaine ?")


def send(client, dossier: Dossier, **more):
    return client.post(url("envoyer", dossier), {"version": dossier.version, "date_effet": "2026-03-03"} | more)


def test_sent_back_and_unchanged_it_asks_first_and_says_the_reasons(camille, returned):
    page = send(camille, returned)
    text = page.content.decode()
    assert page.status_code == 409
    assert "Rien n’a changé" in text and "Quels jours de la semaine ?" in text
    returned.refresh_from_db()
    assert returned.status == Statut.A_CORRIGER
    assert 'value="2026-03-03"' in text, "the day that was typed is kept"
    assert send(camille, returned, confirme="1").status_code == 302
    returned.refresh_from_db()
    assert (returned.status, returned.date_effet) == (Statut.SOUMIS, TOMORROW)


def test_once_corrected_it_leaves_at_once(camille, structure, returned):
    edit(draft_of(returned, "uo"), structure.karim, conditions_accueil="Le lundi et le jeudi.")
    assert send(camille, returned).status_code == 302


def test_a_unit_taken_out_is_a_change(camille, structure):
    dossier = opened(structure)
    new = drafts.add_uo(dossier, name="CJC", type_uo=None, by=structure.camille)
    names = ("champ_activite", "mode_prise_en_charge", "publics")
    edit(new, structure.camille, **{name: draft_of_key(structure, dossier).content[name] for name in names})
    dossier = step(step(dossier, "submit", structure.camille), "take", structure.sophie)
    dossier = step(dossier, "return", structure.sophie, comment="Cette unité existe déjà.")
    drafts.remove(new, version=DraftFiche.objects.get(pk=new.pk).version, by=structure.camille)
    assert send(camille, dossier).status_code == 302


def draft_of_key(structure, dossier: Dossier) -> DraftFiche:
    return DraftFiche.objects.get(dossier=dossier, key=structure.uo.identifiant)


def test_a_dossier_never_sent_asks_nothing(camille, structure):
    assert send(camille, opened(structure)).status_code == 302


# --- The last unit ---------------------------------------------------------------------------------------------------


def test_closing_the_last_unit_says_what_to_do(structure):
    dossier = opened(structure)
    draft = draft_of(dossier, "uo")
    closing = {"type_fermeture": "DEF", "date_fermeture": TOMORROW}
    draft = drafts.close_uo(draft, version=draft.version, by=structure.camille, **closing)
    drafts.finalise(draft.pk, version=draft.version, by=structure.camille)
    with pytest.raises(TransitionRefused) as refused:
        step(dossier, "submit", structure.camille)
    assert refused.value.reasons == [checklist.ONLY_CLOSES]
    assert "demandez au support de fermer l’établissement" in checklist.ONLY_CLOSES


# --- A unit taken out ------------------------------------------------------------------------------------------------


@pytest.fixture
def new(structure) -> DraftFiche:
    """A new unit with two remarks, one of them on a field and settled."""
    dossier = opened(structure)
    new = drafts.add_uo(dossier, name="CJC", type_uo=None, by=structure.camille)
    remarks.add(dossier, text="Est-ce la bonne adresse ?", by=structure.karim, fiche=new)
    settled = remarks.add(dossier, text="12 ans ou 15 ans ?", by=structure.karim, fiche=new, address="age_min")
    remarks.resolve(settled, by=structure.camille)
    return new


def test_its_remarks_stay_in_the_thread_of_the_dossier(camille, structure, new):
    page = url("retirer", new.dossier, new.pk)
    assert "2\xa0remarques la concernent" in camille.get(page).content.decode()
    assert camille.post(page, {"version": new.version}).status_code == 302
    assert not DraftFiche.objects.filter(pk=new.pk).exists()
    found = Remarque.objects.filter(dossier=new.dossier).order_by("pk")
    assert [one.text for one in found] == [
        "[Sur « CJC », retirée du dossier] Est-ce la bonne adresse ?",
        "[Sur « CJC », retirée du dossier] 12 ans ou 15 ans ?",
    ]
    assert [bool(one.resolved_at) for one in found] == [False, True]
    assert "Est-ce la bonne adresse ?" in camille.get(new.dossier.get_absolute_url()).content.decode()


@pytest.mark.parametrize("version", ["", "x", "1"])
def test_a_unit_somebody_saved_meanwhile_is_not_taken_out(camille, structure, new, version):
    edit(new, structure.karim, finalise=False, complements="Écrit par Karim.")
    answer = camille.post(url("retirer", new.dossier, new.pk), {"version": version})
    assert answer.status_code == 409 and "a enregistré cette fiche entre-temps" in answer.content.decode()
    assert DraftFiche.objects.get(pk=new.pk).remarques.count() == 2
    with pytest.raises(StaleDraft):
        drafts.remove(new, version=1, by=structure.camille)


def test_a_unit_of_another_establishment_now_leaves_from_the_page(camille, structure):
    dossier = opened(structure)
    draft = draft_of(dossier, "uo")
    page = url("retirer", dossier, draft.pk)
    assert page not in camille.get(dossier.get_absolute_url()).content.decode()
    assert camille.get(page).status_code == 409
    structure.uo.entite_geographique = make_eg()
    structure.uo.save()
    assert page in camille.get(dossier.get_absolute_url()).content.decode()
    assert "rattachée à un autre établissement" in camille.get(page).content.decode()
    assert camille.post(page, {"version": draft.version}).status_code == 302
    assert not DraftFiche.objects.filter(pk=draft.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_a_save_and_a_removal_at_once_lose_no_text():
    """Either it is saved and stays, or it goes as it was read."""
    structure = make_structure()
    dossier = opened(structure)
    new = drafts.add_uo(dossier, name="CJC", type_uo=None, by=structure.camille)
    start, ends = threading.Barrier(2), []

    def one(what):
        try:
            start.wait(timeout=20)
            what()
            ends.append("done")
        except (StaleDraft, DraftFiche.DoesNotExist):
            ends.append("told")
        finally:
            connection.close()

    document = new.content | {"complements": "Écrit par Karim."}
    acts = [
        lambda: drafts.save(new.pk, version=1, saisie=None, document=document, by=structure.karim),
        lambda: drafts.remove(new, version=1, by=structure.camille),
    ]
    threads = [threading.Thread(target=one, args=(act,)) for act in acts]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(ends) == ["done", "told"]


# --- The demo --------------------------------------------------------------------------------------------------------


def test_what_the_demo_makes_older_is_older_everywhere(structure):
    dossier = submitted(structure)
    demo._aged(dossier, 2)
    dossier.refresh_from_db()
    lines = Entry.objects.filter(target=dossier.reference).order_by("pk")
    assert [lines.first().action, lines.last().action] == ["dossier_open", "dossier_submit"]
    assert dossier.opened_at <= lines.first().at <= dossier.submitted_at <= lines.last().at
    assert lines.last().at < timezone.now() - dt.timedelta(days=1)
