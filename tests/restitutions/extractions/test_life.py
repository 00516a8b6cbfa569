"""Its life, whatever happens to workers: made once, tried again, given up, expired."""

import datetime as dt
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from django.db import IntegrityError, connection
from django.utils import timezone

from restitutions import tasks
from restitutions.extractions import rows, services, writing
from restitutions.models import Etat, Extraction, Perimetre
from tests.restitutions.extractions.making import LIST, ask, download_url, lines, made
from tests.restitutions.processes import environment

pytestmark = pytest.mark.django_db


def test_ready_file_is_whole_signed_and_its_owners_alone(support, offer, folder):
    extraction = made(support)
    assert extraction.path.parent == folder and extraction.size == extraction.path.stat().st_size
    assert extraction.path.stat().st_mode & 0o077 == 0 and folder.stat().st_mode & 0o077 == 0
    assert extraction.n_done == extraction.n_total == 5
    assert extraction.expires_at - extraction.finished_at == dt.timedelta(days=7)
    assert len(extraction.sha256) == 64
    assert [path.name for path in folder.iterdir()] == [extraction.file]


def test_the_sweep_makes_what_the_queue_forgot(support, offer):
    extraction = ask(support)
    assert tasks.sweep_extractions() == 1
    extraction.refresh_from_db()
    assert extraction.etat == Etat.PRETE
    assert tasks.sweep_extractions() == 0


def test_asked_twice_made_once(support, offer):
    extraction = made(support)
    assert not services.run(extraction.pk)
    assert not tasks.make_extraction(str(extraction.pk))


def test_a_fault_leaves_no_half_file_and_is_tried_again(support, offer, folder, monkeypatch):
    extraction = ask(support)

    def breaks(*args, **kwargs):
        yield ["une ligne"] + [None] * 24
        raise OSError("disque plein")

    with monkeypatch.context() as broken:
        broken.setattr(rows, "lines", breaks)
        with pytest.raises(OSError, match="disque plein"):
            services.run(extraction.pk)
    assert list(folder.iterdir()) == []
    extraction.refresh_from_db()
    assert extraction.etat == Etat.EN_COURS
    assert services.sweep() == 1
    extraction.refresh_from_db()
    assert (extraction.etat, extraction.attempt) == (Etat.PRETE, 2)


def test_a_dead_worker_is_replaced_and_given_up_after_three(support, offer, folder):
    extraction = ask(support)
    for attempt in (1, 2, 3):
        taken = services._take(extraction.pk)
        assert taken.attempt == attempt and services.sweep() == 0  # it is alive
        (folder / f"{extraction.pk}-{attempt}.xlsx.partiel").parent.mkdir(exist_ok=True)
        (folder / f"{extraction.pk}-{attempt}.xlsx.partiel").write_bytes(b"PK")
        long_ago = timezone.now() - services.SILENCE
        Extraction.objects.update(alive_at=long_ago)
        if attempt < 3:
            Extraction.objects.filter(alive_at=long_ago).update(etat=Etat.EN_ATTENTE)
    assert services.sweep() == 0
    extraction.refresh_from_db()
    assert extraction.etat == Etat.ECHOUEE and "trois essais" in extraction.reason
    assert list(folder.iterdir()) == []  # what it left is swept


def test_a_worker_that_comes_back_too_late_changes_nothing(support, offer, folder, monkeypatch):
    extraction = ask(support)
    real = rows.lines

    def slow(keys, **kwargs):
        yield from real(keys, **kwargs)
        Extraction.objects.update(etat=Etat.EN_ATTENTE)  # the sweep thought it dead…
        monkeypatch.setattr(rows, "lines", real)
        assert services.run(extraction.pk)  # … and another one did the work

    monkeypatch.setattr(rows, "lines", slow)
    assert not services.run(extraction.pk)
    extraction.refresh_from_db()
    assert (extraction.etat, extraction.attempt, extraction.file) == (Etat.PRETE, 2, f"{extraction.pk}-2.xlsx")
    assert [path.name for path in folder.iterdir()] == [extraction.file]


def test_rights_lost_before_it_is_made(support, offer):
    extraction = ask(support)
    support.habilitations.update(revoked_at=timezone.now())
    assert services.run(extraction.pk)
    extraction.refresh_from_db()
    assert extraction.etat == Etat.ECHOUEE and "droits" in extraction.reason


def test_it_expires_and_its_file_goes(client, support, offer, folder):
    extraction = made(support)
    (folder / "notes.txt").write_text("d’un autre")
    Extraction.objects.update(expires_at=timezone.now())
    with pytest.raises(services.Refused) as refused:
        services.take_away(Extraction.objects.get(), by=support)
    assert refused.value.status == 410
    services.sweep()
    extraction.refresh_from_db()
    assert extraction.etat == Etat.EXPIREE
    assert [path.name for path in folder.iterdir()] == ["notes.txt"]
    client.force_login(support)
    assert "Expirée" in client.get(LIST).content.decode()


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"etat": Etat.PRETE}, "extraction_ready_has_its_file"),
        ({"etat": "autre"}, "extraction_etat_known"),
        ({"query": "q=x"}, "extraction_of_a_search_holds_it"),
        ({"perimetre": Perimetre.DEPARTEMENT}, "extraction_of_a_departement_names_it"),
    ],
)
def test_the_database_refuses_what_makes_no_sense(support, changes, constraint):
    extraction = ask(support)
    with pytest.raises(IntegrityError, match=constraint):
        Extraction.objects.filter(pk=extraction.pk).update(**changes)


@pytest.mark.django_db(transaction=True)
def test_two_workers_make_it_once(offer, support):
    extraction = ask(support)

    def work(_):
        try:
            return services.run(extraction.pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(work, range(2))) == [False, True]
    extraction.refresh_from_db()
    assert (extraction.etat, extraction.attempt) == (Etat.PRETE, 1)


SLOW = """
import sys, time
import django
django.setup()
from restitutions.extractions import rows, services
real = rows.lines
def slow(*args, **kwargs):
    for line in real(*args, **kwargs):
        print("une ligne", flush=True)
        yield line
        time.sleep(60)
rows.lines = slow
services.run(sys.argv[1])
"""


@pytest.mark.django_db(transaction=True)
def test_kill_9_in_the_middle_serves_no_half_file(client, support, offer, folder):
    extraction = ask(support)
    command = [sys.executable, "-c", SLOW, str(extraction.pk)]
    with subprocess.Popen(
        command, env=environment(), cwd=settings.BASE_DIR, stdout=subprocess.PIPE, start_new_session=True
    ) as worker:
        assert worker.stdout.readline() == b"une ligne\n"
        worker.kill()
    [half] = folder.iterdir()
    assert half.name.endswith(writing.PASSING)
    client.force_login(support)
    address = download_url(extraction)
    assert client.post(address).status_code == 410
    assert services.sweep() == 0  # it may still be alive
    Extraction.objects.update(alive_at=timezone.now() - services.SILENCE)
    assert services.sweep() == 1
    assert lines(Extraction.objects.get())
    assert b"".join(client.post(address).streaming_content)
    services.sweep()
    assert [path.name for path in folder.iterdir()] == [f"{extraction.pk}-2.xlsx"]
