"""Criteria in, ordered results out. Knows no request and no template; the page, the export and the API all call it.

One statement answers a search: exact totals and facets over the whole match, and one page of establishments with
their matching UO. Its cost follows the number of matching UO, never the number of rows shown.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from functools import cache

from django.conf import settings
from django.db import connections
from django.urls import reverse

from directory.permissions import Reader
from ror import clock
from search import geo
from search.facets import FACETS, FacetDimension
from search.sql import EVERYTHING, NAMES, Statement
from search.suggestions import concept_ids_matching


class Sort(StrEnum):
    """Orders of the list; both are deterministic (then name, then id)."""

    DISTANCE = "distance"
    PERTINENCE = "pertinence"


class Dans(StrEnum):
    """Where a typed text is looked for."""

    TOUT = "tout"
    FILIERES = "filieres"
    TYPES_UO = "types_uo"
    ACTES = "actes"
    NOMS = "noms"


@dataclass(frozen=True)
class Origin:
    """Where distances are counted from: WGS84 degrees; `insee` when it is a commune."""

    latitude: float | None
    longitude: float | None
    label: str
    insee: str | None = None
    territoire: str = ""


@dataclass(frozen=True)
class Criteria:
    """One question. `concept` (a pk) excludes `text`; facet values are codes, OR inside a facet, AND across."""

    origin: Origin | None = None
    concept: int | None = None
    text: str = ""
    dans: Dans = Dans.TOUT
    facets: Mapping[str, frozenset[str]] = field(default_factory=dict)
    sort: Sort = Sort.DISTANCE


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
    """An establishment of the page; distances in km, None when it or the question has no position."""

    eg_id: int
    url: str
    name: str
    category: str
    departement: str
    commune: str
    phone: str
    distance_km: float | None
    n_uo: int
    is_located: bool
    is_closed_provisionally: bool
    closed_until: date | None
    serves_origin: bool
    is_described: bool
    uos: list[UoHit]


@dataclass(frozen=True)
class FacetValue:
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
    """The answer: one page, exact totals. `duration_ms` is what the reader waited for the search itself."""

    criteria: Criteria
    hits: list[Hit]
    n_eg: int
    n_uo: int
    page: int
    n_pages: int
    facets: list[Facet]
    duration_ms: float

    @property
    def is_capped(self) -> bool:
        """More establishments match than the list shows."""
        return self.n_eg > settings.RESULTS_MAX


def search(
    criteria: Criteria, *, reader: Reader, page: int = 1, per_page: int | None = None, with_facets: bool = True
) -> Results:
    """One page of establishments. A page past the end is the last one. At most two statements, whatever the answer."""
    start = time.perf_counter()
    per_page = per_page or settings.RESULTS_PER_PAGE
    page = max(1, min(page, -(-settings.RESULTS_MAX // per_page)))
    today = clock.today()
    answer = _ask(criteria, reader, today, page, per_page, with_facets)
    n_eg, n_uo = answer["totals"]
    n_pages = max(1, -(-min(n_eg, settings.RESULTS_MAX) // per_page))
    if page > n_pages:
        page = n_pages
        answer = _ask(criteria, reader, today, page, per_page, with_facets)
    return Results(
        criteria=criteria,
        hits=[_hit(row, today) for row in answer["hits"]],
        n_eg=n_eg,
        n_uo=n_uo,
        page=page,
        n_pages=n_pages,
        facets=[_facet(dimension, criteria, answer) for dimension in FACETS],
        duration_ms=(time.perf_counter() - start) * 1000,
    )


def search_all(criteria: Criteria, *, reader: Reader) -> Results:
    """The whole list, up to `RESULTS_MAX` establishments, without facets: what the export writes."""
    return search(criteria, reader=reader, per_page=settings.RESULTS_MAX, with_facets=False)


def _ask(criteria: Criteria, reader: Reader, today: date, page: int, per_page: int, with_facets: bool) -> dict:
    limit = min(per_page, settings.RESULTS_MAX - (page - 1) * per_page)
    statement = Statement(reader=reader, today=today, systems={facet.key: facet.system for facet in FACETS})
    if criteria.concept:
        statement.match_concept(criteria.concept)
    else:
        concepts = [] if criteria.dans == Dans.NOMS else concept_ids_matching(criteria.text, criteria.dans)
        weights = {Dans.NOMS: NAMES, Dans.TOUT: EVERYTHING}.get(criteria.dans, "")
        statement.match_text(criteria.text, concepts, weights=weights)
    for key, codes in criteria.facets.items():
        statement.select_facet(key, codes)
    statement.order(criteria.origin, by_score=criteria.sort == Sort.PERTINENCE)
    with connections[settings.SEARCH_DATABASE].cursor() as cursor:
        cursor.execute(*statement.build(limit=limit, offset=(page - 1) * per_page, with_counts=with_facets))
        [[answer]] = cursor.fetchall()
    return answer


def _hit(row: list, today: date) -> Hit:
    eg_id, cle, nom, categorie, departement, commune, phone, chord, n, located, du, au, serves, uos = row
    closed, until = _closing(du, au, today)
    return Hit(
        eg_id=eg_id,
        url=_address("directory:eg", cle),
        name=nom,
        category=categorie,
        departement=departement or "",
        commune=commune or "",
        phone=phone or "",
        distance_km=None if chord is None else geo.chord_to_km(chord),
        n_uo=n,
        is_located=located,
        is_closed_provisionally=closed,
        closed_until=until,
        serves_origin=bool(serves),
        is_described=bool(uos),
        uos=[_uo(uo, today) for uo in uos or []],
    )


def _uo(row: list, today: date) -> UoHit:
    cle, nom, type_label, du, au, maj, phone, patientele, capacity = row
    closed, until = _closing(du, au, today)
    stale = date.fromisoformat(maj) < today - timedelta(days=settings.STALE_AFTER_DAYS)
    return UoHit(
        url=_address("directory:uo", cle),
        name=nom,
        type_label=type_label or "",
        status="ferme_provisoire" if closed else "a_actualiser" if stale else "ouvert",
        closed_until=until,
        phone=phone or "",
        patientele=patientele,
        capacity_entry=capacity,
    )


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


def _facet(dimension: FacetDimension, criteria: Criteria, answer: dict) -> Facet:
    """Values by count then label; a selected value stays in the list even when nothing has it any more."""
    chosen = criteria.facets.get(dimension.key, frozenset())
    rows = answer["facets"].get(dimension.key) or []
    values = [FacetValue(code, label, n, code in chosen) for code, label, n in rows]
    missing = chosen - {value.code for value in values}
    values += [
        FacetValue(code, label, 0, True)
        for code, label in answer["selected"].get(dimension.key, [])
        if code in missing
    ]
    return Facet(dimension.key, dimension.title, sorted(values, key=lambda v: (-v.count, v.label)))
