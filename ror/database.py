"""Statements planned once for a connection, and not at each run."""

from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.backends.utils import CursorWrapper


def planned_once(connection) -> CursorWrapper:
    """A cursor whose statements PostgreSQL plans once per connection, from psycopg's `prepare_threshold`-th run on.

    For the few texts that every page runs and whose best plan does not depend on their parameters: parsing and
    planning them took half of their time. Everything else keeps Django's cursor, which plans for the values given.
    """
    connection.ensure_connection()
    cursor = ServerBindingCursor(connection.connection)
    return connection.make_debug_cursor(cursor) if connection.queries_logged else connection.make_cursor(cursor)
