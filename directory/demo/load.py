"""Writes entries with COPY: documents become rows by the same introspection that reads rows into documents.

The version kept for each fiche is the document itself, which the tests compare with `documents.to_documents`.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

from django.db import connection, transaction

from accounts.models import User
from directory import publishing
from directory.documents import KEY_FIELD, MODELS, NATURAL_KEY, Document, Shape, shape_of
from directory.models import EntiteGeographique, FicheVersion, Kind
from directory.models.unites import SEQUENCE
from nomenclature.models import Concept

from .generate import Entry

CHUNK = 6000  # fiches written at once
PROJECTION_CHUNK = 2000  # establishments refreshed at once
ORIGIN = "demo"
Say = Callable[[str], None]


class Loader:
    """Keeps rows of a chunk by table, and the ids of everything a later document may name."""

    def __init__(self):
        self._concepts = {
            f"{system}|{code}": pk for pk, system, code in Concept.objects.values_list("pk", "system__code", "code")
        }
        self._users = dict(User.objects.values_list("email", "pk"))
        self._ids: dict[type, dict[str, int]] = {model: {} for model in NATURAL_KEY}
        self._next: dict[str, int] = {}
        self._rows: dict[tuple[str, tuple[str, ...]], list[tuple]] = defaultdict(list)
        self._last_offre = 0
        self._analyzed = False

    def load(self, entries: Iterable[Entry], say: Say) -> dict[Kind, int]:
        """Write all entries; an entry may name those before it. Returns how many fiches of each kind."""
        counts: dict[Kind, int] = dict.fromkeys(Kind, 0)
        stream = iter(entries)
        while chunk := list(islice(stream, CHUNK)):
            for entry in chunk:
                counts[entry.kind] += 1
                self._add(entry)
            self._flush()
            say(f"  {counts[Kind.EG]} établissements, {counts[Kind.UO]} unités opérationnelles")
        self._move_sequences()
        return counts

    def _add(self, entry: Entry) -> None:
        model = MODELS[entry.kind]
        document = entry.document
        pk = self._new_id(model)
        if model in self._ids:
            self._ids[model][document[NATURAL_KEY[model]]] = pk
        technical = {
            "id": pk,
            "version": 1,
            "created_at": entry.created_at,
            "updated_at": entry.updated_at,
            "published_at": entry.created_at,
            "verified_at": entry.verified_at,
            "verified_by_id": self._users[entry.verified_by] if entry.verified_by else None,
            "region_source": model._meta.get_field("region_source").get_default(),
        }
        self._add_row(shape_of(model), document, technical, (entry.created_at, entry.updated_at))
        self._add_version(entry, pk)

    def _add_row(self, shape: Shape, document: Document, extra: dict[str, Any], dates: tuple) -> None:
        row = dict(extra)
        for field in shape.scalars:
            row[field.column] = document[field.name]
        for field in shape.links:
            row[field.column] = self._reference(field.related_model, document[field.name])
        self._rows[shape.model._meta.db_table, tuple(row)].append(tuple(row.values()))
        for field in shape.many:
            columns = (field.m2m_column_name(), field.m2m_reverse_name())
            rows = self._rows[field.m2m_db_table(), columns]
            rows += [(extra["id"], self._reference(field.related_model, key)) for key in document[field.name]]
        for name, parent, child in shape.children:
            for line in document[name]:
                technical = {f"{parent}_id": extra["id"], "created_at": dates[0], "updated_at": dates[1]}
                if child.children or child.many:
                    technical["id"] = self._new_id(child.model)
                self._add_row(child, line, technical, dates)

    def _add_version(self, entry: Entry, pk: int) -> None:
        row = {
            "kind": str(entry.kind),
            "object_id": pk,
            "key": entry.document[KEY_FIELD[entry.kind]],
            "number": 1,
            "content": json.dumps(entry.document, ensure_ascii=False),
            "author_id": self._users[entry.author],
            "origin": ORIGIN,
            "created_at": entry.updated_at,
        }
        self._rows[FicheVersion._meta.db_table, tuple(row)].append(tuple(row.values()))
        if entry.kind == Kind.UO:
            self._last_offre = max(self._last_offre, int(entry.document["identifiant"].partition("/")[2]))

    def _reference(self, model: type, key: str | None) -> Any:
        """The id behind a key; a key nobody knows raises KeyError."""
        if key is None:
            return None
        if model is Concept:
            return self._concepts[key]
        return self._ids[model][key] if model in self._ids else key

    # --- Database ---

    def _new_id(self, model: type) -> int:
        table = model._meta.db_table
        if table not in self._next:
            with connection.cursor() as cursor:
                cursor.execute("select nextval(pg_get_serial_sequence(%s, 'id'))", [table])
                self._next[table] = cursor.fetchone()[0]
        self._next[table] += 1
        return self._next[table] - 1

    def _flush(self) -> None:
        """One COPY per table; the deferred rules are checked at once, to keep their queue short."""
        with connection.cursor() as cursor:
            for (table, columns), rows in self._rows.items():
                names = ", ".join(f'"{column}"' for column in columns)
                with cursor.copy(f'copy "{table}" ({names}) from stdin') as copy:
                    for row in rows:
                        copy.write_row(row)
            # No rule is ignored; but where the setting is unknown, pgtrigger raises and catches an error for each row,
            # fifty times the price of the rule itself.
            cursor.execute("select set_config('pgtrigger.ignore', '{}', true)")
            if not self._analyzed:  # else the rules look up rows of this very transaction by reading whole tables
                tables = {table for table, _ in self._rows} - {FicheVersion._meta.db_table}
                cursor.execute("analyze " + ", ".join(f'"{table}"' for table in tables))
                self._analyzed = True
            cursor.execute("set constraints all immediate")
            cursor.execute("set constraints all deferred")
        self._rows.clear()

    def _move_sequences(self) -> None:
        with connection.cursor() as cursor:
            for table, following in self._next.items():
                cursor.execute("select setval(pg_get_serial_sequence(%s, 'id'), %s, false)", [table, following])
            if self._last_offre:
                cursor.execute("select setval(%s, %s)", [SEQUENCE, self._last_offre])


def project(say: Say) -> None:
    """Refresh what is derived from the establishments (search index), by chunks."""
    ids = list(EntiteGeographique.objects.order_by("pk").values_list("pk", flat=True))
    for chunk in batches(ids, PROJECTION_CHUNK):
        with transaction.atomic():
            publishing.run_projections(chunk)
        say(f"  recherche : {chunk[-1] - ids[0] + 1} établissements indexés")


def analyze() -> None:
    """Tell the planner what came in: autovacuum would only do so a minute later."""
    with connection.cursor() as cursor:
        cursor.execute("analyze")


def batches(items: list, size: int) -> Iterator[list]:
    for start in range(0, len(items), size):
        yield items[start : start + size]
