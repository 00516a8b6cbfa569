"""Criteria in, ordered results out. Knows no request and no template; the page, the export and the API all call it.

One statement answers any search (`search.sql`): exact totals and facets over the whole match, and one page of
establishments with their matching UO; its cost follows the number of matching UO. A concept, asked for by who has no
more rights than others, takes the short way (`search.concept`), whose cost does not.
"""

import time
from collections.abc import Sequence
from datetime import date, datetime

from django.conf import settings
from django.db import connections

from directory.permissions import Reader
from ror import clock
from search import geo, labels, ouverture, text, vocabulary
from search.concept import ConceptSearch
from search.criteria import Criteria, Dans, Sort
from search.facets import NARROWING
from search.labels import Labels
from search.results import Results, facets_of, hit
from search.sql import ORIGIN, Statement
from search.suggestions import concept_ids_matching
from search.text import EVERYTHING, Group
from search.typed import NAMES, TypedText

APPROXIMATE = "Aucun résultat exact, voici des résultats approchants"
WEIGHTS = {"noms": NAMES, "tout": EVERYTHING}  # texts that each scope reads
# The ages received meet the age asked for; a UO that says nothing of ages is not known to receive anybody.
AGE = """({row}.age_min is not null or {row}.age_max is not null)
  and coalesce({row}.age_min, 0) < %(age_to)s and coalesce({row}.age_max, 'infinity') >= %(age_from)s"""


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
    try:
        facets = facets_of(criteria, answer["facets"], known)
    except KeyError:  # a concept newer than what this process keeps
        labels.reset()
        known = labels.get()
        facets = facets_of(criteria, answer["facets"], known)
    return Results(
        criteria=criteria,
        hits=[hit(row, today, known) for row in answer["hits"]],
        n_eg=n_eg,
        n_uo=n_uo,
        page=page,
        n_pages=n_pages,
        facets=facets,
        duration_ms=(time.perf_counter() - start) * 1000,
        approximate=APPROXIMATE if any(group.is_corrected for group in asked) else "",
        asked=tuple(asked),
        found_nothing=not answer.get("found", n_eg),
    )


def search_all(criteria: Criteria, *, reader: Reader) -> Results:
    """The whole list, up to `RESULTS_MAX` establishments, without facets: what the export writes."""
    return search(criteria, reader=reader, per_page=settings.RESULTS_MAX, with_facets=False)


def statement(criteria: Criteria, *, reader: Reader, today: date) -> Statement:
    """The one pass that answers this question, whoever asks: in other words than typed when its page is (typos)."""
    asked = search(criteria, reader=reader, per_page=1, with_facets=False).asked
    with connections[settings.SEARCH_DATABASE].cursor() as cursor:
        return _statement(cursor, criteria, asked, _chosen(criteria, labels.get()), reader, today)


def _chosen(criteria: Criteria, known: Labels) -> dict[str, list[int]]:
    """Facet → ids of its chosen values; a value that every row holds chooses nothing, an unknown one holds nowhere."""
    chosen = {
        key: [known.ids[key, code] for code in codes if (key, code) in known.ids]
        for key, codes in criteria.facets.items()
    }
    return {key: values for key, values in chosen.items() if not known.everywhere.intersection(values)}


def _find(criteria: Criteria, chosen: dict[str, list[int]], reader: Reader, *args) -> tuple[dict, list[Group]]:
    """The answer and the words it is the answer to: those typed; when nothing at all holds them, those typed with the
    unknown ones corrected; then with any of them."""
    typed = [] if criteria.concept else vocabulary.read(criteria.text)
    first = None
    # Words of sensitive UO are not among those known: who may read them asks in any case.
    if criteria.concept or reader.has_more_rights or vocabulary.may_be_found(typed):
        first = _ask(criteria, typed, chosen, reader, *args)
        if criteria.concept or first["found"]:
            return first, typed
    for every in (False, True):
        corrected = vocabulary.correct(typed, every=every)
        if corrected:
            answer = _ask(criteria, corrected, chosen, reader, *args)
            if answer["found"]:
                return answer, corrected
    return first or _ask(criteria, typed, chosen, reader, *args), typed


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
    connection = connections[settings.SEARCH_DATABASE]
    if criteria.is_one_concept and not reader.has_more_rights and _is_usual_order(criteria):
        answer = _ask_concept(connection, criteria, chosen, reader, today, limit, offset)
        if answer:
            return answer
    with connection.cursor() as cursor:
        statement = _statement(cursor, criteria, asked, chosen, reader, today)
        cursor.execute(*statement.build(limit=limit, offset=offset, with_counts=with_facets))
        return cursor.fetchone()[0]


def _is_usual_order(criteria: Criteria) -> bool:
    """By distance from somewhere, or by relevance from nowhere."""
    return (criteria.sort == Sort.DISTANCE) == (criteria.origin is not None)


def _ask_concept(connection, criteria, chosen, reader, today, limit, offset) -> dict | None:
    asked = ConceptSearch(connection, criteria.concept, chosen, reader=reader, today=today)
    counts = asked.counts()
    if counts is None:
        return None
    n_eg = counts["totals"][0]
    hits = asked.page(criteria.origin, n_eg, limit=limit, offset=offset) if n_eg > offset else []
    return counts | {"hits": hits}


def _statement(
    cursor, criteria: Criteria, asked: Sequence[Group], chosen: dict[str, list[int]], reader: Reader, today: date
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
