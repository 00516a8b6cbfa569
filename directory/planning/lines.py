"""The lines of a document, read once: the typical week, the dated slots, and what else closes a UO."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from directory.models.common import TEMPORARY_CLOSINGS

from .calendars import zone_of

FERMETURE = "TRE_R252|08"
SECRETARIAT = "TRE_R252|04"
TO_SPECIFY = "TRE_R252|09"
# Kinds of slot that mean « open »: they need no word of their own.
ORDINARY = (None, "TRE_R252|01", "TRE_R252|02")
WHOLE_YEAR = "TRE_R238|03"  # ouverture annuelle: 365 days, public holidays included
ALWAYS = dt.date.max
MIDNIGHT = 24 * 60


@dataclass(frozen=True)
class Slot:
    """From `debut` to `fin`, « HH:MM » (fin may be « 24:00 »); both empty when the hours are to be specified."""

    debut: str
    fin: str
    type_plage: str | None = None

    @property
    def text(self) -> str:
        """« 08:00–12:00 »."""
        return f"{self.debut}–{self.fin}" if self.debut else "horaires à préciser"

    @property
    def minutes(self) -> tuple[int, int]:
        """Both ends in minutes since midnight; an unspecified slot has none: (0, 0)."""
        return (_minutes(self.debut), _minutes(self.fin)) if self.debut else (0, 0)

    @property
    def is_unspecified(self) -> bool:
        """Says that something is open, not when: without hours, or of the kind « à préciser » (09)."""
        return self.type_plage == TO_SPECIFY or (not self.debut and self.type_plage != SECRETARIAT)

    @property
    def is_opening(self) -> bool:
        """Somebody is received, or the service rendered, in these hours: every kind but 04 and 09, see `open_at`."""
        return bool(self.debut) and self.type_plage not in (SECRETARIAT, TO_SPECIFY)


@dataclass(frozen=True)
class Dated:
    """A slot or a closure (type 08) from `first` to `last`, every day or one `weekday` (ISO) of the period."""

    first: dt.date
    last: dt.date
    weekday: int | None
    slot: Slot

    @property
    def is_closure(self) -> bool:
        return self.slot.type_plage == FERMETURE

    def covers(self, date: dt.date) -> bool:
        return self.first <= date <= self.last and self.weekday in (None, date.isoweekday())


@dataclass(frozen=True)
class Planning:
    """Hours of one UO. `typical`: seven days, Monday first. `closed`: [first day, day it reopens[ of its closing."""

    typical: tuple[tuple[Slot, ...], ...]
    dated: tuple[Dated, ...] = ()
    departement: str = ""
    holidays_closed: bool = True
    closed: tuple[dt.date, dt.date] | None = None

    @property
    def is_known(self) -> bool:
        """Some hours of opening are written: closures and the hours of a secretariat alone tell nothing."""
        slots = [*(slot for day in self.typical for slot in day), *(one.slot for one in self.dated)]
        return any(slot.type_plage not in (FERMETURE, SECRETARIAT) for slot in slots)

    def is_closed_on(self, date: dt.date) -> bool:
        """By the closing of the UO itself, whatever its hours."""
        return self.closed is not None and self.closed[0] <= date < self.closed[1]

    @property
    def zone(self) -> ZoneInfo:
        return zone_of(self.departement)


def of_lines(
    horaires: Sequence[Mapping[str, Any]],
    *,
    departement: str = "",
    holidays_closed: bool = True,
    closed: tuple[dt.date, dt.date] | None = None,
) -> Planning:
    """From the `horaires` of a document. `departement` gives the time zone and the public holidays.

    `holidays_closed`: the typical week does not hold on public holidays; dated openings do.
    """
    week = [[line for line in horaires if not line["date_debut"] and line["jour_semaine"] == n] for n in range(1, 8)]
    dated = sorted((_dated(line) for line in horaires if line["date_debut"]), key=lambda one: one.first)
    return Planning(tuple(_usual(lines) for lines in week), tuple(dated), departement, holidays_closed, closed)


def of_document(document: Mapping[str, Any], *, departement: str = "") -> Planning:
    """Hours of the UO of this document (live, draft or stored version).

    It says itself whether public holidays close it (`ouvert_jours_feries`). When it does not, they do, unless it
    declares 365 days a year or is open round the clock: an emergency ward.
    """
    hours = of_lines(document["horaires"], departement=departement)
    never_stops = all(_is_round_the_clock(slots) for slots in hours.typical)
    is_open = document.get("ouvert_jours_feries")  # absent from documents older than the field
    if is_open is None:
        is_open = document["ouverture_annuelle"] == WHOLE_YEAR or never_stops
    return Planning(hours.typical, hours.dated, departement, holidays_closed=not is_open, closed=_closing(document))


def without(slots: Iterable[Slot], closure: Slot) -> tuple[Slot, ...]:
    """What is left of the slots once the closure is taken away; a closure without hours takes the whole day."""
    if not closure.debut:
        return ()
    left = []
    for slot in slots:
        if not slot.debut or slot.fin <= closure.debut or closure.fin <= slot.debut:
            left.append(slot)
            continue
        if slot.debut < closure.debut:
            left.append(Slot(slot.debut, closure.debut, slot.type_plage))
        if closure.fin < slot.fin:
            left.append(Slot(closure.fin, slot.fin, slot.type_plage))
    return tuple(left)


def in_order(slots: Iterable[Slot]) -> tuple[Slot, ...]:
    return tuple(sorted(slots, key=lambda slot: (slot.debut, slot.fin, slot.type_plage or "")))


def _usual(lines: Iterable[Mapping[str, Any]]) -> tuple[Slot, ...]:
    """Slots of a day of the typical week, its own closures (a lunch break written as type 08) taken away."""
    every = in_order(_slot(line) for line in lines)
    slots = tuple(slot for slot in every if slot.type_plage != FERMETURE)
    for slot in every:
        if slot.type_plage == FERMETURE:
            slots = without(slots, slot)
    return slots


def _dated(line: Mapping[str, Any]) -> Dated:
    last = dt.date.fromisoformat(line["date_fin"]) if line["date_fin"] else ALWAYS
    return Dated(dt.date.fromisoformat(line["date_debut"]), last, line["jour_semaine"], _slot(line))


def _slot(line: Mapping[str, Any]) -> Slot:
    fin = "24:00" if line["heure_fin"] == "23:59" else line["heure_fin"] or ""
    return Slot(line["heure_debut"] or "", fin, line["type_plage"])


def _closing(document: Mapping[str, Any]) -> tuple[dt.date, dt.date] | None:
    if not document["date_fermeture"]:
        return None
    reopens = document["date_reouverture"] if document["type_fermeture"] in TEMPORARY_CLOSINGS else None
    return (
        dt.date.fromisoformat(document["date_fermeture"]),
        dt.date.fromisoformat(reopens) if reopens else ALWAYS,
    )


def _is_round_the_clock(slots: Iterable[Slot]) -> bool:
    reached = 0
    for start, end in sorted(slot.minutes for slot in slots if slot.is_opening):
        if start > reached:
            return False
        reached = max(reached, end)
    return reached == MIDNIGHT


def _minutes(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)
