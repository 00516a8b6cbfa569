"""Addresses of the Base Adresse Nationale, asked to the service that `BAN_URL` names (IGN Géoplateforme).

What is typed is sent to that service and nowhere else: it is neither stored nor logged, and errors are told without
it. A service that is slow, down or talks nonsense costs a request `BUDGET_S` at most, then nothing for a while.
Contract: `GET /search?q=…&limit=…&autocomplete=…&lat=…&lon=…` answers a GeoJSON FeatureCollection (GeocodeJSON).
"""

import http.client
import json
import logging
import math
import re
import time
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

from django.conf import settings

from nomenclature.text import normalise
from search.routing import http as transport
from search.routing.breaker import CircuitBreaker

logger = logging.getLogger(__name__)

BUDGET_S = 1.0  # name, connection, answer: all together
LIMIT = 5
LONGEST = 100  # characters of a label: what the « Où ? » box holds
LIKELY = 0.5  # score under which the service itself doubts
SURE = 0.75  # score from which the first answer alone may be what was meant
CLEARLY = 0.1  # by which it must be ahead of the second
_STREETS = frozenset(
    "rue avenue av ave boulevard bd bld bvd place pl chemin allee allees impasse route quai square cours passage "
    "villa sentier ruelle faubourg fbg esplanade promenade residence cite hameau mail parvis voie traverse".split()
)
_NUMBER = re.compile(r"^\d{1,4}[a-z]?$")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")


class Adresse(NamedTuple):
    """A point of the BAN. `label`: « 10 Place des Cinq Martyrs du Lycée Buffon 75015 Paris »; WGS84 degrees."""

    label: str
    latitude: float
    longitude: float
    score: float


class Unavailable(Exception):
    """The service did not answer, or not as it should. Says nothing of what was asked."""


class BadAnswer(ValueError):
    """The service answered something else than a list of addresses."""


def looks_like_address(text: str) -> bool:
    """A number and a street, or a kind of street: « 12 bis rue de Paris », « place Danton », « 4 les Glycines »."""
    words = normalise(text).split()
    if len(words) < 2:
        return False
    has_street = any(word in _STREETS for word in words[:-1])
    return has_street or (len(words) > 2 and bool(_NUMBER.match(words[0])) and not words[-1].isdigit())


def suggest(text: str, *, near: tuple[float, float] | None = None) -> list[Adresse]:
    """Addresses for what is being typed, the likeliest first; raises Unavailable. None without a service."""
    return _client(settings.BAN_URL).search(text, autocomplete=True, near=near) if settings.BAN_URL else []


def resolve(text: str) -> tuple[Adresse | None, list[Adresse]]:
    """The address a whole text means, if only one can be meant, and else the candidates; raises Unavailable."""
    if not settings.BAN_URL:
        raise Unavailable("no service")
    found = [one for one in _client(settings.BAN_URL).search(text, autocomplete=False) if one.score >= LIKELY]
    if not found:
        return None, []
    first, others = found[0], found[1:]
    if first.score >= SURE and all(first.score - other.score >= CLEARLY for other in others):
        return first, []
    return None, found


class _Client:
    """One service and its circuit breaker. Thread-safe."""

    def __init__(self, base_url: str) -> None:
        self._url = urlsplit(base_url.rstrip("/"))
        self._breaker = CircuitBreaker()

    def search(self, text: str, *, autocomplete: bool, near: tuple[float, float] | None = None) -> list[Adresse]:
        if not self._breaker.allows():
            raise Unavailable("set aside")
        params = {"q": text[:LONGEST], "limit": str(LIMIT), "autocomplete": str(int(autocomplete))}
        if near:
            params |= {"lat": f"{near[0]:.3f}", "lon": f"{near[1]:.3f}"}
        target = f"{self._url.path}/search?{urlencode(params)}"
        try:
            status, body = transport.get(self._url, target, deadline=time.monotonic() + BUDGET_S)
            if status == 400:  # too short or too odd for it: no address, and no failure of the service
                found = []
            elif status != 200:
                raise BadAnswer(f"status {status}")
            else:
                found = parse(body)
        except (OSError, http.client.HTTPException, ValueError) as error:
            # The kind of error only: its words may hold the address that was asked.
            if self._breaker.failed():
                logger.warning("address service set aside after failures in a row: %s", type(error).__name__)
            raise Unavailable(type(error).__name__) from None
        self._breaker.succeeded()
        return found


@cache
def _client(base_url: str) -> _Client:
    return _Client(base_url)


def reset() -> None:
    """Forget the failures of this process (tests)."""
    _client.cache_clear()


def parse(body: bytes) -> list[Adresse]:
    """Addresses of a GeoJSON answer, in its order; a feature that is not one is left out. Raises BadAnswer."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadAnswer("not JSON") from error
    features = answer.get("features") if isinstance(answer, dict) else None
    if not isinstance(features, list):
        raise BadAnswer("no features")
    return [found for found in map(_adresse, features[:LIMIT]) if found]


def _adresse(feature: object) -> Adresse | None:
    if not isinstance(feature, dict):
        return None
    properties, geometry = feature.get("properties"), feature.get("geometry")
    if not isinstance(properties, dict) or not isinstance(geometry, dict):
        return None
    label, score, point = properties.get("label"), properties.get("score", 0.0), geometry.get("coordinates")
    if properties.get("type") == "municipality" or not isinstance(label, str) or not _are_numbers([score]):
        return None  # communes have their own list
    if not isinstance(point, list) or len(point) < 2 or not _are_numbers(point[:2]):
        return None
    longitude, latitude = map(float, point[:2])
    label = _CONTROL.sub(" ", label).strip()[:LONGEST]
    if not label or not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        return None
    return Adresse(label, round(latitude, 5), round(longitude, 5), float(score))


def _are_numbers(values: Sequence[object]) -> bool:
    return all(
        isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) for value in values
    )
