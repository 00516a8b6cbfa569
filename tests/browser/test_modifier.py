"""Direct correction in a real browser: the session ends while one types, the page is left with an unsaved text."""

import re

import pytest
from playwright.sync_api import Page, expect

from accounts.models import Session
from directory.documents import to_document
from directory.models import Kind
from tests.browser.accessible import check_here
from tests.browser.storyteller import telephone_code
from tests.browser.test_dossier_fiche import TYPED
from tests.browser.visiting import log_in
from tests.builders import PASSWORD, make_totp
from tests.directory.test_modifier import url
from tests.dossiers.builders import make_structure
from tests.dossiers.fiche.sending import make_modeles

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def structure():
    make_modeles()
    return make_structure()


@pytest.fixture
def camille(page, live_server, client, structure) -> Page:
    """Camille in front of the direct correction of the unit."""
    log_in(page, live_server, client, structure.camille).goto(live_server.url + url(structure.uo))
    return page


def conditions(page: Page):
    return page.locator("#id_conditions_accueil")


def save(page: Page):
    page.get_by_role("button", name="Enregistrer et publier").click()


def live(structure) -> str:
    return to_document(Kind.UO, structure.uo.pk)["conditions_accueil"]


@pytest.mark.parametrize("all_cookies", [False, True], ids=["session", "cookies"])
def test_a_session_that_ends_while_typing_asks_for_the_login_in_place(camille, structure, all_cookies):
    conditions(camille).fill(TYPED)
    Session.objects.all().delete()
    if all_cookies:
        camille.context.clear_cookies()
    save(camille)
    dialog = camille.get_by_role("dialog", name="Votre session est terminée")
    expect(dialog).to_be_visible()
    check_here(camille)
    dialog.get_by_label("Adresse électronique").fill(structure.camille.email)
    dialog.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    dialog.get_by_role("button", name="Se connecter").click()
    expect(camille.get_by_text("Enregistré et en ligne")).to_be_visible()
    assert live(structure) == TYPED


def test_putting_the_login_off_keeps_the_text_on_the_page(camille, structure):
    conditions(camille).fill(TYPED)
    Session.objects.all().delete()
    save(camille)
    camille.get_by_role("button", name="Plus tard").click()
    expect(camille.locator("[data-told]")).to_contain_text("votre texte reste sur cette page")
    expect(conditions(camille)).to_have_value(TYPED)
    assert live(structure) != TYPED


def test_leaving_with_an_unsaved_text_warns(camille, structure):
    asked = []
    camille.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    conditions(camille).click()
    camille.keyboard.type("Autre. ")
    camille.get_by_role("link", name="Annuler").click()
    expect(conditions(camille)).to_be_visible()
    camille.wait_for_timeout(300)
    assert asked == ["beforeunload"]
    save(camille)
    expect(camille.get_by_text("Enregistré et en ligne")).to_be_visible()
    assert asked == ["beforeunload"], "what is sent leaves without a question"
    assert "Autre." in live(structure)


def test_without_javascript_the_login_brings_the_text_back(browser, live_server, client, structure):
    context = browser.new_context(java_script_enabled=False)
    page = log_in(context.new_page(), live_server, client, structure.camille)
    page.goto(live_server.url + url(structure.uo))
    conditions(page).fill(TYPED)
    Session.objects.all().delete()
    save(page)
    page.locator("#id_login").fill(structure.camille.email)
    page.locator("#id_password").fill(PASSWORD)
    page.get_by_role("button", name="Se connecter").click()
    expect(page.get_by_text("voici votre texte")).to_be_visible()
    expect(conditions(page)).to_have_value(TYPED)
    save(page)
    expect(page.get_by_text("Enregistré et en ligne")).to_be_visible()
    assert live(structure) == TYPED
    context.close()


def test_the_second_factor_is_asked_in_another_tab_and_the_text_is_saved(camille, structure):
    make_totp(structure.camille)
    conditions(camille).fill(TYPED)
    Session.objects.all().delete()
    save(camille)
    dialog = camille.get_by_role("dialog")
    dialog.get_by_label("Adresse électronique").fill(structure.camille.email)
    dialog.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    dialog.get_by_role("button", name="Se connecter").click()
    link = dialog.get_by_role("link", name=re.compile("nouvel onglet"))
    expect(link).to_be_focused()
    check_here(camille)
    with camille.expect_popup() as opened:
        link.click()
    tab = opened.value
    tab.get_by_label("Code").fill(telephone_code())
    tab.get_by_role("button", name="Se connecter").click()
    expect(camille.get_by_text("Enregistré et en ligne")).to_be_visible()
    assert live(structure) == TYPED
