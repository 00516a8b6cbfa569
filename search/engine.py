"""Criteria in, ordered results out. Knows no request and no template; the page, the export and the API all call it.

One statement answers any search (`search.sql`): exact totals and facets over the whole match, and one page of
establishments with their matching UO; its cost follows the number of matching UO. A question of one concept, asked by
who has no more rights than others, takes the short way (`search.concept`), whose cost does not.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import cache, lru_cache
from typing import NamedTuple

from django.conf import settings
from django.db import connections
from django.urls import reverse

from directory.permissions import Reader
from ror import clock
from search import geo, labels, ouverture, text, vocabulary
from search.concept import ConceptSearch
from search.facets import FACETS, NARROWING, FacetDimension
from search.labels import Labels
from search.sql import ORIGIN, Statement, fresh_from
from search.suggestions import concept_ids_matching
from search.text import Group
from search.typed import EVERYTHING, NAMES, TypedText
from search.zone import Zone

APPROXIMATE = "Aucun résultat exact, voici des résultats approchants"
WEIGHTS = {"noms": NAMES, "tout": EVERYTHING}  # texts that each scope reads
# The ages received meet the age asked for; a UO that says nothing of ages is not known to receive anybody.
AGE = """({row}.age_min is not null or {row}.age_max is not null)
  and coalesce({row}.age_min, 0) < %(age_to)s and coalesce({row}.age_max, 'infinity') >= %(age_from)s"""


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
    """One question. `concept` (a pk) excludes `text`; facet values are codes, OR inside a facet, AND across.

    `typed`: the whole text when `text` lost the words of a place, which became the origin: names are compared to it.
    `zone`: a rectangle of the map; `rayon_km`: at most that far from the origin. None leaves the place free.
    `age_days`: from that age until before that one, in days. `ouvert`: at that instant (aware), or on that day.
    """

    origin: Origin | None = None
    concept: int | None = None
    text: str = ""
    typed: str = ""
    dans: Dans = Dans.TOUT
    facets: Mapping[str, frozenset[str]] = field(default_factory=dict)
    sort: Sort = Sort.DISTANCE
    zone: Zone | None = None
    rayon_km: float | None = None
    age_days: tuple[float, float] | None = None
    ouvert: datetime | date | None = None

    @property
    def is_filtered(self) -> bool:
        """By something else than values of facets."""
        return bool(self.zone or self.rayon_km or self.age_days or self.ouvert)

    @property
    def is_one_concept(self) -> bool:
        """Nothing but a concept and values of facets is asked for."""
        return bool(self.concept) and not self.is_filtered


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


def search(
    criteria: Criteria, *, reader: Reader, page: int = 1, per_page: int | None = None, with_facets: bool = True
) -> Results:
    """One page of establishments. A page past the end is the last one. A fixed number of statements: six at most."""
    start = time.perf_counter()
    per_page = per_page or settings.RESULTS_PER_PAGE
    page = max(1, min(page, -(-settings.RESULTS_MAX // per_page)))
    today, known = clock.today(), labels.get()
    chosen = _chosen(criteria, known)
    answer, asked = _find(criteria, chosen, reader, today, page, per_page, with_facets)
    n_eg, n_uo = answer["totals"]
    n_pages = max(1, -(-min(n_eg, settings.RESULTS_MAX) // per_page))
    if page > n_pages:
        page = n_pages
        answer = _ask(criteria, asked, chosen, reader, today, page, per_page, with_facets)
    if not all(int(value) in known.values for values in answer["facets"].values() for value in values):
        labels.reset()  # a concept newer than what this process keeps
        known = labels.get()
    return Results(
        criteria=criteria,
        hits=[_hit(row, today, known) for row in answer["hits"]],
        n_eg=n_eg,
        n_uo=n_uo,
        page=page,
        n_pages=n_pages,
        facets=_facets(criteria, answer["facets"], known),
        duration_ms=(time.perf_counter() - start) * 1000,
        approximate=APPROXIMATE if any(group.is_corrected for group in asked) else "",
        asked=tuple(asked),
        found_nothing=not answer.get("found", n_eg),
    )


def search_all(criteria: Criteria, *, reader: Reader) -> Results:
    """The whole list, up to `RESULTS_MAX` establishments, without facets: what the export writes."""
    return search(criteria, reader=reader, per_page=settings.RESULTS_MAX, with_facets=False)


def _chosen(criteria: Criteria, known: Labels) -> dict[str, list[int]]:
    """Facet → ids of its chosen values; a value that every row holds chooses nothing, an unknown one holds nowhere."""
    chosen = {
        key: [known.ids[key, code] for code in codes if (key, code) in known.ids]
        for key, codes in criteria.facets.items()
    }
    return {key: values for key, values in chosen.items() if not known.everywhere.intersection(values)}


def _find(criteria: Criteria, *args) -> tuple[dict, list[Group]]:
    """The answer and the words it is the answer to: those typed; when nothing at all holds them, those typed with the
    unknown ones corrected; then with any of them."""
    typed = [] if criteria.concept else vocabulary.read(criteria.text)
    answer = first = _ask(criteria, typed, *args)
    asked = typed
    for every in (False, True):
        if criteria.concept or answer["found"]:
            return answer, asked
        corrected = vocabulary.correct(typed, every=every)
        if corrected:
            asked = corrected
            answer = _ask(criteria, asked, *args)
    return (answer, asked) if answer["found"] else (first, typed)


def _ask(
    criteria: Criteria,
    asked: list[Group],
    chosen: dict[str, list[int]],
    reader: Reader,
    today: date,
    page: int,
    per_page: int,
    with_facets: bool,
) -> dict:
    offset = (page - 1) * per_page
    limit = min(per_page, settings.RESULTS_MAX - offset)
    with connections[settings.SEARCH_DATABASE].cursor() as cursor:
        if criteria.is_one_concept and len(chosen) <= 1 and not reader.has_more_rights and _is_usual_order(criteria):
            answer = _ask_concept(cursor, criteria, chosen, reader, today, limit, offset)
            if answer:
                return answer
        statement = _statement(cursor, criteria, asked, chosen, reader, today)
        cursor.execute(*statement.build(limit=limit, offset=offset, with_counts=with_facets))
        return cursor.fetchone()[0]


def _is_usual_order(criteria: Criteria) -> bool:
    """By distance from somewhere, or by relevance from nowhere."""
    return (criteria.sort == Sort.DISTANCE) == (criteria.origin is not None)


def _ask_concept(cursor, criteria, chosen, reader, today, limit, offset) -> dict | None:
    asked = ConceptSearch(cursor, criteria.concept, reader=reader, today=today)
    [(facet, values)] = chosen.items() or [("", [])]
    counts = asked.counts(facet, values, every=facet in NARROWING)
    if counts is None:
        return None
    n_eg = counts["totals"][0]
    hits = asked.page(criteria.origin, n_eg, limit=limit, offset=offset) if n_eg > offset else []
    return counts | {"hits": hits}


def _statement(
    cursor, criteria: Criteria, asked: list[Group], chosen: dict[str, list[int]], reader: Reader, today: date
) -> Statement:
    statement = Statement(reader=reader, today=today)
    if criteria.concept:
        statement.match_concept(criteria.concept)
    else:
        statement.match_text(typed_text(criteria, asked))
    for key, values in chosen.items():
        statement.select_facet(key, values, every=key in NARROWING)
    statement.order(criteria.origin, by_score=criteria.sort == Sort.PERTINENCE)
    if criteria.zone:
        statement.keep(
            "{row}.latitude between %(south)s and %(north)s and {row}.longitude between %(west)s and %(east)s",
            criteria.zone._asdict(),
            with_names=True,
        )
    if criteria.rayon_km and criteria.origin:
        statement.keep(
            f"{{row}}.pos <-> {ORIGIN} <= %(chord)s",
            {"chord": geo.km_to_chord(criteria.rayon_km)},
            with_names=True,
        )
    if criteria.age_days:
        statement.keep(AGE, dict(zip(("age_from", "age_to"), criteria.age_days, strict=True)))
    if criteria.ouvert:
        cursor.execute(*statement.plannings())
        keys = [key for [key] in cursor.fetchall()]
        day = criteria.ouvert.date() if isinstance(criteria.ouvert, datetime) else criteria.ouvert
        statement.keep(
            ouverture.CONDITION, {"ouverts": ouverture.open_ones(cursor, keys, criteria.ouvert), "jour": day}
        )
    return statement


def typed_text(criteria: Criteria, asked: Sequence[Group]) -> TypedText:
    """What these words mean in the scope of the question, and the whole text they are scored by."""
    concepts: set[int] = set()
    if criteria.dans != Dans.NOMS:
        for reading in text.readings(asked):
            concepts.update(concept_ids_matching(reading, criteria.dans))
    whole = criteria.typed or criteria.text
    scored = list(asked)
    if criteria.typed:
        read = {group.typed: group for group in asked}
        others = [group for group in vocabulary.read(whole) if group.typed not in read]
        scored += vocabulary.correct(others) or others
    return TypedText(
        asked,
        concepts,
        weights=WEIGHTS.get(criteria.dans, ""),
        scored=scored,
        name=text.corrected(whole, scored),
    )


def _hit(row: list, today: date, known: Labels) -> Hit:
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


def _facets(criteria: Criteria, counts: dict[str, dict], known: Labels) -> list[Facet]:
    """Values by count then label; a selected value stays in the list even when nothing has it any more."""
    found: dict[str, dict[str, FacetValue]] = {dimension.key: {} for dimension in FACETS}
    for source, values in counts.items():
        for value, n in values.items():
            facet, code, label = known.values[int(value)]
            if facet and (facet == source or (not source and facet not in counts)):
                found[facet][code] = FacetValue(code, label, n, code in criteria.facets.get(facet, ()))
    for facet, codes in criteria.facets.items():
        for code in codes:
            if code not in found[facet] and (facet, code) in known.ids:
                found[facet][code] = FacetValue(code, known.label(known.ids[facet, code]), 0, True)
    return [_facet(dimension, found[dimension.key].values()) for dimension in FACETS]


def _facet(dimension: FacetDimension, values: Iterable[FacetValue]) -> Facet:
    return Facet(dimension.key, dimension.title, sorted(values, key=lambda v: (-v.count, v.label)))
