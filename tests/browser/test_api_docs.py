"""The developers' page: drawn from our own files, under its own policy, with the schema of the API in it."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.visiting import log_in
from tests.builders import make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_the_documentation_is_drawn_offline_and_answers(page: Page, live_server, client):
    log_in(page, live_server, client, make_user()).goto(f"{live_server.url}/api/docs/")
    expect(page.get_by_role("heading", name="API du ROR")).to_be_visible()
    expect(page.get_by_text("Chercher des établissements")).to_be_visible()
    page.get_by_text("Les listes de codes").click()
    page.get_by_role("button", name="Try it out").click()
    page.get_by_role("button", name="Execute").click()
    expect(page.locator(".live-responses-table .response .response-col_status")).to_contain_text("200")
