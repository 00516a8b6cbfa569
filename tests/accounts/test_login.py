"""Login, logout, password: in French, without saying who has an account, and with Redis away."""

import re

import pytest
from django.core.cache import cache
from kombu.exceptions import OperationalError
from post_office.models import Email

from accounts import demo
from accounts.models import User
from tests.builders import PASSWORD, make_user

NEW_PASSWORD = "un autre secret, bien assez long"
REFUSED = "Adresse ou mot de passe non reconnus."
TOO_MANY = "Trop d’essais pour cette adresse."


pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _redis_is_away(settings):
    redis = settings.CACHES["redis"] | {"LOCATION": "redis://127.0.0.1:1/0"}
    settings.CACHES = settings.CACHES | {"redis": redis}
    settings.EMAIL_BACKEND = "post_office.EmailBackend"  # pytest-django puts its own


@pytest.fixture
def person():
    return make_user("nadia@exemple.fr")


def log_in(client, email="nadia@exemple.fr", password=PASSWORD, **more):
    return client.post("/connexion/", {"login": email, "password": password} | more)


def test_a_right_password_opens_the_page_asked_for(client, person):
    response = log_in(client, next="/dossiers/")
    assert response.status_code == 302
    assert response["Location"] == "/dossiers/"
    assert client.get("/dossiers/").status_code == 200


def test_the_address_is_the_same_whatever_its_case(client, person):
    assert log_in(client, "  Nadia@Exemple.FR ").status_code == 302


def test_nobody_is_sent_to_another_site(client, person):
    assert log_in(client, next="https://ailleurs.example/")["Location"] == "/"


def test_a_wrong_password_is_refused_and_the_address_kept(client, person):
    response = log_in(client, password="mauvais")
    html = response.content.decode()
    assert response.status_code == 200
    assert REFUSED in html
    assert 'value="nadia@exemple.fr"' in html
    assert "mauvais" not in html


def test_an_inactive_account_does_not_enter(client):
    make_user("parti@exemple.fr", is_active=False)
    response = log_in(client, "parti@exemple.fr")
    assert response["Location"] == "/connexion/compte-inactif/"
    assert client.get("/").status_code == 302
    assert "plus actif" in client.get("/connexion/compte-inactif/").content.decode()


@pytest.mark.parametrize("email", ["nadia@exemple.fr", "inconnue@exemple.fr"])
def test_after_five_failures_even_the_right_password_waits_and_strangers_hear_the_same(client, person, email):
    for _ in range(5):
        assert REFUSED in log_in(client, email, "mauvais").content.decode()
    html = log_in(client, email).content.decode()
    assert TOO_MANY in html
    assert client.get("/").status_code == 302


def test_a_flood_is_stopped_in_french(client, settings):
    settings.ACCOUNT_RATE_LIMITS = {"login": "1/m/ip"}
    assert log_in(client).status_code == 200
    response = log_in(client)
    assert response.status_code == 429
    assert "Trop de demandes en peu de temps" in response.content.decode()


def test_failures_are_counted_in_the_database(client, person, settings):
    assert settings.CACHES["default"]["BACKEND"].endswith("DatabaseCache")
    cache.clear()
    for _ in range(5):
        log_in(client, password="mauvais")
    cache.clear()
    assert log_in(client).status_code == 302


def test_the_demo_lists_its_accounts_and_production_does_not(client, settings):
    html = client.get("/connexion/").content.decode()
    assert demo.PASSWORD in html
    assert all(account.email in html for account in demo.ACCOUNTS)
    settings.DEMO = False
    html = client.get("/connexion/").content.decode()
    assert demo.PASSWORD not in html
    assert "demo.ror" not in html


def test_nobody_signs_up_alone(client):
    page = "/connexion/demander-un-acces/"
    assert "nominatifs" in client.get(page).content.decode()
    client.post(page, {"email": "moi@exemple.fr", "password1": NEW_PASSWORD, "password2": NEW_PASSWORD})
    assert not User.objects.filter(email="moi@exemple.fr").exists()


# --- Logout -------------------------------------------------------------------------------------------------------


def test_a_link_asks_and_a_form_logs_out(client, person):
    client.force_login(person)
    assert "Se déconnecter" in client.get("/deconnexion/").content.decode()
    assert client.get("/dossiers/").status_code == 200
    response = client.post("/deconnexion/", follow=True)
    assert "Vous êtes déconnecté" in response.content.decode()
    assert client.get("/dossiers/").status_code == 302


# --- Password -----------------------------------------------------------------------------------------------------


def test_a_lost_password_is_replaced_by_a_link_received(client, person):
    response = client.post("/mot-de-passe/oublie/", {"email": "nadia@exemple.fr"}, follow=True)
    assert "Consultez votre messagerie" in response.content.decode()
    message = Email.objects.get()
    assert message.subject == "[ROR] Choisir un nouveau mot de passe"
    assert "01\u00a083\u00a076\u00a030\u00a031" in message.message
    assert "Le ROR Île-de-France" in message.message
    link = re.search(r"http://testserver(/mot-de-passe/nouveau/\S+)", message.message)[1]

    form = client.get(link, follow=True)
    address = form.redirect_chain[-1][0]
    assert "Choisir un nouveau mot de passe" in form.content.decode()
    too_short = client.post(address, {"password1": "court", "password2": "court"})
    assert 'aria-invalid="true"' in too_short.content.decode()
    person.refresh_from_db()
    assert person.check_password(PASSWORD)
    done = client.post(address, {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD}, follow=True)
    assert "mot de passe est changé" in done.content.decode()
    assert log_in(client, password=NEW_PASSWORD).status_code == 302

    client.post("/deconnexion/")
    assert "Ce lien ne sert plus" in client.get(link, follow=True).content.decode()


def test_a_stranger_hears_the_same_and_learns_by_mail_whom_to_ask(client, person):
    known = client.post("/mot-de-passe/oublie/", {"email": "nadia@exemple.fr"})
    stranger = client.post("/mot-de-passe/oublie/", {"email": "inconnue@exemple.fr"})
    assert (known.status_code, known["Location"]) == (stranger.status_code, stranger["Location"])
    message = Email.objects.get(subject="[ROR] Aucun compte à cette adresse")
    assert message.to == ["inconnue@exemple.fr"]
    assert "/connexion/demander-un-acces/" in message.message


def test_a_bad_link_says_so(client):
    assert "Ce lien ne sert plus" in client.get("/mot-de-passe/nouveau/1-faux/").content.decode()


@pytest.mark.django_db(transaction=True)
def test_a_broker_away_only_delays_the_mail(client, monkeypatch):
    make_user("nadia@exemple.fr")

    def unreachable(*args, **kwargs):
        raise OperationalError("connection refused")

    monkeypatch.setattr("post_office.tasks.send_queued_mail.apply_async", unreachable)
    response = client.post("/mot-de-passe/oublie/", {"email": "nadia@exemple.fr"})
    assert response["Location"] == "/mot-de-passe/oublie/envoye/"
    assert Email.objects.count() == 1


def test_one_changes_ones_password(client, person):
    client.force_login(person)
    page = "/mot-de-passe/changer/"
    wrong = client.post(page, {"oldpassword": "faux", "password1": NEW_PASSWORD, "password2": NEW_PASSWORD})
    assert "Saisissez votre mot de passe actuel" in wrong.content.decode()
    client.post(page, {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD})
    person.refresh_from_db()
    assert person.check_password(NEW_PASSWORD)


# --- Support creates accounts -------------------------------------------------------------------------------------


def test_support_creates_an_account_without_knowing_its_password(client):
    client.force_login(make_user("admin@exemple.fr", is_staff=True, is_superuser=True))
    response = client.post(
        "/admin/accounts/user/add/",
        {"email": "Neuf@Exemple.fr", "first_name": "Ana", "last_name": "Neuf", "usable_password": "false"},
    )
    assert response.status_code == 302, response.content.decode()
    created = User.objects.get(email="neuf@exemple.fr")
    assert not created.has_usable_password()
    assert client.get(f"/admin/accounts/user/{created.pk}/change/").status_code == 200
