"""Direct correction of the low-risk part of a fiche: live at once, and nobody's text is lost.

What a person wrote starts from the version she read. When the fiche moved since, her lines are put on what it says now
(`merge.three_way`); a line that both changed is a `Clash`: nothing is published before she has seen both texts.
"""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.models import User
from directory import documents, history, merge, publishing
from directory.checks import DocumentInvalid, Problem
from directory.documents import MODELS, Document
from directory.merge import Merge
from directory.models import EntiteGeographique, FicheVersion, Kind
from directory.ownership import DIRECT, FINESS_CONTACT, UID, finess_contact_changed
from directory.permissions import Reader

ORIGIN = "direct"


class Keep(StrEnum):
    """How the person settled the lines that clash, having read both texts."""

    MINE = "mien"
    THEIRS = "leur"


@dataclass(frozen=True)
class Choice:
    """`keep`, and the live version she read when she chose: another one since, and she is asked again."""

    keep: Keep
    over: int


class Clashed(Exception):
    """Somebody changed the same lines meanwhile. `version` is the live one; nothing was saved."""

    def __init__(self, found: Merge, texts: tuple[Document, Document, Document], version: int):
        self.merge, self.version = found, version
        self.start, self.live, self.mine = texts
        super().__init__(f"version actuelle\u00a0: {version}")


@dataclass(frozen=True)
class Saved:
    """`version` is the live one now; `before`, its number when the person's lines were put on it: the same when they
    changed nothing. `was_merged`: the fiche had moved since she read it."""

    version: FicheVersion
    before: int
    was_merged: bool

    @property
    def changed_nothing(self) -> bool:
        return self.version.number == self.before


def base(kind: Kind, pk: int, version: int) -> Document | None:
    """The document of that version, which a person started from; None when nobody published it."""
    return history.contents(kind, pk, [version]).get(version)


def last_version(kind: Kind, pk: int) -> FicheVersion:
    """The live one, with its author and without its document."""
    return history.versions(kind, pk).first()


def published_at(kind: Kind, pk: int, version: int) -> dt.datetime:
    return history.versions(kind, pk).get(number=version).created_at


@transaction.atomic
def save(kind: Kind, pk: int, mine: Document, *, read: int, by: User, choice: Choice | None = None) -> Saved:
    """Publish what `mine` changes, since version `read`, in the fields a référent may change alone.

    Raises `PermissionDenied`, `Clashed`, and what `publishing.publish` raises but `StaleVersion`: the fiche is locked.
    """
    fiche = MODELS[kind].objects.editable_by(Reader.of(by)).filter(pk=pk).first()
    start = base(kind, pk, read)
    if fiche is None or start is None:
        raise PermissionDenied
    eg_id = pk if kind == Kind.EG else fiche.entite_geographique_id
    for rows in (EntiteGeographique.objects.filter(pk=eg_id), MODELS[kind].objects.filter(pk=pk)):
        rows.select_for_update(no_key=True).get()  # down the tree, as publishing locks
    fiche.refresh_from_db(fields=["version"])
    live = documents.to_document(kind, pk)
    _leave_finess_alone(start, mine)
    start, wanted = _direct(kind, start, live), _direct(kind, mine, live)
    found = merge.three_way(start, live, wanted)
    if found.clashes:
        if choice is None or choice.over != fiche.version:
            raise Clashed(found, (start, live, wanted), fiche.version)
        if choice.keep == Keep.MINE:
            found = merge.three_way(start, live, wanted, keep_mine={clash.address for clash in found.clashes})
    version = publishing.publish(kind, found.document, by=by, origin=ORIGIN, expected_version=fiche.version)
    return Saved(version, fiche.version, was_merged=fiche.version != read)


def _leave_finess_alone(start: Document, mine: Document) -> None:
    if finess_contact_changed(start, mine):
        is_there = any(one["uid"] == UID for one in mine["contacts"])
        raise DocumentInvalid([Problem(f"contacts/{UID}" if is_there else "contacts", FINESS_CONTACT)])


def _direct(kind: Kind, document: Document, live: Document) -> Document:
    """The live fiche with the fields of `DIRECT` from this document: the others never differ. The contact that FINESS
    writes stays the live one."""
    found = live | {name: document[name] for name in DIRECT[kind] if name in document}
    if "contacts" in DIRECT[kind]:
        finess = [one for one in live["contacts"] if one["uid"] == UID]
        found["contacts"] = finess + [one for one in found["contacts"] if one["uid"] != UID]
    return found
