"""What a submission must be to be kept as a document: its shape, never its sense (`directory.checks` judges that).

A form gives such a document; anything else is no typing mistake but a request made by hand: 400.
"""

import math
import re
from typing import Any

from django.core.exceptions import BadRequest, ValidationError
from django.db import models

from directory.documents import MODELS, SCHEMA, Document, Shape, shape_of
from directory.models import Kind

UID = re.compile(r"[^/\x00]{1,32}")  # a part of an address, within its column
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # what no jsonb holds
TEXTS = (models.CharField, models.TextField, models.DecimalField, models.DateField, models.TimeField)


class NotADocument(BadRequest):
    """Nothing was written; the message names the first fault, for the log."""


def check(kind: Kind, document: Any) -> None:
    """Raise `NotADocument` unless every value is of the type of its field, every line has a uid of its own, and
    nothing else is there."""
    if not isinstance(document, dict):
        raise NotADocument("not a document")
    if document.get("kind", kind) != kind or document.get("schema", SCHEMA) != SCHEMA:
        raise NotADocument("a document of another kind or schema")
    _check(shape_of(MODELS[kind]), {k: v for k, v in document.items() if k not in ("kind", "schema")}, "")


def _check(shape: Shape, document: Document, path: str) -> None:
    fields = {field.name: field for field in (*shape.scalars, *shape.links)}
    many, children = {field.name for field in shape.many}, {name: child for name, _, child in shape.children}
    for name, value in document.items():
        if name in children:
            _check_lines(children[name], value, f"{path}{name}/")
        elif name in many:
            _refuse_unless(_is_list_of_keys(value), path + name)
        else:
            _refuse_unless(name in fields and _fits(fields[name], value), path + str(name))


def _check_lines(shape: Shape, lines: Any, path: str) -> None:
    _refuse_unless(isinstance(lines, list) and all(isinstance(line, dict) for line in lines), path)
    uids = [line.get("uid") for line in lines]
    _refuse_unless(all(isinstance(uid, str) and UID.fullmatch(uid) for uid in uids), path)
    _refuse_unless(len(set(uids)) == len(uids), path)
    for line in lines:
        _check(shape, line, f"{path}{line['uid']}/")


def _refuse_unless(is_right: bool, address: str) -> None:
    if not is_right:
        raise NotADocument(f"not a value of {address!r}")


def _is_list_of_keys(value: Any) -> bool:
    is_list = isinstance(value, list) and all(isinstance(key, str) and key and _is_storable(key) for key in value)
    return is_list and len(set(value)) == len(value)


def _is_storable(text: str) -> bool:
    return not UNSTORABLE.search(text)


def _fits(field: models.Field, value: Any) -> bool:
    """Of the type `documents.plain` writes for this field. None says nothing: `checks` tells where it may not."""
    if value is None:
        return True
    if isinstance(field, models.ForeignKey):
        return isinstance(value, str) and _is_storable(value)
    if isinstance(field, models.BooleanField):
        return isinstance(value, bool)
    if isinstance(field, TEXTS):
        return isinstance(value, str) and _is_storable(value) and _is_read(field, value)
    if isinstance(field, models.IntegerField):
        return type(value) is int
    return type(value) in (int, float) and math.isfinite(value)


def _is_read(field: models.Field, value: str) -> bool:
    try:
        read = field.to_python(value)
    except ValidationError:
        return False
    return not isinstance(field, models.DecimalField) or read.is_finite()


def storable(value: Any) -> Any:
    """What was typed, without the characters no database holds."""
    match value:
        case str():
            return UNSTORABLE.sub("", value)
        case list():
            return [storable(one) for one in value]
        case dict():
            return {storable(key): storable(one) for key, one in value.items()}
    return value
