"""« Ma sélection » in a real browser: boxes of the results, with and without scripts, notes, sheet, PDF, link."""

import io

import pytest
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from directory.models import Role
from tests.browser.visiting import log_in
from tests.builders import (
    make_commune,
    make_concept,
    make_contact,
    make_eg,
    make_horaire,
    make_type_uo,
    make_uo,
    make_user,
    project,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ANSWER = "/recherche/?ou=75110&code=ror-type-uo|CSAPA"


@pytest.fixture
def offer():
    """Three establishments with a unit each: hours, way to come, a number of level 1 and one of level 2."""
    for key, label in (("ror-type-offre|etablissement", "Établissement"), ("ror-patientele|A", "Adulte")):
        make_concept(key, label)
    make_type_uo("CSAPA", "Centre de soins, d’accompagnement et de prévention en addictologie (CSAPA)")
    make_commune(population=84_000)
    found = []
    for number, name in enumerate(("Les Mésanges", "Le Relais de Plaisance", "Villa Marguerite"), start=1):
        eg = make_eg(
            denomination=f"CSAPA {name} (fictif)",
            lieu={"numero_voie": str(number), "description": "Métro 4, arrêt Château-d’Eau."},
            accessibilite=make_concept("TRE_R28|1", "Accessible en fauteuil roulant", value_set="JDV_J50"),
        )
        uo = make_uo(eg=eg, nom=f"Accueil {name}", age_min=18, conditions_accueil="Premier accueil sans rendez-vous.")
        make_contact(uo, niveau=1, nom="Accueil", telecoms=[("2", f"019900000{number}")])
        make_contact(uo, niveau=2, nom="Équipe", telecoms=[("2", f"019911100{number}")])
        for jour in range(1, 6):
            make_horaire(uo, jour, "09:00", "12:30")
            make_horaire(uo, jour, "13:30", "18:00")
        found.append(eg)
    project(*found)
    return found


@pytest.fixture
def visitor(page: Page, live_server, client, offer) -> Page:
    log_in(page, live_server, client, make_user(fonction="assistante sociale"))
    page.goto(live_server.url + ANSWER)
    return page


def pdf_text(page: Page) -> tuple[int, str]:
    """(pages, text) of what the browser would print."""
    found = PdfReader(io.BytesIO(page.pdf(format="A4", print_background=True)))
    return len(found.pages), " ".join(one.extract_text() for one in found.pages).replace("\u00a0", " ").replace(
        "\u2060", ""
    )


def test_from_the_results_to_the_paper(visitor: Page, live_server):
    header, bar = visitor.locator("#ma-selection"), visitor.locator("#barre-selection")
    expect(bar).to_be_hidden()
    visitor.get_by_label("Choisir CSAPA Les Mésanges (fictif)").check()
    expect(bar).to_contain_text("1 ligne dans ma sélection")
    visitor.get_by_label("UO de CSAPA Villa Marguerite (fictif)").click()
    visitor.get_by_label("Choisir Accueil Villa Marguerite").check()
    visitor.get_by_label("Choisir CSAPA Le Relais de Plaisance (fictif)").check()
    expect(bar).to_contain_text("3 lignes dans ma sélection")
    visitor.get_by_label("Choisir CSAPA Le Relais de Plaisance (fictif)").uncheck()
    expect(header).to_contain_text("2")
    expect(bar).to_contain_text("2 lignes dans ma sélection")
    visitor.reload()
    expect(visitor.get_by_label("Choisir CSAPA Les Mésanges (fictif)")).to_be_checked()
    expect(visitor.get_by_label("Choisir CSAPA Le Relais de Plaisance (fictif)")).not_to_be_checked()

    bar.get_by_role("link", name="Voir ma sélection").click()
    note = visitor.get_by_label("Note sur la ligne 2")
    note.fill("Demander Claire")
    note.blur()
    expect(visitor.locator("#notes-dites")).to_contain_text("Notes enregistrées à")
    note.fill("Demander Claire, le matin")
    visitor.get_by_role("button", name="Imprimer pour la personne").click()
    expect(visitor.get_by_role("heading", name="Deux lieux où l’on peut vous accompagner")).to_be_visible()

    n_pages, text = pdf_text(visitor)
    assert n_pages == 1
    for words in ("CSAPA Les Mésanges", "Accueil Villa Marguerite", "01 99 00 00 03", "Métro 4", "Lundi au vendredi"):
        assert words in text, words
    assert "01 99 11" not in text and "Claire" not in text and "Ma sélection" not in text

    visitor.get_by_label("Ajouter les coordonnées réservées aux professionnels").check()
    visitor.get_by_label("Imprimer mes notes").check()
    expect(visitor.locator("#feuille")).to_contain_text("Demander Claire, le matin")
    _, text = pdf_text(visitor)
    assert "01 99 11 10 03" in text and "informations réservées aux professionnels" in text

    visitor.get_by_role("link", name="Pour un professionnel").click()
    expect(visitor.get_by_text("Ne pas remettre à la personne").first).to_be_visible()
    _, text = pdf_text(visitor)
    assert "Ne pas remettre à la personne" in text and "01 99 11 10 03" in text and "Claire" not in text


def test_a_box_the_server_refuses_is_unticked(visitor: Page, live_server):
    visitor.context.set_offline(True)
    box = visitor.get_by_label("Choisir CSAPA Les Mésanges (fictif)")
    box.click()
    expect(box).not_to_be_checked()
    visitor.context.set_offline(False)


def test_a_box_ticked_just_before_leaving_is_kept(visitor: Page, live_server):
    """The first request is slow, and the page is left while the second box waits for it."""
    held = []
    visitor.route("**/selection/ajouter/", lambda route: held.append(route) if not held else route.continue_())
    visitor.get_by_label("Choisir CSAPA Les Mésanges (fictif)").check()
    visitor.get_by_label("Choisir CSAPA Le Relais de Plaisance (fictif)").check()
    for _ in range(50):
        visitor.wait_for_timeout(200)
        if held:
            break
    assert len(held) == 1, "the second box waits for its turn"
    visitor.goto(live_server.url + "/selection/")
    for _ in range(50):  # what the browser sends by itself arrives when it may
        if visitor.get_by_text("CSAPA Le Relais de Plaisance").count():
            break
        visitor.wait_for_timeout(200)
        visitor.reload()
    expect(visitor.get_by_text("CSAPA Le Relais de Plaisance").first).to_be_visible()


def test_the_button_of_a_fiche(visitor: Page, live_server, offer):
    visitor.goto(live_server.url + offer[0].get_absolute_url())
    visitor.get_by_role("button", name="Ajouter à ma sélection").click()
    expect(visitor.get_by_role("button", name="Dans ma sélection")).to_be_focused()
    expect(visitor.locator("#ma-selection")).to_contain_text("1")


def test_without_scripts(browser, live_server, client, offer):
    context = browser.new_context(java_script_enabled=False, locale="fr-FR")
    page = context.new_page()
    log_in(page, live_server, client, make_user(role=Role.LECTEUR))
    page.goto(live_server.url + ANSWER)
    page.get_by_label("Choisir CSAPA Les Mésanges (fictif)").check()
    page.get_by_label("Choisir Accueil Villa Marguerite").check()
    page.get_by_role("button", name="Ajouter à ma sélection").click()
    assert page.url == live_server.url + ANSWER.replace("|", "%7C")
    expect(page.locator(".ror-messages")).to_contain_text("2 lignes ajoutées")
    page.locator("#ma-selection").click()
    page.get_by_label("Note sur la ligne 1").fill("Rappeler")
    page.get_by_role("button", name="Retirer la ligne 2").click()
    expect(page.get_by_label("Note sur la ligne 1")).to_have_value("Rappeler")
    page.get_by_role("button", name="Partager par un lien").click()
    expect(page.locator("#lien")).to_contain_text("/selection/partage/")
    page.goto(f"{live_server.url}/selection/imprimer/")
    page.get_by_label("Imprimer mes notes").check()
    page.get_by_role("button", name="Appliquer").click()
    expect(page.locator("article")).to_contain_text("Rappeler")
    context.close()
