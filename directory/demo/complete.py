"""Fill in what a demo document leaves out, so that it is exactly what `documents.to_documents` would read back."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from directory.documents import MODELS, SCHEMA, Document, Shape, plain, shape_of
from directory.models import Kind

GIVEN = frozenset({"uid", "identifiant", "idnat_struct"})  # never a default: each is unique


def complete(kind: Kind, document: Document) -> Document:
    """The whole document; raises KeyError on a name that is no field, or a missing identifier."""
    return {"schema": SCHEMA, "kind": str(kind), **_fill(shape_of(MODELS[kind]), document)}


def _fill(shape: Shape, given: dict[str, Any]) -> dict[str, Any]:
    known = _known(shape.model)
    if not given.keys() <= known.names:
        raise KeyError(f"{shape.model.__name__}: {', '.join(sorted(given.keys() - known.names))}")
    whole = known.defaults | given
    for name in known.required:
        whole[name] = given[name]
    for name in known.many:
        whole[name] = sorted(given[name]) if name in given else []
    for name, _, child in shape.children:
        lines = given.get(name)
        whole[name] = [_fill(child, line) for line in lines] if lines else []
    return whole


@dataclass(frozen=True)
class Known:
    """What is filled in for one model: defaults of scalars and links, names of the rest, all names."""

    defaults: dict[str, Any]
    required: tuple[str, ...]
    many: tuple[str, ...]
    names: frozenset[str]


@cache
def _known(model: type) -> Known:
    shape = shape_of(model)
    defaults = {field.name: _default(field) for field in shape.scalars if field.name not in GIVEN}
    defaults |= {field.name: None for field in shape.links}
    names = {
        *(field.name for field in (*shape.scalars, *shape.links, *shape.many)),
        *(name for name, _, _ in shape.children),
    }
    many = tuple(field.name for field in shape.many)
    return Known(defaults, tuple(sorted(GIVEN & names)), many, frozenset(names))


def _default(field) -> Any:
    value = plain(field.get_default())
    return int(value) if isinstance(value, int) and not isinstance(value, bool) else _text(value)


def _text(value: Any) -> Any:
    """A member of TextChoices as the text it stands for."""
    return str(value) if isinstance(value, str) else value
