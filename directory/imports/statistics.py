"""Statistics of the tables while a large import fills them.

Autovacuum may analyse a table in the middle of the import: it does not see the rows of an open transaction, notes that
the table is empty, and every later plan (the deferred constraints above all) walks it from end to end: minutes instead
of seconds. An ANALYZE of our own sees our rows, and its lock keeps autovacuum away until the commit.
"""

from django.apps import apps
from django.db import connection

FIRST = 500  # fiches written; then each time their number doubles


class Statistics:
    """Call `wrote` after each batch and `finish` before the constraints are checked."""

    def __init__(self):
        self._written = self._analysed = 0

    def wrote(self, number: int) -> None:
        self._written += number
        if self._written >= max(FIRST, 2 * self._analysed):
            self._analyse()

    def finish(self) -> None:
        if self._written >= self._analysed + FIRST:
            self._analyse()

    def _analyse(self) -> None:
        self._analysed = self._written
        models = apps.get_app_config("directory").get_models(include_auto_created=True)
        tables = ", ".join(connection.ops.quote_name(model._meta.db_table) for model in models)
        with connection.cursor() as cursor:
            cursor.execute(f"analyze {tables}")
