"""Pair counts: how many establishments offer a concept together with a value of a facet, for every professional.

Facets do not depend on the place, so the counts of one concept are kept (docs/decisions/0014). Writers append signed
differences, readers add them to the counts, one worker folds them. What opens or closes later is written beforehand,
with its day, and counts from that day on without any write. Counted here and not in SQL: there are hundreds of
millions of (establishment, concept, value) in a country.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from itertools import combinations, count, groupby
from operator import itemgetter
from typing import NamedTuple

import numpy as np
from django.db import connection

from ror import clock
from search.facets import FACETS
from search.models import PairCount

_FOLDING = 7_305_203  # advisory lock: one folding at a time
_HELD = "select stable_des from search_etat where stable_des >= %s for share"
# UO that everybody may see, those closed for good left out.
ROWS = """select eg_id, debut, fin, concepts, facettes from search_offre
where not sensible and (fin is null or fin > %(today)s) {scope} order by eg_id, uo_id"""

UNNEST = "unnest(concepts, avecs, valeurs, nombres) k (concept_id, avec, f, n)"  # of a row of SearchCofacettePrevue

Paired = Mapping[int, str]  # value → its facet, for the facets that are paired
Row = tuple[int, date | None, date | None, list[int], list[int]]
Pair = tuple[int, int]  # (with, value)
Columns = tuple[list[int], list[int], list[int], list[int]]  # concepts, with, values, numbers


class Table:
    """Numbers by pair and concept, both taken as they come."""

    def __init__(self) -> None:
        self._rows: dict[Pair, int] = defaultdict(count().__next__)
        self._columns: dict[int, int] = defaultdict(count().__next__)
        self._numbers = np.zeros((64, 64), np.int32)

    def add(self, pairs: Iterable[Pair], concepts: Iterable[int], n: int) -> None:
        """Add `n` to each pair with each concept; none comes twice."""
        rows = np.fromiter(map(self._rows.__getitem__, pairs), np.intp)
        columns = np.fromiter(map(self._columns.__getitem__, concepts), np.intp)
        self._grow()
        self._numbers[rows[:, None], columns] += n

    def _grow(self) -> None:
        height, width = self._numbers.shape
        if len(self._rows) > height or len(self._columns) > width:
            wider = np.zeros((max(height, 2 * len(self._rows)), max(width, 2 * len(self._columns))), np.int32)
            wider[:height, :width] = self._numbers
            self._numbers = wider

    def columns(self) -> Columns:
        """What is not zero."""
        rows, columns = np.nonzero(self._numbers)
        pairs, concepts = np.array([*self._rows] or [(0, 0)]), np.array([*self._columns] or [0])
        found = concepts[columns], pairs[rows, 0], pairs[rows, 1], self._numbers[rows, columns]
        return tuple(column.tolist() for column in found)


class Unit(NamedTuple):
    """A UO: shown from a day, until another; `withs` are the `avec` it counts for."""

    opens: date | None
    ends: date | None
    concepts: list[int]
    values: list[int]
    withs: tuple[int, ...]

    def is_open(self, day: date) -> bool:
        return (self.opens is None or self.opens <= day) and (self.ends is None or self.ends > day)


def avec(*values: int) -> int:
    """What stands in the column for « with these values », two at most: 0, the value, or both in one number."""
    low, high = sorted((0, 0, *values))[-2:]
    return low << 32 | high


class Counts:
    """The pairs of a day, and by (establishment, day) what each later day changes.

    Each UO counts for `avec` 0, for each value it holds of a facet that is paired, and for two of different facets.
    """

    def __init__(self, paired: Paired, day: date) -> None:
        self.now = Table()
        self.later: dict[tuple[int, date], Table] = defaultdict(Table)
        self._paired, self._day = paired, day
        self._withs = cache(self._list_withs)

    def _list_withs(self, values: frozenset[int]) -> tuple[int, ...]:
        couples = (two for two in combinations(values, 2) if self._paired[two[0]] != self._paired[two[1]])
        return (0, *values, *(avec(*two) for two in couples))

    def add(self, rows: Iterable[Row], n: int = 1) -> None:
        """Add these UO, or take them away with -1; `rows` come by establishment."""
        pairing, today = frozenset(self._paired), self._day
        for eg_id, group in groupby(rows, itemgetter(0)):
            units = [Unit(*row, self._withs(pairing.intersection(row[-1]))) for _, *row in group]
            shown = [unit for unit in units if unit.is_open(today)]
            _add(self.now, shown, n)
            for day in sorted({day for unit in units for day in (unit.opens, unit.ends) if day and day > today}):
                table = self.later[eg_id, day]
                _add(table, shown, -n)
                shown = [unit for unit in units if unit.is_open(day)]
                _add(table, shown, n)


def _add(table: Table, units: Sequence[Unit], n: int) -> None:
    """One establishment that shows these UO."""
    holders: dict[Pair, int] = defaultdict(int)  # which of these UO hold it, one bit each
    for rank, unit in enumerate(units):
        bit = 1 << rank
        table.add([(held, PairCount.UO) for held in unit.withs], unit.concepts, n)
        for held in unit.withs:
            holders[held, PairCount.EG] |= bit
            for value in unit.values:
                holders[held, value] |= bit
    pairs_of: dict[int, list[Pair]] = defaultdict(list)  # few groups of UO for many pairs
    for pair, bits in holders.items():
        pairs_of[bits].append(pair)
    for bits, pairs in pairs_of.items():
        concepts = frozenset().union(*(unit.concepts for rank, unit in enumerate(units) if bits >> rank & 1))
        table.add(pairs, concepts, n)


def read(cursor, eg_ids: Sequence[int], day: date) -> list[Row]:
    """The rows of these establishments that count, as they are now."""
    cursor.execute(ROWS.format(scope="and eg_id = any(%(ids)s)"), {"today": day, "ids": list(eg_ids)})
    return cursor.fetchall()


def _paired(cursor) -> Paired:
    facets = {facet.system: facet.key for facet in FACETS if facet.is_paired}
    cursor.execute(
        """select c.id, s.code from nomenclature_concept c join nomenclature_codesystem s on s.id = c.system_id
        where s.code = any(%s)""",
        [[*facets]],
    )
    return {pk: facets[system] for pk, system in cursor.fetchall()}


def append_changes(cursor, eg_ids: Sequence[int], before: list[Row], day: date) -> None:
    """Append the difference between what the rows of these establishments give now and what `before` gave, and
    foresee anew the days after `day`. What was foreseen for a day that came is a count, and stays one."""
    now = read(cursor, eg_ids, day)
    if now == before:
        return
    counts = Counts(_paired(cursor), day)
    counts.add(now)
    cursor.execute("delete from search_cofacette_prevue where eg_id = any(%s) and des > %s", [list(eg_ids), day])
    _foresee(cursor, counts)
    counts.add(before, -1)  # of its later days nothing is read any more
    _append(cursor, counts.now)


def _append(cursor, table: Table) -> None:
    concepts, *rest = table.columns()
    if concepts:
        cursor.execute(
            """insert into search_cofacette_delta (concept_id, avec, f, n)
            select * from unnest(%s::int[], %s::bigint[], %s::int[], %s::int[])""",
            [concepts, *rest],
        )


def _foresee(cursor, counts: Counts) -> None:
    for (eg_id, day), table in counts.later.items():
        cursor.execute(
            """insert into search_cofacette_prevue (eg_id, des, concepts, avecs, valeurs, nombres)
            values (%s, %s, %s, %s, %s, %s)""",
            [eg_id, day, *table.columns()],
        )


def rebuild(cursor) -> None:
    """Count everything again, within a transaction that keeps writers out."""
    day = hold_the_day(cursor)
    for table in ("search_cofacette", "search_cofacette_delta", "search_cofacette_prevue"):
        cursor.execute(f"delete from {table}")
    counts = Counts(_paired(cursor), day)
    with connection.chunked_cursor() as reading:
        reading.execute(ROWS.format(scope=""), {"today": day})
        counts.add(_chunks(reading))
    _append(cursor, counts.now)
    _foresee(cursor, counts)
    fold(cursor)


def _chunks(cursor) -> Iterator[Row]:
    while rows := cursor.fetchmany(2_000):
        yield from rows


def fold(cursor) -> int:
    """Move the differences, those of the days that came too, into the counts; returns how many counts changed.

    Nothing when another process is at it. The counts are then no more those of the days before.
    """
    cursor.execute("select pg_try_advisory_xact_lock(%s)", [_FOLDING])
    if not cursor.fetchone()[0]:
        return 0
    _reach(cursor, clock.today())
    cursor.execute(
        f"""with gone as (delete from search_cofacette_delta returning concept_id, avec, f, n),
        passed as (delete from search_cofacette_prevue p where des <= %s returning concepts, avecs, valeurs, nombres),
        s as (select concept_id, avec, f, sum(n)::int as n from (
            select * from gone union all select k.* from passed, {UNNEST}) k
          group by concept_id, avec, f having sum(n) <> 0)
        merge into search_cofacette c using s on c.concept_id = s.concept_id and c.avec = s.avec and c.f = s.f
        when matched and c.n + s.n = 0 then delete
        when matched then update set n = c.n + s.n
        when not matched then insert (concept_id, avec, f, n) values (s.concept_id, s.avec, s.f, s.n)""",
        [clock.today()],
    )
    return cursor.rowcount


def hold_the_day(cursor) -> date:
    """The day the counts are of, today or later when a clock was ahead; nobody moves it before the caller commits.

    Whoever writes what is foreseen must agree with whoever folds it on which days have come: two machines never
    have midnight at the same instant.
    """
    today = clock.today()
    cursor.execute(_HELD, [today])
    held = cursor.fetchone()
    if held is None:
        _reach(cursor, today)
        cursor.execute(_HELD, [today])
        held = cursor.fetchone()
    return held[0]


def _reach(cursor, day: date) -> None:
    """From this day on the counts hold, as does what the rows call stable. It locks on the first call of a day."""
    cursor.execute("update search_etat set stable_des = %s where stable_des < %s", [day, day])
    cursor.execute(
        "insert into search_etat (id, stable_des) select 1, %s where not exists (select from search_etat) "
        "on conflict do nothing",
        [day],
    )
