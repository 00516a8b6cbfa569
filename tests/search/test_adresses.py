"""Addresses: a real local server plays the Base Adresse Nationale, well or badly; pages go on without it."""

import json
import logging
import re
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse

from search import adresses
from search.routing import breaker
from tests.builders import make_commune, make_concept, make_type_uo, make_user
from tests.search.screens import text_of

TYPED = "10 rue du Secret"
LABEL = "10 Rue du Secret 75010 Paris"


def feature(label=LABEL, score=0.97, point=(2.36072, 48.87613), kind="housenumber"):
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": list(point)},
        "properties": {"label": label, "score": score, "type": kind},
    }


class Ban(BaseHTTPRequestHandler):
    """Answers what the test says; keeps what it was asked."""

    def do_GET(self) -> None:
        server = self.server
        server.asked.append(parse_qs(urlsplit(self.path).query) | {"path": urlsplit(self.path).path})
        if server.wait:
            server.released.wait(server.wait)
        self.send_response(server.status)
        self.end_headers()
        for byte in [server.body] if not server.drip else [server.body[i : i + 1] for i in range(len(server.body))]:
            try:
                self.wfile.write(byte)
                self.wfile.flush()
            except OSError:
                return  # the client has gone
            if server.drip:
                server.released.wait(server.drip)

    def log_message(self, *args) -> None:
        pass


@pytest.fixture
def ban(settings):
    """The server, reached by the settings; `answer` sets what it says."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Ban)
    server.asked, server.status, server.wait, server.drip = [], 200, 0, 0
    server.released = threading.Event()
    server.answer = lambda *features: setattr(server, "body", json.dumps({"features": list(features)}).encode())
    server.answer(feature())
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    settings.BAN_URL = f"http://127.0.0.1:{server.server_port}/geocodage"
    adresses.reset()
    yield server
    server.released.set()
    server.shutdown()
    thread.join()
    server.server_close()
    adresses.reset()


@pytest.fixture
def down(settings):
    """Nobody listens there."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings.BAN_URL = f"http://127.0.0.1:{port}"
    adresses.reset()
    yield
    adresses.reset()


# --- What looks like an address -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["12 rue de la Paix", "12 bis avenue Foch", "place Danton Lyon", "4 les Glycines", "12, bd Voltaire"]
)
def test_it_looks_like_an_address(text):
    assert adresses.looks_like_address(text)


@pytest.mark.parametrize("text", ["", "paris", "75010", "paris 10", "10 paris", "saint denis 93", "lyon 3", "12 rue"])
def test_it_does_not(text):
    assert not adresses.looks_like_address(text)


# --- The client -----------------------------------------------------------------------------------------------------


def test_what_is_asked_and_what_comes_back(ban):
    [found] = adresses.suggest(TYPED)
    assert found == adresses.Adresse(LABEL, 48.87613, 2.36072, 0.97)
    [asked] = ban.asked
    assert asked == {"path": "/geocodage/search", "q": [TYPED], "limit": ["5"], "autocomplete": ["1"]}


def test_communes_and_what_is_no_address_are_left_out(ban):
    wrong = [
        feature(kind="municipality"),
        feature(label=None),
        feature(score="x"),
        feature(score=True),
        feature(point=("a", 1)),
    ]
    ban.body = json.dumps({"features": wrong}).encode()
    assert adresses.suggest(TYPED) == []
    ban.body = json.dumps({"features": [None, 3, {}, {"properties": {}, "geometry": []}, feature()]}).encode()
    assert [one.label for one in adresses.suggest(TYPED)] == [LABEL]
    ban.answer(feature(point=(2.3, 91)), feature(label="x" * 300 + "\n<b>"))
    [long] = adresses.suggest(TYPED)
    assert long.label == "x" * 100


def test_one_good_answer_is_the_address_several_are_candidates(ban):
    assert adresses.resolve(TYPED)[0].label == LABEL
    assert ban.asked[0]["autocomplete"] == ["0"]
    ban.answer(feature(score=0.80), feature("10 Rue du Secret 93200 Saint-Denis", score=0.78))
    found, several = adresses.resolve(TYPED)
    assert (found, len(several)) == (None, 2)
    ban.answer(feature(score=0.3))
    assert adresses.resolve(TYPED) == (None, [])
    ban.answer()
    assert adresses.resolve(TYPED) == (None, [])


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, b"oups"),
        (504, b""),
        (429, b"{}"),
        (301, b""),
        (200, b"<html>"),
        (200, b"[]"),
        (200, b'{"features": 3}'),
        (200, b"\xff\xfe"),
        (200, b"[" * 100_000),
        (200, b" " * 600_000),
    ],
    ids=["500", "504", "429", "redirect", "html", "list", "number", "bytes", "nested", "long"],
)
def test_anything_else_is_a_service_that_does_not_answer(ban, status, body):
    ban.status, ban.body = status, body
    with pytest.raises(adresses.Unavailable):
        adresses.suggest(TYPED)


def test_too_short_for_the_service_is_no_failure(ban):
    ban.status, ban.body = 400, b'{"detail": "q trop court"}'
    for _ in range(breaker.FAILURES + 1):
        assert adresses.suggest(TYPED) == []


@pytest.mark.parametrize("slow", [{"wait": 20}, {"drip": 0.05}], ids=["silent", "byte by byte"])
def test_a_slow_service_costs_its_budget_and_no_more(ban, slow, monkeypatch):
    monkeypatch.setattr(adresses, "BUDGET_S", 0.3)
    for name, value in slow.items():
        setattr(ban, name, value)
    start = time.monotonic()
    with pytest.raises(adresses.Unavailable):
        adresses.suggest(TYPED)
    assert time.monotonic() - start < 1.5


def test_after_some_failures_nobody_asks_for_a_while(ban):
    ban.status = 500
    for _ in range(breaker.FAILURES + 3):
        with pytest.raises(adresses.Unavailable):
            adresses.suggest(TYPED)
    assert len(ban.asked) == breaker.FAILURES


def test_without_a_service_there_is_none(settings):
    settings.BAN_URL = ""
    assert adresses.suggest(TYPED) == []
    with pytest.raises(adresses.Unavailable):
        adresses.resolve(TYPED)


def test_nothing_of_what_is_typed_is_logged_or_told_by_errors(ban, down, caplog, settings):
    caplog.set_level(logging.DEBUG)
    for _ in range(breaker.FAILURES + 1):
        with pytest.raises(adresses.Unavailable) as error:
            adresses.suggest(TYPED)
        assert "Secret" not in repr(error.value)
        assert error.value.__cause__ is None
    assert "set aside" in caplog.text
    assert "Secret" not in caplog.text


# --- The box and the page -------------------------------------------------------------------------------------------


@pytest.fixture
def reader(client, db):
    make_concept("ror-type-offre|etablissement", "Établissement")
    make_type_uo("CSAPA", "Centre de soins (CSAPA)")
    make_commune()
    client.force_login(make_user())
    return client


QUESTION = {"code": "ror-type-uo|CSAPA"}


def test_the_list_of_communes_says_when_to_ask_for_addresses_and_never_asks_itself(reader, ban):
    answer = reader.get(reverse("search:suggestions_ou"), {"q": TYPED}).json()
    assert answer == {"groups": [], "adresses": True}
    assert "adresses" not in reader.get(reverse("search:suggestions_ou"), {"q": "paris 10"}).json()
    assert ban.asked == []


def test_addresses_as_suggestions(reader, ban):
    response = reader.get(reverse("search:suggestions_adresse"), {"q": TYPED})
    [group] = response.json()["groups"]
    assert (group["title"], group["kind"]) == ("Adresses", "adresse")
    assert group["options"] == [
        {
            "value": "48.87613,2.36072",
            "label": LABEL,
            "segments": [["10 Rue du Secret", True], [" 75010 Paris", False]],
        }
    ]
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize("text", ["", "paris", "75010", "\x00"])
def test_the_service_is_not_asked_for_what_is_no_address(reader, ban, text):
    assert reader.get(reverse("search:suggestions_adresse"), {"q": text}).json() == {"groups": []}
    assert ban.asked == []


def test_suggestions_go_on_without_the_service(reader, down):
    assert reader.get(reverse("search:suggestions_adresse"), {"q": TYPED}).json() == {"groups": []}


def test_suggestions_need_a_login(client, db):
    assert client.get(reverse("search:suggestions_adresse"), {"q": TYPED}).status_code == 302


def test_a_typed_address_becomes_its_point_and_its_label(reader, ban):
    response = reader.get("/recherche/", QUESTION | {"lieu": TYPED})
    assert response.status_code == 302
    assert "lat=48.87613&lon=2.36072&lieu=10+Rue+du+Secret+75010+Paris" in response["Location"]
    page = reader.get(response["Location"])
    assert page.status_code == 200  # asked once: the address of the page says it all
    assert len(ban.asked) == 1
    assert f"autour de {LABEL}" in text_of(page)
    body = page.content.decode()
    assert f'value="{LABEL}"' in body
    assert 'data-lat="48.87613" data-lon="2.36072"' in body
    assert 'type="hidden" name="lat"' in body  # of the filters, not of the box: nobody edits a text above them


def test_several_addresses_are_proposed_as_links(reader, ban):
    ban.answer(feature(score=0.80), feature("10 Rue du Secret 93200 Saint-Denis", score=0.78))
    response = reader.get("/recherche/", QUESTION | {"lieu": TYPED})
    assert "Plusieurs adresses répondent" in text_of(response)
    assert "lieu=10+Rue+du+Secret+93200+Saint-Denis&amp;code=" in response.content.decode()


def test_an_unknown_address_and_a_service_that_is_down_are_said_next_to_the_field(reader, ban):
    ban.answer()
    response = reader.get("/recherche/", QUESTION | {"lieu": TYPED})
    assert f"Aucune adresse ne répond à « {TYPED} »" in text_of(response)
    ban.status = 500
    response = reader.get("/recherche/", QUESTION | {"lieu": TYPED})
    assert response.status_code == 200
    assert "Le service des adresses ne répond pas pour le moment." in text_of(response)
    assert f'value="{TYPED}"' in response.content.decode()
    assert 'aria-describedby="recherche-lieu-erreur"' in response.content.decode()


def test_a_commune_never_asks_the_service(reader, ban):
    assert reader.get("/recherche/", QUESTION | {"lieu": "75010"}).status_code == 302
    assert ban.asked == []


def test_a_label_is_escaped_and_not_longer_than_the_box(reader):
    point = {"lat": "48.8", "lon": "2.3"}
    body = reader.get("/recherche/", QUESTION | point | {"lieu": "<script>x</script>"}).content.decode()
    assert "<script>x" not in body
    assert "&lt;script&gt;x" in body
    assert "100 caractères au plus" in text_of(reader.get("/recherche/", QUESTION | point | {"lieu": "x" * 101}))


def test_a_point_without_label_stays_your_point(reader):
    assert "autour de votre point" in text_of(reader.get("/recherche/", QUESTION | {"lat": "48.8", "lon": "2.3"}))


def test_the_place_can_be_removed(reader):
    body = reader.get("/recherche/", QUESTION | {"lat": "48.8", "lon": "2.3", "lieu": "Ma position"}).content.decode()
    [url] = re.findall(r'href="([^"]+)"[^>]*aria-label="Retirer le lieu Ma position"', body)
    assert url == "/recherche/?code=ror-type-uo%7CCSAPA"
