"""Limits of a session, what a script hears when it is over, « terminer mes autres sessions »."""

import datetime as dt

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.utils import timezone

from accounts import sessions
from accounts.models import Session, User
from accounts.tasks import forget_sessions
from tests.builders import PASSWORD, make_user

pytestmark = pytest.mark.django_db
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0"
SCRIPTS = [{"HX-Request": "true"}, {"Accept": "application/json"}, {"X-Requested-With": "XMLHttpRequest"}]


@pytest.fixture
def user():
    return make_user()


@pytest.fixture
def logged(client, user):
    client.force_login(user)
    return client


def aged(client, *, seen: dt.timedelta = dt.timedelta(), started: dt.timedelta = dt.timedelta()) -> None:
    """Move the session of this client into the past."""
    now = timezone.now()
    row = Session.objects.filter(pk=client.session.session_key)
    assert row.update(seen_at=now - seen, started_at=now - started)


def test_idle_ends_with_a_sentence(logged, settings):
    settings.SESSION_IDLE_MINUTES = 60
    aged(logged, seen=dt.timedelta(minutes=59))
    assert logged.get("/dossiers/").status_code == 200
    aged(logged, seen=dt.timedelta(minutes=60))
    response = logged.get("/dossiers/?etat=initie")
    assert response["Location"] == "/connexion/?next=/dossiers/%3Fetat%3Dinitie&fin=inactivite"
    assert "vous n’aviez rien fait" in logged.get(response["Location"]).content.decode()
    assert not Session.objects.filter(user__isnull=False).exists()


def test_activity_keeps_it_open_but_not_what_a_page_asks_by_itself(logged):
    aged(logged, seen=dt.timedelta(minutes=30))
    logged.get("/dossiers/", headers={"X-Background": "1"})
    before = Session.objects.get().seen_at
    logged.get("/dossiers/")
    assert Session.objects.get().seen_at > before
    assert timezone.now() - Session.objects.get().seen_at < dt.timedelta(minutes=1)


def test_activity_is_written_once_a_minute(logged, django_assert_num_queries):
    logged.get("/aide/")
    with django_assert_num_queries(2):  # session, user
        logged.get("/aide/")


def test_twelve_hours_from_the_login_whatever_the_activity(logged):
    aged(logged, started=dt.timedelta(hours=11, minutes=59))
    assert logged.get("/dossiers/").status_code == 200
    aged(logged, started=dt.timedelta(hours=12))
    response = logged.get("/dossiers/")
    assert "fin=duree" in response["Location"]
    assert "depuis votre connexion" in logged.get(response["Location"]).content.decode()


def test_a_session_that_is_saved_does_not_start_again(logged):
    started = Session.objects.get().started_at
    session = logged.session
    session["x"] = 1
    session.save()
    row = Session.objects.get()
    assert row.started_at == started
    assert row.expire_date <= started + dt.timedelta(seconds=django_settings.SESSION_COOKIE_AGE)


@pytest.mark.parametrize("headers", SCRIPTS)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_script_hears_401(logged, headers, method):
    aged(logged, seen=dt.timedelta(hours=2))
    response = getattr(logged, method)("/dossiers/", headers=headers)
    assert response.status_code == 401
    assert response.json()["message"] == "Votre session est terminée. Connectez-vous de nouveau."
    assert response.json()["connexion"].endswith("fin=inactivite")
    assert "HX-Request" in response["Vary"]


@pytest.mark.parametrize("headers", SCRIPTS)
def test_a_script_without_any_session_too(client, headers):
    assert client.get("/dossiers/", headers=headers).status_code == 401


def test_what_was_sent_comes_back_to_the_page_it_was_sent_from(logged):
    aged(logged, seen=dt.timedelta(hours=2))
    response = logged.post("/compte/sessions/terminer/", headers={"Referer": "http://testserver/compte/?a=1"})
    assert response["Location"].startswith("/connexion/?next=/compte/%3Fa%3D1&")
    response = logged.post("/compte/sessions/terminer/", headers={"Referer": "https://ailleurs.example/piege"})
    assert response["Location"].startswith("/connexion/?next=/")
    assert "ailleurs" not in response["Location"]


def test_public_pages_open_on_an_expired_session(logged):
    aged(logged, seen=dt.timedelta(hours=2))
    assert logged.get("/aide/").status_code == 200


def test_my_sessions_and_the_end_of_the_others(user):
    here, there = Client(headers={"User-Agent": FIREFOX}), Client(headers={"User-Agent": "curl/8"})
    for one in (here, there):
        one.post("/connexion/", {"login": user.email, "password": PASSWORD})
    stranger = Client()
    stranger.force_login(make_user())
    page = here.get("/compte/").content.decode()
    assert "Firefox sur Windows" in page
    assert "Navigateur inconnu" in page
    assert page.count("Celle-ci") == 1
    assert here.get("/compte/sessions/terminer/").status_code == 405
    assert "sont terminées" in here.post("/compte/sessions/terminer/", follow=True).content.decode()
    response = there.get("/")
    assert response["Location"] == "/connexion/?next=/&fin=fin"
    assert "Votre session est terminée." in there.get(response["Location"]).content.decode()
    assert here.get("/").status_code == 200
    assert stranger.get("/").status_code == 200


def test_a_new_password_ends_the_other_sessions(user):
    here, there = Client(), Client()
    for one in (here, there):
        one.force_login(user)
    new = "un autre secret, bien assez long"
    here.post("/mot-de-passe/changer/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert here.get("/").status_code == 200
    assert there.get("/").status_code == 302
    assert Session.objects.filter(user=user).count() == 1


def test_what_is_too_old_is_not_listed(user, logged):
    aged(logged, seen=dt.timedelta(hours=2))
    assert not sessions.open_sessions(user)


def test_rows_that_no_longer_serve_are_deleted(user, logged):
    Client().force_login(make_user())
    Session.objects.filter(user=user).update(expire_date=timezone.now() - dt.timedelta(seconds=1))
    assert forget_sessions() == 1
    assert not Session.objects.filter(user=user).exists()


@pytest.mark.parametrize(
    ("signature", "words"),
    [
        (FIREFOX, "Firefox sur Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36 Edg/126.0", "Edge sur Linux"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Safari/604.1", "Safari sur iPhone"),
        ("", "Navigateur inconnu"),
    ],
)
def test_a_device_is_told_in_words(signature, words):
    assert sessions.device(signature) == words


def test_the_header_leads_to_my_account(logged):
    assert 'href="/compte/"' in logged.get("/").content.decode()


def test_nobody_reads_the_account_page_without_login(client):
    assert client.get("/compte/").status_code == 302


def test_my_account_costs_the_same_whatever_the_number_of_sessions(logged, user, django_assert_num_queries):
    for _ in range(10):
        Client().force_login(user)
    logged.get("/aide/")
    with django_assert_num_queries(6):  # session, user, factors, rights, requests, sessions
        assert logged.get("/compte/").status_code == 200
    assert User.objects.count() == 1
