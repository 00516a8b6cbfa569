"""« Inviter une personne » in a real browser: a structure named by typing its name."""

import pytest
from playwright.sync_api import Page, expect

from directory.models import Habilitation, Role
from tests.browser.accessible import check_here
from tests.browser.visiting import log_in
from tests.builders import make_eg, make_user
from tests.directory.people.sending import INVITE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_structure_is_chosen_by_its_name_with_the_keyboard(page: Page, live_server, client):
    make_eg(denomination="CAARUD Les Mésanges (fictif)")
    csapa = make_eg(denomination="CSAPA Les Mésanges (fictif)")
    support = make_user(role=Role.SUPPORT, is_staff=True)
    log_in(page, live_server, client, support).goto(live_server.url + INVITE)
    for label, text in (("Prénom", "Ana"), ("Nom", "Neuf"), ("Fonction", "éducatrice")):
        page.get_by_label(label, exact=True).fill(text)
    page.get_by_label("Adresse électronique professionnelle").fill("ana@exemple.fr")
    page.get_by_label("Structure", exact=True).press_sequentially("mesan")
    expect(page.locator(".ror-pop:visible [role=option]")).to_have_count(2)
    check_here(page)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Structure", exact=True)).to_have_value("CSAPA Les Mésanges (fictif)")
    page.get_by_role("button", name="Inviter", exact=True).click()
    expect(page.get_by_text("Invitation envoyée à ana@exemple.fr")).to_be_visible()
    assert Habilitation.objects.get(user__email="ana@exemple.fr").eg == csapa
