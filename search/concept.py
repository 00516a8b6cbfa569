"""The short way: one concept, for what every professional may see (docs/decisions/0014).

Three statements at most, whose cost hardly depends on how many UO match: facets from the pair counts, then the page,
either by walking outwards from the origin over places, or by collecting the places that match and sorting them. The
number of establishments, known from the counts, says which is cheaper. Same answer as `search.sql.Statement`.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from math import sqrt

from directory.permissions import Reader
from search.facets import PAIRED
from search.models import PairCount
from search.sql import ORIGIN, count_values, fresh_from, hits_sql, holds, is_open, origin_params

WALK_FROM = 1.8  # collecting costs less below 1.8 × √(rows wanted × all places): measured, search-performance.md §1

# A UO that everybody may see, shown today, with the concept and the values chosen.
UO = "o.concepts @> array[%(concept)s]::int[] and not o.sensible and " + is_open("o")

COUNTS = """
select (select stable_des from search_etat), (select reltuples from pg_class where oid = 'search_lieu'::regclass),
  (select json_agg(json_build_array(avec, f, n)) from (
    select concept_id, avec, f, n from search_cofacette
    union all select concept_id, avec, f, n from search_cofacette_delta) k
    where concept_id = %(concept)s and avec = any(%(avecs)s))
"""

# One pass over the UO of the concept: those of establishments that are not stable, or all that hold what is chosen.
ONE_PASS = f"""
with m as materialized (
  select o.eg_id, count(*) as n, union_agg(o.facettes) as fs from search_offre o
  where {UO} {{chosen}} group by o.eg_id)
select (select json_build_array(count(*), coalesce(sum(n), 0)) from m), {count_values("fs")}
"""
UNSTABLE = "and not o.stable"

# A place where the UO of its row are what is asked for: known from the row, or from the UO themselves.
THERE = f"""exists (select from search_offre o where o.eg_id = {{row}}.eg_id and {UO} {{chosen}}
  and (o.pos = {{row}}.pos or {{row}}.pos = any(o.autres) or (o.pos is null and {{row}}.pos is null)))"""
# The establishment has no other such place before this one.
FIRST = "(l.seul or not exists (select from search_lieu b where b.eg_id = l.eg_id and {rank} and {there}))"
PLACES = "select l.eg_id, {distance} as d, l.tri, l.maj_eg from ({source}) l where {there} and {first}"
SOURCE = "select * from search_lieu where concepts @> array[%(concept)s]::int[] {chosen}"


def _told(counts: Counter) -> tuple[list[int], dict[int, int]]:
    """[establishments, UO], and the count of each value that some establishment holds."""
    totals = [counts.pop(PairCount.EG, 0), counts.pop(PairCount.UO, 0)]
    return totals, {value: n for value, n in counts.items() if n > 0}


class ConceptSearch:
    """One concept, and values of one facet at most. `counts` first: it says whether this way is open that day."""

    def __init__(self, cursor, concept: int, *, reader: Reader, today: date):
        self._cursor = cursor
        self._level = reader.base_level
        self._params: dict = {"concept": concept, "today": today, "fresh_from": fresh_from(today)}
        self._facet, self._every = "", False
        self._places = 0.0

    def counts(self, facet: str, values: Iterable[int], *, every: bool = False) -> dict | None:
        """Totals and facets, as `Statement` gives them; None when the index was written after that day."""
        chosen = sorted(values)
        is_kept = facet in PAIRED and len(chosen) == 1
        kept = self._kept([0, *chosen] if is_kept else [0])
        if kept is None:
            return None
        is_unstable = kept[0].pop(PairCount.UNSTABLE, 0)
        if is_unstable:
            self._add(kept[0], UNSTABLE)
        totals, found = _told(kept[0])
        if not facet:
            return {"totals": totals, "facets": {"": found}}
        self._facet, self._every = facet, every
        self._params[f"values_{facet}"] = chosen
        narrowed = kept[chosen[0]] if is_kept else Counter()
        if is_unstable or not is_kept:
            self._add(narrowed, self._and_chosen("o.concepts") + (f" {UNSTABLE}" if is_kept else ""))
        totals, narrowed = _told(narrowed)
        return {"totals": totals, "facets": {"": narrowed} if every else {"": narrowed, facet: found}}

    def _kept(self, avecs: list[int]) -> dict[int, Counter] | None:
        """The pair counts, by value of `avec`; None when they do not hold on that day."""
        self._cursor.execute(COUNTS, self._params | {"avecs": avecs})
        stable_from, self._places, rows = self._cursor.fetchone()
        if stable_from is None or stable_from > self._params["today"]:
            return None
        counts: dict[int, Counter] = {avec: Counter() for avec in avecs}
        for avec, value, n in rows or ():
            counts[avec][value] += n
        return counts

    def _add(self, counts: Counter, chosen: str) -> None:
        """Add what one pass over the UO `chosen` (SQL) finds; values of facets are concepts, and have their index."""
        self._cursor.execute(ONE_PASS.format(chosen=chosen), self._params)
        (n_eg, n_uo), found = self._cursor.fetchone()
        counts.update({int(value): n for value, n in found.items()})
        counts.update({PairCount.EG: n_eg, PairCount.UO: n_uo})

    def page(self, origin, n_eg: int, *, limit: int, offset: int) -> list:
        """The rows of the page, as `Statement` gives them: by distance, or by relevance without an origin."""
        located = origin is not None and origin.latitude is not None
        if located:
            self._params |= origin_params(origin)
        serves = "false"
        if origin is not None and origin.insee:
            self._params["insee"] = origin.insee
            serves = "%(insee)s = any(o.zones)"
        self._params |= {"limit": limit, "offset": offset, "wanted": limit + offset}
        walk = n_eg > WALK_FROM * sqrt((limit + offset) * max(self._places, 0))
        found, order = self._nearest(walk) if located else self._freshest(walk)
        hits = hits_sql(
            order=order,
            uos=UO + self._and_chosen("o.facettes"),
            serves=serves,
            level=str(self._level),
            uo_level=str(self._level),
        )
        self._cursor.execute(
            f"with page as materialized ({found} limit %(limit)s offset %(offset)s) select {hits}", self._params
        )
        return self._cursor.fetchone()[0]

    def _nearest(self, walk: bool) -> tuple[str, str]:
        rank = f"(coalesce(b.pos <-> {ORIGIN}, 'infinity'), b.id) < (coalesce(l.pos <-> {ORIGIN}, 'infinity'), l.id)"
        places = self._places_sql(f"l.pos <-> {ORIGIN}", rank, walk)
        return f"{places} order by l.pos <-> {ORIGIN}, l.tri, l.eg_id", "d nulls last, tri, eg_id"

    def _freshest(self, walk: bool) -> tuple[str, str]:
        """Checked lately first, then by name: each part is a walk along the names, the second one if it is needed."""
        places = self._places_sql("null::float8", "b.id < l.id", walk)
        by_name = "order by l.tri, l.eg_id"
        return (
            f"""select * from (
                with recents as materialized ({places} and l.maj_eg >= %(fresh_from)s {by_name} limit %(wanted)s)
                select * from recents union all (
                  {places} and l.maj_eg < %(fresh_from)s {by_name}
                  limit greatest(0, %(wanted)s - (select count(*) from recents)))) p
              order by maj_eg >= %(fresh_from)s desc, tri, eg_id""",
            "page.maj_eg >= %(fresh_from)s desc, tri, eg_id",
        )

    def _places_sql(self, distance: str, rank: str, walk: bool) -> str:
        there = THERE.format(row="{row}", chosen=self._and_chosen("o.facettes"))
        on_the_row = "l.stable" if not self._facet else "false"
        others = "b.stable and b.concepts @> array[%(concept)s]::int[]" if not self._facet else "false"
        first = FIRST.format(rank=rank, there=f"({others} or {there.format(row='b')})")
        source = SOURCE.format(chosen=self._and_chosen("concepts")) + ("" if walk else " offset 0")
        return PLACES.format(
            distance=distance, source=source, there=f"({on_the_row} or {there.format(row='l')})", first=first
        )

    def _chosen(self, row: str) -> str:
        return holds(row, self._facet, every=self._every)

    def _and_chosen(self, row: str) -> str:
        return f" and {self._chosen(row)}" if self._facet else ""
