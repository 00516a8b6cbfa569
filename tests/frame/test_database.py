"""Statements planned once: same answers as Django's cursor, and one plan for all."""

import datetime as dt

import pytest
from django.db import ProgrammingError, connection
from django.test.utils import CaptureQueriesContext

from ror.database import planned_once

pytestmark = pytest.mark.django_db
SQL = "select %(n)s::int + 1, %(day)s::date, %(names)s::text[], 'drawn by this test %%'"


def run(cursor, n: int):
    cursor.execute(SQL, {"n": n, "day": dt.date(2026, 11, 22), "names": ["é", "'"]})
    return cursor.fetchone()


def plans() -> list[tuple[int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select generic_plans, custom_plans from pg_prepared_statements where statement like %s",
            ["%drawn by this test%"],
        )
        return cursor.fetchall()


def test_a_statement_is_planned_once_for_a_connection():
    for n in range(20):
        with connection.cursor() as usual, planned_once(connection) as cursor:
            assert (
                run(cursor, n) == run(usual, n) == (n + 1, dt.date(2026, 11, 22), ["é", "'"], "drawn by this test %")
            )
    [(generic, custom)] = plans()
    assert generic >= 10 and custom == 0


def test_its_queries_are_counted_and_its_errors_are_those_of_django():
    with CaptureQueriesContext(connection) as queries, planned_once(connection) as cursor:
        run(cursor, 1)
    assert len(queries) == 1 and "drawn by this test" in queries[0]["sql"]
    with pytest.raises(ProgrammingError), planned_once(connection) as cursor:
        cursor.execute("select nothing_of_that_name")
