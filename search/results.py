"""One answer of the engine, made from the rows of its statements."""

from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from operator import attrgetter
from typing import NamedTuple

from django.conf import settings
from django.urls import reverse

from search import geo
from search.criteria import Criteria
from search.facets import FACETS, FacetDimension
from search.labels import Labels
from search.sql import fresh_from
from search.text import Group


@dataclass(frozen=True)
class UoHit:
    """A matching UO of an establishment."""

    url: str
    name: str
    type_label: str
    status: str
    closed_until: date | None
    phone: str
    patientele: str
    capacity_entry: bool


@dataclass(frozen=True)
class Hit:
    """An establishment of the page; distances in km, None when it or the question has no position; WGS84 degrees."""

    eg_id: int
    url: str
    name: str
    category: str
    departement: str
    commune: str
    phone: str
    distance_km: float | None
    n_uo: int
    latitude: float | None
    longitude: float | None
    is_located: bool
    is_closed_provisionally: bool
    closed_until: date | None
    serves_origin: bool
    is_described: bool
    uos: list[UoHit]


class FacetValue(NamedTuple):
    """There may be a thousand in an answer."""

    code: str
    label: str
    count: int
    is_selected: bool


@dataclass(frozen=True)
class Facet:
    """Counts of establishments by value, this facet's own filter left out."""

    key: str
    title: str
    values: list[FacetValue]

    @property
    def n_values(self) -> int:
        return len(self.values)


@dataclass(frozen=True)
class Results:
    """The answer: one page, exact totals. `duration_ms` is what the reader waited for the search itself.

    `approximate`: words that say so when the answer is to corrections of what was typed; `asked`: the words it is the
    answer to. `found_nothing`: nothing matches, whatever filters are asked for.
    """

    criteria: Criteria
    hits: list[Hit]
    n_eg: int
    n_uo: int
    page: int
    n_pages: int
    facets: list[Facet]
    duration_ms: float
    approximate: str = ""
    asked: tuple[Group, ...] = ()
    found_nothing: bool = False

    @property
    def is_capped(self) -> bool:
        """More establishments match than the list shows."""
        return self.n_eg > settings.RESULTS_MAX


def hit(row: list, today: date, known: Labels) -> Hit:
    eg_id, cle, nom, category, departement, commune, phone, chord, n, latitude, longitude, du, au, serves, uos = row
    closed, until = _closing(du, au, today)
    return Hit(
        eg_id=eg_id,
        url=_address("directory:eg", cle),
        name=nom,
        category=known.label(category),
        departement=known.departements.get(departement, ""),
        commune=commune or "",
        phone=phone or "",
        distance_km=None if chord is None else geo.chord_to_km(chord),
        n_uo=n,
        latitude=latitude,
        longitude=longitude,
        is_located=latitude is not None or chord is not None,
        is_closed_provisionally=closed,
        closed_until=until,
        serves_origin=bool(serves),
        is_described=bool(uos),
        uos=[_uo(uo, today, known) for uo in uos or []],
    )


def _uo(row: list, today: date, known: Labels) -> UoHit:
    cle, nom, type_id, du, au, maj, phone, patientele, capacity = row
    closed, until = _closing(du, au, today)
    return UoHit(
        url=_address("directory:uo", cle),
        name=nom,
        type_label=known.label(type_id),
        status="ferme_provisoire" if closed else "a_actualiser" if maj < _fresh_from(today) else "ouvert",
        closed_until=until,
        phone=phone or "",
        patientele=patientele,
        capacity_entry=capacity,
    )


@lru_cache(maxsize=4)
def _fresh_from(today: date) -> str:
    """ISO dates compare as texts: one for the day, none a row."""
    return fresh_from(today).isoformat()


def _address(name: str, cle: str) -> str:
    """Address of a fiche: letters, digits and hyphens only, so the beginning found once serves for all."""
    return f"{_beginning(name)}{cle}/"


@cache
def _beginning(name: str) -> str:
    return reverse(name, args=["-"]).removesuffix("-/")


def _closing(du: str | None, au: str | None, today: date) -> tuple[bool, date | None]:
    """(provisionally closed today, until when): reopening day included in the open days."""
    until = date.fromisoformat(au) if au else None
    closed = bool(du) and date.fromisoformat(du) <= today and (until is None or until > today)
    return closed, until if closed else None


def facets_of(criteria: Criteria, counts: dict[str, dict], known: Labels) -> list[Facet]:
    """Values by count then label; a selected value stays in the list even when nothing has it any more.

    Raises KeyError on a concept that `known` does not have.
    """
    found: dict[str, list[FacetValue]] = {dimension.key: [] for dimension in FACETS}
    chosen = {key: set(codes) for key, codes in criteria.facets.items()}
    for source, values in counts.items():
        for value, n in values.items():
            facet, code, label = known.values[int(value)]
            if facet and (facet == source or (not source and facet not in counts)):
                found[facet].append(FacetValue(code, label, n, code in chosen.get(facet, ())))
    for facet, codes in chosen.items():
        for code in codes.difference(value.code for value in found[facet]):
            if (facet, code) in known.ids:
                found[facet].append(FacetValue(code, known.label(known.ids[facet, code]), 0, True))
    return [_facet(dimension, found[dimension.key]) for dimension in FACETS]


def _facet(dimension: FacetDimension, values: list[FacetValue]) -> Facet:
    values.sort(key=attrgetter("label"))
    values.sort(key=attrgetter("count"), reverse=True)
    return Facet(dimension.key, dimension.title, values)
