"""The short way: one concept, for what every professional may see (docs/decisions/0014).

Facets from the pair counts, whatever the number of UO that match; when several values are chosen, one pass over the UO
that hold them all. Then the page, either by walking outwards from the origin over places, or by collecting the UO
that match and sorting them: the number of establishments, known from the counts, says which is cheaper. Same answer as
`search.sql.Statement`.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from math import sqrt

from directory.permissions import Reader
from ror.database import planned_once
from search import pairs
from search.facets import NARROWING, PAIRED
from search.models import PairCount
from search.sql import DISTANCE, ORIGIN, count_values, fresh_from, hits_sql, holds, is_open, origin_params

Chosen = Mapping[str, Sequence[int]]  # facet → ids of its chosen values
WALK_FROM = 1.8  # collecting costs less below 1.8 × √(rows wanted × all places): measured, search-performance.md §1

# A UO that everybody may see, shown today, with the concept and the values chosen.
UO = "o.concepts @> array[%(concept)s]::int[] and not o.sensible and " + is_open("o")

COUNTS = f"""
select (select stable_des from search_etat), (select reltuples from pg_class where oid = 'search_lieu'::regclass),
  (select json_agg(json_build_array(avec, f, n)) from (
    select concept_id, avec, f, n from search_cofacette
    union all select concept_id, avec, f, n from search_cofacette_delta
    union all select k.* from search_cofacette_prevue, {pairs.UNNEST} where des <= %(today)s) k
    where concept_id = %(concept)s and avec = any(%(avecs)s))
"""

# One pass over the UO that hold the concept and what is chosen; values of facets are concepts, and have their index.
ONE_PASS = f"""
with m as materialized (
  select o.eg_id, count(*) as n, union_agg(o.facettes) as fs from search_offre o
  where {UO} {{chosen}} group by o.eg_id)
select (select json_build_array(count(*), coalesce(sum(n), 0)) from m), {count_values("fs")}
"""

# A place where the UO of its row are what is asked for: known from the row, or from the UO themselves.
THERE = f"""exists (select from search_offre o where o.eg_id = {{row}}.eg_id and {UO} {{chosen}}
  and (o.pos = {{row}}.pos or {{row}}.pos = any(o.autres) or (o.pos is null and {{row}}.pos is null)))"""
# The establishment has no other such place before this one.
FIRST = "(l.seul or not exists (select from search_lieu b where b.eg_id = l.eg_id and {rank} and {there}))"
# « is true » keeps the planner from the index of the concepts: the places are walked over in their order.
PLACES = """select l.eg_id, {distance} as d, l.tri, l.maj_eg from search_lieu l
  where (l.concepts @> array[%(concept)s]::int[] {chosen}) is true and {there} and {first}"""
# The establishments of the UO that match, all of them.
COLLECTED = f"""select o.eg_id, min({{distance}}) as d, min(o.cle_tri) as tri, min(o.maj_eg) as maj_eg
  from search_offre o where {UO} {{chosen}} group by o.eg_id"""
NEAREST = "d nulls last, tri, eg_id"
FRESHEST = "page.maj_eg >= %(fresh_from)s desc, tri, eg_id"


def _pair(filters: Chosen) -> int | None:
    """The `avec` under which the counts of these filters are kept: 0 for none; None when they are not kept."""
    if len(filters) > 2 or any(key not in PAIRED or len(values) != 1 for key, values in filters.items()):
        return None
    return pairs.avec(*(value for values in filters.values() for value in values))


def _and_holds(row: str, filters: Chosen) -> str:
    """SQL: this array holds what each of these filters asks."""
    return "".join(f" and {holds(row, key, every=key in NARROWING)}" for key in filters)


def _told(counts: Counter) -> tuple[list[int], dict[int, int]]:
    """[establishments, UO], and the count of each value that some establishment holds."""
    totals = (PairCount.EG, PairCount.UO)
    return [counts[key] for key in totals], {value: n for value, n in counts.items() if n > 0 and value not in totals}


class ConceptSearch:
    """One concept, and values of facets. `counts` first: it says whether this way is open that day."""

    def __init__(self, connection, concept: int, chosen: Chosen, *, reader: Reader, today: date):
        self._connection = connection
        self._level = reader.base_level
        self._chosen = chosen
        self._params: dict = {"concept": concept, "today": today, "fresh_from": fresh_from(today)}
        self._params |= {f"values_{key}": sorted(values) for key, values in chosen.items()}
        self._places = 0.0

    def counts(self) -> dict | None:
        """Totals and facets, as `Statement` gives them; None when the index was written after that day."""
        others = {key: {k: v for k, v in self._chosen.items() if k != key} for key in self._chosen}
        asked = {"": self._chosen} | {key: rest for key, rest in others.items() if key not in NARROWING}
        kept = self._kept({pair for pair in map(_pair, asked.values()) if pair is not None})
        if kept is None:
            return None
        told = {key: _told(self._counted(filters, kept)) for key, filters in asked.items()}
        return {"totals": told[""][0], "facets": {key: found for key, (_, found) in told.items()}}

    def _counted(self, filters: Chosen, kept: dict[int, Counter]) -> Counter:
        """Counts of the UO that these filters keep: those kept for this pair, else by one pass."""
        pair = _pair(filters)
        if pair is not None:
            return kept[pair]
        (n_eg, n_uo), found = self._run(ONE_PASS.format(chosen=_and_holds("o.concepts", filters)), with_values=True)
        counts = Counter({int(value): n for value, n in found.items()})
        counts.update({PairCount.EG: n_eg, PairCount.UO: n_uo})
        return counts

    def _kept(self, avecs: set[int]) -> dict[int, Counter] | None:
        """The pair counts, by value of `avec`; None when they do not hold on that day."""
        self._params["avecs"] = sorted(avecs)
        stable_from, self._places, rows = self._run(COUNTS)
        if stable_from is None or stable_from > self._params["today"]:
            return None
        counts: dict[int, Counter] = {avec: Counter() for avec in avecs}
        for avec, value, n in rows or ():
            counts[avec][value] += n
        return counts

    def page(self, origin, n_eg: int, *, limit: int, offset: int) -> list:
        """The rows of the page, as `Statement` gives them: by distance, or by relevance without an origin."""
        located = origin is not None and origin.latitude is not None
        if located:
            self._params |= origin_params(origin)
        serves = "false"
        if origin is not None and origin.insee:
            self._params["insee"] = origin.insee
            serves = "%(insee)s::text = any(o.zones)"
        walk = n_eg > WALK_FROM * sqrt((limit + offset) * max(self._places, 0))
        order = NEAREST if located else FRESHEST
        found = self._walked(located, limit + offset) if walk else self._collected(located) + f" order by {order}"
        hits = hits_sql(
            order=order,
            uos=UO + _and_holds("o.facettes", self._chosen),
            serves=serves,
            level=str(self._level),
            uo_level=str(self._level),
        )
        # The limit is in the text: planned for any number of rows, the walk would give way to a sort of everything.
        page = f"with page as materialized ({found} limit {limit} offset {offset})"
        [rows] = self._run(f"{page} select {hits}", with_values=bool(self._chosen))
        return rows

    def _run(self, sql: str, *, with_values: bool = False) -> tuple:
        """The row it gives. Planned once, unless it reads chosen values: how many UO hold them changes the plan."""
        with self._connection.cursor() if with_values else planned_once(self._connection) as cursor:
            cursor.execute(sql, self._params)
            return cursor.fetchone()

    def _collected(self, located: bool) -> str:
        chosen = _and_holds("o.concepts", self._chosen)
        distance = DISTANCE if located else "null::float8"
        return f"select * from ({COLLECTED.format(distance=distance, chosen=chosen)}) page"

    def _walked(self, located: bool, wanted: int) -> str:
        return self._nearest() if located else self._freshest(wanted)

    def _nearest(self) -> str:
        rank = f"(coalesce(b.pos <-> {ORIGIN}, 'infinity'), b.id) < (coalesce(l.pos <-> {ORIGIN}, 'infinity'), l.id)"
        places = self._places_sql(f"l.pos <-> {ORIGIN}", rank)
        return f"{places} order by l.pos <-> {ORIGIN}, l.tri, l.eg_id"

    def _freshest(self, wanted: int) -> str:
        """Checked lately first, then by name: each part is a walk along the names, the second one if it is needed."""
        places = self._places_sql("null::float8", "b.id < l.id")
        by_name = "order by l.tri, l.eg_id"
        return f"""select * from (
            with recents as materialized ({places} and l.maj_eg >= %(fresh_from)s {by_name} limit {wanted})
            select * from recents union all (
              {places} and l.maj_eg < %(fresh_from)s {by_name}
              limit greatest(0, {wanted} - (select count(*) from recents)))) page order by {FRESHEST}"""

    def _places_sql(self, distance: str, rank: str) -> str:
        there = THERE.format(row="{row}", chosen=_and_holds("o.facettes", self._chosen))
        on_the_row = "l.stable" if not self._chosen else "false"
        others = "b.stable and b.concepts @> array[%(concept)s]::int[]" if not self._chosen else "false"
        first = FIRST.format(rank=rank, there=f"({others} or {there.format(row='b')})")
        at = f"({on_the_row} or {there.format(row='l')})"
        chosen = _and_holds("l.concepts", self._chosen)
        return PLACES.format(distance=distance, chosen=chosen, there=at, first=first)
