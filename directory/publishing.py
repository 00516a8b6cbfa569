"""The one way a fiche becomes public: checks, save, version, cascade, journal, projections, in one transaction."""

import datetime as dt
from collections.abc import Iterable, Sequence
from functools import cache

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.module_loading import import_string

from directory import checks, closing, documents
from directory.documents import KEY_FIELD, MODELS, Document
from directory.models import EntiteGeographique, FicheVersion, Kind, UniteOperationnelle
from journal import models as journal

STAMPS = ("version", "updated_at", "published_at")
# The EG of a UO: the one it leaves and the one it joins.
LOCK_ETABLISSEMENTS = """select from directory_entitegeographique where id in (
  select entite_geographique_id from directory_uniteoperationnelle where identifiant = %s
  union select id from directory_entitegeographique where idnat_struct = %s) order by id for no key update"""

LOCK_FICHE = 'select * from "{}" where "{}" = %s for no key update'


class StaleVersion(Exception):
    """The live fiche moved since the caller read it; `current` is its version now."""

    def __init__(self, current: int):
        self.current = current
        super().__init__(f"version actuelle : {current}")


@transaction.atomic
def publish(kind: Kind, document: Document, *, by, origin: str, expected_version: int | None = None) -> FicheVersion:
    """Publish one document: create or update its fiche, and all that follows. A document equal to the live one
    changes nothing and gives back its last version: « rien n’a changé » is another act than publishing.

    Raises `checks.DocumentInvalid` (problems in French, nothing saved), `documents.UnknownReference`, `StaleVersion`
    when `expected_version` is given and is not the live one.
    """
    now = timezone.now()
    document = documents.upgrade(document)
    instance = _locked(kind, document)
    if expected_version is not None and instance.version != expected_version:
        raise StaleVersion(instance.version)
    live = documents.to_document(kind, instance.pk) if instance.pk else None
    found = checks.problems(kind, document, live)
    if found:
        raise checks.DocumentInvalid(found)
    if live is not None and live | document == live and instance.version:
        return FicheVersion.objects.get(kind=kind, object_id=instance.pk, number=instance.version)
    before, touched = closing.triple(instance), _touched(kind, instance)
    try:
        changed = documents.apply(instance, document, live, now)
        instance.version, instance.updated_at = instance.version + 1, now
        instance.published_at = instance.published_at or now
        if live is None:
            instance.save()
        else:
            documents.save(instance, [*changed, *STAMPS], now)
        with connection.cursor() as cursor:
            cursor.execute("set constraints all immediate; set constraints all deferred")
    except IntegrityError as error:
        raise checks.from_integrity_error(error) from error
    [version] = _record(kind, {instance.pk: instance.version}, by=by, origin=origin, now=now)
    touched |= _touched(kind, instance)  # a UO may be transferred (RG_EXP_042): the EG it left changes too
    if kind != Kind.UO and closing.triple(instance) != before:
        touched |= _cascade(kind, {instance.pk: (before, closing.triple(instance))}, by=by, origin=origin, now=now)
    journal.write("publish", f"{kind}:{version.key}", by=by, version=version.number, origin=origin)
    run_projections(sorted(touched))
    return version


@transaction.atomic
def publish_many(
    kind: Kind, ids: Sequence[int], *, by, origin: str, closings: dict[int, tuple] | None = None, project: bool = True
) -> set[int]:
    """Record what a set-based writer (import, seed) has just written: one version per fiche, one refresh in all.

    `closings`: {id: (triple before, triple after)} of EJ or EG whose closing changed; it goes down to their UO.
    Returns the EG to refresh; with `project=False` the caller refreshes them itself, once for several kinds.
    """
    now = timezone.now()
    _record(kind, _bump(kind, ids, now), by=by, origin=origin, now=now)
    touched = _eg_ids(kind, ids)
    if closings:
        touched |= _cascade(kind, closings, by=by, origin=origin, now=now)
    if project:
        run_projections(sorted(touched))
    return touched


def run_projections(eg_ids: Sequence[int]) -> None:
    """Refresh, in the caller's transaction, everything derived from these EG (`settings.PUBLISH_PROJECTIONS`)."""
    if eg_ids:
        for refresh in _projections(tuple(settings.PUBLISH_PROJECTIONS)):
            refresh(eg_ids)


def rebuild_projections() -> None:
    """Write all of it from scratch: each projection's module has a `rebuild` beside its `refresh`."""
    for path in settings.PUBLISH_PROJECTIONS:
        import_string(f"{path.rpartition('.')[0]}.rebuild")()


@cache
def _projections(paths: tuple[str, ...]):
    return [import_string(path) for path in paths]


def _locked(kind: Kind, document: Document):
    """The live row, locked against another publication, or a new one.

    Locks go down the tree, as a closing does: the EG of a UO (the one it leaves and the one it joins) before the UO,
    else the closing of an EG and a publication of its UO could wait for each other.
    """
    model, key = MODELS[kind], KEY_FIELD[kind]
    if kind == Kind.UO:
        with connection.cursor() as cursor:
            cursor.execute(LOCK_ETABLISSEMENTS, [document.get(key), document.get("entite_geographique")])
    rows = model._default_manager.raw(LOCK_FICHE.format(model._meta.db_table, key), [document.get(key)])
    return next(iter(rows), None) or model()


def _bump(kind: Kind, ids: Iterable[int], now: dt.datetime) -> dict[int, int]:
    """One publication more for each of these fiches; returns their numbers."""
    rows = MODELS[kind]._default_manager.filter(pk__in=ids)
    rows.update(version=F("version") + 1, updated_at=now, published_at=Coalesce("published_at", now))
    return dict(rows.values_list("pk", "version"))


def _record(kind: Kind, numbers: dict[int, int], *, by, origin: str, now: dt.datetime) -> list[FicheVersion]:
    """Keep the whole document of each fiche under its new number (RG_EXP_024)."""
    return FicheVersion.objects.bulk_create(
        [
            FicheVersion(
                kind=kind,
                object_id=pk,
                key=document[KEY_FIELD[kind]],
                number=numbers[pk],
                content=document,
                author=by,
                origin=origin,
                created_at=now,
            )
            for pk, document in documents.to_documents(kind, numbers).items()
        ],
        batch_size=1000,
    )


def _cascade(kind: Kind, closings: dict[int, tuple], *, by, origin: str, now: dt.datetime) -> set[int]:
    """Closing or reopening goes down the tree, each fiche with its own version (RG_EXP_044, RG_EXP_046)."""
    touched: set[int] = set()
    for below, ids in closing.propagate(kind, closings):
        for version in _record(below, _bump(below, ids, now), by=by, origin=origin, now=now):
            journal.write("closing_cascade", f"{below}:{version.key}", by=by, version=version.number, origin=origin)
        touched |= _eg_ids(below, ids)
    return touched


def _touched(kind: Kind, fiche) -> set[int]:
    """`_eg_ids` of one fiche in memory; none when it is not saved."""
    if kind == Kind.UO:
        return {fiche.entite_geographique_id} - {None}
    return _eg_ids(kind, [fiche.pk]) if fiche.pk else set()


def _eg_ids(kind: Kind, ids: Iterable[int]) -> set[int]:
    """The EG whose derived rows depend on these fiches."""
    if kind == Kind.EG:
        return set(ids)
    if kind == Kind.UO:
        rows = UniteOperationnelle.objects.filter(pk__in=ids).values_list("entite_geographique", flat=True)
    else:
        rows = EntiteGeographique.objects.filter(entite_juridique__in=ids).values_list("pk", flat=True)
    return set(rows)
