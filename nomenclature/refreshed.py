"""What a process keeps of the tables: built lazily, built again when they change."""

import threading
import time
import weakref
from collections.abc import Callable
from typing import Generic, TypeVar

from django.db import connection
from django.db.models import Model

T = TypeVar("T")
_KEPT: weakref.WeakSet["Refreshed"] = weakref.WeakSet()


class Refreshed(Generic[T]):
    """A value built lazily from the database and rebuilt when its stamp changes, asked at most every `every` seconds.

    The stamp is read before the build: a change made meanwhile is seen next time.
    """

    def __init__(self, build: Callable[[], T], stamp: Callable[[], object], every: float) -> None:
        self._build, self._stamp, self._every = build, stamp, every
        _KEPT.add(self)
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        """Forget everything: the next `get` builds anew."""
        self._value: T | None = None
        self._seen: object = None
        self._asked_at = float("-inf")

    def get(self) -> T:
        value = self._value
        if value is not None and time.monotonic() - self._asked_at < self._every:
            return value
        with self._lock:
            stamp = self._stamp()
            self._asked_at = time.monotonic()
            if self._value is None or stamp != self._seen:
                self._value, self._seen = self._build(), stamp
            return self._value


def reset_all() -> None:
    """Forget all that this process keeps (tests, whose tables come and go)."""
    for kept in list(_KEPT):
        kept.reset()


def table_stamp(*models: type[Model]) -> tuple:
    """Number of rows and sum of the transaction numbers that wrote them: any change, by whatever way, moves it.

    A sum and not a maximum: a transaction begun earlier may commit later. One sequential scan a table, some ms.
    """
    parts = ", ".join(
        f"(SELECT (count(*), coalesce(sum(xmin::text::bigint), 0))::text FROM {model._meta.db_table})"  # noqa: S608
        for model in models
    )
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {parts}")
        return cursor.fetchone()
