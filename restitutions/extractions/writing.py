"""The file itself: written under a passing name, moved in one step to the one that is served."""

import csv
import hashlib
import io
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from directory.workbook import Sheet, stream, table
from restitutions.extractions.rows import COLUMNS

PASSING = ".partiel"  # end of the name of a file being written: never served, swept when its worker died
_FORMULA = frozenset("=+-@\t\r")


class Written(NamedTuple):
    size: int
    sha256: str


def xlsx(criteria: Iterable[tuple[str, str]], lines: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """Criteria on the first sheet, the lines on the second."""
    return stream([Sheet("Critères", (28, 90), criteria), table("Offre", COLUMNS, lines, freeze="A2")])


def as_csv(lines: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """Semicolons and a byte order mark, as Excel in French opens it; ISO dates, decimal points.

    A text a spreadsheet would take for a formula is preceded by an apostrophe, which a spreadsheet shows.
    """
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    text.write("\ufeff")
    writer.writerow([title for title, _ in COLUMNS])
    for number, line in enumerate(lines, start=1):
        writer.writerow([_harmless(cell) for cell in line])
        if number % 200 == 0:
            yield _taken(text)
    yield _taken(text)


def _harmless(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell[:1] in _FORMULA else cell


def _taken(text: io.StringIO) -> bytes:
    data = text.getvalue().encode("utf-8", "replace")
    text.seek(0)
    text.truncate()
    return data


def save(path: Path, pieces: Iterable[bytes]) -> Written:
    """Write, then rename: whoever opens `path` reads all of it. Nothing is left when it fails."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    passing = path.with_name(path.name + PASSING)
    digest, size = hashlib.sha256(), 0
    try:
        with os.fdopen(os.open(passing, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            for piece in pieces:
                digest.update(piece)
                size += len(piece)
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        passing.rename(path)
    finally:
        passing.unlink(missing_ok=True)
    return Written(size, digest.hexdigest())
