"""The second factor: compulsory for support and administrators, offered to all, lost and reset; a real TOTP login."""

import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.mfa.utils import decrypt
from django.test import Client
from post_office.models import Email

from accounts import second_factor
from accounts.middleware import NO_SECOND_FACTOR
from accounts.models import User
from directory.models import Role
from journal.models import Entry
from tests.builders import PASSWORD, TOTP_SECRET, make_habilitation, make_totp, make_user

pytestmark = pytest.mark.django_db
ACTIVATION = "/compte/second-facteur/activer/"
CODE_PAGE = "/connexion/code/"


@pytest.fixture(autouse=True)
def _steady_code(monkeypatch):
    """A code lasts 30 seconds: the clock stands at the start of one, so that no test straddles two."""
    now = time.time() // 30 * 30 + 5
    monkeypatch.setattr("allauth.mfa.totp.internal.auth.time.time", lambda: now)
    return now


def code(secret: str = TOTP_SECRET) -> str:
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def log_in(client, user: User, **more):
    return client.post("/connexion/", {"login": user.email, "password": PASSWORD} | more)


# --- Whom the rule binds ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "attrs",
    [
        {"role": Role.SUPPORT},
        {"role": Role.ADMINISTRATEUR},
        {"is_staff": True},
        {"is_superuser": True},
    ],
)
def test_support_and_administrators_activate_it_before_anything_else(client, attrs):
    client.force_login(make_user(totp=False, **attrs))
    for page in ("/", "/repertoire/", "/admin/", "/compte/", "/recherche/"):
        response = client.get(page)
        assert (response.status_code, response["Location"]) == (302, ACTIVATION), page
    assert client.post("/compte/sessions/terminer/").status_code == 302


def test_no_api_without_it_either(client):
    client.force_login(make_user(totp=False, role=Role.SUPPORT))
    response = client.get("/api/v1/etablissements/?q=csapa", headers={"Accept": "application/json"})
    assert response.status_code == 403
    assert response.json()["message"] == NO_SECOND_FACTOR


@pytest.mark.parametrize("page", ["/aide/", "/accessibilite/", "/deconnexion/", "/connexion/demander-un-acces/"])
def test_public_pages_and_logout_stay_open(client, page):
    client.force_login(make_user(totp=False, role=Role.SUPPORT))
    assert client.get(page).headers.get("Location", "") != ACTIVATION


@pytest.mark.parametrize("role", [Role.LECTEUR, Role.REGULATION])
def test_the_others_may_do_without(client, role):
    client.force_login(make_user(role=role))
    assert client.get("/").status_code == 200
    assert "Activer" in client.get("/compte/").content.decode()


def test_the_demo_does_without_and_says_so(client, settings):
    settings.MFA_REQUIRED = False
    client.force_login(make_user(totp=False, role=Role.SUPPORT))
    assert "Démonstration" in client.get("/compte/").content.decode()
    assert client.get("/").status_code == 200
    client.logout()
    assert "second facteur" in client.get("/connexion/").content.decode()


def test_a_role_given_counts_at_the_next_page(client):
    user = make_user()
    client.force_login(user)
    assert client.get("/").status_code == 200
    make_habilitation(user, Role.SUPPORT)
    assert client.get("/")["Location"] == ACTIVATION


def test_the_rule_costs_no_query(client, django_assert_num_queries):
    client.force_login(make_user(role=Role.SUPPORT))
    client.get("/aide/")
    with django_assert_num_queries(2) as queries:  # session, user
        client.get("/aide/")
    assert "accounts_session" in queries.captured_queries[0]["sql"]


# --- Activation and login -----------------------------------------------------------------------------------------


def test_activation_then_a_real_login_with_a_code(client, _steady_code):
    user = make_user(totp=False, role=Role.SUPPORT)
    assert log_in(client, user)["Location"] == "/"
    page = client.get("/", follow=True).content.decode()  # no password asked again just after it was given
    secret = client.session["mfa.totp.secret"]
    assert secret in page
    assert "data:image/svg+xml" in page

    wrong = client.post(ACTIVATION, {"code": "000000"})
    assert "Ce code n’est pas le bon" in wrong.content.decode()
    done = client.post(ACTIVATION, {"code": code(secret)}, follow=True)
    assert "Codes de secours" in done.content.decode()
    assert client.get("/").status_code == 200

    client.post("/deconnexion/")
    assert log_in(client, user, next="/dossiers/")["Location"].startswith(CODE_PAGE)
    assert client.get("/").status_code == 302
    assert "Ce code n’est pas le bon" in client.post(CODE_PAGE, {"code": "000000"}).content.decode()
    assert client.post(CODE_PAGE, {"code": code(secret)})["Location"] == "/dossiers/"
    assert client.get("/dossiers/").status_code == 200


def test_a_code_serves_once(client):
    user = make_user(role=Role.SUPPORT)
    log_in(client, user)
    assert client.post(CODE_PAGE, {"code": code()}).status_code == 302
    client.post("/deconnexion/")
    log_in(client, user)
    assert "il a déjà servi" in client.post(CODE_PAGE, {"code": code()}).content.decode()


def test_a_recovery_code_serves_once(client):
    user = make_user(totp=False, role=Role.SUPPORT)
    log_in(client, user)
    client.get(ACTIVATION)
    client.post(ACTIVATION, {"code": code(client.session["mfa.totp.secret"])})
    spare = Authenticator.objects.get(user=user, type="recovery_codes").wrap().get_unused_codes()[0]
    for expected in (302, 200):
        client.post("/deconnexion/")
        log_in(client, user)
        assert client.post(CODE_PAGE, {"code": spare}).status_code == expected


def test_codes_cannot_be_tried_for_ever(client):
    user = make_user(role=Role.SUPPORT)
    log_in(client, user)
    for _ in range(5):
        client.post(CODE_PAGE, {"code": "000000"})
    assert "Trop d’essais" in client.post(CODE_PAGE, {"code": code()}).content.decode()


def test_the_secret_is_encrypted_and_survives_a_new_secret_key(settings):
    stored = make_totp(make_user()).data["secret"]
    assert TOTP_SECRET not in stored
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "une-autre-clef" * 5
    assert decrypt(stored) == TOTP_SECRET


def test_activation_ends_the_sessions_opened_elsewhere(client, client_factory, django_capture_on_commit_callbacks):
    user = make_user()
    other = client_factory(user)
    log_in(client, user)
    client.get(ACTIVATION)
    with django_capture_on_commit_callbacks(execute=True):
        client.post(ACTIVATION, {"code": code(client.session["mfa.totp.secret"])})
    assert client.get("/").status_code == 200
    assert other.get("/").status_code == 302
    assert Entry.objects.filter(action="add_second_factor", author=user).exists()


@pytest.fixture
def client_factory():
    def make(user):
        client = Client()
        client.force_login(user)
        return client

    return make


# --- Sensitive pages ----------------------------------------------------------------------------------------------


def test_an_old_login_confirms_before_touching_the_factor(client):
    client.force_login(make_user())  # no password given in this session
    assert client.get(ACTIVATION)["Location"].startswith("/compte/confirmer/?next=")
    page = f"/compte/confirmer/?next={ACTIVATION}"
    assert "mot de passe" in client.get(page).content.decode()
    assert client.post(page, {"password": PASSWORD, "next": ACTIVATION})["Location"] == ACTIVATION
    assert client.get(ACTIVATION).status_code == 200


def test_a_code_confirms_too(client):
    client.force_login(make_user(totp=True))
    page = "/compte/confirmer/code/"
    assert "application" in client.get(page).content.decode()
    client.post(page, {"code": code(), "next": "/compte/"})
    assert client.get("/compte/second-facteur/retirer/").status_code == 200


def test_one_takes_away_ones_own_factor_unless_the_role_asks_for_it(client):
    user = make_user(totp=True)
    log_in(client, user)
    client.post(CODE_PAGE, {"code": code()})
    client.post("/compte/second-facteur/retirer/")
    assert not Authenticator.objects.filter(user=user).exists()


def test_support_keeps_its_own(client):
    user = make_user(role=Role.SUPPORT)
    log_in(client, user)
    client.post(CODE_PAGE, {"code": code()})
    page = client.post("/compte/second-facteur/retirer/")
    assert "Votre rôle oblige" in page.content.decode()
    assert Authenticator.objects.filter(user=user, type="totp").exists()


# --- Lost ---------------------------------------------------------------------------------------------------------


def confirmed(client, user: User) -> None:
    """A login a moment ago, with the code: what a sensitive page asks for."""
    log_in(client, user)
    assert client.post(CODE_PAGE, {"code": code()}).status_code == 302


def test_support_resets_a_lost_factor_and_it_counts_at_once(client, client_factory):
    person = make_user(totp=True)
    hers = client_factory(person)
    support = make_user(role=Role.SUPPORT, is_staff=True)
    confirmed(client, support)
    page = f"/admin/accounts/user/{person.pk}/second-facteur/"
    assert "vérifié" in client.get(page).content.decode()
    assert Authenticator.objects.filter(user=person).exists()
    client.post(page)
    assert not Authenticator.objects.filter(user=person).exists()
    assert hers.get("/").status_code == 302
    assert Entry.objects.get(action="reset_second_factor").author == support
    assert "a retiré le second facteur" in Email.objects.get(to=person.email).message
    again = client.post(page, follow=True)
    assert "rien n’a changé" in again.content.decode()
    assert Entry.objects.filter(action="reset_second_factor").count() == 1


def test_resetting_asks_support_who_she_is(client):
    client.force_login(make_user(role=Role.SUPPORT, is_staff=True))
    response = client.post(f"/admin/accounts/user/{make_user(totp=True).pk}/second-facteur/")
    assert response["Location"].startswith("/compte/confirmer/")


def test_a_reset_factor_of_support_sends_it_back_to_activation(client):
    support = make_user(role=Role.SUPPORT, is_staff=True)
    second_factor.reset(user=support, by=make_user(is_superuser=True))
    client.force_login(support)
    assert client.get("/")["Location"] == ACTIVATION


@pytest.mark.parametrize("attrs", [{"is_staff": True}, {"is_superuser": True}])
def test_support_does_not_reset_its_colleagues(client, attrs):
    colleague = make_user(**attrs)
    confirmed(client, make_user(role=Role.SUPPORT, is_staff=True))
    assert client.post(f"/admin/accounts/user/{colleague.pk}/second-facteur/").status_code == 403
    assert Authenticator.objects.filter(user=colleague).exists()


def test_a_professional_resets_nobody(client):
    person = make_user(totp=True)
    client.force_login(make_user())
    assert client.post(f"/admin/accounts/user/{person.pk}/second-facteur/").status_code == 302
    assert Authenticator.objects.filter(user=person).exists()
