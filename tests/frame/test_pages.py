"""What every page owes: closed by default, a strict policy, nothing inline, a way out of errors."""

import re

import pytest
from django.contrib.staticfiles import finders
from django.core.cache import caches
from django.core.exceptions import BadRequest, PermissionDenied
from django.test import Client, RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from post_office import mail
from post_office.models import Email

from ror import views
from ror.urls import handler500
from tests.builders import make_eg, make_habilitation, make_uo, make_user

PUBLIC = {
    "aide/",
    "mentions-legales/",
    "donnees-personnelles/",
    "accessibilite/",
    "sources/",
    "sante/",
    "pret/",
    "connexion/",
    "connexion/compte-inactif/",
    "connexion/demander-un-acces/",
    "mot-de-passe/oublie/",
    "mot-de-passe/oublie/envoye/",
    "mot-de-passe/nouveau/fait/",
}
TEXTS = ["aide", "mentions_legales", "donnees_personnelles", "accessibilite", "sources"]
INLINE = re.compile(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc=)|javascript:", re.IGNORECASE)


def addresses(patterns=None, prefix: str = "") -> list[str]:
    """Every address that needs no argument, the admin's own apart (it has its tests)."""
    found = []
    for pattern in patterns or get_resolver().url_patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver) and not path.startswith("admin/"):
            found += addresses(pattern.url_patterns, path)
        elif isinstance(pattern, URLPattern) and not re.search(r"[<(^]", path):
            found.append(path)
    return found


def test_there_are_addresses_to_check():
    assert {"", "dossiers/", "recherche/", "repertoire/", "demo/courrier/", "mot-de-passe/changer/"} <= set(
        addresses()
    )


@pytest.mark.django_db
def test_an_anonymous_visitor_sees_the_public_pages_and_nothing_else(client):
    open_to_all = set()
    for path in set(addresses()) - {"favicon.ico"}:  # a picture
        response = client.get(f"/{path}")
        if response.status_code == 200:
            open_to_all.add(path)
        else:
            assert response.status_code in {302, 401, 403, 405}, path
            if response.status_code == 302:
                assert response["Location"].startswith("/connexion/"), path
    assert open_to_all <= PUBLIC


@pytest.mark.django_db
def test_the_admin_has_no_login_of_its_own(client):
    response = client.get("/admin/login/", follow=False)
    assert response.status_code == 302
    assert response["Location"].startswith("/connexion/")
    assert client.get("/admin/", follow=True).redirect_chain[-1][0].startswith("/connexion/?next=/admin/")


def test_the_admin_refuses_who_is_no_staff(client, person):
    client.force_login(person)
    assert client.get("/admin/", follow=True).status_code == 403


@pytest.mark.django_db
@pytest.mark.parametrize("name", TEXTS)
def test_public_texts_are_read_without_an_account(client, name):
    response = client.get(reverse(name))
    assert response.status_code == 200
    html = response.content.decode()
    assert html.count("<h1") == 1
    assert "Navigation principale" not in html
    assert "mise à jour le" in html


@pytest.mark.django_db
def test_what_only_the_region_knows_is_said_to_be_missing_or_shown(client, settings):
    assert "à compléter par la région" in client.get(reverse("mentions_legales")).content.decode()
    settings.PUBLISHER = settings.PUBLISHER | {"name": "GIP Exemple", "dpo": "dpo@exemple.fr"}
    assert "GIP Exemple" in client.get(reverse("mentions_legales")).content.decode()
    assert "mailto:dpo@exemple.fr" in client.get(reverse("donnees_personnelles")).content.decode()


@pytest.mark.django_db
def test_the_policy_is_strict_and_nothing_is_inline(client, person):
    anonymous = [reverse(name) for name in TEXTS] + ["/connexion/", "/mot-de-passe/oublie/", "/nulle-part/"]
    named = ["/", "/dossiers/", "/demo/courrier/", "/deconnexion/", "/mot-de-passe/changer/", "/nulle-part/"]
    logged_in = Client()
    logged_in.force_login(person)
    for browser, paths in ((client, anonymous), (logged_in, named)):
        for path in paths:
            response = browser.get(path)
            policy = response["Content-Security-Policy"]
            assert "unsafe" not in policy, path
            assert "default-src 'self'" in policy, path
            assert not INLINE.search(response.content.decode()), path


def test_every_file_a_page_asks_for_exists(client, person):
    client.force_login(person)
    pages = [client.get(path).content.decode() for path in ("/", "/dossiers/", "/demo/courrier/")]
    pages.append(Client().get("/connexion/").content.decode())
    files = {name for html in pages for name in re.findall(r'(?:href|src)="/static/([^"]+)"', html)}
    assert {"css/tokens.css", "js/app.js", "js/password.js", "img/favicon.svg"} <= files
    assert [name for name in files if not finders.find(name)] == []


def test_the_menu_says_where_one_is(client, person):
    client.force_login(person)
    html = client.get("/dossiers/").content.decode()
    assert re.search(r'href="/dossiers/" aria-current="page"', html)
    assert html.count('aria-current="page"') == 1
    assert 'action="/deconnexion/"' in html
    assert "Nadia Belkacem" in html


# --- Home ---------------------------------------------------------------------------------------------------------


def test_home_counts_what_anybody_may_see_even_without_redis(client, person):
    eg = make_eg()
    make_uo(eg=eg)
    make_uo(eg=eg)
    make_uo(eg=make_eg(), unite_sensible=True)
    make_eg()  # nobody described it
    client.force_login(person)
    html = client.get("/").content.decode()
    assert "1\u00a0établissement et 2 UO décrits" in html
    assert "Par où commencer" in html


def test_home_reads_its_figures_from_the_cache(client, person, settings):
    local = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "figures"}
    settings.CACHES = settings.CACHES | {"redis": local}
    caches["redis"].clear()
    client.force_login(person)
    assert "0\u00a0établissement" in client.get("/").content.decode()
    make_uo(eg=make_eg())
    assert "0\u00a0établissement" in client.get("/").content.decode()
    caches["redis"].clear()
    assert "1\u00a0établissement" in client.get("/").content.decode()


@pytest.mark.django_db
def test_a_referent_finds_his_structures_on_the_home_page(client):
    mine, other = make_eg(nom_operationnel="CAMSP du Lys (fictif)"), make_eg(nom_operationnel="Autre (fictif)")
    make_uo(eg=mine)
    client.force_login(make_user(role="referent", eg=mine))
    html = client.get("/").content.decode()
    assert "Mes structures" in html
    assert f'href="{mine.get_absolute_url()}"' in html
    assert other.display_name not in html


@pytest.mark.django_db
def test_structures_come_by_the_name_shown_and_the_list_stops(client):
    ej = make_eg().entite_juridique
    for number in range(12):
        make_eg(entite_juridique=ej, nom_operationnel=f"Zinnia {number:02d}")
    make_eg(entite_juridique=ej, nom_operationnel="Églantine")
    user = make_user()
    make_habilitation(user, "referent", ej=ej)
    client.force_login(user)
    html = client.get("/").content.decode()
    assert html.index("Églantine") < html.index("Zinnia 00")
    assert "Zinnia 11" not in html
    assert "Les 12 premières, par nom" in html


@pytest.mark.django_db
@pytest.mark.parametrize("structures", [1, 6])
def test_home_costs_the_same_whatever_the_number_of_structures(client, structures, django_assert_num_queries):
    user = make_user()
    first = make_eg()
    for _ in range(structures - 1):
        make_uo(eg=make_eg(entite_juridique=first.entite_juridique))
    make_habilitation(user, "referent", ej=first.entite_juridique)
    client.force_login(user)
    # what is due today (once a process), session, person, habilitations, EG of the EJ, figures, names, structures,
    # lieux, communes, départements, dossiers, saved searches
    with django_assert_num_queries(11):
        client.get("/")


# --- Errors -------------------------------------------------------------------------------------------------------


def test_an_unknown_page_says_what_to_do(client, person):
    client.force_login(person)
    response = client.get("/nulle-part/")
    assert response.status_code == 404
    assert "Ouvrir le répertoire" in response.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("error", "status", "words"), [(PermissionDenied, 403, "pas accès"), (BadRequest, 400, "pas comprise")]
)
def test_refusals_are_in_french(client, monkeypatch, person, error, status, words):
    def refuse(*args, **kwargs):
        raise error

    client.force_login(person)
    monkeypatch.setattr("dossiers.figures.described", refuse)
    response = client.get("/")
    assert response.status_code == status
    assert words in response.content.decode()


def test_a_failure_gives_a_reference_and_asks_nothing_to_the_database(caplog):
    request = RequestFactory().get("/recherche/")
    response = views.server_error(request)
    html = response.content.decode()
    assert handler500 == "ror.views.server_error"
    assert response.status_code == 500
    reference = re.search(r"<b>([0-9A-F]{6})</b>", html)[1]
    assert reference in caplog.text
    assert caplog.records[-1].exc_info
    assert not INLINE.search(html)


@pytest.mark.django_db
def test_an_expired_form_says_what_was_typed_is_not_lost():
    browser = Client(enforce_csrf_checks=True)
    response = browser.post("/connexion/", {"login": "a@exemple.fr", "password": "x"})
    assert response.status_code == 403
    assert "Ce formulaire a expiré" in response.content.decode()


# --- The demo's mail box ------------------------------------------------------------------------------------------


def test_the_mail_box_shows_messages_newest_first_with_links(client, person):
    mail.send("a@exemple.fr", "ROR <ror@exemple.fr>", subject="Premier", message="Bonjour <b>")
    mail.send("b@exemple.fr", "ROR <ror@exemple.fr>", subject="Second", message="Voir https://ror.exemple.fr/x/ .")
    client.force_login(person)
    html = client.get("/demo/courrier/").content.decode()
    assert html.index("Second") < html.index("Premier")
    assert 'href="https://ror.exemple.fr/x/"' in html
    assert "Bonjour &lt;b&gt;" in html
    assert "2\u00a0messages" in html
    assert Email.objects.count() == 2


def test_the_mail_box_does_not_exist_outside_the_demo(client, person, settings):
    settings.DEMO = False
    client.force_login(person)
    assert client.get("/demo/courrier/").status_code == 404
    assert "Courrier de la démonstration" not in client.get("/").content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/repertoire/eg/%00/", "/repertoire/uo/11-a%00b/", "/%00"])
def test_a_null_character_in_the_address_is_a_bad_request(client, path):
    client.force_login(make_user())
    response = client.get(path)
    assert response.status_code == 400
    assert "pas comprise" in response.content.decode()


def test_a_null_character_in_a_cookie_is_a_bad_request(client):
    client.cookies["sessionid"] = "abcdefgh\x00"
    assert client.get("/").status_code == 400
