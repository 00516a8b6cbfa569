"""A mail is a row of the transaction; a real worker on the real broker sends it after the commit, over real SMTP."""

import os
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection, transaction
from post_office import mail
from post_office.models import STATUS, Email

from tests.builders import make_user

PATIENCE = 30  # seconds


class Mailbox(socketserver.ThreadingTCPServer):
    """An SMTP server that keeps what it receives."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), SmtpSession)
        self.received: list[str] = []


class SmtpSession(socketserver.StreamRequestHandler):
    """The few words of SMTP that smtplib speaks."""

    def handle(self) -> None:
        self.wfile.write(b"220 test\r\n")
        while line := self.rfile.readline():
            word = line[:4].upper()
            if word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                lines = iter(self.rfile.readline, b".\r\n")
                self.server.received.append(b"".join(lines).decode())
            self.wfile.write(b"221 bye\r\n" if word == b"QUIT" else b"250 ok\r\n")
            if word == b"QUIT":
                return


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with Mailbox() as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def worker(transactional_db, valkey, mailbox, tmp_path) -> Iterator[subprocess.Popen]:
    """`celery worker` on the test database and the test broker."""
    database = connection.settings_dict
    place = f"{quote(database['HOST'], safe='')}{':' + str(database['PORT']) if database['PORT'] else ''}"
    person = quote(database["USER"]) + (f":{quote(database['PASSWORD'])}" if database["PASSWORD"] else "")
    environment = os.environ | {
        "DATABASE_URL": f"postgresql://{person}@{place}/{database['NAME']}",
        "REDIS_URL": settings.REDIS_URL,
        "MAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": "127.0.0.1",
        "EMAIL_PORT": str(mailbox.server_address[1]),
        "DJANGO_SETTINGS_MODULE": "ror.settings.test",
    }
    command = [sys.executable, *"-m celery -A ror worker --queues celery,mail --concurrency 1 --loglevel INFO".split()]
    with (tmp_path / "worker.log").open("w") as log:
        process = subprocess.Popen(
            command, env=environment, cwd=settings.BASE_DIR, stdout=log, stderr=log, start_new_session=True
        )
        yield process
        process.terminate()
        process.wait(PATIENCE)


def wait_until(condition, worker: subprocess.Popen, tmp_path) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        log = (tmp_path / "worker.log").read_text()
        assert worker.poll() is None, log
        assert time.monotonic() < deadline, log
        time.sleep(0.05)


def test_a_mail_leaves_after_the_commit_and_only_then(worker, mailbox, tmp_path):
    person = make_user("nadia.belkacem@example.org")
    with transaction.atomic():
        mail.send(person.email, subject="Votre dossier est validé", message="Bonjour Nadia.")
        assert Email.objects.get().status == STATUS.queued
    wait_until(lambda: Email.objects.get().status == STATUS.sent, worker, tmp_path)
    assert len(mailbox.received) == 1
    assert "To: nadia.belkacem@example.org" in mailbox.received[0]


def test_a_transaction_rolled_back_sends_nothing(worker, mailbox, tmp_path):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        mail.send("personne@example.org", subject="Jamais", message="…")
        raise ZeroDivisionError
    mail.send("quelqu.un@example.org", subject="Ensuite", message="…")
    wait_until(lambda: Email.objects.filter(status=STATUS.sent).exists(), worker, tmp_path)
    assert [text.count("Subject: Ensuite") for text in mailbox.received] == [1]
