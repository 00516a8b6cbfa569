"""Which establishments and units are in an extraction: keys only, in the order of the file.

The index tables say what is public today. A search keeps its meaning: the rows are those of its own statement, without
its page; a test compares them with what `search.engine` answers.
"""

from array import array
from collections.abc import Iterator
from datetime import date
from typing import Any

from django.conf import settings
from django.db import connections

from directory.permissions import Reader
from search import engine
from search.criteria import Criteria
from search.sql import is_open

ORDER = "e.departement, e.cle_tri, e.eg_id, o.nom, o.uo_id"  # of the file: units of an establishment together
PRIVILEGED = "({0}.eg_id = any(%(own_eg)s) or coalesce({0}.departement = any(%(departements)s), false))"


class Keys:
    """Pairs (EG, UO or 0) in the order of the file: sixteen bytes each, so that a whole country fits in memory."""

    def __init__(self) -> None:
        self.eg, self.uo = array("q"), array("q")

    def add(self, eg_id: int, uo_id: int) -> None:
        self.eg.append(eg_id)
        self.uo.append(uo_id)

    def __len__(self) -> int:
        return len(self.eg)

    def chunks(self, size: int) -> Iterator[tuple[list[int], list[int]]]:
        for start in range(0, len(self.eg), size):
            yield list(self.eg[start : start + size]), list(self.uo[start : start + size])


def privileged(reader: Reader, row: str) -> str:
    """SQL: this reader reads level 3 and sensitive units of the establishment of the row."""
    return "true" if reader.sees_all else PRIVILEGED.format(row)


def visible(reader: Reader, row: str) -> str:
    """SQL twin of `UniteOperationnelle.objects.visible_to` on `search_offre`."""
    return f"(not {row}.sensible or {privileged(reader, row)})"


def params_of(reader: Reader, today: date) -> dict[str, Any]:
    return {"today": today, "own_eg": list(reader.own_eg_ids), "departements": list(reader.departements)}


def of_directory(*, reader: Reader, today: date, departement: str | None = None) -> Keys:
    """Everything published and open today, or that of one département; establishments without unit included."""
    params = params_of(reader, today) | {"departement": departement}
    here = "and e.departement = %(departement)s" if departement else ""
    return _keys(
        f"""select e.eg_id, o.uo_id from search_eg e left join search_offre o
          on o.eg_id = e.eg_id and {is_open("o")} and {visible(reader, "o")}
        where {is_open("e")} {here} order by {ORDER}""",
        params,
    )


def of_search(criteria: Criteria, *, reader: Reader, today: date) -> Keys:
    """All that a search finds, without its limit of 200 establishments; in other words when its page is (typos)."""
    return _keys(*engine.statement(criteria, reader=reader, today=today).keys(ORDER))


def _keys(sql: str, params: dict[str, Any]) -> Keys:
    """Read by `sql`, the line of an establishment after those of its units: dropped when there are some."""
    found, last = Keys(), 0
    with connections[settings.SEARCH_DATABASE].cursor() as cursor:
        cursor.execute(sql, params)
        while rows := cursor.fetchmany(10_000):
            for eg_id, uo_id in rows:
                if uo_id or eg_id != last:
                    found.add(eg_id, uo_id or 0)
                last = eg_id
    return found
