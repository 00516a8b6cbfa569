"""Probes: liveness never depends on a service; readiness needs PostgreSQL and its migrations, not Redis."""

import pytest
from django.db import OperationalError
from django.db.migrations.recorder import MigrationRecorder
from django.test import RequestFactory

from ror import health


@pytest.fixture(autouse=True)
def unknown_migrations(monkeypatch):
    monkeypatch.setitem(health._known, "migrated", False)


def test_liveness_asks_no_database(client):
    """No `django_db` mark here: a query would fail the test."""
    response = client.get("/sante/")
    assert (response.status_code, response.json()) == (200, {"etat": "vivant"})


@pytest.mark.django_db
def test_readiness_when_all_is_well(client, django_assert_num_queries):
    response = client.get("/pret/")
    assert response.status_code == 200
    assert response.json() == {"etat": "pret", "base": "ok", "migrations": "ok", "redis": "ok"}
    with django_assert_num_queries(1):  # the migrations are read once in the life of a process
        client.get("/pret/")


@pytest.mark.django_db
def test_readiness_waits_for_the_migrations(client):
    MigrationRecorder.Migration.objects.filter(app="accounts").delete()
    response = client.get("/pret/")
    assert (response.status_code, response.json()["migrations"]) == (503, "en attente")


@pytest.mark.django_db
def test_readiness_says_redis_is_absent_and_stays_ready(client, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    response = client.get("/pret/")
    assert (response.status_code, response.json()["redis"]) == (200, "absent")


def test_readiness_without_a_database_is_503(monkeypatch):
    def refuse():
        raise OperationalError("no server")

    monkeypatch.setattr(health.connection, "cursor", refuse)
    response = health.readiness(RequestFactory().get("/pret/"))
    assert response.status_code == 503
    assert b"injoignable" in response.content


@pytest.mark.parametrize("path", ["/sante/", "/pret/"])
@pytest.mark.django_db
def test_probes_call_by_address_over_plain_http(client, settings, path):
    settings.ALLOWED_HOSTS = ["ror.example.org"]
    settings.SECURE_SSL_REDIRECT = True
    assert client.get(path, headers={"host": "10.0.0.7:8000"}).status_code == 200
    assert client.get("/aide/", headers={"host": "10.0.0.7:8000"}).status_code in {301, 400}


@pytest.mark.parametrize("path", ["/sante/", "/pret/"])
def test_probes_only_read(client, path):
    assert client.post(path).status_code == 405
