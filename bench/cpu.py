"""CPU of one piece of work: this thread plus the PostgreSQL process that serves it."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.db import connection


@dataclass(frozen=True)
class Sample:
    """Milliseconds."""

    wall: float
    python: float
    database: float

    @property
    def cpu(self) -> float:
        return self.python + self.database


def backend() -> Path:
    """`/proc/<pid>/schedstat` of the server process behind our only connection: its first number is CPU, in ns."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_backend_pid()")
        return Path(f"/proc/{cursor.fetchone()[0]}/schedstat")


def measure(work: Callable[[], object], backend: Path) -> Sample:
    """Run it once and count."""
    database = int(backend.read_text().split()[0])
    python, wall = time.thread_time_ns(), time.perf_counter_ns()
    work()
    wall, python = time.perf_counter_ns() - wall, time.thread_time_ns() - python
    database = int(backend.read_text().split()[0]) - database
    return Sample(wall / 1e6, python / 1e6, database / 1e6)


def series(works: list[Callable[[], object]], *, rounds: int = 3) -> list[Sample]:
    """Each piece of work `rounds` times after a first one that warms caches; the best CPU of each is kept."""
    server = backend()
    best = []
    for work in works:
        work()
        best.append(min((measure(work, server) for _ in range(rounds)), key=lambda sample: sample.cpu))
    return best


def quantile(values: list[float], q: float) -> float:
    """The value below which a share `q` of the others lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(q * len(ordered)))]
