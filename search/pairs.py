"""Pair counts: how many establishments offer a concept together with a value of a facet, for every professional.

Facets do not depend on the place, so the counts of one concept are kept (docs/decisions/0014). Writers append signed
differences; readers add them to the counts; one worker folds them.
"""

from collections.abc import Sequence

from search.models import PairCount

_FOLDING = 7_305_203  # advisory lock: one folding at a time

# The pairs of stable establishments (models.SearchLieu), with the totals of models.PairCount. Each UO counts for
# `avec` 0, and for each value it holds of a facet that is paired.
PAIRS = f"""
with uo as materialized (
  select o.eg_id, o.concepts, o.facettes, o.stable, array[0] || (o.facettes & %(paired)s::int[]) as avecs
  from search_offre o where not o.sensible and (not o.stable or o.fin is null) {{scope}}),
par_eg as materialized (
  select eg_id, c, avec, union_agg(facettes) as fs, count(*) as n_uo
  from uo cross join lateral unnest(avecs) avec cross join lateral unnest(concepts) c
  where stable group by eg_id, c, avec)
select c as concept_id, avec, f, count(*)::int as n
from par_eg cross join lateral unnest(fs) f group by c, avec, f
union all select c, avec, {PairCount.EG}, count(*)::int from par_eg group by c, avec
union all select c, avec, {PairCount.UO}, sum(n_uo)::int from par_eg group by c, avec
union all select c, 0, {PairCount.UNSTABLE}, count(*)::int
  from uo cross join lateral unnest(concepts) c where not stable group by c
"""
SCOPE = "and o.eg_id = any(%(ids)s)"

Pairs = tuple[list[int], list[int], list[int], list[int]]  # concepts, values with, values, counts


def of(cursor, eg_ids: Sequence[int], paired: Sequence[int]) -> Pairs:
    """The pairs of these establishments, as their rows are now. `paired`: values of the facets that are paired."""
    arrays = ", ".join(f"coalesce(array_agg({column}), '{{}}')" for column in ("concept_id", "avec", "f", "n"))
    cursor.execute(
        f"select {arrays} from ({PAIRS.format(scope=SCOPE)}) p", {"ids": list(eg_ids), "paired": list(paired)}
    )
    return cursor.fetchone()


def append_changes(cursor, eg_ids: Sequence[int], paired: Sequence[int], before: Pairs) -> None:
    """Append the difference between what the rows of these establishments give now and `before`."""
    concepts, avecs, values, counts = before
    cursor.execute(
        f"""insert into search_cofacette_delta (concept_id, avec, f, n)
        select concept_id, avec, f, sum(n) from (
          select * from ({PAIRS.format(scope=SCOPE)}) apres
          union all select c, a, f, -n
          from unnest(%(concepts)s::int[], %(avecs)s::int[], %(values)s::int[], %(counts)s::int[]) p (c, a, f, n)
        ) change group by concept_id, avec, f having sum(n) <> 0""",
        {
            "ids": list(eg_ids),
            "paired": list(paired),
            "concepts": concepts,
            "avecs": avecs,
            "values": values,
            "counts": counts,
        },
    )


def rebuild(cursor, paired: Sequence[int]) -> None:
    """Count everything again, within a transaction that keeps writers out."""
    cursor.execute("delete from search_cofacette_delta")
    cursor.execute("delete from search_cofacette")
    cursor.execute("select set_config('work_mem', '256MB', true)")
    cursor.execute(
        f"insert into search_cofacette (concept_id, avec, f, n) {PAIRS.format(scope='')}", {"paired": list(paired)}
    )


def fold(cursor) -> int:
    """Move the differences into the counts; returns how many counts changed. Nothing when another process is at it."""
    cursor.execute("select pg_try_advisory_xact_lock(%s)", [_FOLDING])
    if not cursor.fetchone()[0]:
        return 0
    cursor.execute(
        """with gone as (delete from search_cofacette_delta returning concept_id, avec, f, n),
        s as (select concept_id, avec, f, sum(n)::int as n from gone group by concept_id, avec, f having sum(n) <> 0)
        merge into search_cofacette c using s on c.concept_id = s.concept_id and c.avec = s.avec and c.f = s.f
        when matched and c.n + s.n = 0 then delete
        when matched then update set n = c.n + s.n
        when not matched then insert (concept_id, avec, f, n) values (s.concept_id, s.avec, s.f, s.n)"""
    )
    return cursor.rowcount
