"""The journey of the trainings, in a real browser: 75010, « appartement de coo », the list, a filter, and back."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests import builders as b
from tests.browser.accessible import violations
from tests.browser.visiting import log_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ACT = "Appartement de Coordination Thérapeutique (ACT)"
ANSWER = "/recherche/?ou=75110&code=ror-type-uo|94-59-hlm"


@pytest.fixture
def offer():
    """Nine establishments with « ACT hors les murs », three of which coordinate care plans."""
    b.make_concept("ror-type-offre|etablissement", "Établissement")
    b.make_concept("ror-patientele|E", "Enfant")
    b.make_concept("ror-patientele|A", "Adulte")
    b.make_type_uo("94-46", f"{ACT} Hébergement (accueil jour et nuit)")
    b.make_type_uo("94-59-hlm", f"{ACT} hors les murs (Equipe mobile)")
    b.make_concept(
        "TRE_R210|1080", "Prise en charge en Appartements de Coordination Thérapeutique (ACT)", value_set="JDV_J16"
    )
    city = b.make_commune(
        "75056", "Paris", population=2_100_000, latitude=48.85, longitude=2.34, codes_postaux=["75010"]
    )
    b.make_commune(population=84_000, ville=city)
    etablissements = []
    for number in range(1, 10):
        position = {"latitude": 48.8762 + number / 111.2, "longitude": 2.3590}
        eg = b.make_eg(denomination=f"ACT Maison {number} (fictif)", lieu=position)
        b.make_contact(eg, telecoms=[("1", f"010203041{number}")])
        uo = b.make_uo(eg=eg, type_uo="94-59-hlm", nom=f"Équipe {number}", age_min=18)
        if number > 6:
            b.make_activite(uo, "TRE_R211|448", "Coordination plan de soins")
        etablissements.append(eg)
    b.project(*etablissements)


@pytest.fixture
def visitor(page: Page, live_server, client, offer) -> Page:
    """A logged-in professional, on the site."""
    log_in(page, live_server, client, b.make_user())
    page.set_default_timeout(10_000)
    page.goto(f"{live_server.url}/recherche/")
    return page


def rows(page: Page):
    return page.locator(".ror-hits > tbody > tr:not(.ror-sub)")


def suggested(page: Page):
    """Options of the « Quoi ? » list; the scope beside it is a native select, with options of its own."""
    return page.locator("#recherche-suggestions [role=option]")


def test_the_journey_of_the_training(visitor):
    page = visitor
    where, what = page.get_by_label("Où"), page.get_by_role("combobox", name=re.compile("Quoi"))
    where.press_sequentially("75010")
    page.get_by_role("option", name="Paris 10 (75010)").click()
    expect(where).to_have_value("Paris 10 (75010)")
    what.press_sequentially("appartement de coo")
    second = page.get_by_role("option", name=f"{ACT} hors les murs")
    expect(second).to_be_visible()
    while second.get_attribute("aria-selected") != "true":
        what.press("ArrowDown")
    expect(what).to_have_attribute("aria-activedescendant", second.get_attribute("id"))
    what.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("9\u00a0établissements"))
    assert page.url.endswith("/recherche/?ou=75110&code=ror-type-uo%7C94-59-hlm")
    expect(rows(page)).to_have_count(9)
    expect(rows(page).first).to_contain_text("ACT Maison 1 (fictif)")

    page.get_by_role("checkbox", name=re.compile("Coordination plan de soins")).check()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("3\u00a0établissements"))
    expect(rows(page)).to_have_count(3)
    expect(page.get_by_role("link", name="Retirer le filtre Coordination plan de soins")).to_be_visible()
    assert "activite=448" in page.url
    expect(page).to_have_title(re.compile("3\u00a0établissements autour de Paris 10"))

    page.go_back()
    expect(rows(page)).to_have_count(9)
    expect(page.get_by_role("banner")).to_be_visible()
    assert "activite" not in page.url
    page.go_back()
    expect(page.get_by_role("heading", name="Chercher une structure")).to_be_visible()


def test_a_row_unfolds_to_its_units(visitor, live_server):
    visitor.goto(live_server.url + ANSWER)
    button = visitor.get_by_role("button", name="UO de ACT Maison 2 (fictif)")
    expect(button).to_have_attribute("aria-expanded", "false")
    expect(visitor.get_by_role("link", name="Équipe 2")).to_be_hidden()
    button.press("Enter")
    expect(button).to_have_attribute("aria-expanded", "true")
    expect(visitor.get_by_role("link", name="Équipe 2")).to_be_visible()


def test_the_keyboard_moves_in_the_list_and_escape_closes_it(visitor):
    field = visitor.get_by_role("combobox", name=re.compile("Quoi"))
    field.press_sequentially("appartement")
    options = suggested(visitor)
    expect(options.first).to_be_visible()
    expect(field).to_have_attribute("aria-expanded", "true")
    expect(visitor.locator("[data-count]")).to_have_text(re.compile(r"\d suggestions"))
    field.press("ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")
    field.press("Home")
    expect(options.first).to_have_attribute("aria-selected", "true")
    field.press("End")
    expect(options.last).to_have_attribute("aria-selected", "true")
    field.press("Escape")
    expect(field).to_have_attribute("aria-expanded", "false")
    expect(field).to_have_value("appartement")


def test_typing_again_forgets_the_chosen_code(visitor, live_server):
    visitor.goto(live_server.url + ANSWER)
    field = visitor.get_by_role("combobox", name=re.compile("Quoi"))
    field.fill("maison 3 fictif")  # a last « 3 » would be a prefix, and builders number what they make
    field.press("Enter")
    expect(rows(visitor)).to_have_count(1)
    assert visitor.url.endswith("/recherche/?ou=75110&q=maison+3+fictif")


def test_without_javascript_the_form_and_the_filters_work(browser, live_server, visitor):
    context = browser.new_context(java_script_enabled=False, storage_state=visitor.context.storage_state())
    page = context.new_page()
    page.goto(f"{live_server.url}/recherche/")
    page.get_by_label("Où").fill("75010")
    page.get_by_label("Quoi").fill("hors les murs")
    page.get_by_role("button", name="Rechercher").click()
    expect(rows(page)).to_have_count(9)
    expect(page.get_by_role("link", name="Équipe 2")).to_be_visible()
    page.get_by_role("checkbox", name=re.compile("Coordination plan de soins")).check()
    page.get_by_role("button", name="Appliquer").click()
    expect(rows(page)).to_have_count(3)
    context.close()


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("address", ["/recherche/", "/recherche/?lieu=zzz&q=", ANSWER, f"{ANSWER}&activite=0"])
def test_the_pages_are_accessible_and_do_not_overflow(visitor, live_server, width, address):
    visitor.set_viewport_size({"width": width, "height": 900})
    visitor.goto(live_server.url + address)
    if address == ANSWER:
        visitor.get_by_role("button", name="UO de ACT Maison 2 (fictif)").click()
    assert violations(visitor) == []
    assert visitor.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_the_open_list_is_accessible(visitor):
    visitor.get_by_role("combobox", name=re.compile("Quoi")).press_sequentially("appartement de coo")
    expect(suggested(visitor).first).to_be_visible()
    visitor.keyboard.press("ArrowDown")
    assert violations(visitor) == []


def test_on_a_phone_the_filters_are_a_sheet(visitor, live_server):
    visitor.set_viewport_size({"width": 390, "height": 844})
    visitor.goto(live_server.url + ANSWER)
    box = visitor.get_by_role("checkbox", name=re.compile("Coordination plan de soins"))
    expect(box).to_be_hidden()
    visitor.get_by_role("link", name="Filtres", exact=True).click()
    box.check()
    close = visitor.get_by_role("link", name=re.compile(r"Voir 3\sétablissements"))
    expect(close).to_be_visible()  # the sheet stays open while one filters
    close.click()
    expect(box).to_be_hidden()
    expect(rows(visitor)).to_have_count(3)
