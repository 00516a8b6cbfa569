"""Three-way merge of documents: what somebody changed since a base, on a fiche that moved meanwhile. Pure.

Silent where the two sides touch different lines; a `Clash` where they touch the same one. The lines are those of
`diff.compare`, so two codes of one list, or two contacts, never clash.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from directory import diff
from directory.diff import Line, Path
from directory.documents import Document
from directory.models import Kind
from directory.ownership import DIRECT, KEPT


@dataclass(frozen=True)
class Clash:
    """One place that both sides changed, differently. `mine` and `theirs` are the lines that meet there."""

    mine: Line
    theirs: tuple[Line, ...]

    @property
    def address(self) -> str:
        return self.mine.address


@dataclass(frozen=True)
class Merge:
    """`document`: theirs with my lines that meet no other; `taken`: these lines; `clashes`: those left to decide."""

    document: Document
    taken: list[Line]
    clashes: list[Clash]


def three_way(base: Document, theirs: Document, mine: Document, *, keep_mine: Collection[str] = ()) -> Merge:
    """My changes since `base` put on `theirs`. `keep_mine`: addresses of clashes to settle my way, the others stay
    theirs and are told. A change that both sides made alike is no clash."""
    my_lines, their_lines = diff.compare(base, mine), diff.compare(base, theirs)
    done = {(line.path, line.kind, repr(line.after)) for line in their_lines}
    taken, clashes = [], []
    for line in my_lines:
        if (line.path, line.kind, repr(line.after)) in done:
            continue
        met = tuple(other for other in their_lines if _meet(line.path, other.path))
        if met:
            clashes.append(Clash(line, met))
        if not met or line.address in keep_mine:
            taken.append(line)
    document, placed = _patched(theirs, taken, mine)
    return Merge(document, placed, clashes)


def at_effect(kind: Kind, reference: Document, live: Document, accepted: Document) -> Merge:
    """What a validated document becomes on its day: its lines on the live fiche; where both changed the same line,
    newer live values of FINESS and of low-risk fields are kept, the validated ones win elsewhere (design §4)."""
    first = three_way(reference, live, accepted)
    kept = {*KEPT[kind], *DIRECT[kind]}
    wins = {clash.address for clash in first.clashes if clash.mine.path[0] not in kept}
    merged = three_way(reference, live, accepted, keep_mine=wins)
    return Merge(merged.document, merged.taken, [clash for clash in first.clashes if clash.address not in wins])


def _meet(one: Path, other: Path) -> bool:
    """The same line, or one inside the other (a removed contact and its number)."""
    short = min(len(one), len(other))
    return one[:short] == other[:short]


def _patched(document: Document, lines: Iterable[Line], mine: Document) -> tuple[Document, list[Line]]:
    """`document` with these lines; one whose contact, number or horaire is gone brings that one back, as I have it."""
    placed: list[Line] = []
    for line in lines:
        try:
            document = diff.patch(document, [line])
        except diff.Unplaced:
            document = diff.patch(document, [_gone_line(line, document, mine)])
        placed.append(line)
    return document, placed


def _gone_line(line: Line, document: Document, mine: Document) -> Line:
    """The outermost line (contact, then its number…) that holds this change and that `document` lacks, to be added
    again: what the others say of the lines around it stays."""
    path: Path = ()
    for name, uid in zip(line.path[::2], line.path[1::2], strict=False):
        path = (*path, name, uid)
        mine = next(one for one in mine[name] if one["uid"] == uid)
        there = next((one for one in document.get(name) or [] if one["uid"] == uid), None)
        if there is None:
            return Line(path, diff.Change.ADDED, None, mine)
        document = there
    raise diff.Unplaced(line.address)
