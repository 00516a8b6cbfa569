"""How long it takes by road: one interface, two ways to know.

`durations` asks the server named by `ROUTING_URL` (`search.routing.osrm`) and falls back, line by line, on the
estimate (`search.routing.estimate`). What it gives says which: « par la route » or « estimée ». No order depends on
it: lists are sorted by distance, and a server that is slow or down costs a page `BUDGET_S` at most (docs/routage.md).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from django.conf import settings

from search.routing import osrm
from search.routing.estimate import minutes

ESTIMATED, BY_ROAD = "estimée", "par la route"
BUDGET_S = 0.150  # what a page may wait for the server, connection and reading together


class Located(Protocol):
    """What a duration is asked for: `search.results.Hit`, or anything with its position and distance."""

    latitude: float | None
    longitude: float | None
    distance_km: float | None


@dataclass(frozen=True)
class Duration:
    """Minutes by car, and how they are known."""

    minutes: int
    by_road: bool = False

    @property
    def label(self) -> str:
        """« estimée » or « par la route », to stand next to the figure."""
        return BY_ROAD if self.by_road else ESTIMATED


def durations(origin, places: Sequence[Located]) -> list[Duration | None]:
    """One duration per place, in order; None where there is no distance. `origin`: `search.criteria.Origin` or None.

    One request for all of them (a page), a few within the same budget beyond a hundred (an export). Never raises.
    """
    seconds = _by_road(origin, places)
    return [
        None if place.distance_km is None else _duration(place.distance_km, known)
        for place, known in zip(places, seconds, strict=True)
    ]


def estimate(distance_km: float) -> Duration:
    """Without asking anybody."""
    return Duration(minutes(distance_km))


def legend(labels: Iterable[str]) -> str:
    """What the durations of a list have in common: « estimée », « par la route », or nothing when it mixes them."""
    found = {label for label in labels if label}
    return found.pop() if len(found) == 1 else ""


def _duration(distance_km: float, seconds: float | None) -> Duration:
    if seconds is None:
        return estimate(distance_km)
    return Duration(max(1, round(seconds / 60)), by_road=True)


def _by_road(origin, places: Sequence[Located]) -> list[float | None]:
    """Seconds from the routing server, None where it does not know, or everywhere when there is none."""
    unknown: list[float | None] = [None] * len(places)
    if not settings.ROUTING_URL or origin is None or origin.latitude is None:
        return unknown
    wanted = [index for index, place in enumerate(places) if None not in (place.latitude, place.distance_km)]
    points = [(places[index].latitude, places[index].longitude) for index in wanted]
    found = osrm.client(settings.ROUTING_URL).seconds((origin.latitude, origin.longitude), points, budget_s=BUDGET_S)
    for index, value in zip(wanted, found, strict=True):
        unknown[index] = value
    return unknown


def clock_text(duration: int) -> str:
    """« 00:24 », as the portal writes it."""
    return f"{duration // 60:02d}:{duration % 60:02d}"


def words(duration: int) -> str:
    """« 24 minutes », « 1 heure 5 minutes »: the same, for a screen reader."""
    hours, rest = divmod(duration, 60)
    parts = [(hours, "heure"), (rest, "minute")]
    return " ".join(f"{n} {word}{'s' if n > 1 else ''}" for n, word in parts if n)
