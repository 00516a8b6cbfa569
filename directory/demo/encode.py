"""Entries as rows of COPY text: documents become rows by the same introspection that reads rows into documents.

The version kept for each fiche is the document itself, which the tests compare with `documents.to_documents`. Reads
no database, so that several processes may encode at once, each with its own range of ids.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db import models

from directory.documents import KEY_FIELD, MODELS, NATURAL_KEY, Shape, shape_of
from directory.models import FicheVersion, Kind
from nomenclature.models import Concept

from .generate import Entry

ORIGIN = "demo"
Table = tuple[str, tuple[str, ...]]  # its name, the columns written
_SPECIAL = re.compile(r"[\\\t\n\r]").search
_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_json = json.JSONEncoder(ensure_ascii=False).encode


class RangeExhausted(RuntimeError):
    """A block wrote more rows than ids were kept for it."""


@dataclass(frozen=True)
class Range:
    """Ids a block may give: `first` included, `end` excluded (None: no end)."""

    first: int
    end: int | None = None


@dataclass(frozen=True)
class Plan:
    """How the rows of one shape are written. `children`: (field of the document, plan)."""

    key: Table
    table: str
    scalars: tuple[str, ...]
    links: tuple[tuple[str, type[models.Model]], ...]
    many: tuple[tuple[str, Table, type[models.Model]], ...]
    children: tuple[tuple[str, "Plan"], ...]
    has_id: bool


def tables_with_ids() -> list[str]:
    """Tables whose ids are given here, because other rows name them."""
    return sorted({plan.table for model in MODELS.values() for plan in _walk(_fiche_plan(model)) if plan.has_id})


def tables() -> list[str]:
    """Every table an entry writes to."""
    plans = [plan for model in MODELS.values() for plan in _walk(_fiche_plan(model))]
    many = {table for plan in plans for _, (table, _), _ in plan.many}
    return sorted({plan.table for plan in plans} | many | {FicheVersion._meta.db_table})


def _walk(plan: Plan) -> Iterator[Plan]:
    yield plan
    for _, child in plan.children:
        yield from _walk(child)


TECHNICAL = ("id", "version", "created_at", "updated_at", "published_at", "verified_at", "verified_by_id",
             "region_source")  # fmt: skip
VERSION = ("kind", "object_id", "key", "number", "content", "author_id", "origin", "created_at")


@cache
def _fiche_plan(model: type[models.Model]) -> Plan:
    return _plan(shape_of(model), TECHNICAL, has_id=True)


def _plan(shape: Shape, first: tuple[str, ...], *, has_id: bool) -> Plan:
    """`first`: the columns that come before those of the document."""
    table = shape.model._meta.db_table
    children = []
    for name, parent, child in shape.children:
        named = bool(child.children or child.many)
        columns = (f"{parent}_id", "created_at", "updated_at", *(["id"] if named else []))
        children.append((name, _plan(child, columns, has_id=named)))
    return Plan(
        (table, (*first, *(field.column for field in (*shape.scalars, *shape.links)))),
        table,
        tuple(field.name for field in shape.scalars),
        tuple((field.name, field.related_model) for field in shape.links),
        tuple(
            (
                field.name,
                (field.m2m_db_table(), (field.m2m_column_name(), field.m2m_reverse_name())),
                field.related_model,
            )
            for field in shape.many
        ),
        tuple(children),
        has_id,
    )


class Encoder:
    """Keeps the rows of a chunk by table, and the ids of everything a later document may name.

    `concepts`: id by `system|code`; `users`: id by e-mail; `ranges`: the ids to give, by table.
    """

    def __init__(self, concepts: Mapping[str, int], users: Mapping[str, int], ranges: Mapping[str, Range]):
        self._users = users
        self._ranges = ranges
        self._refs: dict[type, Mapping[str, int]] = {Concept: concepts} | {model: {} for model in NATURAL_KEY}
        self.next_ids = {table: ids.first for table, ids in ranges.items()}
        self.counts: dict[Kind, int] = dict.fromkeys(Kind, 0)
        self.last_offre = 0
        self._rows: dict[Table, list[str]] = defaultdict(list)

    def add(self, entry: Entry) -> None:
        """One fiche; it may name those before it. A code or a key nobody knows raises KeyError."""
        model, document = MODELS[entry.kind], entry.document
        plan = _fiche_plan(model)
        pk = self._new_id(plan.table)
        if model in self._refs:
            self._refs[model][document[NATURAL_KEY[model]]] = pk
        created, updated = entry.created_at.isoformat(), entry.updated_at.isoformat()
        head = [
            str(pk),
            "1",
            created,
            updated,
            created,
            entry.verified_at.isoformat() if entry.verified_at else "\\N",
            str(self._users[entry.verified_by]) if entry.verified_by else "\\N",
            cell(model._meta.get_field("region_source").get_default()),
        ]
        self._add_row(plan, document, head, pk, (created, updated))
        self._add_version(entry, pk, updated)
        self.counts[entry.kind] += 1

    def take(self) -> dict[Table, bytes]:
        """The rows since the last call, as COPY reads them."""
        found = {table: ("\n".join(rows) + "\n").encode() for table, rows in self._rows.items() if rows}
        self._rows.clear()
        return found

    def _add_row(self, plan: Plan, document: dict[str, Any], cells: list[str], pk: int | None, dates) -> None:
        cells += [cell(document[name]) for name in plan.scalars]
        for name, model in plan.links:
            key = document[name]
            cells.append("\\N" if key is None else self._reference(model, key))
        self._rows[plan.key].append("\t".join(cells))
        for name, table, model in plan.many:
            if document[name]:
                self._rows[table] += [f"{pk}\t{self._reference(model, key)}" for key in document[name]]
        for name, child in plan.children:
            for line in document[name]:
                head = [str(pk), *dates]
                line_pk = None
                if child.has_id:
                    line_pk = self._new_id(child.table)
                    head.append(str(line_pk))
                self._add_row(child, line, head, line_pk, dates)

    def _add_version(self, entry: Entry, pk: int, updated: str) -> None:
        key = entry.document[KEY_FIELD[entry.kind]]
        content, author = cell(_json(entry.document)), self._users[entry.author]
        self._rows[FicheVersion._meta.db_table, VERSION].append(
            f"{entry.kind}\t{pk}\t{key}\t1\t{content}\t{author}\t{ORIGIN}\t{updated}"
        )
        if entry.kind == Kind.UO:
            self.last_offre = max(self.last_offre, int(key.partition("/")[2]))

    def _reference(self, model: type, key: str) -> str:
        """The id behind a key; a key nobody knows raises KeyError."""
        return str(self._refs[model][key]) if model in self._refs else key

    def _new_id(self, table: str) -> int:
        given, end = self.next_ids[table], self._ranges[table].end
        if end is not None and given >= end:
            raise RangeExhausted(table)
        self.next_ids[table] = given + 1
        return given


def cell(value: Any) -> str:
    """One value in COPY's text format."""
    if value.__class__ is str:
        return value.translate(_ESCAPES) if _SPECIAL(value) else value
    if value is None:
        return "\\N"
    if value is True:
        return "t"
    return "f" if value is False else str(value)
