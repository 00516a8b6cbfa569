"""Support validates a dossier in a real browser: with the keyboard, line by line, then the message, then published."""

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from directory.models import UniteOperationnelle
from dossiers.models import Decision, Dossier
from tests.browser.accessible import SIZES, check
from tests.browser.visiting import log_in
from tests.dossiers.builders import draft_of, make_structure, submitted, taken, validated

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def structure():
    structure = make_structure()
    structure.sophie.is_staff = True
    structure.sophie.save()
    return structure


@pytest.fixture
def support(page: Page, live_server, client, structure) -> Page:
    return log_in(page, live_server, client, structure.sophie)


def url(dossier: Dossier, name: str = "change") -> str:
    return reverse(f"admin:dossiers_dossier_{name}", args=[dossier.pk])


def test_from_the_queue_to_the_publication(support, live_server, structure):
    dossier = submitted(structure, conditions_accueil="Sans rendez-vous.", animaux_domestiques="Acceptés")
    page = support
    page.goto(live_server.url + "/admin/")
    page.get_by_role("link", name="ouvrir la file de validation").click()
    page.get_by_role("button", name=f"M’assigner le dossier {dossier.numero}").click()
    page.get_by_role("link", name=f"Examiner le dossier {dossier.numero}").click()
    bar = page.locator("#barre")
    expect(bar).to_contain_text("2 lignes à décider")
    expect(page.get_by_role("button", name="Valider")).to_be_disabled()

    first = page.get_by_role("group", name="Décision : Conditions d’accueil")
    first.get_by_label("Accepter").focus()
    page.keyboard.press("Space")
    expect(bar).to_contain_text("1 ligne à décider")
    assert page.evaluate("document.activeElement.value") == "oui", "the keyboard stays on the line"

    second = page.get_by_role("group", name="Décision : Animaux domestiques")
    second.get_by_text("Refuser").click()
    assert not Decision.objects.filter(is_accepted=False).exists(), "a refusal waits for its reason"
    page.get_by_label("Motif du refus").locator("visible=true").select_option("imprecise")
    expect(bar).to_contain_text("Tout est décidé")
    expect(page.locator("[data-saving]")).to_contain_text("Décision enregistrée")

    page.get_by_role("link", name="Valider…").click()
    page.get_by_label("Mot aux référents").fill("Merci Camille.")
    expect(page.locator("#apercu")).to_contain_text("Merci Camille.")
    expect(page.locator("#apercu")).to_contain_text("Animaux domestiques")
    page.get_by_role("button", name="Valider", exact=True).click()
    expect(page.locator(".ror-messages")).to_contain_text("Les lignes acceptées sont publiées.")
    uo = UniteOperationnelle.objects.get(pk=structure.uo.pk)
    assert (uo.conditions_accueil, uo.animaux_domestiques) == ("Sans rendez-vous.", "")


def test_a_decision_taken_before_the_script_is_there_is_kept(support, live_server, structure):
    dossier = taken(structure)
    page = support
    held = []
    page.route("**/review*.js", lambda route: held.append(route))  # noqa: PLW0108 - Playwright marks what it is given
    page.goto(live_server.url + url(dossier), wait_until="commit")
    page.get_by_text("Accepter", exact=True).click()
    held[0].continue_()
    expect(page.locator("#barre")).to_contain_text("Tout est décidé")
    assert Decision.objects.get().is_accepted


def test_a_decision_is_taken_back(support, live_server, structure):
    dossier = taken(structure)
    page = support
    page.goto(live_server.url + url(dossier))
    page.get_by_text("Accepter", exact=True).click()
    page.get_by_role("button", name="Annuler la décision").click()
    expect(page.locator("#barre")).to_contain_text("1 ligne à décider")
    assert not Decision.objects.exists()


def test_without_javascript_the_form_does_the_same(browser, live_server, client, structure):
    dossier = taken(structure)
    context = browser.new_context(java_script_enabled=False, locale="fr-FR")
    page = log_in(context.new_page(), live_server, client, structure.sophie)
    page.goto(live_server.url + url(dossier))
    page.get_by_text("Refuser", exact=True).click()
    page.get_by_label("Message au référent").fill("À préciser.")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    context.close()
    assert Decision.objects.get().message == "À préciser."


def test_two_tabs_tell_the_second_one(support, live_server, structure):
    """What another hand changed meanwhile is said, and nothing is decided on what was not read."""
    dossier = taken(structure)
    page = support
    page.goto(live_server.url + url(dossier))
    Dossier.objects.filter(pk=dossier.pk).update(assigned_to=None)
    page.get_by_text("Accepter", exact=True).click()
    expect(page.locator("[data-saving]")).to_contain_text("Prenez d’abord le dossier en charge.")
    assert not Decision.objects.exists()


@pytest.mark.parametrize("size", SIZES)
def test_accessibility(support, live_server, structure, size):
    support.set_viewport_size(SIZES[size])
    published = validated(structure)
    dossier = taken(structure, conditions_accueil="Autre texte", animaux_domestiques="Acceptés")
    draft = draft_of(dossier, "uo")
    pages = [
        "/admin/dossiers/dossier/",
        "/admin/dossiers/dossier/?q=introuvable",
        "/admin/dossiers/dossier/?statut=zzz",
    ]
    pages += [url(dossier), f"{url(dossier)}?fiche={draft.pk}&vue=tout", url(published)]
    pages += [url(dossier, name) for name in ("renvoyer", "valider", "history")] + [url(published, "annuler")]
    for path in pages:
        check(support, live_server.url + path)
