"""The « Où ? » box in a real browser: an address, a misspelt town, the position of the browser, granted or refused."""

# ruff: noqa: F811 - fixtures of other modules
import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessible import violations
from tests.browser.test_search import offer, visitor  # noqa: F401
from tests.search.test_adresses import LABEL, TYPED, ban  # noqa: F401

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ANSWER = "/recherche/?ou=75110&code=ror-type-uo|94-59-hlm"


def where(page: Page):
    return page.get_by_role("combobox", name=re.compile("Où"))


def ask(page: Page) -> None:
    what = page.get_by_role("combobox", name=re.compile("Quoi"))
    what.press_sequentially("hors les murs")
    page.get_by_role("option", name=re.compile("hors les murs \\(Equipe")).first.click()


def test_an_address_is_proposed_and_chosen(visitor, ban):
    where(visitor).press_sequentially(TYPED)
    visitor.get_by_role("option", name=LABEL).click()
    expect(where(visitor)).to_have_value(LABEL)
    assert not violations(visitor)
    ask(visitor)
    heading = visitor.get_by_role("heading", level=1)
    expect(heading).to_contain_text(f"autour de {LABEL}")
    assert "lat=48.87613&lon=2.36072" in visitor.url

    where(visitor).fill("75010")  # another text: the point behind it is forgotten
    visitor.get_by_role("option", name="Paris 10 (75010)").click()
    visitor.get_by_role("button", name="Rechercher", exact=True).click()
    expect(heading).to_contain_text("autour de Paris 10")
    assert "lat=" not in visitor.url


def test_a_point_outlives_another_question(visitor, live_server):
    visitor.goto(live_server.url + "/recherche/?lat=48.88&lon=2.36&lieu=Ma+position&code=ror-type-uo|94-59-hlm")
    expect(where(visitor)).to_have_value("Ma position")
    visitor.get_by_role("button", name="Rechercher", exact=True).click()
    expect(visitor.get_by_role("heading", level=1)).to_contain_text("autour de Ma position")
    assert "lieu=Ma+position&code=ror-type-uo%7C94-59-hlm&lat=48.88&lon=2.36" in visitor.url


def test_a_misspelt_town_is_proposed_below_a_title_that_says_so(visitor):
    where(visitor).press_sequentially("parys")
    expect(visitor.get_by_text("Communes au nom proche")).to_be_visible()
    where(visitor).press("ArrowDown")
    where(visitor).press("Enter")
    expect(where(visitor)).to_have_value("Paris (75)")


def test_around_me_sends_a_coarse_position(visitor, live_server):
    visitor.context.grant_permissions(["geolocation"], origin=live_server.url)
    visitor.context.set_geolocation({"latitude": 48.876543, "longitude": 2.361234})
    sent = []
    visitor.on("request", lambda request: sent.append(request.url))
    visitor.get_by_role("button", name="Autour de moi").click()
    expect(where(visitor)).to_have_value("Ma position")
    expect(visitor.get_by_role("status").filter(has_text="jamais enregistrée")).to_be_visible()
    assert not violations(visitor)
    ask(visitor)
    expect(visitor.get_by_role("heading", level=1)).to_contain_text("autour de Ma position")
    assert "lat=48.88&lon=2.36" in visitor.url
    assert not [url for url in sent if "48.8765" in url]


def test_a_refused_position_is_explained(visitor):
    visitor.context.clear_permissions()
    visitor.get_by_role("button", name="Autour de moi").click()
    expect(visitor.get_by_role("status").filter(has_text="refusée par le navigateur")).to_be_visible()
    expect(where(visitor)).to_have_value("")


def test_the_page_may_ask_for_the_position_and_no_other_site_may(visitor, live_server):
    response = visitor.goto(live_server.url + ANSWER)
    assert "geolocation=(self)" in response.headers["permissions-policy"]


def test_without_scripts_the_button_is_not_there(browser, live_server, client, offer):
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto(f"{live_server.url}/recherche/")
    expect(page.get_by_role("button", name="Autour de moi")).to_have_count(0)
    page.context.close()
