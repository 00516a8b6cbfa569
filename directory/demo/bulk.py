"""Secondary indexes, keys and triggers of the tables of a large load: set aside before, put back and checked after.

Kept row by row they cost several times the rows themselves. Everything is read from the catalogue and done in the
caller's transaction: interrupted, the database is what it was. Whoever loads holds the tables alone meanwhile.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import IntegrityError, connection

# CHECK and NOT NULL stay: COPY obeys them. Primary keys stay: other tables lean on them, and rows come in their order.
CONSTRAINTS = """
select conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid), contype::text
from pg_constraint where conrelid = any(%s::regclass[]) and contype in ('f', 'u', 'x') order by conrelid, conname
"""
INDEXES = """
select indexrelid::regclass::text, pg_get_indexdef(indexrelid) from pg_index i
where indrelid = any(%s::regclass[]) and not indisprimary
  and not exists (select 1 from pg_constraint c where c.conindid = i.indexrelid and c.contype in ('u', 'x'))
order by indexrelid
"""
TRIGGERS = """
select tgrelid::regclass::text, quote_ident(tgname) from pg_trigger
where tgrelid = any(%s::regclass[]) and not tgisinternal and tgenabled = 'O' order by tgrelid, tgname
"""
# The triggers' rules on inserted rows, as one query each (directory/models/contacts.py).
RULES = {
    "contact_sensitive_unit_level": """
        select c.id from directory_contact c join directory_uniteoperationnelle u on u.id = c.unite_id
        where u.unite_sensible and c.niveau < 3""",
    "telecom_level_against_its_contact": """
        select t.id from directory_telecommunication t join directory_contact c on c.id = t.contact_id
        where t.niveau < c.niveau""",
}
MEMORY = "512MB"  # to sort the keys of an index; given back with the transaction


@dataclass(frozen=True)
class _Constraint:
    table: str
    name: str
    definition: str
    kind: str


@contextmanager
def bare(tables: Sequence[str]) -> Iterator[None]:
    """Inside, rows of `tables` are only checked one by one (CHECK, NOT NULL); on leaving, all rules hold again.

    Raises IntegrityError when a row breaks one. In a transaction.
    """
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")  # nothing may wait on a table that is altered
        cursor.execute(CONSTRAINTS, [list(tables)])
        constraints = [_Constraint(*row) for row in cursor.fetchall()]
        cursor.execute(INDEXES, [list(tables)])
        indexes = cursor.fetchall()
        cursor.execute(TRIGGERS, [list(tables)])
        triggers = cursor.fetchall()
        for constraint in sorted(constraints, key=lambda c: c.kind != "f"):  # keys to other tables first
            cursor.execute(f"alter table {constraint.table} drop constraint {constraint.name}")
        for name, _ in indexes:
            cursor.execute(f"drop index {name}")
        for table, name in triggers:
            cursor.execute(f"alter table {table} disable trigger {name}")
    yield
    with connection.cursor() as cursor:
        cursor.execute(f"set local maintenance_work_mem = '{MEMORY}'")
        cursor.execute(f"set local work_mem = '{MEMORY}'")
        for _, definition in indexes:
            cursor.execute(definition)
        _restore(cursor, [constraint for constraint in constraints if constraint.kind != "f"])
        cursor.execute("analyze " + ", ".join(tables))  # the keys are then checked by joins of whole tables
        _restore(cursor, [constraint for constraint in constraints if constraint.kind == "f"])
        for table, name in triggers:
            cursor.execute(f"alter table {table} enable trigger {name}")
        cursor.execute("set local work_mem to default")
        _check(cursor)


def _restore(cursor, constraints: Sequence[_Constraint]) -> None:
    for c in constraints:
        cursor.execute(f"alter table {c.table} add constraint {c.name} {c.definition}")
    cursor.execute("set constraints all immediate")
    cursor.execute("set constraints all deferred")


def _check(cursor) -> None:
    for rule, query in RULES.items():
        cursor.execute(f"{query} limit 1")
        row = cursor.fetchone()
        if row:
            raise IntegrityError(f"{rule}: {row[0]}")
