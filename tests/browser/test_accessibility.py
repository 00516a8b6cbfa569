"""Every page, as a phone and as a desk see it: no axe violation (WCAG A and AA, RGAA), nothing wider than the screen.

What axe cannot judge is listed on /accessibilite/; a new page is added here in the commit that makes it.
"""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings as django_settings
from django.urls import reverse
from playwright.sync_api import Page

from directory import publishing
from directory.documents import to_document
from directory.models import Kind, Role
from search import places, suggestions
from tests.builders import (
    make_activite,
    make_commune,
    make_concept,
    make_contact,
    make_eg,
    make_horaire,
    make_uo,
    make_user,
    project,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "RGAAv4"]}
SIZES = {"bureau": {"width": 1280, "height": 900}, "telephone": {"width": 390, "height": 844}}
PUBLIC = [
    "/connexion/",
    "/mot-de-passe/",
    "/aide/",
    "/mentions-legales/",
    "/donnees-personnelles/",
    "/accessibilite/",
    "/sources/",
    "/nulle-part/",
]


def check(page: Page, url: str) -> None:
    """Open it and fail with the rules broken, or the width that overflows."""
    page.goto(url)
    violations = Axe().run(page, options=RULES).response["violations"]
    assert not violations, "\n".join(
        f"{url} : {found['id']} : {node['html'][:200]}" for found in violations for node in found["nodes"]
    )
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0, f"{url} : {overflow} px de trop en largeur"
    assert page.locator("h1").count() == 1, url


@pytest.fixture(params=SIZES)
def screen(request, page: Page, live_server) -> Page:
    page.set_viewport_size(SIZES[request.param])
    return page


@pytest.mark.parametrize("path", PUBLIC)
def test_public_pages(screen, live_server, path):
    check(screen, live_server.url + path)


@pytest.fixture
def structure():
    """An establishment with every kind of line on its unit."""
    for key, label in (("ror-type-offre|etablissement", "Établissement"), ("ror-patientele|A", "Adulte")):
        make_concept(key, label)
    eg = make_eg(denomination="CSAPA Les Mésanges (fictif)", commentaire="Sonner à l’interphone.")
    uo = make_uo(eg=eg, nom="CSAPA – Accueil de jour (fictif)", age_min=18, conditions_accueil="Sans rendez-vous.")
    make_activite(uo, "TRE_R211|404", "Addictologie avec substance(s)")
    make_contact(uo, niveau=1, telecoms=[("2", "0199000001"), ("3", "accueil@exemple.invalid")])
    make_contact(uo, niveau=3, telecoms=[("1", "0639980001")])
    make_horaire(uo, 1, "09:00", "12:30")
    make_horaire(uo, 1, "13:30", "18:00")
    project(eg)
    suggestions.reset()
    places.reset()
    return eg, uo


def test_pages_of_a_professional(screen, live_server, client, structure):
    eg, uo = structure
    make_commune()
    document = to_document(Kind.UO, uo.pk)
    change = {"conditions_accueil": "Sans rendez-vous, le matin.", "horaires": document["horaires"][:1]}
    publishing.publish(Kind.UO, document | change, by=make_user(), origin="direct")
    client.force_login(make_user(role=Role.REFERENT, eg=eg))
    cookie = client.cookies[django_settings.SESSION_COOKIE_NAME].value
    screen.context.add_cookies(
        [{"name": django_settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}]
    )
    question = "?ou=75110&code=ror-type-uo|CSAPA"
    paths = [
        "/",
        "/dossiers/",
        "/demo/courrier/",
        "/mot-de-passe/changer/",
        reverse("search:results"),
        reverse("search:results") + question,
        reverse("search:results") + "?q=introuvable",
        reverse("search:results") + "?q=&lieu=zzz",
        reverse("directory:repertoire"),
        reverse("directory:repertoire") + "?nom=introuvable",
        eg.get_absolute_url(),
        eg.entite_juridique.get_absolute_url(),
        uo.get_absolute_url(),
        uo.get_absolute_url() + "?mois=2025-07",
        uo.get_absolute_url() + "imprimer/",
        uo.get_absolute_url() + "historique/",
        uo.get_absolute_url() + "historique/?de=zzz",
        uo.get_absolute_url() + "historique/1/retablir/",
        eg.get_absolute_url() + "historique/",
    ]
    for path in paths:
        check(screen, live_server.url + path)
