"""The closing cascade: a closing goes down to every lower level, a reopening takes back what it had closed."""

import datetime as dt
from collections.abc import Iterator

from django.db import models
from django.db.models import Q

from directory.models import EntiteGeographique, Kind, UniteOperationnelle
from directory.models.common import TEMPORARY_CLOSINGS, Fermeture

Triple = tuple[str, dt.date | None, dt.date | None]
OPEN: Triple = ("", None, None)


def triple(fiche: Fermeture) -> Triple:
    """(type, date, reopening date)."""
    return (fiche.type_fermeture, fiche.date_fermeture, fiche.date_reouverture)


def propagate(kind: Kind, closings: dict[int, tuple[Triple, Triple]]) -> Iterator[tuple[Kind, list[int]]]:
    """Write the closings of these EJ or EG below them; yields (kind, changed ids) for each level that changed.

    RG_EXP_044: same type, date and reopening date below. A UO closed for good earlier keeps its own date.
    RG_EXP_046: on reopening, what had been closed by that very closing is open again.
    """
    if kind == Kind.EJ:
        changed = _write(EntiteGeographique, "entite_juridique", closings)
        if changed:
            yield Kind.EG, sorted(changed)
            yield from propagate(Kind.EG, changed)
    elif kind == Kind.EG:
        changed = _write(UniteOperationnelle, "entite_geographique", closings)
        if changed:
            yield Kind.UO, sorted(changed)


def _write(model: type[models.Model], parent: str, closings: dict[int, tuple[Triple, Triple]]) -> dict[int, tuple]:
    """Update the children of each parent; returns {child id: (before, after)}."""
    by_change: dict[tuple[Triple, Triple], list[int]] = {}
    for parent_id, change in closings.items():
        by_change.setdefault(change, []).append(parent_id)
    changed: dict[int, tuple] = {}
    for (before, after), parent_ids in by_change.items():
        children = model._default_manager.filter(**{f"{parent}__in": parent_ids})
        if after == OPEN:
            children = children.filter(_is(before))
        else:
            kept = Q(date_fermeture__lte=after[1]) & ~Q(type_fermeture__in=TEMPORARY_CLOSINGS)
            children = children.exclude(kept & Q(date_fermeture__isnull=False)).exclude(_is(after))
        rows = list(children.only("pk", "type_fermeture", "date_fermeture", "date_reouverture"))
        model._default_manager.filter(pk__in=[row.pk for row in rows]).update(
            type_fermeture=after[0], date_fermeture=after[1], date_reouverture=after[2]
        )
        changed |= {row.pk: (triple(row), after) for row in rows}
    return changed


def _is(value: Triple) -> Q:
    return Q(type_fermeture=value[0], date_fermeture=value[1], date_reouverture=value[2])
