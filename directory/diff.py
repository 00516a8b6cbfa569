"""Two documents of a fiche in, addressed lines out, and back. Pure: no query, no request, no word for the screen.

What can change is read from `documents.shape_of`, so a field added to a model is compared at once. A field absent from
`after` says nothing (as publishing reads it); one absent from `before`, an older document, had its empty value.
The order of the lines of a fiche carries nothing (contacts have their `ordre`): two orders of them are equal.
"""

import copy
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db import models

from directory.documents import MODELS, Document, Shape, plain, shape_of
from directory.models import Kind

Path = tuple[str, ...]


class Change(StrEnum):
    """What happened to a value, a code of a list, or a whole line."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True)
class Line:
    """One difference, that can be accepted or refused alone.

    `path` is `("nom",)` for a field, `("actes_specifiques", "TRE_R210|0815")` for one code of a list,
    `("contacts", uid)` for a whole line (its document in `before` or `after`), `("contacts", uid, "telecoms", uid,
    "adresse")` for a field of a line.
    """

    path: Path
    kind: Change
    before: Any = None
    after: Any = None

    @property
    def address(self) -> str:
        """`contacts/<uid>/nom`, as `checks.Problem` writes it."""
        return "/".join(self.path)


class Unplaced(ValueError):
    """A line changes a contact, a horaire… that the document does not hold."""


def shape_for(document: Document) -> Shape:
    """The shape of the document of a fiche, from its `kind`."""
    return shape_of(MODELS[Kind(document["kind"])])


# --- Compare ---------------------------------------------------------------------------------------------------------


def compare(before: Document, after: Document) -> list[Line]:
    """What leads from `before` to `after`, two documents of one kind at the present schema; empty when they are equal.

    Fields come first in the order of the model, then codes, then the lines: removed, changed and added.
    """
    return list(_lines(shape_for(after), before, after, ()))


def _lines(shape: Shape, before: Document, after: Document, path: Path) -> Iterator[Line]:
    for field in (*shape.scalars, *shape.links):
        if field.name in after and field.name != "uid":
            old, new = before.get(field.name, _blank(field)), after[field.name]
            if old != new:
                yield Line((*path, field.name), Change.CHANGED, old, new)
    for field in shape.many:
        if field.name in after:
            yield from _keys(before.get(field.name) or [], after[field.name] or [], (*path, field.name))
    for name, _, child in shape.children:
        if name in after:
            yield from _children(child, before.get(name) or [], after[name] or [], (*path, name))


def _blank(field: models.Field) -> Any:
    """What a document written before this field existed is read as; a computed default is nothing."""
    is_computed = field.has_default() and callable(field.default)
    default = None if is_computed or isinstance(field, models.ForeignKey) else field.get_default()
    return plain(default)


def _keys(before: list[str], after: list[str], path: Path) -> Iterator[Line]:
    old, new = set(before), set(after)
    for key in sorted(old - new):
        yield Line((*path, key), Change.REMOVED, key, None)
    for key in sorted(new - old):
        yield Line((*path, key), Change.ADDED, None, key)


def _children(shape: Shape, before: list[Document], after: list[Document], path: Path) -> Iterator[Line]:
    old = {line["uid"]: line for line in before}
    new = {line["uid"]: line for line in after}
    for uid, line in old.items():
        if uid not in new:
            yield Line((*path, uid), Change.REMOVED, line, None)
    for uid, line in new.items():
        if uid in old:
            yield from _lines(shape, old[uid], line, (*path, uid))
        else:
            yield Line((*path, uid), Change.ADDED, None, line)


# --- Patch -----------------------------------------------------------------------------------------------------------


def patch(document: Document, lines: Iterable[Line]) -> Document:
    """A copy of `document` with these changes made, all of them or those somebody kept.

    Adding what is there replaces it, removing what is not there does nothing: a line may be applied to a document that
    moved since. Raises `Unplaced` when the line it changes is gone.
    """
    patched = copy.deepcopy(document)
    for line in lines:
        _patch(shape_for(document), patched, line.path, line)
    return patched


def _patch(shape: Shape, document: Document, path: Path, line: Line) -> None:
    name, *below = path
    child = next((child for accessor, _, child in shape.children if accessor == name), None)
    if child:
        document[name] = document.get(name) or []
        _patch_line(child, document[name], tuple(below), line)
    elif any(field.name == name for field in shape.many):
        keys = set(document.get(name) or []) - {line.before} | {line.after}
        document[name] = sorted(keys - {None})
    else:
        document[name] = copy.deepcopy(line.after)


def _patch_line(shape: Shape, lines: list[Document], path: Path, line: Line) -> None:
    uid, *below = path
    at = next((index for index, one in enumerate(lines) if one["uid"] == uid), None)
    if below:
        if at is None:
            raise Unplaced(line.address)
        _patch(shape, lines[at], tuple(below), line)
        return
    if at is not None:
        del lines[at]
    if line.kind != Change.REMOVED:
        lines.insert(len(lines) if at is None else at, copy.deepcopy(line.after))
