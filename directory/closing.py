"""The closing cascade: a closing goes down to every lower level, a reopening takes back what it had closed."""

import datetime as dt
from collections.abc import Iterator

from django.db.models import Q

from directory.models import EntiteGeographique, Kind, UniteOperationnelle
from directory.models.common import TEMPORARY_CLOSINGS, Fermeture

Triple = tuple[str, dt.date | None, dt.date | None]
Change = tuple[Triple, Triple]  # (before, after)
OPEN: Triple = ("", None, None)
TRIPLE = ("type_fermeture", "date_fermeture", "date_reouverture")
BELOW = {Kind.EJ: (Kind.EG, "entite_juridique"), Kind.EG: (Kind.UO, "entite_geographique")}
MODELS = {Kind.EG: EntiteGeographique, Kind.UO: UniteOperationnelle}


def triple(fiche: Fermeture) -> Triple:
    """(type, date, reopening date)."""
    return (fiche.type_fermeture, fiche.date_fermeture, fiche.date_reouverture)


def propagate(kind: Kind, closings: dict[int, Change]) -> Iterator[tuple[Kind, list[int]]]:
    """Write the closings of these EJ or EG below them; yields (kind, changed ids) for each level that changed.

    RG_EXP_044: same type, date and reopening date below. A UO closed for good earlier keeps its own date.
    RG_EXP_046: on reopening, what had been closed by that very closing is open again.
    """
    below = BELOW.get(kind)
    changed = _write(*below, closings) if below else {}
    if changed:
        yield below[0], sorted(changed)
        yield from propagate(below[0], changed)


def reached(kind: Kind, closings: dict[int, Change]) -> Iterator[tuple[Kind, list[Fermeture]]]:
    """What `propagate` would change, by level and without writing: rows as they are now."""
    below = BELOW.get(kind)
    found = _reached(*below, closings) if below else {}
    if found:
        yield below[0], [row for rows in found.values() for row in rows]
        changes = {row.pk: (triple(row), after) for (_, after), rows in found.items() for row in rows}
        yield from reached(below[0], changes)


def _reached(
    kind: Kind, parent: str, closings: dict[int, Change], only: tuple[str, ...] = ()
) -> dict[Change, list[Fermeture]]:
    """Children that the closing of their parent changes, by that closing; one query for each distinct one."""
    by_change: dict[Change, list[int]] = {}
    for parent_id, change in closings.items():
        by_change.setdefault(change, []).append(parent_id)
    found: dict[Change, list[Fermeture]] = {}
    for (before, after), parent_ids in by_change.items():
        children = MODELS[kind]._default_manager.filter(**{f"{parent}__in": parent_ids}).order_by("pk")
        if after == OPEN:
            children = children.filter(_is(before))
        else:
            kept = Q(date_fermeture__lte=after[1]) & ~Q(type_fermeture__in=TEMPORARY_CLOSINGS)
            children = children.exclude(kept & Q(date_fermeture__isnull=False)).exclude(_is(after))
        rows = list(children.only(*only) if only else children)
        if rows:
            found[(before, after)] = rows
    return found


def _write(kind: Kind, parent: str, closings: dict[int, Change]) -> dict[int, Change]:
    """Update the children of each parent; returns {child id: (before, after)}."""
    changed: dict[int, Change] = {}
    for (_, after), rows in _reached(kind, parent, closings, only=("pk", *TRIPLE)).items():
        MODELS[kind]._default_manager.filter(pk__in=[row.pk for row in rows]).update(
            type_fermeture=after[0], date_fermeture=after[1], date_reouverture=after[2]
        )
        changed |= {row.pk: (triple(row), after) for row in rows}
    return changed


def _is(value: Triple) -> Q:
    return Q(type_fermeture=value[0], date_fermeture=value[1], date_reouverture=value[2])
