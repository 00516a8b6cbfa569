"""What the « Où ? » box and its hidden fields mean together: a commune, a point with its label, or a message."""

from collections.abc import Sequence
from dataclasses import dataclass

from search import adresses, places
from search.place_index import Place

LONGEST = 100  # characters typed, or of a label
UNNAMED = "votre point"


@dataclass(frozen=True)
class Point:
    """A chosen address, a position, or the point of a link; WGS84 degrees. `label` may be empty."""

    latitude: float
    longitude: float
    label: str = ""

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The parameters that say it again."""
        return [("lat", str(round(self.latitude, 5))), ("lon", str(round(self.longitude, 5))), ("lieu", self.label)]


@dataclass(frozen=True)
class Candidate:
    """What an ambiguous text may mean, and the parameters that mean it."""

    label: str
    pairs: list[tuple[str, str]]


@dataclass(frozen=True)
class Where:
    """At most one of `place` and `point`; an `error` in French when what was given means neither."""

    place: Place | None = None
    point: Point | None = None
    error: str = ""
    candidates: Sequence[Candidate] = ()


def read(typed: str, insee: str, latitude: float | None, longitude: float | None) -> Where:
    """The place given. A hidden `insee` is believed only while the visible text is its label (or absent): without
    JavaScript people edit the text and cannot clear the code behind it. Coordinates are hidden by scripts only, which
    clear them; the text beside them is their label."""
    if insee:
        place = places.find(insee)
        if place and typed in ("", place.label, place.name):
            return Where(place=place)
        if not typed:
            return Where(error=f"« {insee} » n’est le code d’aucune commune. Choisissez un lieu dans la liste.")
    if latitude is not None and longitude is not None:
        return Where(point=Point(latitude, longitude, typed[:LONGEST]))
    if typed:
        return _typed(typed)
    if (latitude is None) != (longitude is None):
        return Where(error="Il manque la latitude ou la longitude du point choisi.")
    return Where()


def _typed(typed: str) -> Where:
    place, several = places.resolve(typed)
    if place:
        return Where(place=place)
    if several:
        error = f"Plusieurs communes peuvent répondre à « {typed} ». Choisissez la bonne :"
        close = [place for place in places.near(typed) if place not in several] if len(several) == 1 else []
        return Where(error=error, candidates=_communes([*several, *close]))
    if adresses.looks_like_address(typed):
        return _address(typed)
    close = places.near(typed)
    if close:
        return Where(error=f"Aucune commune ne s’appelle « {typed} ». Peut-être :", candidates=_communes(close))
    return Where(error=f"Aucune commune ne s’appelle « {typed} ». Donnez un nom de commune ou un code postal.")


def _address(typed: str) -> Where:
    try:
        found, several = adresses.resolve(typed)
    except adresses.Unavailable:
        return Where(
            error="Le service des adresses ne répond pas pour le moment. Donnez plutôt une commune ou un code postal."
        )
    if found:
        return Where(point=_point(found))
    if several:
        candidates = [Candidate(one.label, _point(one).pairs) for one in several]
        return Where(error=f"Plusieurs adresses répondent à « {typed} ». Choisissez la bonne :", candidates=candidates)
    return Where(error=f"Aucune adresse ne répond à « {typed} ». Vérifiez la rue et la ville, ou donnez une commune.")


def _point(found: adresses.Adresse) -> Point:
    return Point(found.latitude, found.longitude, found.label)


def _communes(found: Sequence[Place]) -> list[Candidate]:
    return [Candidate(place.label, [("ou", place.insee)]) for place in found]
