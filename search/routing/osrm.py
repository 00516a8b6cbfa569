"""Client of an OSRM-compatible table service (`GET /table/v1/driving/{lon,lat;…}?sources=0&annotations=duration`).

https://project-osrm.org/docs/ « Table service »: `code` is « Ok », `durations` a matrix of seconds with null where
there is no road, `destinations[].distance` the metres between a point and the road it was put on.
"""

import http.client
import json
import logging
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from functools import cache
from urllib.parse import urlsplit

from search.routing import http as transport
from search.routing.breaker import CircuitBreaker

logger = logging.getLogger(__name__)

Point = tuple[float, float]  # latitude, longitude

AT_ONCE = 99  # destinations of one request: osrm-routed takes 100 points unless told otherwise
FAR_FROM_A_ROAD_M = 2_000  # OSRM puts a point on the nearest road however far: beyond, its answer is about elsewhere
LONGEST_S = 48 * 3600
REMEMBERED = 20_000  # trips of a process: about 4 MB
REMEMBERED_S = 24 * 3600.0  # road networks are rebuilt by night


class BadAnswer(ValueError):
    """The server answered something else than what was asked."""


class Client:
    """One routing server, its circuit breaker and the trips it told lately. Thread-safe, never raises."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url.rstrip("/")
        self._breaker = CircuitBreaker()
        self._known = _Trips()

    def seconds(self, origin: Point, points: Sequence[Point], *, budget_s: float) -> list[float | None]:
        """By car from `origin` to each point, in order; None where the server does not know or did not say in time."""
        deadline = time.monotonic() + budget_s
        found, missing = self._known.find(origin, points)
        for start in range(0, len(missing), AT_ONCE):
            some = missing[start : start + AT_ONCE]
            if not self._breaker.allows():
                break
            try:
                answer = self._ask(origin, some, deadline)
            except (OSError, http.client.HTTPException, ValueError) as error:
                if self._breaker.failed():
                    logger.warning("routing server set aside after failures in a row, the last one: %r", error)
                break
            self._breaker.succeeded()
            found |= dict(zip(some, answer, strict=True))
            self._known.keep(origin, some, answer)
        return [found.get(_rounded(point)) for point in points]

    def _ask(self, origin: Point, points: Sequence[Point], deadline: float) -> list[float | None]:
        text = ";".join(f"{longitude:.5f},{latitude:.5f}" for latitude, longitude in (origin, *points))
        wanted = ";".join(str(number) for number in range(1, len(points) + 1))
        query = f"sources=0&destinations={wanted}&annotations=duration&generate_hints=false"
        url = urlsplit(self._base_url)
        target = f"{url.path}/table/v1/driving/{text}?{query}"
        status, body = transport.get(url, target, deadline=deadline)
        if status != 200:
            raise BadAnswer(f"status {status}")
        return parse(body, len(points))


@cache
def client(base_url: str) -> Client:
    """That of this process for this server."""
    return Client(base_url)


def parse(body: bytes, n: int) -> list[float | None]:
    """Seconds to each of `n` destinations, None where there is no road. Raises BadAnswer on anything unexpected."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadAnswer("not JSON") from error
    if not isinstance(answer, dict) or answer.get("code") != "Ok":
        raise BadAnswer("code is not Ok")
    rows = answer.get("durations")
    if not isinstance(rows, list) or len(rows) != 1 or not isinstance(rows[0], list) or len(rows[0]) != n:
        raise BadAnswer("durations are not one row of the right length")
    if not all(value is None or _is_duration(value) for value in rows[0]):
        raise BadAnswer("a duration is not a number of seconds")
    if _is_far(answer.get("sources"), 0):
        return [None] * n
    return [None if _is_far(answer.get("destinations"), i) else value for i, value in enumerate(rows[0])]


def _is_duration(value: object) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and math.isfinite(value) and 0 <= value <= LONGEST_S


def _is_far(waypoints: object, index: int) -> bool:
    """The point was put on a road too far to speak of it. Servers that do not tell are believed."""
    if not isinstance(waypoints, list) or index >= len(waypoints) or not isinstance(waypoints[index], dict):
        return False
    distance = waypoints[index].get("distance")
    return isinstance(distance, int | float) and distance > FAR_FROM_A_ROAD_M


def _rounded(point: Point) -> Point:
    """To a metre: what is asked, and what is remembered."""
    return round(point[0], 5), round(point[1], 5)


class _Trips:
    """The last trips asked for, oldest out first; keyed by positions, so an establishment that moves is asked anew."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rows: OrderedDict[tuple[Point, Point], tuple[float, float | None]] = OrderedDict()

    def find(self, origin: Point, points: Sequence[Point]) -> tuple[dict[Point, float | None], list[Point]]:
        """(seconds by point of those known, points to ask for, each once)."""
        start, now = _rounded(origin), time.monotonic()
        wanted = dict.fromkeys(map(_rounded, points))
        known = {}
        with self._lock:
            for point in wanted:
                row = self._rows.get((start, point))
                if row and row[0] > now:
                    known[point] = row[1]
                    self._rows.move_to_end((start, point))
        return known, [point for point in wanted if point not in known]

    def keep(self, origin: Point, points: Sequence[Point], seconds: Sequence[float | None]) -> None:
        start, until = _rounded(origin), time.monotonic() + REMEMBERED_S
        with self._lock:
            for point, value in zip(points, seconds, strict=True):
                self._rows[start, point] = (until, value)
                self._rows.move_to_end((start, point))
            while len(self._rows) > REMEMBERED:
                self._rows.popitem(last=False)
