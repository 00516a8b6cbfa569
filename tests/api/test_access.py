"""Who gets in: machines by their tokens, people by their session, nobody else; in which words one is refused."""

import base64
import logging

import pytest
from django.core.cache import caches
from django.test import Client as Browser
from oauth2_provider.models import AccessToken

from accounts.models import User
from api import clients
from api.models import Client
from api.tasks import forget_tokens
from journal.models import Entry
from tests import builders as b
from tests.api.conftest import machine, make_client, make_token, person

pytestmark = pytest.mark.django_db
URL = "/api/v1/nomenclature/"
TOKEN = "/api/oauth/token/"
GRANT = {"grant_type": "client_credentials"}


@pytest.fixture(autouse=True)
def _no_failures_yet():
    caches["default"].clear()


def ask(client: Client | None, secret: str = "", *, browser: Browser | None = None, **data):
    """Ask for a token, with HTTP Basic."""
    name = client.client_id if client else "inconnu"
    known = base64.b64encode(f"{name}:{secret or getattr(client, 'secret', 'x')}".encode()).decode()
    return (browser or Browser()).post(TOKEN, GRANT | data, headers={"authorization": f"Basic {known}"})


def bearer(token: str) -> Browser:
    return Browser(headers={"authorization": f"Bearer {token}"})


# --- Tokens ---------------------------------------------------------------------------------------------------------


def test_a_client_gets_a_token_of_an_hour_and_reads_with_it():
    response = ask(make_client())
    answer = response.json()
    assert response.status_code == 200
    assert (answer["expires_in"], answer["token_type"], answer["scope"]) == (3600, "Bearer", "lecture")
    assert "refresh_token" not in answer
    assert "no-store" in response["Cache-Control"]
    assert bearer(answer["access_token"]).get(URL).status_code == 200


def test_in_the_form_too():
    client = make_client()
    answer = Browser().post(TOKEN, GRANT | {"client_id": client.client_id, "client_secret": client.secret})
    assert answer.status_code == 200


def test_neither_the_secret_nor_the_token_is_kept_in_clear():
    client = make_client()
    token = ask(client).json()["access_token"]
    row = AccessToken.objects.get()
    assert client.secret not in Client.objects.get().client_secret
    assert token not in (row.token, row.token_checksum)


@pytest.mark.parametrize("grant", ["password", "authorization_code", "refresh_token", "implicit", "", "x"])
def test_no_other_grant_is_on(grant):
    user = b.make_user()
    response = ask(make_client(), grant_type=grant, username=user.email, password=b.PASSWORD, code="x")
    assert response.status_code == 400
    assert response.json()["error"] in ("unsupported_grant_type", "invalid_request")


@pytest.mark.parametrize("scope", ["ecriture", "lecture ecriture", "__all__"])
def test_no_other_scope_is_given(scope):
    assert ask(make_client(), scope=scope).status_code in (400, 401)


def test_wrong_credentials_are_refused():
    assert ask(make_client(), "mauvais").status_code == 401
    assert ask(None).status_code == 401
    assert Browser().post(TOKEN, GRANT).status_code == 401
    assert Browser().get(TOKEN).status_code == 405
    assert Browser().post(TOKEN, "{}", content_type="application/json").status_code in (400, 401)


def test_failures_are_counted_like_failed_logins():
    client = make_client()
    for _ in range(5):
        assert ask(client, "mauvais").status_code == 401
    refused = ask(client)
    assert refused.status_code == 429
    assert (refused["Retry-After"], refused["Content-Type"]) == ("300", "application/problem+json")
    assert ask(make_client()).status_code == 200, "un autre client n’en souffre pas"


def test_success_is_not_counted():
    client = make_client()
    assert {ask(client).status_code for _ in range(7)} == {200}


def test_the_counters_outlive_redis():
    client = make_client()
    for _ in range(5):
        ask(client, "mauvais")
    caches["redis"].clear()
    assert ask(client).status_code == 429


def test_tokens_that_are_over_are_forgotten():
    client = make_client()
    make_token(client, seconds=-3600)
    make_token(client)
    forget_tokens()
    assert AccessToken.objects.count() == 1


# --- Showing a token ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shown", ["", "Bearer", "Bearer ", "Bearer inconnu", "Bearer é", "Basic eDp4", "Jeton x"])
def test_without_a_good_token_it_is_a_401_that_says_how(shown):
    response = Browser(headers={"authorization": shown}).get(URL)
    assert response.status_code == 401
    assert response["WWW-Authenticate"].startswith('Bearer realm="ror"')
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["title"] == "Connexion ou jeton nécessaire"


def test_a_token_that_is_over_or_of_another_scope():
    client = make_client()
    assert bearer(make_token(client, seconds=-1)).get(URL).status_code == 401
    assert bearer(make_token(client, scope="autre")).get(URL).status_code == 403


def test_a_token_in_the_address_is_not_read():
    token = make_token(make_client())
    assert Browser().get(URL, {"access_token": token}).status_code == 401


def test_a_token_opens_nothing_but_the_api(world):
    client = machine(niveau=3)
    for url in ("/", "/recherche/?q=camsp", world.eg.get_absolute_url(), "/admin/", "/mon-compte/"):
        assert client.get(url).status_code in (302, 404), url


def test_revocation_is_immediate():
    client = make_client()
    token = ask(client).json()["access_token"]
    kept = make_token(client, text="gardé")
    assert clients.revoke(client, by=User.objects.system())
    assert not clients.revoke(client, by=User.objects.system())
    assert bearer(token).get(URL).status_code == 401
    assert bearer(kept).get(URL).status_code == 401
    assert ask(client).status_code == 401
    make_token(client, text="né après")  # given out by a request that ran meanwhile
    assert bearer("né après").get(URL).status_code == 401


def test_a_new_secret_ends_the_one_before_and_its_tokens():
    client = make_client()
    token = ask(client).json()["access_token"]
    secret = clients.renew_secret(client, by=User.objects.system())
    assert bearer(token).get(URL).status_code == 401
    assert ask(client).status_code == 401
    assert ask(client, secret).status_code == 200


def test_a_change_of_level_counts_at_once(world):
    client = make_client(niveau=3)
    browser = machine(client)
    assert browser.get(f"/api/v1/uo/{world.secret.cle}/").status_code == 200
    client.niveau = 2
    clients.change(client, by=User.objects.system(), fields=["niveau"])
    assert browser.get(f"/api/v1/uo/{world.secret.cle}/").status_code == 404


# --- People ---------------------------------------------------------------------------------------------------------


def test_people_come_with_their_session():
    assert person().get(URL).status_code == 200


def test_support_without_her_second_factor_does_not(settings):
    settings.MFA_REQUIRED = True
    assert person(role="support", totp=False).get(URL).status_code in (302, 403)


def test_a_session_that_is_over_does_not_hinder_a_token():
    browser = machine()
    browser.cookies["sessionid"] = "perdue"
    assert browser.get(URL).status_code == 200


# --- Methods, formats, number ---------------------------------------------------------------------------------------


def test_head_and_options():
    client = machine()
    assert (client.head(URL).status_code, client.head(URL).content) == (200, b"")
    answer = client.options(URL)
    assert answer.json()["methodes"] == ["GET", "HEAD", "OPTIONS"]
    assert answer["Allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "trace"])
def test_nothing_is_written(method):
    answer = getattr(machine(), method)(URL)
    assert (answer.status_code, answer["Content-Type"]) == (405, "application/problem+json")
    assert answer["Allow"] == "GET, HEAD, OPTIONS"


def test_another_format_is_406():
    answer = machine().get(URL, headers={"accept": "application/xml"})
    assert (answer.status_code, answer["Content-Type"]) == (406, "application/problem+json")


def test_so_many_requests_a_minute_for_each_client(settings):
    settings.API_REQUESTS_PER_MINUTE = 3
    client, other = machine(make_client()), machine(make_client())
    codes = [client.get(URL).status_code for _ in range(4)]
    if codes[-1] == 200:  # a minute began meanwhile
        codes = [client.get(URL).status_code for _ in range(4)]
    assert codes[-1] == 429
    refused = client.get(URL)
    assert 1 <= int(refused["Retry-After"]) <= 60
    assert refused["Content-Type"] == "application/problem+json"
    assert other.get(URL).status_code == 200


def test_without_redis_nobody_is_stopped(settings, monkeypatch):
    settings.API_REQUESTS_PER_MINUTE = 1
    monkeypatch.setattr(caches["redis"], "add", lambda *args, **kwargs: False)
    monkeypatch.setattr(caches["redis"], "incr", lambda *args, **kwargs: None)
    client = machine()
    assert [client.get(URL).status_code for _ in range(3)] == [200] * 3


def test_a_fault_of_ours_is_a_problem_without_details(monkeypatch):
    logging.disable(logging.CRITICAL)
    monkeypatch.setattr("api.views.CodeSystem.objects", None)
    answer = machine().get(URL)
    logging.disable(logging.NOTSET)
    assert (answer.status_code, answer["Content-Type"]) == (500, "application/problem+json")
    assert "référence" in answer.json()["detail"]


# --- The administration ---------------------------------------------------------------------------------------------


@pytest.fixture
def support(settings):
    browser = Browser()
    browser.force_login(b.make_user(role="support", is_staff=True))
    return browser


def test_support_makes_a_client_and_is_told_its_secret_once(support):
    data = {"name": "Santé.fr", "responsable": "contact@exemple.fr", "niveau": "1", "departement": ""}
    page = support.post("/admin/api/client/add/", data, follow=True).content.decode()
    client = Client.objects.get()
    assert client.name == "Santé.fr"
    secret = page.partition("Secret : <code class='text-break'>")[2].partition("<")[0]
    assert ask(client, secret).status_code == 200
    assert secret not in support.get(f"/admin/api/client/{client.pk}/change/").content.decode()
    assert Entry.objects.get(action="create_client_api").author.email.startswith("personne")


def test_support_revokes_and_renews(support):
    client = make_client()
    page = support.get(f"/admin/api/client/{client.pk}/change/").content.decode()
    assert f"/admin/api/client/{client.pk}/secret/" in page and f"/admin/api/client/{client.pk}/revoquer/" in page
    assert "Voir sur le site" not in page
    page = support.post(f"/admin/api/client/{client.pk}/secret/", follow=True).content.decode()
    secret = page.partition("Secret : <code class='text-break'>")[2].partition("<")[0]
    assert ask(client, secret).status_code == 200
    support.post(f"/admin/api/client/{client.pk}/revoquer/")
    assert ask(client, secret).status_code == 401
    assert support.post(f"/admin/api/client/{client.pk}/secret/").status_code == 403
    assert support.post(f"/admin/api/client/{client.pk}/change/", {"niveau": "3"}).status_code == 403
    assert support.post(f"/admin/api/client/{client.pk}/delete/", {"post": "yes"}).status_code == 403


def test_a_departement_is_for_regulation_alone(support):
    b.make_departement("75")
    data = {"name": "Maillage", "responsable": "x", "niveau": "2", "departement": "75"}
    page = support.post("/admin/api/client/add/", data)
    assert page.status_code == 200
    assert "Un département ne se donne qu’au niveau régulation." in page.content.decode()


# --- The documentation ----------------------------------------------------------------------------------------------


def test_the_documentation_is_for_who_is_logged_in():
    assert Browser().get("/api/docs/")["Location"].startswith("/connexion/")
    assert Browser().get("/api/schema/").status_code == 401
    page = person().get("/api/docs/")
    assert page.status_code == 200
    assert "style-src 'self' 'unsafe-inline'" in page["Content-Security-Policy"]
    assert "script-src 'self';" in page["Content-Security-Policy"] + ";"
    assert "unsafe-inline" not in person().get("/aide/")["Content-Security-Policy"]


def test_the_schema_is_a_file():
    answer = person().get("/api/schema/")
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("application/vnd.oai.openapi")
    assert "filename=" in answer["Content-Disposition"]
    assert b"clientCredentials" in answer.content
