"""Fill in what a demo document leaves out, so that it is exactly what `documents.to_documents` would read back."""

from functools import cache
from typing import Any

from directory.documents import MODELS, SCHEMA, Document, Shape, plain, shape_of
from directory.models import Kind

GIVEN = frozenset({"uid", "identifiant", "idnat_struct"})  # never a default: each is unique


def complete(kind: Kind, document: Document) -> Document:
    """The whole document; raises KeyError on a name that is no field, or a missing identifier."""
    return {"schema": SCHEMA, "kind": str(kind), **_fill(shape_of(MODELS[kind]), document)}


def _fill(shape: Shape, given: dict[str, Any]) -> dict[str, Any]:
    defaults, names = _defaults(shape.model)
    unknown = given.keys() - names
    if unknown:
        raise KeyError(f"{shape.model.__name__}: {', '.join(sorted(unknown))}")
    whole = defaults | given
    for name in GIVEN & names:
        whole[name] = given[name]
    for field in shape.many:
        whole[field.name] = sorted(given.get(field.name, ()))
    for name, _, child in shape.children:
        whole[name] = [_fill(child, line) for line in given.get(name, ())]
    return whole


@cache
def _defaults(model: type) -> tuple[dict[str, Any], frozenset[str]]:
    """(default values of the scalars and links, every name the document has)."""
    shape = shape_of(model)
    defaults = {field.name: _default(field) for field in shape.scalars if field.name not in GIVEN}
    defaults |= {field.name: None for field in shape.links}
    names = {
        *(field.name for field in (*shape.scalars, *shape.links, *shape.many)),
        *(name for name, _, _ in shape.children),
    }
    return defaults, frozenset(names)


def _default(field) -> Any:
    value = plain(field.get_default())
    return int(value) if isinstance(value, int) and not isinstance(value, bool) else _text(value)


def _text(value: Any) -> Any:
    """A member of TextChoices as the text it stands for."""
    return str(value) if isinstance(value, str) else value
