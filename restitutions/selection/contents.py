"""What « Ma sélection » holds: keys of fiches in the order they were put aside, each with a note, in the session.

It lives as long as the session: a logout or another login forgets it. No name is kept, only keys: each page reads the
fiches again with the rights of the moment.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from typing import NamedTuple

from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse

from directory.models import Kind
from directory.permissions import Reader
from restitutions.selection import loading

SESSION_KEY = "selection"
MAX_LINES = 50
MAX_NOTE = 500
_ADDRESS = re.compile(r"(?:[^\s?#]{0,100}/)?(eg|uo)/([0-9A-Za-z-]{1,40})/?")


class Ref(NamedTuple):
    """A fiche by the key of its address: `Ref("eg", "750712184")`, `Ref("uo", "11-123")`."""

    kind: str
    cle: str

    @property
    def address(self) -> str:
        return f"{_beginning(self.kind)}{self.cle}/"


@cache
def _beginning(kind: str) -> str:
    return reverse(f"directory:{kind}", args=["-"]).removesuffix("-/")


def parse(text: str) -> Ref | None:
    """The fiche an address names (« /repertoire/uo/11-123/ », « eg/750712184 »), or None."""
    found = _ADDRESS.fullmatch(text)
    return Ref(Kind(found[1]).value, found[2]) if found else None


@dataclass(frozen=True)
class Line:
    """One fiche put aside, and what the professional wrote about it."""

    ref: Ref
    note: str = ""


@dataclass(frozen=True)
class Selection:
    """The lines, in order."""

    lines: tuple[Line, ...] = ()

    @property
    def n(self) -> int:
        return len(self.lines)

    @property
    def refs(self) -> list[Ref]:
        return [line.ref for line in self.lines]

    @property
    def addresses(self) -> list[str]:
        """Of the fiches: what the boxes of the results and the button of a fiche compare with."""
        return [line.ref.address for line in self.lines]

    @property
    def has_notes(self) -> bool:
        return any(line.note for line in self.lines)


@dataclass(frozen=True)
class Outcome:
    """What an addition did. `unknown`: not a fiche, or not one this reader may see; `refused`: no room left."""

    added: int = 0
    already: int = 0
    unknown: int = 0
    refused: int = 0


def of(request: HttpRequest) -> Selection:
    """The selection of this session: no query beyond the one that read the session."""
    return _read(request.session.get(SESSION_KEY))


def add(session: SessionBase, refs: Iterable[Ref | None], *, reader: Reader) -> Outcome:
    """Put these fiches aside, after the others. Two queries for the fiches, whatever their number."""
    asked = list(dict.fromkeys(refs))
    visible = loading.visible([ref for ref in asked if ref], reader=reader)
    wanted = list(dict.fromkeys(Ref(*visible[ref]) for ref in asked if ref in visible))
    with _changed(session) as box:
        known = set(box.selection.refs)
        new = [ref for ref in wanted if ref not in known]
        kept = new[: max(0, MAX_LINES - len(known))]
        box.selection = Selection(box.selection.lines + tuple(Line(ref) for ref in kept))
    return Outcome(
        added=len(kept),
        already=len(wanted) - len(new),
        unknown=sum(ref not in visible for ref in asked),
        refused=len(new) - len(kept),
    )


def remove(session: SessionBase, refs: Iterable[Ref | None]) -> int:
    """Take these lines away, their notes too. How many there were."""
    gone = set(refs)
    with _changed(session) as box:
        kept = tuple(line for line in box.selection.lines if line.ref not in gone)
        n, box.selection = len(box.selection.lines) - len(kept), Selection(kept)
    return n


def write_notes(session: SessionBase, notes: dict[Ref, str]) -> None:
    """Keep these notes; a line that is no longer there takes none. Their length was checked by the form."""
    with _changed(session) as box:
        box.selection = Selection(
            tuple(replace(line, note=notes.get(line.ref, line.note)) for line in box.selection.lines)
        )


def empty(session: SessionBase) -> int:
    """Forget everything. How many lines there were."""
    with _changed(session) as box:
        n, box.selection = box.selection.n, Selection()
    return n


@dataclass
class _Box:
    selection: Selection


@contextmanager
def _changed(session: SessionBase) -> Iterator[_Box]:
    """The selection as the database holds it, under a lock, written back at the end: two boxes ticked in a hurry, or
    in two tabs, are two requests that each read the session before the other wrote it."""
    with transaction.atomic():
        rows = session.model.objects.select_for_update().filter(pk=session.session_key)
        row = rows.first()
        box = _Box(_read(session.decode(row.session_data).get(SESSION_KEY) if row else None))
        before = box.selection
        yield box
        session[SESSION_KEY] = [[*line.ref, line.note] for line in box.selection.lines]
        if row and box.selection != before:
            session.save()
        session.modified = row is None


def _read(stored: list | None) -> Selection:
    return Selection(tuple(Line(Ref(kind, cle), note) for kind, cle, note in stored or ()))
