"""Redis may be lost at any time: pages, logins and mails in the making go on, without waiting for it."""

import logging
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.core.cache import caches
from django.urls import reverse
from post_office import mail
from post_office.models import Email

from ror.celery import app
from tests.builders import PASSWORD, make_user

LIMIT = 1.0  # seconds that a broken Redis may cost a person


@contextmanager
def refusing() -> Iterator[str]:
    """Nobody listens on this port."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    yield f"redis://127.0.0.1:{port}/0"


@contextmanager
def mute() -> Iterator[str]:
    """Connections are taken, nothing is ever answered: a frozen server, or a firewall."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"


def use_broker(url: str) -> None:
    """Point this process's Celery elsewhere; kombu keeps one pool of connections per URL."""
    app.conf.broker_url = app.conf.broker_read_url = app.conf.broker_write_url = url
    app._pool = None
    app.__dict__.pop("amqp", None)


@pytest.fixture(params=[refusing, mute])
def broken_redis(request, settings) -> Iterator[None]:
    """Cache and broker of this process on a Redis that does not answer."""
    before = settings.REDIS_URL
    with request.param() as url:
        settings.REDIS_URL = url
        settings.CACHES = settings.CACHES | {"redis": settings.CACHES["redis"] | {"LOCATION": url}}
        use_broker(url)
        yield
    use_broker(before)


@pytest.mark.usefixtures("broken_redis")
@pytest.mark.django_db(transaction=True)
def test_login_and_home_work(client):
    person = make_user()
    started = time.monotonic()
    response = client.post(reverse("account_login"), {"login": person.email, "password": PASSWORD})
    assert response.status_code == 302
    assert client.get("/").status_code == 200
    assert time.monotonic() - started < 2 * LIMIT


@pytest.mark.usefixtures("broken_redis")
@pytest.mark.django_db(transaction=True)
def test_a_password_reset_is_kept_for_the_sweep(client, caplog, settings):
    settings.EMAIL_BACKEND = "post_office.EmailBackend"  # ours, which the test runner replaces
    person = make_user()
    started = time.monotonic()
    with caplog.at_level(logging.WARNING, logger="ror.celery"):
        response = client.post(reverse("account_reset_password"), {"email": person.email})
    assert response.status_code == 302
    assert time.monotonic() - started < LIMIT
    assert Email.objects.get().to == [person.email]
    assert "le balayage la reprendra" in caplog.text


@pytest.mark.usefixtures("broken_redis")
@pytest.mark.django_db(transaction=True)
def test_queueing_a_mail_neither_fails_nor_waits():
    for _ in range(2):  # the first one pays for the imports
        started = time.monotonic()
        mail.send("quelqu.un@example.org", subject="Bonjour", message="…")
    assert time.monotonic() - started < LIMIT
    assert Email.objects.count() == 2


@pytest.mark.usefixtures("broken_redis")
def test_the_lossy_cache_answers_as_if_empty():
    caches["redis"].set("key", "value")
    assert caches["redis"].get("key") is None
