"""Minutes: by the road when a server says so in time, estimated otherwise; the page never waits nor breaks."""

import json
import threading
import time
from dataclasses import dataclass
from io import BytesIO

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nomenclature import refreshed
from search import routing
from search.criteria import Origin
from search.routing import breaker, osrm
from search.routing import http as transport
from tests import builders as b

HOME = Origin(48.60, 2.40, "Évry")
SLACK_S = 0.15  # of a busy machine, beyond the budget


@dataclass
class Place:
    latitude: float | None
    longitude: float | None
    distance_km: float | None = 10.0


NEAR, FAR = Place(48.60, 2.50, 7.4), Place(48.65, 2.50, 9.2)


def ok(*seconds, **more) -> str:
    """What OSRM documents for one source and these destinations."""
    points = [{"location": [2.5, 48.6], "name": "", "distance": 3.2}] * len(seconds)
    return json.dumps(
        {"code": "Ok", "durations": [list(seconds)], "destinations": points, "sources": points[:1]} | more
    )


def by_road(found) -> list[bool]:
    return [one.by_road for one in found]


# --- The estimate ---------------------------------------------------------------------------------------------------


@given(st.floats(0, 2000), st.floats(0, 2000))
def test_the_estimate_never_shrinks_with_the_distance(one, other):
    shorter, longer = sorted((one, other))
    assert 1 <= routing.minutes(shorter) <= routing.minutes(longer)


def test_without_a_server_everything_is_estimated(settings):
    settings.ROUTING_URL = ""
    found = routing.durations(HOME, [NEAR, Place(None, None, None), Place(None, None, 3.0)])
    assert found == [routing.estimate(7.4), None, routing.estimate(3.0)]
    assert found[0].label == "estimée"


# --- A real engine --------------------------------------------------------------------------------------------------


def test_a_real_osrm_tells_the_minutes(settings, osrm_url, monkeypatch):
    monkeypatch.setattr(routing, "BUDGET_S", 5.0)
    settings.ROUTING_URL = osrm_url
    island, at_sea = Place(48.705, 2.60, 18.0), Place(45.0, -5.0, 700.0)
    near, far, unreachable, nowhere = routing.durations(HOME, [NEAR, FAR, island, at_sea])
    assert near.by_road and far.by_road
    assert near.label == "par la route"
    assert 5 <= near.minutes <= 9  # 7.4 km of main road
    assert far.minutes > near.minutes
    assert unreachable == routing.estimate(18.0)  # no road: null durations
    assert nowhere == routing.estimate(700.0)  # put on a road hundreds of km away


def test_a_real_osrm_answers_beyond_its_hundred_points(settings, osrm_url, monkeypatch):
    monkeypatch.setattr(routing, "BUDGET_S", 5.0)
    settings.ROUTING_URL = osrm_url
    places = [Place(48.60, 2.40 + number / 2500, 1.0) for number in range(200)]
    found = routing.durations(HOME, places)
    assert all(by_road(found))
    assert found[0].minutes < found[-1].minutes


# --- The contract, and what is not it -------------------------------------------------------------------------------


def test_one_request_as_osrm_documents_it(settings, server):
    settings.ROUTING_URL = server.url + "/"
    server.answers(ok(443.4, 61))
    found = routing.durations(HOME, [NEAR, FAR])
    assert [(one.minutes, one.by_road) for one in found] == [(7, True), (1, True)]
    assert server.requests == [
        "GET /table/v1/driving/2.40000,48.60000;2.50000,48.60000;2.50000,48.65000"
        "?sources=0&destinations=1;2&annotations=duration&generate_hints=false HTTP/1.0"
    ]


def test_the_order_of_the_places_is_kept_whatever_is_known(settings, server):
    settings.ROUTING_URL = server.url
    server.answers(ok(600, 1200))
    places = [Place(None, None, None), FAR, Place(None, None, 4.0), NEAR]
    found = routing.durations(HOME, places)
    assert [one and (one.minutes, one.by_road) for one in found] == [
        None,
        (10, True),
        (routing.minutes(4.0), False),
        (20, True),
    ]


def test_a_null_duration_is_estimated_alone(settings, server):
    settings.ROUTING_URL = server.url
    server.answers(ok(None, 600))
    found = routing.durations(HOME, [NEAR, FAR])
    assert by_road(found) == [False, True]
    assert routing.legend(one.label for one in found) == ""


def test_what_is_known_is_not_asked_again(settings, server):
    settings.ROUTING_URL = server.url
    server.answers(ok(600))
    routing.durations(HOME, [NEAR])
    routing.durations(HOME, [NEAR, FAR])  # the server tells one duration again: that of the other
    assert [request.count(";") for request in server.requests] == [1, 1]
    assert by_road(routing.durations(HOME, [NEAR, FAR])) == [True, True]
    assert len(server.requests) == 2


def test_the_memory_of_trips_is_bounded(monkeypatch):
    monkeypatch.setattr(osrm, "REMEMBERED", 3)
    trips = osrm._Trips()
    points = [(48.0 + number / 10, 2.0) for number in range(5)]
    trips.keep((48.0, 2.0), points, [1.0] * 5)
    known, missing = trips.find((48.0, 2.0), points)
    assert (len(known), missing) == (3, points[:2])


@pytest.mark.parametrize(
    "body",
    [
        "",
        "<html>erreur</html>",
        "null",
        "[1, 2]",
        '{"code": "NoTable", "message": "no route"}',
        '{"code": "Ok"}',
        ok(),
        ok(60),
        ok(60, 60, 60),
        ok(60, "600"),
        ok(60, True),
        ok(60, -1),
        '{"code": "Ok", "durations": [[60, NaN]]}',
        '{"code": "Ok", "durations": [[60, 1e400]]}',
        '{"code": "Ok", "durations": [[60, 60], [60, 60]]}',
        '{"code": "Ok", "durations": "60"}',
        "[" * 100_000,
        "x" * (transport.MAX_BYTES + 1),
    ],
)
def test_any_other_answer_is_an_estimate(settings, server, body):
    settings.ROUTING_URL = server.url
    server.answers(body)
    assert routing.durations(HOME, [NEAR, FAR]) == [routing.estimate(7.4), routing.estimate(9.2)]


@pytest.mark.parametrize(
    ("status", "headers"),
    [("500 Internal Server Error", ""), ("302 Found", "Location: http://127.0.0.1:1/\r\n"), ("429 Too Many", "")],
)
def test_any_other_status_is_an_estimate(settings, server, status, headers):
    settings.ROUTING_URL = server.url
    server.answers(ok(60, 60), status=status, headers=headers)
    assert by_road(routing.durations(HOME, [NEAR, FAR])) == [False, False]
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1", "http://[", "http://nulle.part.invalid", "rien", "http://h:99999"]
)
def test_an_address_nobody_answers_is_an_estimate(settings, url):
    settings.ROUTING_URL = url
    assert by_road(routing.durations(HOME, [NEAR])) == [False]


# --- The budget -----------------------------------------------------------------------------------------------------


def _never(connection):
    time.sleep(1)


def _drop_by_drop(connection):
    for _ in range(20):
        connection.sendall(b"H")
        time.sleep(0.05)


def _slow_body(connection):
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n{")
    time.sleep(1)


@pytest.mark.parametrize("script", [_never, _drop_by_drop, _slow_body])
def test_a_slow_server_costs_the_budget_and_leaves_no_thread(settings, server, script):
    settings.ROUTING_URL = server.url
    server.script = script
    before, start = threading.active_count(), time.monotonic()
    found = routing.durations(HOME, [NEAR, FAR])
    assert time.monotonic() - start < routing.BUDGET_S + SLACK_S
    assert by_road(found) == [False, False]
    assert threading.active_count() == before


def test_a_name_that_is_slow_to_resolve_costs_the_budget_too(settings, monkeypatch):
    asleep = threading.Event()

    def getaddrinfo(*args, **kwargs):
        asleep.wait(3)
        raise OSError("unknown")

    monkeypatch.setattr(transport.socket, "getaddrinfo", getaddrinfo)
    settings.ROUTING_URL = "http://routes.exemple.invalid"
    start = time.monotonic()
    assert by_road(routing.durations(HOME, [NEAR])) == [False]
    assert by_road(routing.durations(HOME, [NEAR])) == [False]
    assert time.monotonic() - start < 2 * (routing.BUDGET_S + SLACK_S)
    threads = [one for one in threading.enumerate() if "_look_up" in one.name]
    assert len(threads) == 1
    asleep.set()
    threads[0].join(3)


# --- The circuit breaker --------------------------------------------------------------------------------------------


def test_after_failures_in_a_row_the_server_is_left_alone_then_tried_by_one(settings, server, caplog):
    settings.ROUTING_URL = server.url
    clock = [0.0]
    osrm.client(server.url)._breaker = breaker.CircuitBreaker(now=lambda: clock[0])
    server.answers("", status="500 Oups")
    for _ in range(10):
        routing.durations(HOME, [NEAR])
    assert len(server.requests) == breaker.FAILURES
    assert len(caplog.records) == 1
    clock[0] += breaker.OPEN_S + 1
    routing.durations(HOME, [NEAR])
    routing.durations(HOME, [NEAR])
    assert len(server.requests) == breaker.FAILURES + 1  # half-open: one tried, and failed
    clock[0] += breaker.OPEN_S + 1
    server.answers(ok(600))
    assert by_road(routing.durations(HOME, [NEAR])) == [True]
    assert by_road(routing.durations(HOME, [FAR])) == [True]


def test_half_open_lets_one_through():
    clock = [0.0]
    one = breaker.CircuitBreaker(now=lambda: clock[0])
    for _ in range(breaker.FAILURES):
        one.failed()
    assert not one.allows()
    clock[0] = breaker.OPEN_S + 1
    assert [one.allows(), one.allows()] == [True, False]


# --- Where it is shown ----------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(("seconds", "label"), [(1500, "par la route"), (None, "estimée")])
def test_the_page_the_file_and_the_api_say_how_it_is_known(client, settings, server, seconds, label):
    eg = b.make_eg(commune=b.make_commune("91228", "Évry-Courcouronnes", latitude=48.62, longitude=2.43))
    b.make_uo(eg=eg, type_uo="CSAPA")
    b.make_commune()
    b.project(eg)
    refreshed.reset_all()
    settings.ROUTING_URL = server.url
    server.answers(ok(seconds))
    client.force_login(b.make_user())
    asked = {"ou": "75110", "code": "ror-type-uo|CSAPA"}
    page = client.get("/recherche/", asked).content.decode()
    assert f"Durée<br>{label}" in page
    assert f"durée {label}</span>" in page
    assert ("25 minutes" in page) == (seconds is not None)
    file = openpyxl.load_workbook(BytesIO(client.get("/recherche/export.xlsx", asked).content))["Résultats"]
    row = dict(zip(*[[cell.value for cell in line] for line in file.iter_rows(max_row=2)], strict=True))
    assert row["Calcul de la durée"] == label
    [found] = client.get("/api/v1/etablissements/", asked).json()["etablissements"]
    assert found["duree"] == {"minutes": row["Durée (min)"], "calcul": label}
    assert len(server.requests) == 1  # the file and the API remember what the page asked
    refreshed.reset_all()
