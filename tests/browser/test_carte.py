"""The map in a real browser: search, map, summary, fiche; a zone; the keyboard; tiles, no tiles, no network."""

import http.server
import json
import re
import struct
import threading
import zlib

import pytest
from playwright.sync_api import Page, expect

from tests import builders as b
from tests.browser.accessible import violations
from tests.browser.visiting import log_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

QUESTION = "/recherche/?ou=75110&code=ror-type-uo|ACT"
MAP = f"{QUESTION}&vue=carte"
PARIS = (48.8762, 2.3590)
# (name, degrees north, degrees east): two of them at the same address
SITES = [
    ("ACT Les Glycines (fictif)", 0.01, 0.05),
    ("ACT Le Relais (fictif)", -0.05, -0.03),
    ("ACT Val de Bièvre (fictif)", -0.08, 0.02),
    ("ACT Les Deux Rives (fictif)", 0.02, -0.15),
    ("ACT Versailles (fictif)", -0.09, -0.24),
    ("ACT Versailles bis (fictif)", -0.09, -0.24),
]


@pytest.fixture
def offer():
    """Six establishments around Paris 10, one without a position."""
    b.make_concept("ror-type-offre|etablissement", "Établissement")
    b.make_concept("ror-patientele|A", "Adulte")
    b.make_type_uo("ACT", "ACT hors les murs (Équipe mobile)")
    b.make_commune()
    b.make_commune("93066", "Saint-Denis", latitude=48.93, longitude=2.36, population=113_000)
    etablissements = [b.make_eg(denomination="ACT Sans adresse (fictif)", lieu={"latitude": None, "longitude": None})]
    for number, (name, north, east) in enumerate(SITES):
        position = {"latitude": PARIS[0] + north, "longitude": PARIS[1] + east}
        etablissements.append(b.make_eg(denomination=name, lieu=position))
        b.make_contact(etablissements[-1], telecoms=[("1", f"010203041{number}")])
    for number, eg in enumerate(etablissements):
        uo = b.make_uo(eg=eg, type_uo="ACT", nom=f"Équipe {number}", age_min=18)
        if number < 3:
            b.make_activite(uo, "TRE_R211|448", "Coordination plan de soins")
    b.project(*etablissements)


@pytest.fixture
def visitor(page: Page, live_server, client, offer) -> Page:
    """A logged-in professional; the map is drawn when its element says how many markers it holds."""
    log_in(page, live_server, client, b.make_user())
    page.set_viewport_size({"width": 1280, "height": 900})
    page.set_default_timeout(10_000)
    page.set_default_navigation_timeout(30_000)  # the first page of a process reads its lists
    return page


def open_map(page: Page, live_server, address: str = MAP, markers: int | None = 6) -> Page:
    page.goto(live_server.url + address)
    drawn(page, markers)
    return page


def drawn(page: Page, markers: int | None) -> None:
    pattern = re.compile(r"\d+") if markers is None else str(markers)
    expect(page.locator("#carte-fond")).to_have_attribute("data-prete", pattern)


def marker(page: Page, name: str):
    return page.locator("#carte-fond").get_by_role("button", name=re.compile(re.escape(name)))


def rows(page: Page):
    return page.locator(".ror-map-list li[data-eg]")


def test_from_the_search_to_the_fiche_through_the_map(visitor, live_server):
    page = visitor
    page.goto(live_server.url + QUESTION)
    page.get_by_role("link", name="Carte", exact=True).click()
    drawn(page, 6)
    assert page.url.endswith("&vue=carte")
    expect(page.get_by_role("heading", level=1)).to_contain_text("7\u00a0établissements")
    expect(rows(page)).to_have_count(6)
    expect(page.get_by_role("heading", name="1 établissement non géolocalisé")).to_be_visible()
    expect(page.get_by_role("link", name="ACT Sans adresse (fictif)")).to_be_visible()
    expect(page.get_by_role("img", name="Origine : Paris 10")).to_be_visible()

    marker(page, "ACT Les Deux Rives (fictif)").click()
    card = page.get_by_role("article", name="ACT Les Deux Rives (fictif)")
    expect(card).to_contain_text("12 rue de Paradis")
    expect(card.get_by_role("link", name="01 02 03 04 13")).to_be_visible()
    expect(card).to_contain_text("Équipe 4")
    chosen = rows(page).filter(has_text="ACT Les Deux Rives")
    expect(chosen).to_have_class(re.compile("is-active"))
    expect(page.locator(".ror-map-pin.is-active")).to_have_count(1)
    expect(page.get_by_role("button", name="Rechercher dans cette zone")).to_be_hidden()  # the map moved by itself
    card.get_by_role("button", name="Ajouter à ma sélection").click()
    expect(card.get_by_role("button", name="Dans ma sélection")).to_be_visible()
    marker(page, "ACT Les Glycines (fictif)").click()
    expect(page.get_by_role("button", name="Ajouter à ma sélection")).to_be_visible()
    chosen.get_by_role("button").click()
    expect(card.get_by_role("button", name="Dans ma sélection")).to_be_visible()
    assert page.url.endswith("&vue=carte")
    card.get_by_role("link", name="Ouvrir la fiche").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("ACT Les Deux Rives (fictif)")
    page.go_back()
    drawn(page, 6)


def test_a_row_and_its_marker_answer_each_other(visitor, live_server):
    page = open_map(visitor, live_server)
    row = rows(page).filter(has_text="ACT Les Glycines")
    row.hover()
    expect(page.locator(".ror-map-pin.is-hover")).to_have_attribute("aria-label", re.compile("Glycines"))
    marker(page, "ACT Val de Bièvre (fictif)").hover()
    expect(page.locator(".ror-map-list .is-hover")).to_contain_text("ACT Val de Bièvre")
    page.get_by_role("button", name="voir ACT Les Glycines (fictif) sur la carte").click()
    expect(page.get_by_role("article", name="ACT Les Glycines (fictif)")).to_be_visible()
    expect(row).to_have_attribute("aria-current", "true")


def test_establishments_at_one_address_are_gathered_and_open(visitor, live_server):
    page = open_map(visitor, live_server)
    cluster = page.get_by_role("button", name="2 établissements : zoomer")
    expect(cluster).to_be_visible()
    page.get_by_role("button", name="voir ACT Versailles bis (fictif) sur la carte").click()
    expect(marker(page, "ACT Versailles bis (fictif)")).to_be_visible()
    expect(marker(page, "ACT Versailles bis (fictif)")).to_have_class(re.compile("is-active"))
    expect(page.get_by_role("article", name="ACT Versailles bis (fictif)")).to_be_visible()


def test_the_keyboard_reaches_the_list_first_then_the_markers(visitor, live_server):
    page = open_map(visitor, live_server)
    skip = page.get_by_role("link", name="Passer à la carte")
    skip.focus()
    expect(skip).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("#carte-fond")).to_be_focused()
    first = marker(page, "ACT Les Glycines (fictif)")
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.getAttribute('aria-label') || ''").startswith("1 : "):
            break
    expect(first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="ACT Les Glycines (fictif)")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("article", name="ACT Les Glycines (fictif)")).to_be_hidden()
    expect(first).to_be_focused()
    page.get_by_role("button", name="2 établissements : zoomer").press("Enter")
    expect(page.locator("#carte-fond")).to_be_focused()


def test_moving_the_map_offers_to_search_there_and_back_goes_back(visitor, live_server):
    page = open_map(visitor, live_server)
    offer = page.get_by_role("button", name="Rechercher dans cette zone")
    expect(offer).to_be_hidden()
    page.get_by_role("button", name="Zoomer", exact=True).click()
    expect(offer).to_be_visible()
    page.get_by_role("button", name="Zoomer", exact=True).click()
    page.wait_for_timeout(400)  # the zoom is drawn
    kept = page.locator("#carte-fond").element_handle()
    offer.click()
    expect(page.get_by_role("link", name="Retirer la zone de la carte")).to_be_visible()
    expect(page.get_by_role("heading", name="non géolocalisé")).to_have_count(0)
    n = rows(page).count()
    assert 0 < n < 6
    drawn(page, n)
    assert "&zone=" in page.url
    assert page.url.endswith("&vue=carte")
    assert page.evaluate("(kept) => kept === document.getElementById('carte-fond')", kept)  # not drawn anew
    expect(page.get_by_role("button", name="Rechercher dans cette zone")).to_be_hidden()
    zoomed = page.url

    page.get_by_role("link", name="Liste", exact=True).click()
    expect(page.locator(".ror-hits")).to_be_visible()
    expect(page.get_by_role("link", name="Retirer la zone de la carte")).to_be_visible()
    page.go_back()
    assert page.url == zoomed
    drawn(page, n)
    page.go_back()
    drawn(page, 6)
    assert "zone" not in page.url


def test_removing_the_zone_shows_everything_again(visitor, live_server):
    page = open_map(visitor, live_server, f"{MAP}&zone=48.8,2.3,48.95,2.5", markers=None)
    expect(rows(page)).to_have_count(2)
    page.get_by_role("link", name="Retirer la zone de la carte").click()
    expect(rows(page)).to_have_count(6)
    drawn(page, 6)
    expect(marker(page, "ACT Les Deux Rives (fictif)")).to_be_visible()


def test_filters_stay_at_hand(visitor, live_server):
    page = open_map(visitor, live_server)
    box = page.get_by_role("checkbox", name=re.compile("Coordination plan de soins"))
    expect(box).to_be_hidden()
    page.get_by_role("link", name="Filtres", exact=True).click()
    box.check()
    expect(rows(page)).to_have_count(2)
    drawn(page, 2)
    expect(box).to_be_visible()  # the drawer stays open while one filters
    page.keyboard.press("Escape")
    expect(box).to_be_hidden()
    assert "vue=carte" in page.url
    assert "activite=448" in page.url


def test_without_tiles_communes_are_named_and_outlines_drawn(visitor, live_server, settings, tmp_path):
    path = tmp_path / "contours.geojson"
    ring = [[2.1, 48.7], [2.6, 48.7], [2.6, 49.0], [2.1, 49.0], [2.1, 48.7]]
    path.write_text(json.dumps({"type": "Polygon", "coordinates": [ring]}))
    settings.CONTOURS_FILE = str(path)
    page = open_map(visitor, live_server)
    expect(page.locator(".ror-map-name > span", has_text="Saint-Denis")).to_be_visible()
    expect(page.locator("path.ror-map-contour")).to_have_count(1)
    expect(page.locator(".leaflet-control-scale-line")).to_be_visible()
    expect(page.locator(".ror-map-key")).to_contain_text("IGN Admin Express")
    assert page.locator("img.leaflet-tile").count() == 0


def test_when_the_data_do_not_come_the_list_says_it_is_complete(visitor, live_server):
    visitor.route("**/recherche/carte.geojson*", lambda route: route.abort())
    visitor.goto(live_server.url + MAP)
    expect(visitor.get_by_role("alert")).to_contain_text("La carte n’a pas pu être chargée ; la liste est complète.")
    expect(rows(visitor)).to_have_count(6)


def test_without_javascript_the_list_is_there(browser, live_server, visitor):
    visitor.goto(live_server.url + MAP)
    context = browser.new_context(java_script_enabled=False, storage_state=visitor.context.storage_state())
    page = context.new_page()
    page.goto(live_server.url + MAP)
    expect(rows(page)).to_have_count(6)
    expect(page.locator("noscript .ror-map-note")).to_contain_text("La carte demande JavaScript.")
    page.get_by_role("link", name="Filtres", exact=True).click()
    page.get_by_role("checkbox", name=re.compile("Coordination plan de soins")).check()
    page.get_by_role("button", name="Appliquer").click()
    expect(rows(page)).to_have_count(2)
    context.close()


# --- Tiles ----------------------------------------------------------------------------------------------------------


def _png() -> bytes:
    """A grey picture of one pixel."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    body = zlib.compress(b"\x00\xe0")
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.fixture
def tile_server():
    """Another host than the portal's, for the policy; yields its address and the paths asked for."""
    asked: list[str] = []

    class Tiles(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            body = _png()
            self.send_response(200)
            self.send_header("Content-Type", "image/png")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args) -> None:
            """Silence."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Tiles)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    thread.join()
    server.server_close()


def test_tiles_come_from_the_host_of_the_settings_within_the_policy(visitor, live_server, settings, tile_server):
    """The `page` fixture fails on any breach of the policy."""
    host, asked = tile_server
    settings.MAP_TILES_URL = host + "/tuiles/{z}/{x}/{y}.png"
    settings.MAP_TILES_ATTRIBUTION = "Plan d’essai"
    page = open_map(visitor, live_server)
    expect(page.locator("img.leaflet-tile-loaded").first).to_be_attached()
    expect(page.locator(".ror-map-name")).to_have_count(0)
    expect(page.locator(".ror-map-key")).to_contain_text("Plan d’essai")
    assert asked
    assert all(re.fullmatch(r"/tuiles/\d+/\d+/\d+\.png", path) for path in asked)


def test_the_policy_refuses_tiles_from_anywhere_else(live_server, client, offer, browser, settings, tile_server):
    """Shown by changing the address of the tiles after the policy is sent: nothing is asked for, names stay."""
    host, asked = tile_server
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page, breaches = log_in(context.new_page(), live_server, client, b.make_user()), []
    page.on("console", lambda message: "Content Security" in message.text and breaches.append(message.text))

    def elsewhere(route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.text().replace('data-tuiles=""', f'data-tuiles="{host}/{{z}}.png"'))

    page.route("**/recherche/?*", elsewhere)
    page.goto(live_server.url + MAP)
    drawn(page, 6)
    expect(page.locator(".ror-map-name > span", has_text="Saint-Denis")).to_be_visible()
    assert breaches
    assert asked == []
    context.close()


# --- What it looks like ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("address", [MAP, f"{MAP}&zone=40,1,41,2"])
def test_the_map_is_accessible_and_does_not_overflow(visitor, live_server, width, address):
    visitor.set_viewport_size({"width": width, "height": 844})
    visitor.emulate_media(reduced_motion="reduce")  # a name passes over a marker while the map moves
    page = open_map(visitor, live_server, address, markers=None)
    if address == MAP:
        page.get_by_role("button", name="voir ACT Le Relais (fictif) sur la carte").click()
        expect(page.get_by_role("article", name="ACT Le Relais (fictif)")).to_be_visible()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    page.get_by_role("link", name=re.compile("^Filtres")).click()
    assert violations(page) == []


def test_on_a_phone_the_map_stands_above_the_list_and_a_row_leads_to_it(visitor, live_server):
    visitor.set_viewport_size({"width": 390, "height": 844})
    page = open_map(visitor, live_server)
    above = page.locator(".ror-map").bounding_box()["y"] < rows(page).first.bounding_box()["y"]
    assert above
    page.get_by_role("button", name="voir ACT Versailles (fictif) sur la carte").click()
    expect(page.get_by_role("article", name="ACT Versailles (fictif)")).to_be_in_viewport()


def test_who_asks_for_less_motion_gets_none(visitor, live_server):
    visitor.emulate_media(reduced_motion="reduce")
    page = open_map(visitor, live_server)
    expect(page.locator(".leaflet-zoom-anim")).to_have_count(0)
    page.get_by_role("button", name="voir ACT Versailles (fictif) sur la carte").click()
    expect(page.get_by_role("article", name="ACT Versailles (fictif)")).to_be_visible()
