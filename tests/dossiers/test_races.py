"""Many hands at once: each step made once, no text overwritten in silence. Real threads, real transactions.

Each proof is played a second time without the lock (`dossiers.locking` replaced): it must then see the losses, or it
proves nothing.
"""

import random
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import DatabaseError, connections
from django.db.models import F

from directory import documents
from directory.models import Kind, Role
from dossiers import drafts, locking, workflow
from dossiers.models import Dossier, DraftFiche, Etat
from dossiers.workflow import TransitionRefused
from journal.models import Entry, Message
from tests.builders import make_eg, make_ej, make_user
from tests.dossiers.builders import make_complete_uo

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 10
DOSSIERS = 200
EDITS = 2000
DRAFTS_EDITED = 20


def at_once(jobs: Iterable[Callable[[], str]]) -> Counter:
    """Play the jobs on THREADS threads, each with its connection; what they answered, counted."""

    def play(job: Callable[[], str]) -> str:
        try:
            return job()
        finally:
            connections["default"].close()

    with ThreadPoolExecutor(THREADS) as pool:
        return Counter(pool.map(play, jobs))


def without_lock(monkeypatch) -> None:
    """What a colleague could write by mistake: read without lock, write without asking whether it moved."""
    monkeypatch.setattr(locking, "locked", lambda model, pk: model._default_manager.get(pk=pk))

    def advance(model, pk, *, version, **values) -> bool:
        return bool(model._default_manager.filter(pk=pk).update(version=F("version") + 1, **values))

    monkeypatch.setattr(locking, "advance", advance)


@pytest.fixture
def camille(db):
    return make_user("camille@exemple.fr")


def make_dossiers(camille, count: int) -> list[Dossier]:
    """`count` dossiers ready to be sent, on as many establishments of one EJ."""
    ej = make_ej()
    model_eg = make_eg(ej=ej)
    make_complete_uo(model_eg)
    make_user_referent(camille, ej)
    first = drafts.open_dossier(model_eg, by=camille)
    base = {draft.kind: draft for draft in DraftFiche.objects.filter(dossier=first)}
    found = [first]
    for _ in range(count - 1):
        eg = make_eg(ej=ej, publish=False, lieu=False)
        type(eg).objects.filter(pk=eg.pk).update(version=1)
        dossier = Dossier.objects.create(eg=eg, opened_by=camille)
        for position, kind in enumerate((Kind.EG, Kind.UO)):
            content = documents.to_document(Kind.EG, eg.pk) if kind == Kind.EG else _copy(base[kind].content, eg)
            published = {"base": content, "base_version": 1} if kind == Kind.EG else {}
            key = content["idnat_struct" if kind == Kind.EG else "identifiant"]
            DraftFiche.objects.create(
                dossier=dossier,
                kind=kind,
                key=key,
                position=position,
                content=content,
                updated_by=camille,
                **published,
            )
        found.append(dossier)
    DraftFiche.objects.filter(dossier=first, kind=Kind.UO).update(
        content=base[Kind.UO].content | {"conditions_accueil": "Autres"}
    )
    DraftFiche.objects.update(state=Etat.FINALISEE)
    return found


def make_user_referent(user, ej) -> None:
    user.habilitations.create(role=Role.REFERENT, ej=ej, valid_from="2020-01-01")


def _copy(content: dict, eg) -> dict:
    return content | {"entite_geographique": eg.idnat_struct, "identifiant": drafts.next_identifiant_offre()}


def submits(dossiers: list[Dossier], camille) -> list[Callable[[], str]]:
    """Ten sendings of each, all mixed, as ten impatient clicks would."""

    def submit(pk: int, version: int) -> str:
        try:
            workflow.move("submit", pk, version=version, by=camille)
        except (TransitionRefused, DatabaseError) as refused:
            return type(refused).__name__
        return "answered"

    jobs = [lambda d=d: submit(d.pk, d.version) for d in dossiers for _ in range(THREADS)]
    random.Random(7).shuffle(jobs)
    return jobs


def submissions() -> Counter:
    return Counter(Entry.objects.filter(action="dossier_submit").values_list("target", flat=True))


def test_each_dossier_is_sent_once_however_many_clicks(camille):
    dossiers = make_dossiers(camille, DOSSIERS)
    answers = at_once(submits(dossiers, camille))
    assert answers == {"answered": DOSSIERS * THREADS}  # the replays of the same person are told it is done
    sent = submissions()
    assert len(sent) == DOSSIERS and set(sent.values()) == {1}
    assert set(Dossier.objects.values_list("status", "version")) == {("soumis", 2)}
    per_dossier = Counter(Message.objects.filter(recipient=camille.email).values_list("key", flat=True))
    assert len(per_dossier) == DOSSIERS and set(per_dossier.values()) == {1}


def test_without_the_lock_the_same_test_sees_dossiers_sent_twice(camille, monkeypatch):
    dossiers = make_dossiers(camille, 10)
    without_lock(monkeypatch)
    step, together = workflow._step, threading.Barrier(2)

    def slow(*args, **kwargs):
        try:
            together.wait(0.2)  # two that have checked, and none that has written
        except threading.BrokenBarrierError:
            together.reset()
        return step(*args, **kwargs)

    monkeypatch.setattr(workflow, "_step", slow)
    at_once(submits(dossiers, camille))
    assert max(submissions().values()) > 1


# --- Edits -----------------------------------------------------------------------------------------------------------


def edits(pks: list[int], camille, count: int) -> tuple[list[Callable[[], str]], set[tuple[int, str]]]:
    """`count` edits: each reads a fiche, adds a word of its own, saves. The words that were acknowledged."""
    acknowledged: set[tuple[int, str]] = set()

    def edit(pk: int, word: str) -> str:
        read = DraftFiche.objects.get(pk=pk)
        text = f"{read.content['complements']} {word}"
        try:
            document = read.content | {"complements": text}
            drafts.save(pk, version=read.version, saisie=None, document=document, by=camille)
        except drafts.StaleDraft as stale:
            # What the conflict page needs: the other text, to put beside the one that was not written.
            assert stale.current.version != read.version
            return "told"
        acknowledged.add((pk, word))
        return "acknowledged"

    chance = random.Random(11)
    return [lambda n=n: edit(chance.choice(pks), f"m{n}") for n in range(count)], acknowledged


def lost(acknowledged: set[tuple[int, str]]) -> list[tuple[int, str]]:
    rows = DraftFiche.objects.filter(kind=Kind.UO).values_list("pk", "content")
    texts = {pk: set(content["complements"].split()) for pk, content in rows}
    return [(pk, word) for pk, word in acknowledged if word not in texts[pk]]


def drafts_to_edit(camille, count: int) -> list[int]:
    dossiers = make_dossiers(camille, count)
    return list(DraftFiche.objects.filter(dossier__in=dossiers, kind=Kind.UO).values_list("pk", flat=True))


def test_no_edit_overwrites_another_in_silence(camille):
    jobs, acknowledged = edits(drafts_to_edit(camille, DRAFTS_EDITED), camille, EDITS)
    answers = at_once(jobs)
    assert answers["acknowledged"] + answers["told"] == EDITS
    assert answers["acknowledged"] == len(acknowledged) > 0
    assert answers["told"] > 0, "nobody met anybody: the test proves nothing"
    assert lost(acknowledged) == []


def test_without_the_lock_the_same_test_sees_lost_edits(camille, monkeypatch):
    pks = drafts_to_edit(camille, 2)
    without_lock(monkeypatch)
    jobs, acknowledged = edits(pks, camille, 200)
    at_once(jobs)
    assert lost(acknowledged)
