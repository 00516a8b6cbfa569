"""A fiche as portable JSON and back: no database id, only national keys and line uids.

The shape is read from the models (one `Shape` each), so a field added to a model is in its document, its diff and
its versions at once. Concepts are `system|code`, EJ and EG their idNat_Struct, communes their INSEE code.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, cached_property
from itertools import chain
from typing import Any, NamedTuple

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


@dataclass(frozen=True, eq=False)
class Shape:
    """What the document of one model holds; one of each is made."""

    model: type[models.Model]
    scalars: tuple[models.Field, ...]
    links: tuple[models.ForeignKey, ...]
    many: tuple[ParentalManyToManyField, ...]
    children: tuple[tuple[str, str, "Shape"], ...]  # (accessor, name of the key to the parent, shape)

    @cached_property
    def names(self) -> tuple[str, ...]:
        fields = (*self.scalars, *self.links, *self.many)
        return (*(field.name for field in fields), *(name for name, _, _ in self.children))


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
    """Documents of these fiches by id, in one round trip whatever their number."""
    shape = shape_of(MODELS[kind])
    with connection.cursor() as cursor:
        cursor.execute("; ".join(_statements(shape, "id", "%(ids)s")), {"ids": list(ids)})
        rows = _read(shape, cursor)
    return {pk: {"schema": SCHEMA, "kind": str(kind), **document} for pk, _, document in rows}


def to_document(kind: Kind, pk: int) -> Document:
    """The live document of one fiche."""
    return to_documents(kind, [pk])[pk]


@cache
def _statements(shape: Shape, key: str, ids: str) -> tuple[str, ...]:
    """What reads the rows whose column `key` is one of `ids` (SQL), in the model's own order, then their children.

    Made once: it takes the ORM longer to write them than PostgreSQL to answer.
    """
    table = shape.model._meta.db_table
    columns = ", ".join(column.sql for column in _columns(shape))
    order = [f'"{name[1:]}" desc' if name[0] == "-" else f'"{name}"' for name in shape.model._meta.ordering]
    where = f'"{table}" t where t."{key}" = any({ids})'
    select = f'select t.id, t."{key}", {columns} from {where} order by {", ".join(order or ["id"])}'
    below = ids if key == "id" else f"array(select t.id from {where})"
    parents = ((child, child.model._meta.get_field(parent).column) for _, parent, child in shape.children)
    return (select, *chain.from_iterable(_statements(child, parent, below) for child, parent in parents))


def _read(shape: Shape, cursor) -> list[tuple[int, int, Document]]:
    """(pk, key value, document) of each row of `_statements`, whose answers `cursor` holds in the same order."""
    rows, columns = cursor.fetchall(), _columns(shape)
    cursor.nextset()
    children = {name: _by_parent(_read(child, cursor)) for name, _, child in shape.children}
    coded = [n for n, column in enumerate(columns, 2) if column.is_coded]
    concept_keys(pk for row in rows for n in coded for pk in (row[n] if isinstance(row[n], list) else [row[n]]))
    found = []
    for pk, key, *values in rows:
        document = {column.name: column.read(value) for column, value in zip(columns, values, strict=True)}
        document |= {name: by_parent.get(pk, []) for name, by_parent in children.items()}
        found.append((pk, key, document))
    return found


def _by_parent(rows: Iterable[tuple[int, int, Document]]) -> dict[int, list[Document]]:
    found: dict[int, list[Document]] = defaultdict(list)
    for _, parent_id, document in rows:
        found[parent_id].append(document)
    return found


class Column(NamedTuple):
    """One field of a document: where it is, and how its value is said. `is_coded`: it is one or several concepts."""

    name: str
    sql: str
    read: Callable[[Any], Any]
    is_coded: bool


@cache
def _columns(shape: Shape) -> tuple[Column, ...]:
    return (
        *(Column(field.name, f't."{field.column}"', plain, False) for field in shape.scalars),
        *(_link(field) for field in shape.links),
        *(_many(field) for field in shape.many),
    )


def _link(field: models.ForeignKey) -> Column:
    model, here = field.related_model, f't."{field.column}"'
    if model is Concept:
        return Column(field.name, here, _concept_keys.get, True)
    if model in NATURAL_KEY:  # else a commune: the key is the code
        here = f'(select k."{NATURAL_KEY[model]}" from "{model._meta.db_table}" k where k.id = {here})'
    return Column(field.name, here, plain, False)


def _many(field: ParentalManyToManyField) -> Column:
    """Values are sorted, so that equal documents are equal JSON."""
    there, owner = field.m2m_reverse_name(), field.m2m_column_name()
    array = f'array(select "{there}" from "{field.m2m_db_table()}" where "{owner}" = t.id)'
    is_coded = field.related_model is Concept
    return Column(field.name, array, _sorted_keys if is_coded else sorted, is_coded)


def _sorted_keys(ids: list[int]) -> list[str]:
    return sorted(_concept_keys[pk] for pk in ids)


_concept_keys: dict[int, str] = {}


def concept_keys(ids: Iterable[int | None]) -> dict[int, str]:
    """`system|code` by id. A concept is never deleted and its code never changes, so answers are kept."""
    missing = {pk for pk in ids if pk is not None and pk not in _concept_keys}
    if missing:
        rows = Concept.objects.filter(pk__in=missing).values_list("pk", "system__code", "code")
        _concept_keys.update({pk: f"{system}|{code}" for pk, system, code in rows})
    return _concept_keys


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


def apply(instance: models.Model, document: Document, live: Document | None, now: dt.datetime) -> list[str]:
    """Write into `instance` (in memory) what differs between `document` and `live`; returns the names of these fields.

    Lines are matched by uid. Raises `UnknownReference` on a code or a key that is not known here. Nothing is saved.
    """
    shape = shape_of(type(instance))
    changes = {
        name: document[name]
        for name in shape.names
        if name in document and (live is None or document[name] != live[name])
    }
    _apply(shape, instance, changes, live or {}, References(shape, changes), now)
    return [*changes]


def save(instance: models.Model, changed: Collection[str], now: dt.datetime) -> None:
    """Write these fields of a fiche that is there already, and of its lines only those that `apply` changed."""
    parents = {name: parent for name, parent, _ in shape_of(type(instance)).children if name in changed}
    instance.save(update_fields=[name for name in changed if name not in parents])
    for name, parent in parents.items():
        lines = getattr(instance, name)
        rows = list(lines.all())
        lines.get_live_queryset().exclude(pk__in=[row.pk for row in rows]).delete()
        for row in rows:
            if row.updated_at == now:
                setattr(row, parent, instance)
                row.save()


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
    if row and line == live:
        return row
    row = row or shape.model(created_at=now)
    row.updated_at = now  # RG_EXP_024
    _apply(shape, row, line, live or {}, references, now)
    return row


def upgrade(document: Document) -> Document:
    """Bring a stored document to the present schema. Only version 1 exists; each change adds its step here."""
    if document.get("schema") != SCHEMA:
        raise ValueError(f"schema {document.get('schema')!r} inconnu")
    return document
