"""What support alone does to the tree: create an EJ or an EG, close and reopen with all that is below, move a UO.

Each act on an existing fiche is shown before it is made: a plan, with a fingerprint. The act is refused (`Moved`) when
what it would do is no longer what was shown.
"""

import datetime as dt
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User
from directory import closing, documents, publishing
from directory.closing import OPEN, Triple
from directory.documents import KEY_FIELD, MODELS, SCHEMA, Document
from directory.models import EntiteGeographique, EntiteJuridique, Kind
from directory.models.common import Fermeture, Fiche, new_uid
from directory.permissions import Reader
from journal import models as journal
from nomenclature.models import Commune

ORIGIN = "support"


class Moved(Exception):
    """What was confirmed is not what would happen now: nothing was done."""


def supported(kind: Kind, user: User) -> QuerySet:
    """Fiches this person changes as support: its territory, without those it answers for as a référent."""
    reader = Reader.of(user)
    if not reader.is_support:
        return MODELS[kind].objects.none()
    return MODELS[kind].objects.editable_by(replace(reader, own_eg_ids=frozenset()))


def fingerprint(*said: object) -> str:
    """What was shown, in a few characters."""
    return hashlib.sha256(repr(said).encode()).hexdigest()[:24]


# --- Creating --------------------------------------------------------------------------------------------------------


@transaction.atomic
def create_ej(fields: Document, *, by: User) -> EntiteJuridique:
    """Publish a new EJ. `fields` are those of its document (codes as `system|code`).

    Raises `PermissionDenied` unless support of the whole region, and what `publishing.publish` raises.
    """
    reader = Reader.of(by)
    if not reader.is_support or reader.support_departements:
        raise PermissionDenied
    return _created(Kind.EJ, fields, by=by)


@transaction.atomic
def create_eg(ej: EntiteJuridique, fields: Document, *, lieu: Document, commune: Commune, by: User) -> Fiche:
    """Publish a new EG under this EJ, with its main entrance at `lieu` in `commune`; placed at the commune's centre.

    Raises `PermissionDenied` when the commune is not in the territory of this support.
    """
    if not Reader.of(by).supports(commune.departement_id):
        raise PermissionDenied
    entrance = lieu | {
        "uid": new_uid(),
        "est_principal": True,
        "commune": commune.pk,
        "latitude": commune.latitude,
        "longitude": commune.longitude,
        "coordonnees_fiables": False,
    }
    return _created(Kind.EG, fields | {"entite_juridique": ej.idnat_struct, "lieux": [entrance]}, by=by)


def _created(kind: Kind, fields: Document, *, by: User) -> Fiche:
    document = {"schema": SCHEMA, "kind": str(kind)} | fields
    version = publishing.publish(kind, document, by=by, origin=ORIGIN)
    journal.write("create", f"{kind}:{version.key}", by=by)
    return MODELS[kind].objects.get(pk=version.object_id)


# --- Closing and reopening -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ClosingPlan:
    """`before` and `after` of the fiche; `below`: rows that follow it, as they are now, by level."""

    before: Triple
    after: Triple
    below: list[tuple[Kind, list[Fermeture]]]
    seen: str

    @property
    def is_reopening(self) -> bool:
        return self.after == OPEN

    @property
    def changes_nothing(self) -> bool:
        return self.before == self.after


def plan_closing(kind: Kind, fiche: Fiche, after: Triple) -> ClosingPlan:
    """What closing (or reopening) this fiche so would do, without doing it."""
    before = closing.triple(fiche)
    below = list(closing.reached(kind, {fiche.pk: (before, after)})) if before != after else []
    reached = [(str(level), [(row.pk, closing.triple(row)) for row in rows]) for level, rows in below]
    return ClosingPlan(before, after, below, fingerprint(str(kind), fiche.pk, fiche.version, after, reached))


@transaction.atomic
def close(kind: Kind, pk: int, after: Triple, *, seen: str, by: User) -> Fiche:
    """Close, change the closing of, or reopen (`after == OPEN`) a fiche and what follows it; gives it back.

    Raises `PermissionDenied`, `Moved`, and what `publishing.publish` raises.
    """
    fiche = _locked(kind, pk, by=by)
    plan = plan_closing(kind, fiche, after)
    if plan.seen != seen:
        raise Moved
    document = with_closing(documents.to_document(kind, pk), after)
    version = publishing.publish(kind, document, by=by, origin=ORIGIN, expected_version=fiche.version)
    counts = {str(level): len(rows) for level, rows in plan.below}
    action = "reopen" if plan.is_reopening else "close"
    journal.write(action, f"{kind}:{version.key}", by=by, type=after[0], date=_iso(after[1]), below=counts)
    return fiche


def with_closing(document: Document, after: Triple) -> Document:
    """The same fiche, closed or reopened so."""
    type_, closed_on, reopens_on = after
    return document | {
        "type_fermeture": type_,
        "date_fermeture": _iso(closed_on),
        "date_reouverture": _iso(reopens_on),
    }


def _locked(kind: Kind, pk: int, *, by: User) -> Fiche:
    """The fiche, locked with what is above it and below it, down the tree as publishing locks."""
    fiche = supported(kind, by).filter(pk=pk).first()
    if fiche is None:
        raise PermissionDenied
    if kind == Kind.UO:
        _lock(EntiteGeographique.objects.filter(pk=fiche.entite_geographique_id))
    _lock(MODELS[kind].objects.filter(pk=pk))
    if kind == Kind.EJ:
        _lock(EntiteGeographique.objects.filter(entite_juridique=pk))
    fiche.refresh_from_db()
    return fiche


def _lock(rows: QuerySet) -> None:
    list(rows.order_by("pk").select_for_update(no_key=True).values_list("pk"))


def _iso(day: dt.date | None) -> str | None:
    return day.isoformat() if day else None


# --- Moving a UO -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PlaceFate:
    """What becomes of a place where the unit works: `same` (found again at the same address of the new EG), `taken`
    (it served this unit alone and goes with it) or `left` (it stays, the unit is told at the new main entrance)."""

    name: str
    fate: str


@dataclass(frozen=True)
class MovePlan:
    """What moving a unit would publish, in this order: the EG it joins, the unit, the EG it leaves."""

    published: list[tuple[Kind, Document, int]]
    places: list[PlaceFate]
    has_service: bool
    seen: str


def plan_move(uo, target: EntiteGeographique) -> MovePlan:
    """What moving this unit to `target` would do, without doing it."""
    source = uo.entite_geographique
    unit = documents.to_document(Kind.UO, uo.pk)
    etablissements = documents.to_documents(Kind.EG, [source.pk, target.pk])
    left, joined = etablissements[source.pk], etablissements[target.pk]
    fates: list[PlaceFate] = []
    shared = _used_by_others(source, uo)
    lines = []
    for line in unit["lieux_offre"]:
        lieu = next((one for one in left["lieux"] if one["uid"] == line["lieu_uid"]), None)
        twin = next((one for one in joined["lieux"] if lieu and _same_address(one, lieu)), None)
        is_its_own = lieu is not None and not lieu["est_principal"] and lieu["uid"] not in {*shared, "finess"}
        if is_its_own:
            left = left | {"lieux": [one for one in left["lieux"] if one is not lieu]}
        if is_its_own and not twin:
            joined = joined | {"lieux": [*joined["lieux"], lieu]}
        if lieu is not None:
            fates.append(PlaceFate(_place_name(lieu), "same" if twin else "taken" if is_its_own else "left"))
        if twin or is_its_own:
            lines.append(line | {"lieu_uid": (twin or lieu)["uid"]})
    moved = unit | {
        "entite_geographique": target.idnat_struct,
        "organisation_interne": None,
        "lieux_offre": _once(lines),
    }
    published = [(Kind.EG, joined, target.version), (Kind.UO, moved, uo.version), (Kind.EG, left, source.version)]
    return MovePlan(published, fates, bool(unit["organisation_interne"]), fingerprint(published))


@transaction.atomic
def move_uo(pk: int, target_id: int, *, seen: str, by: User) -> Fiche:
    """Attach a unit to another EG; its identifier stays (RG_EXP_042). The référents of the new EG answer for it.

    Raises `PermissionDenied` unless support of both EG, `Moved`, and what `publishing.publish` raises.
    """
    target = supported(Kind.EG, by).filter(pk=target_id).first()
    uo = supported(Kind.UO, by).filter(pk=pk).select_related("entite_geographique").first()
    if uo is None or target is None:
        raise PermissionDenied
    source = uo.entite_geographique
    _lock(EntiteGeographique.objects.filter(pk__in=[source.pk, target.pk]))
    for fiche in (uo, source, target):
        fiche.refresh_from_db()
    plan = plan_move(uo, target)
    if plan.seen != seen or source.pk == target.pk:
        raise Moved
    for kind, document, version in plan.published:
        publishing.publish(kind, document, by=by, origin=ORIGIN, expected_version=version)
    # Read by `history.hides_places`: where a sensitive unit worked stays hidden in the past of the EG it left.
    told = {"uo": uo.identifiant, "to": target.idnat_struct, "sensible": uo.unite_sensible}
    journal.write("move_uo", f"eg:{source.idnat_struct}", by=by, **told)
    journal.write("move_uo", f"uo:{getattr(uo, KEY_FIELD[Kind.UO])}", by=by, **told | {"from": source.idnat_struct})
    uo.refresh_from_db()
    return uo


def _used_by_others(source: EntiteGeographique, uo) -> set[str]:
    """Uids of the places where another unit of the EG works."""
    others = source.unites.exclude(pk=uo.pk)
    return set(others.exclude(lieux_offre=None).values_list("lieux_offre__lieu_uid", flat=True))


_ADDRESS = ("numero_voie", "extension", "libelle_voie", "code_postal", "commune")


def _same_address(one: Document, other: Document) -> bool:
    def key(lieu: Document) -> tuple[str, ...]:
        return tuple(str(lieu[name] or "").casefold().strip() for name in _ADDRESS)

    return bool(one["libelle_voie"]) and key(one) == key(other)


def _place_name(lieu: Document) -> str:
    street = " ".join(filter(None, (lieu["numero_voie"], lieu["extension"], lieu["libelle_voie"])))
    return ", ".join(filter(None, (lieu["nom"], street, f"{lieu['code_postal']} {lieu['localite']}".strip())))


def _once(lines: Iterable[Document]) -> list[Document]:
    """Two places of the old EG may be one of the new: told once."""
    return list({line["lieu_uid"]: line for line in lines}.values())
