"""What every page obeys, on a phone and on a desk: the rules of axe (WCAG A and AA, RGAA), and no overflow."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "RGAAv4"]}
SIZES = {"bureau": {"width": 1280, "height": 900}, "telephone": {"width": 390, "height": 844}}


def violations(page: Page) -> list[str]:
    """The rules of axe that the page breaks as it is, and where."""
    found = Axe().run(page, options=RULES).response["violations"]
    return [f"{page.url} : {rule['id']} : {node['html'][:200]}" for rule in found for node in rule["nodes"]]


def check(page: Page, url: str) -> None:
    """Open it and fail with the rules broken, or the width that overflows."""
    page.goto(url)
    check_here(page)


def check_here(page: Page) -> None:
    """The same for the page as it is."""
    broken = violations(page)
    assert not broken, "\n".join(broken)
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow <= 0, f"{page.url} : {overflow} px de trop en largeur"
    assert page.locator("h1").count() == 1, page.url
