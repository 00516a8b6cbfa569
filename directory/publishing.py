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
    before, left = closing.triple(instance), _eg_ids(kind, [instance.pk] if instance.pk else [])
    try:
        documents.apply(instance, document, live, now)
        instance.save()
        with connection.cursor() as cursor:
            cursor.execute("set constraints all immediate; set constraints all deferred")
    except IntegrityError as error:
        raise checks.from_integrity_error(error) from error
    [version] = _record(kind, [instance.pk], by=by, origin=origin, now=now)
    touched = left | _eg_ids(kind, [instance.pk])  # a UO may be transferred (RG_EXP_042): the EG it left changes too
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
    _record(kind, ids, by=by, origin=origin, now=now)
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
        left = model._default_manager.filter(identifiant=document.get(key)).values_list("entite_geographique")
        joined = EntiteGeographique.objects.filter(idnat_struct=document.get("entite_geographique")).values_list("pk")
        etablissements = EntiteGeographique.objects.filter(pk__in=[pk for (pk,) in left.union(joined)])
        list(etablissements.order_by("pk").select_for_update(no_key=True).values_list("pk"))
    rows = model._default_manager.select_for_update(of=("self",), no_key=True)
    return rows.filter(**{key: document.get(key)}).first() or model()


def _record(kind: Kind, ids: Sequence[int], *, by, origin: str, now: dt.datetime) -> list[FicheVersion]:
    """Bump `version` and the dates, and keep the whole document of each (RG_EXP_024)."""
    rows = MODELS[kind]._default_manager.filter(pk__in=ids)
    rows.update(version=F("version") + 1, updated_at=now, published_at=Coalesce("published_at", now))
    numbers = dict(rows.values_list("pk", "version"))
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
            for pk, document in documents.to_documents(kind, ids).items()
        ],
        batch_size=1000,
    )


def _cascade(kind: Kind, closings: dict[int, tuple], *, by, origin: str, now: dt.datetime) -> set[int]:
    """Closing or reopening goes down the tree, each fiche with its own version (RG_EXP_044, RG_EXP_046)."""
    touched: set[int] = set()
    for below, ids in closing.propagate(kind, closings):
        for version in _record(below, ids, by=by, origin=origin, now=now):
            journal.write("closing_cascade", f"{below}:{version.key}", by=by, version=version.number, origin=origin)
        touched |= _eg_ids(below, ids)
    return touched


def _eg_ids(kind: Kind, ids: Iterable[int]) -> set[int]:
    """The EG whose derived rows depend on these fiches."""
    if kind == Kind.EG:
        return set(ids)
    if kind == Kind.UO:
        rows = UniteOperationnelle.objects.filter(pk__in=ids).values_list("entite_geographique", flat=True)
    else:
        rows = EntiteGeographique.objects.filter(entite_juridique__in=ids).values_list("pk", flat=True)
    return set(rows)
