"""What a stranger learns by text or time, and the counters in PostgreSQL: Redis away, many at once, many addresses."""

import threading
import time

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core.cache import caches
from django.db import connection, connections
from django.test import Client
from post_office.models import Email

from accounts.models import User
from tests.builders import PASSWORD, TOTP_SECRET, make_totp, make_user

REFUSED = "Adresse ou mot de passe non reconnus."
PEOPLE = ["ici@exemple.fr", "inconnue@exemple.fr", "partie@exemple.fr", "invitee@exemple.fr"]


@pytest.fixture(autouse=True)
def _redis_is_away(settings):
    redis = settings.CACHES["redis"] | {"LOCATION": "redis://127.0.0.1:1/0"}
    settings.CACHES = settings.CACHES | {"redis": redis}
    settings.EMAIL_BACKEND = "post_office.EmailBackend"
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"


@pytest.fixture
def people():
    """An account open, none, one closed, one invited that has not come yet."""
    make_user("ici@exemple.fr")
    make_user("partie@exemple.fr", is_active=False)
    User.objects.create_user("invitee@exemple.fr", None, is_active=False)


@pytest.fixture
def hashes(monkeypatch):
    """How many times the (slow) hash of a password was computed."""
    done = []
    encode = MD5PasswordHasher.encode

    def counted(self, password, salt):
        done.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counted)
    return done


@pytest.mark.django_db
@pytest.mark.parametrize("email", PEOPLE)
def test_a_refused_login_says_the_same_and_costs_the_same(client, people, hashes, email):
    hashes.clear()
    page = client.post("/connexion/", {"login": email, "password": "une phrase qui n’est pas la sienne"})
    assert page.status_code == 200
    assert REFUSED in page.content.decode()
    assert len(hashes) == 1


@pytest.mark.django_db
def test_pages_of_refused_logins_are_the_same_to_the_letter(client, people):
    pages = set()
    for email in PEOPLE:
        page = client.post("/connexion/", {"login": email, "password": "une phrase"}).content.decode()
        pages.add(page.replace(email, "X").replace(page.split('csrfmiddlewaretoken" value="')[1].split('"')[0], ""))
    assert len(pages) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("email", PEOPLE)
def test_a_lost_password_says_the_same_writes_the_same_and_hashes_nothing(client, people, hashes, email):
    hashes.clear()
    response = client.post("/mot-de-passe/oublie/", {"email": email})
    assert (response.status_code, response["Location"]) == (302, "/mot-de-passe/oublie/envoye/")
    assert not hashes
    assert Email.objects.count() == 1
    assert ("/mot-de-passe/nouveau/" in Email.objects.get().message) == (email == "ici@exemple.fr")


@pytest.mark.django_db
@pytest.mark.parametrize("email", PEOPLE)
def test_the_counter_holds_with_redis_away(client, people, email):
    caches["default"].clear()  # the table outlives an interrupted run
    for _ in range(5):
        assert REFUSED in client.post("/connexion/", {"login": email, "password": "faux"}).content.decode()
    assert "Trop d’essais" in client.post("/connexion/", {"login": email, "password": PASSWORD}).content.decode()
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from cache where cache_key like %s", ["%login_failed%"])
        assert cursor.fetchone()[0] == 2  # of this address, and of where the tries come from


@pytest.mark.django_db
def test_trying_many_addresses_does_not_push_a_counter_out():
    """Django's own limit is 300 entries: the counters of other people would go first."""
    cache = caches["default"]
    cache.set("counter", 5)
    for number in range(400):
        cache.set(f"a{number}", 1)
    assert cache.get("counter") == 5


@pytest.mark.django_db(transaction=True)
def test_ten_tries_at_once_are_ten_tries(people):
    """Five at most are heard, whatever the order: the others are told to wait."""
    heard = []
    start = threading.Barrier(10)

    def one_try():
        try:
            start.wait()
            page = Client().post("/connexion/", {"login": "ici@exemple.fr", "password": "faux"})
            heard.append(REFUSED in page.content.decode())
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one_try) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(heard) == 10
    assert sum(heard) <= 5


@pytest.mark.django_db
def test_codes_are_not_tried_one_after_the_other(monkeypatch):
    """Five wrong codes, then the right one is refused too: in this session and in any other, Redis away."""
    now = time.time() // 30 * 30 + 5
    monkeypatch.setattr("allauth.mfa.totp.internal.auth.time.time", lambda: now)
    user = make_user("ici@exemple.fr")
    make_totp(user)
    good = format_hotp_value(hotp_value(TOTP_SECRET, int(now) // 30))
    wrong = f"{(int(good) + 1) % 1_000_000:06d}"
    one, other = Client(), Client()
    for client in (one, other):
        assert (
            client.post("/connexion/", {"login": user.email, "password": PASSWORD})["Location"] == "/connexion/code/"
        )
    for _ in range(5):
        assert "Ce code n’est pas le bon" in one.post("/connexion/code/", {"code": wrong}).content.decode()
    for client in (one, other):
        refused = client.post("/connexion/code/", {"code": good})
        assert refused.status_code == 200 and "Trop d’essais" in refused.content.decode()
        assert client.get("/compte/").status_code == 302, "nobody is logged in"
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from cache where cache_key like %s", [f"%mfa-auth-user-{user.pk}%"])
        assert cursor.fetchone()[0] or _counters(), "counted in PostgreSQL"


def _counters() -> int:
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from cache where cache_key like %s", ["%login_failed%"])
        return cursor.fetchone()[0]
