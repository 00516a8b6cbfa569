"""Writes the mass with COPY, then what is derived from it."""

from collections.abc import Iterator
from contextlib import nullcontext

from django.apps import apps
from django.conf import settings
from django.db import connection, transaction

from accounts.models import User
from directory import publishing
from directory.models import EntiteGeographique, Kind
from directory.models.unites import SEQUENCE
from nomenclature.models import Concept

from . import bulk
from .blocks import Mass, chunks
from .encode import Table, tables, tables_with_ids

PROJECTION_CHUNK = 2000  # establishments refreshed at once


def write(mass: Mass, say) -> dict[Kind, int]:
    """Write the mass; returns how many fiches of each kind. More than one block: without the indexes meanwhile."""
    counts: dict[Kind, int] = dict.fromkeys(Kind, 0)
    next_ids, last_offre = dict(mass.first_ids), mass.first_offre
    writer = Writer(checks=mass.blocks == 1)
    with bulk.bare(tables()) if mass.blocks > 1 else nullcontext():
        for chunk in chunks(mass):
            writer.write(chunk.rows)
            counts = {kind: counts[kind] + chunk.counts.get(kind, 0) for kind in counts}
            next_ids |= chunk.next_ids
            last_offre = max(last_offre, chunk.last_offre)
            say(f"  {counts[Kind.EG]} établissements, {counts[Kind.UO]} unités opérationnelles")
    _move_sequences(next_ids, last_offre)
    return counts


def mass_of(world, *, today, first_offre: int, eg: int, blocks: int) -> Mass:
    """What the blocks need from this database."""
    concepts = Concept.objects.values_list("pk", "system__code", "code")
    return Mass(
        world,
        today,
        {f"{system}|{code}": pk for pk, system, code in concepts},
        dict(User.objects.values_list("email", "pk")),
        {table: _first_id(table) for table in tables_with_ids()},
        first_offre,
        eg,
        blocks,
    )


class Writer:
    """One COPY per table and chunk. `checks`: the deferred rules are checked at once, to keep their queue short."""

    def __init__(self, *, checks: bool):
        self._checks, self._analyzed = checks, False

    def write(self, rows: dict[Table, bytes]) -> None:
        with connection.cursor() as cursor:
            for (table, columns), data in rows.items():
                names = ", ".join(f'"{column}"' for column in columns)
                with cursor.copy(f'copy "{table}" ({names}) from stdin') as copy:
                    copy.write(data)
            if self._checks:
                self._check(cursor, {table for table, _ in rows})

    def _check(self, cursor, written: set[str]) -> None:
        # No rule is ignored; but where the setting is unknown, pgtrigger raises and catches an error for each row,
        # fifty times the price of the rule itself.
        cursor.execute("select set_config('pgtrigger.ignore', '{}', true)")
        if not self._analyzed:  # else the rules look up rows of this very transaction by reading whole tables
            cursor.execute("analyze " + ", ".join(f'"{table}"' for table in written - {"directory_ficheversion"}))
            self._analyzed = True
        cursor.execute("set constraints all immediate")
        cursor.execute("set constraints all deferred")


def _first_id(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("select nextval(pg_get_serial_sequence(%s, 'id'))", [table])
        return cursor.fetchone()[0]


def _move_sequences(next_ids: dict[str, int], last_offre: int) -> None:
    with connection.cursor() as cursor:
        for table, following in next_ids.items():
            cursor.execute("select setval(pg_get_serial_sequence(%s, 'id'), %s, false)", [table, following])
        cursor.execute("select setval(%s, %s)", [SEQUENCE, last_offre])


def project(say, *, whole: bool) -> None:
    """Write what is derived from the establishments (search index): `whole`, from scratch; else by chunks."""
    if whole:
        labels = {path.partition(".")[0] for path in settings.PUBLISH_PROJECTIONS}
        derived = [model._meta.db_table for app in sorted(labels) for model in apps.get_app_config(app).get_models()]
        with bulk.bare(derived):
            publishing.rebuild_projections()
        return
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
