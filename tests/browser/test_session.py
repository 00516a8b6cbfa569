"""A session that ends while a page is open: the page leads to the login, which says why, then brings back."""

import datetime as dt

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.models import Session
from tests.browser.visiting import log_in
from tests.builders import PASSWORD, make_horaire, make_uo, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_fragment_asked_on_an_expired_session_leads_to_the_login_and_back(page: Page, live_server, client):
    uo, user = make_uo(), make_user()
    make_horaire(uo, 1, "09:00", "12:30")
    log_in(page, live_server, client, user).goto(live_server.url + uo.get_absolute_url())
    Session.objects.update(seen_at=timezone.now() - dt.timedelta(hours=2))
    page.locator("[hx-get]").first.click()
    expect(page.get_by_text("vous n’aviez rien fait depuis un moment")).to_be_visible()
    page.locator("#id_login").fill(user.email)
    page.locator("#id_password").fill(PASSWORD)
    page.get_by_role("button", name="Se connecter").click()
    expect(page.get_by_role("heading", level=1, name=uo.nom)).to_be_visible()
