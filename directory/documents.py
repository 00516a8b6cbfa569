"""A fiche as portable JSON and back: no database id, only national keys and line uids.

The shape is read from the models (one `Shape` each), so a field added to a model is in its document, its diff and
its versions at once. Concepts are `system|code`, EJ and EG their idNat_Struct, communes their INSEE code.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from django.db import connection, models
from modelcluster.fields import ParentalKey, ParentalManyToManyField
from modelcluster.models import get_all_child_relations

from directory.models import EntiteGeographique, EntiteJuridique, Kind, OrganisationInterne, UniteOperationnelle
from nomenclature.models import Concept

SCHEMA = 1
MODELS = {Kind.EJ: EntiteJuridique, Kind.EG: EntiteGeographique, Kind.UO: UniteOperationnelle}
KEY_FIELD = {Kind.EJ: "idnat_struct", Kind.EG: "idnat_struct", Kind.UO: "identifiant"}
NATURAL_KEY = {EntiteJuridique: "idnat_struct", EntiteGeographique: "idnat_struct", OrganisationInterne: "identifiant"}
# Written by publishing, never by a person: not part of what a fiche says.
TECHNICAL = {
    "id",
    "version",
    "created_at",
    "updated_at",
    "published_at",
    "verified_at",
    "verified_by",
    "region_source",
}

Document = dict[str, Any]


class UnknownReference(ValueError):
    """A document names a concept or an entity that does not exist here. Reported, never dropped."""


@dataclass(frozen=True)
class Shape:
    """What the document of one model holds."""

    model: type[models.Model]
    scalars: tuple[models.Field, ...]
    links: tuple[models.ForeignKey, ...]
    many: tuple[ParentalManyToManyField, ...]
    children: tuple[tuple[str, str, "Shape"], ...]  # (accessor, name of the key to the parent, shape)


@cache
def shape_of(model: type[models.Model]) -> Shape:
    """Introspect a model once."""
    scalars, links = [], []
    for field in model._meta.concrete_fields:
        if field.name in TECHNICAL or isinstance(field, ParentalKey | models.GeneratedField):
            continue
        (links if isinstance(field, models.ForeignKey) else scalars).append(field)
    children = [
        (rel.get_accessor_name(), rel.field.name, shape_of(rel.related_model))
        for rel in get_all_child_relations(model)
    ]
    return Shape(model, tuple(scalars), tuple(links), tuple(model._meta.many_to_many), tuple(children))


# --- Database to documents ------------------------------------------------------------------------------------------


def to_documents(kind: Kind, ids: Iterable[int]) -> dict[int, Document]:
    """Documents of these fiches by id, in a number of queries that does not depend on how many they are."""
    model = MODELS[kind]
    rows = _read(shape_of(model), "pk", list(ids))
    return {pk: {"schema": SCHEMA, "kind": str(kind), **document} for pk, _, document in rows}


def to_document(kind: Kind, pk: int) -> Document:
    """The live document of one fiche."""
    return to_documents(kind, [pk])[pk]


def _read(shape: Shape, key: str, values: list[int]) -> list[tuple[int, int, Document]]:
    """(pk, key value, document) of the rows whose `key` is in `values`, in the model's own order."""
    names = [field.attname for field in (*shape.scalars, *shape.links)]
    rows = list(shape.model._default_manager.filter(**{f"{key}__in": values}).values("pk", key, *names))
    ids = [row["pk"] for row in rows]
    many = _read_many(shape, ids)
    children = {name: _read_children(child, parent, ids) for name, parent, child in shape.children}
    naturals = {
        field: _natural_keys(field.related_model, [row[field.attname] for row in rows]) for field in shape.links
    }
    found = []
    for row in rows:
        document = {field.name: plain(row[field.attname]) for field in shape.scalars}
        document |= {field.name: naturals[field].get(row[field.attname]) for field in shape.links}
        document |= {field.name: many[field.name].get(row["pk"], []) for field in shape.many}
        document |= {name: by_parent.get(row["pk"], []) for name, by_parent in children.items()}
        found.append((row["pk"], row[key], document))
    return found


def _read_children(shape: Shape, parent: str, parent_ids: list[int]) -> dict[int, list[Document]]:
    by_parent: dict[int, list[Document]] = defaultdict(list)
    for _, parent_id, document in _read(shape, parent, parent_ids):
        by_parent[parent_id].append(document)
    return by_parent


def _read_many(shape: Shape, ids: list[int]) -> dict[str, dict[int, list[str]]]:
    """Every M2M of the model in one statement; values sorted, so that equal documents are equal JSON."""
    found: dict[str, dict[int, list[str]]] = {field.name: defaultdict(list) for field in shape.many}
    if not shape.many or not ids:
        return found
    parts = [
        f'select {index}, "{field.m2m_column_name()}", "{field.m2m_reverse_name()}"::text '
        f'from "{field.m2m_db_table()}" where "{field.m2m_column_name()}" = any(%s)'
        for index, field in enumerate(shape.many)
    ]
    with connection.cursor() as cursor:
        cursor.execute(" union all ".join(parts), [ids] * len(parts))
        rows = cursor.fetchall()
    keys = concept_keys(int(value) for index, _, value in rows if shape.many[index].related_model is Concept)
    for index, pk, value in rows:
        field = shape.many[index]
        found[field.name][pk].append(keys[int(value)] if field.related_model is Concept else value)
    for by_pk in found.values():
        for values in by_pk.values():
            values.sort()
    return found


_concept_keys: dict[int, str] = {}


def concept_keys(ids: Iterable[int]) -> dict[int, str]:
    """`system|code` by id. A concept is never deleted and its code never changes, so answers are kept."""
    missing = {pk for pk in ids if pk not in _concept_keys}
    if missing:
        rows = Concept.objects.filter(pk__in=missing).values_list("pk", "system__code", "code")
        _concept_keys.update({pk: f"{system}|{code}" for pk, system, code in rows})
    return _concept_keys


def _natural_keys(model: type[models.Model], ids: Iterable[Any]) -> dict[Any, str]:
    wanted = {pk for pk in ids if pk is not None}
    if model is Concept:
        return concept_keys(wanted)
    if model not in NATURAL_KEY:  # communes: the key is the code
        return {pk: pk for pk in wanted}
    return dict(model._default_manager.filter(pk__in=wanted).values_list("pk", NATURAL_KEY[model])) if wanted else {}


def plain(value: Any) -> Any:
    """A JSON value that compares: ISO dates, `HH:MM`, decimals as text without useless zeros."""
    match value:
        case dt.datetime() | dt.date():
            return value.isoformat()
        case dt.time():
            return value.isoformat() if value.second else value.isoformat("minutes")
        case Decimal():
            return f"{value.normalize():f}"
    return value


# --- Documents to instances ------------------------------------------------------------------------------------------


class References:
    """Resolves the keys of one document to rows, one query per model; unknown ones raise together."""

    def __init__(self, shape: Shape, document: Document):
        self._found: dict[type, dict[str, Any]] = {}
        unknown = []
        for model, keys in keys_named(shape, document).items():
            self._found[model] = lookup(model, keys)
            unknown += sorted(keys - self._found[model].keys())
        if unknown:
            raise UnknownReference(", ".join(unknown))

    def get(self, model: type, key: str | None) -> Any:
        return self._found[model][key] if key else None


def keys_named(shape: Shape, document: Document) -> dict[type[models.Model], set[str]]:
    """Keys of everything a document names, at every depth, by model."""
    found: dict[type, set[str]] = defaultdict(set)
    for field in shape.links:
        if document.get(field.name):
            found[field.related_model].add(document[field.name])
    for field in shape.many:
        found[field.related_model].update(document.get(field.name) or [])
    for name, _, child in shape.children:
        for line in document.get(name) or []:
            for model, keys in keys_named(child, line).items():
                found[model] |= keys
    return found


def lookup(model: type[models.Model], keys: set[str]) -> dict[str, Any]:
    """Rows by key, in one query; an unknown key is absent."""
    if not keys:
        return {}
    if model is Concept:
        return Concept.objects.by_key(keys)
    name = NATURAL_KEY.get(model, "pk")
    return {str(getattr(row, name)): row for row in model._default_manager.filter(**{f"{name}__in": keys})}


def apply(instance: models.Model, document: Document, live: Document | None, now: dt.datetime) -> None:
    """Write into `instance` (in memory) what differs between `document` and `live`. Lines are matched by uid.

    Raises `UnknownReference` on a code or a key that is not known here. Nothing is saved.
    """
    shape = shape_of(type(instance))
    _apply(shape, instance, document, live or {}, References(shape, document), now)


def _apply(shape: Shape, instance, document: Document, live: Document, references: References, now) -> None:
    for field in shape.scalars:
        if field.name in document:
            setattr(instance, field.attname, field.to_python(document[field.name]))
    for field in shape.links:
        if field.name in document:
            setattr(instance, field.name, references.get(field.related_model, document[field.name]))
    for field in shape.many:
        keys = document.get(field.name)
        if keys is not None and sorted(keys) != live.get(field.name, []):
            setattr(instance, field.name, [references.get(field.related_model, key) for key in keys])
    for name, _, child in shape.children:
        lines = document.get(name)
        if lines is None or lines == live.get(name, []):
            continue
        live_lines = {line["uid"]: line for line in live.get(name, [])}
        rows = {row.uid: row for row in getattr(instance, name).all()} if instance.pk else {}
        setattr(
            instance,
            name,
            [
                _line(child, rows.get(line.get("uid")), line, live_lines.get(line.get("uid")), references, now)
                for line in lines
            ],
        )


def _line(shape: Shape, row, line: Document, live: Document | None, references: References, now):
    row = row or shape.model(created_at=now)
    if line != live:
        row.updated_at = now  # RG_EXP_024
    _apply(shape, row, line, live or {}, references, now)
    return row


def upgrade(document: Document) -> Document:
    """Bring a stored document to the present schema. Only version 1 exists; each change adds its step here."""
    if document.get("schema") != SCHEMA:
        raise ValueError(f"schema {document.get('schema')!r} inconnu")
    return document
