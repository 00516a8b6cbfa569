"""A fiche of a dossier in a real browser: it saves itself, two people meet, the session ends, the network goes."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from accounts.models import Session
from dossiers import drafts
from dossiers.models import DraftFiche
from tests.browser.accessible import SIZES, check, check_here
from tests.browser.visiting import log_in
from tests.builders import PASSWORD
from tests.dossiers.builders import draft_of, edit, make_structure, step
from tests.dossiers.fiche.sending import make_modeles, publish

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TYPED = "Sans rendez-vous, le lundi."
SAVED = re.compile(r"Enregistré à\s\d\d:\d\d")


@pytest.fixture
def structure():
    make_modeles()
    return make_structure()


@pytest.fixture
def draft(structure) -> DraftFiche:
    return draft_of(drafts.open_dossier(structure.eg, by=structure.camille), "uo")


def url(draft: DraftFiche, name: str = "fiche") -> str:
    return reverse(f"dossiers:{name}", args=[draft.dossier_id, draft.pk])


@pytest.fixture
def camille(page, live_server, client, structure, draft) -> Page:
    """Camille in front of the fiche of the unit."""
    log_in(page, live_server, client, structure.camille).goto(live_server.url + url(draft))
    return page


def conditions(page: Page):
    return page.locator("#id_conditions_accueil")


def status(page: Page):
    return page.locator("[data-status]")


def content(draft: DraftFiche) -> dict:
    return DraftFiche.objects.get(pk=draft.pk).content


def test_it_saves_itself_and_says_when(camille, draft):
    conditions(camille).fill(TYPED)
    expect(status(camille)).to_have_text(SAVED)
    assert content(draft)["conditions_accueil"] == TYPED
    expect(camille.locator("form [data-badge]")).to_have_text("Enregistrée")
    expect(camille.locator("[data-current] [data-badge]")).to_have_text("Enregistrée")
    conditions(camille).fill("")
    expect(camille.locator("[data-missing]")).to_contain_text("1 point à compléter")
    camille.reload()  # nothing is unsaved: no question, no text to take back
    expect(camille.locator("[data-found]")).to_be_hidden()


def test_what_is_typed_before_the_script_is_there_is_saved(camille, draft):
    held = []
    camille.route("**/autosave*.js", lambda route: held.append(route))  # noqa: PLW0108 - as in test_validation
    camille.reload(wait_until="commit")
    conditions(camille).fill(TYPED)
    assert content(draft)["conditions_accueil"] != TYPED
    with camille.expect_response(lambda answer: answer.request.method == "POST" and answer.url.endswith(url(draft))):
        held[0].continue_()
    assert content(draft)["conditions_accueil"] == TYPED


def test_opening_a_fiche_writes_nothing(camille, draft):
    edit(draft, draft.dossier.opened_by, conditions_accueil="Deux lignes\r\navec < & \u00a0» et des accents é.")
    version = DraftFiche.objects.get(pk=draft.pk).version
    camille.reload()
    camille.wait_for_timeout(3_000)  # a save waits two seconds
    assert DraftFiche.objects.get(pk=draft.pk).version == version


def test_an_invalid_text_is_kept_by_itself(camille, draft):
    camille.locator("#id_age_min").fill("douze")
    expect(status(camille)).to_have_text(SAVED)
    camille.reload()
    expect(camille.locator("#id_age_min")).to_have_value("douze")
    expect(camille.get_by_role("alert").filter(has_text="à corriger")).to_be_visible()


def test_leaving_with_an_unsaved_text_warns_and_the_text_is_found_again(camille, live_server, draft):
    asked = []
    camille.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    camille.route(
        f"**{url(draft)}", lambda route: route.abort() if route.request.method == "POST" else route.continue_()
    )
    conditions(camille).click()
    camille.keyboard.type(TYPED)
    expect(status(camille)).to_contain_text("Connexion perdue depuis")
    camille.goto(live_server.url + "/aide/")
    assert asked == ["beforeunload"]
    camille.unroute(f"**{url(draft)}")
    camille.goto(live_server.url + url(draft))
    camille.get_by_role("button", name="Reprendre ce texte").click()
    expect(conditions(camille)).to_have_value(re.compile(TYPED))
    expect(status(camille)).to_have_text(SAVED)
    assert TYPED in content(draft)["conditions_accueil"]


def test_a_network_that_comes_back_saves_without_being_asked(camille, draft):
    camille.context.set_offline(True)
    conditions(camille).fill(TYPED)
    expect(status(camille)).to_contain_text("vos saisies restent sur cette page")
    camille.context.set_offline(False)
    expect(status(camille)).to_have_text(SAVED, timeout=15_000)
    assert content(draft)["conditions_accueil"] == TYPED


def test_one_request_at_a_time(camille, draft):
    running, most = [0], [0]

    def began(request):
        if request.method == "POST" and request.url.endswith(url(draft)):
            running[0] += 1
            most[0] = max(most[0], running[0])

    def ended(request):
        if request.method == "POST" and request.url.endswith(url(draft)):
            running[0] -= 1

    camille.on("request", began)
    camille.on("requestfinished", ended)
    for n in range(4):
        conditions(camille).fill(f"{TYPED} {n}")
        camille.evaluate("window.dispatchEvent(new Event('blur'))")
    expect(status(camille)).to_have_text(SAVED)
    assert most == [1]
    assert content(draft)["conditions_accueil"] == f"{TYPED} 3"


def test_two_people_on_one_fiche_lose_nothing(camille, browser: Browser, live_server, structure, draft):
    karim = log_in(browser.new_context().new_page(), live_server, Client(), structure.karim)
    karim.goto(live_server.url + url(draft))
    karim.locator("#id_nom").fill("Nom de Karim")
    conditions(karim).fill("Texte de Karim.")
    expect(status(karim)).to_have_text(SAVED)
    karim.context.close()

    conditions(camille).fill(TYPED)
    camille.locator("#id_animaux_domestiques").fill("Acceptés")
    notice = camille.locator("[data-conflict]")
    expect(notice).to_contain_text("Karim")
    assert content(draft)["conditions_accueil"] == "Texte de Karim."
    expect(conditions(camille)).to_have_value(TYPED)
    notice.get_by_role("button", name="Comparer les deux textes").click()

    choice = camille.get_by_role("group", name=re.compile("Conditions d’accueil"))
    expect(choice).to_contain_text("Texte de Karim.")
    expect(choice).to_contain_text(TYPED)
    expect(choice.get_by_label("Votre texte")).to_be_checked()
    expect(camille.get_by_role("region", name=re.compile("repris tel quel"))).to_contain_text("Nom de Karim")
    check_here(camille)
    camille.get_by_role("button", name="Enregistrer ce choix").click()
    expect(camille.get_by_text("Les deux textes sont réunis")).to_be_visible()
    found = content(draft)
    assert (found["conditions_accueil"], found["animaux_domestiques"], found["nom"]) == (
        TYPED,
        "Acceptés",
        "Nom de Karim",
    )
    expect(camille.locator("[data-found]")).to_be_hidden()


@pytest.mark.parametrize("all_cookies", [False, True], ids=["session", "cookies"])
def test_a_session_that_ends_while_typing_asks_for_the_login_in_place(camille, structure, draft, all_cookies):
    conditions(camille).click()
    Session.objects.all().delete()
    if all_cookies:  # the token of the form is refused before anybody asks who is there
        camille.context.clear_cookies()
    conditions(camille).fill(TYPED)
    dialog = camille.get_by_role("dialog", name="Votre session est terminée")
    expect(dialog).to_be_visible()
    expect(dialog).to_contain_text("votre texte est gardé")
    check_here(camille)
    dialog.get_by_label("Adresse électronique").fill(structure.camille.email)
    dialog.get_by_label("Mot de passe", exact=True).fill("faux")
    dialog.get_by_role("button", name="Se connecter").click()
    expect(dialog).to_contain_text("non reconnus")
    dialog.get_by_label("Adresse électronique").fill(structure.camille.email)
    dialog.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    dialog.get_by_role("button", name="Se connecter").click()
    expect(dialog).to_be_hidden()
    expect(conditions(camille)).to_have_value(TYPED)
    expect(status(camille)).to_have_text(SAVED)
    assert content(draft)["conditions_accueil"] == TYPED
    conditions(camille).fill("Encore.")  # the new token is in the form
    camille.get_by_role("button", name="Enregistrer", exact=True).last.click()
    expect(camille.get_by_text(SAVED).first).to_be_visible()
    assert content(draft)["conditions_accueil"] == "Encore."


def test_somebody_else_who_logs_in_does_not_send_the_text(camille, structure, draft):
    Session.objects.all().delete()
    conditions(camille).fill(TYPED)
    dialog = camille.get_by_role("dialog")
    dialog.get_by_label("Adresse électronique").fill(structure.karim.email)
    dialog.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
    dialog.get_by_role("button", name="Se connecter").click()
    expect(dialog).to_contain_text("avec un autre compte")
    assert content(draft)["conditions_accueil"] != TYPED


def test_without_javascript_the_login_brings_the_text_back(browser: Browser, live_server, client, structure, draft):
    context = browser.new_context(java_script_enabled=False)
    page = log_in(context.new_page(), live_server, client, structure.camille)
    page.goto(live_server.url + url(draft))
    conditions(page).fill(TYPED)
    Session.objects.all().delete()
    page.get_by_role("button", name="Enregistrer", exact=True).last.click()
    page.locator("#id_login").fill(structure.camille.email)
    page.locator("#id_password").fill(PASSWORD)
    page.get_by_role("button", name="Se connecter").click()
    expect(page.get_by_text("voici votre texte")).to_be_visible()
    expect(conditions(page)).to_have_value(TYPED)
    page.get_by_role("button", name="Enregistrer", exact=True).last.click()
    expect(page.get_by_text("voici votre texte")).to_have_count(0)
    assert content(draft)["conditions_accueil"] == TYPED
    context.close()


def test_with_the_keyboard_from_a_field_to_the_next_fiche(camille, structure, draft):
    edit(draft_of(draft.dossier, "eg"), structure.camille, finalise=False, commentaire="À revoir.")
    conditions(camille).focus()
    camille.keyboard.press("Control+A")
    camille.keyboard.type(TYPED)
    camille.get_by_role("button", name="Enregistrer et finaliser").focus()
    camille.keyboard.press("Enter")
    expect(camille.get_by_text("est finalisée")).to_be_visible()
    expect(camille).to_have_url(re.compile(url(draft_of(draft.dossier, "eg")) + "$"))
    assert DraftFiche.objects.get(pk=draft.pk).state == "finalisee"


def test_logging_out_leaves_no_text_in_the_tab(camille, draft):
    camille.on("dialog", lambda dialog: dialog.accept())
    camille.context.set_offline(True)
    conditions(camille).fill(TYPED)
    expect(status(camille)).to_contain_text("Connexion perdue")
    camille.context.set_offline(False)
    kept = "Object.keys(sessionStorage).filter((key) => key.startsWith('ror-fiche-')).length"
    assert camille.evaluate(kept) == 1
    camille.evaluate("document.querySelector('form[action$=\"/deconnexion/\"]').requestSubmit()")
    camille.wait_for_url(re.compile("/connexion/"))
    assert camille.evaluate(kept) == 0


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_the_pages_break_no_rule_and_fit(camille, live_server, structure, draft, size):
    camille.set_viewport_size(size)
    check_here(camille)
    for one in (draft, draft_of(draft.dossier, "eg")):
        check(camille, live_server.url + url(one, "apercu"))
    edit(draft, structure.camille, conditions_accueil=TYPED)
    publish(structure, conditions_accueil="En ligne.", animaux_domestiques="Acceptés")
    for name in ("publiee", "fiche"):
        check(camille, live_server.url + url(draft, name))


def test_a_fiche_one_only_reads_breaks_no_rule(camille, live_server, structure, draft):
    edit(draft, structure.camille, conditions_accueil=TYPED)
    step(draft.dossier, "submit", structure.camille)
    check(camille, live_server.url + url(draft))
    expect(conditions(camille)).to_be_disabled()
