"""Opening hours of a UO read for one ISO week: the typical week, overridden by dated slots.

Rules (domain model §3.16): a slot without period belongs to the typical week (RG_EXP_015, 016); on a day that dated
openings cover, they replace it; a dated closure (type 08) takes away its hours, or the whole day when it has none.
Works on the `horaires` of a document (documents.py), so a stored version reads as the live fiche.
"""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

FERMETURE = "TRE_R252|08"
# Kinds of slot that mean « open »: they need no word of their own.
ORDINARY = (None, "TRE_R252|01", "TRE_R252|02")
DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_ISO_WEEK = re.compile(r"(20\d\d)-W(\d\d)")


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


@dataclass(frozen=True)
class Day:
    """One day of the week shown. `usual`: the slots of the typical week when dated slots changed them."""

    date: dt.date
    slots: tuple[Slot, ...]
    usual: tuple[Slot, ...]
    is_changed: bool


@dataclass(frozen=True)
class Week:
    """Seven days, Monday first."""

    monday: dt.date
    days: tuple[Day, ...]

    @property
    def number(self) -> int:
        return self.monday.isocalendar().week

    @property
    def sunday(self) -> dt.date:
        return self.monday + dt.timedelta(days=6)

    @property
    def previous(self) -> str:
        return iso_week(self.monday - dt.timedelta(days=7))

    @property
    def next(self) -> str:
        return iso_week(self.monday + dt.timedelta(days=7))

    @property
    def is_changed(self) -> bool:
        return any(day.is_changed for day in self.days)


def iso_week(day: dt.date) -> str:
    """« 2025-W38 »."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


def monday_of(text: str, today: dt.date) -> dt.date:
    """Monday of « 2025-W38 »; of the current week when the text says nothing readable."""
    found = _ISO_WEEK.fullmatch(text)
    try:
        year, week = (int(part) for part in found.groups()) if found else today.isocalendar()[:2]
        return dt.date.fromisocalendar(year, week, 1)
    except ValueError:  # week 53 of a year of 52
        return today - dt.timedelta(days=today.weekday())


def week_of(horaires: Sequence[dict], monday: dt.date) -> Week:
    """The week that starts on `monday`. `horaires`: lines of a document."""
    return Week(monday, tuple(_day(horaires, monday + dt.timedelta(days=i)) for i in range(7)))


def typical_week(horaires: Sequence[dict]) -> tuple[tuple[Slot, ...], ...]:
    """Slots of the seven days, exceptions apart."""
    return tuple(_slots(_typical(horaires, weekday)) for weekday in range(1, 8))


def typical_summary(horaires: Sequence[dict]) -> str:
    """« lundi au vendredi 08:00–19:00, samedi 08:30–13:00 »; empty without a typical week."""
    parts = []
    for slots, group in groupby(enumerate(typical_week(horaires)), key=lambda pair: pair[1]):
        days = [DAYS[index] for index, _ in group]
        if slots:
            names = days[0] if len(days) == 1 else f"{days[0]} {'et' if len(days) == 2 else 'au'} {days[-1]}"
            parts.append(f"{names} {' et '.join(slot.text for slot in slots)}")
    return ", ".join(parts)


def _day(horaires: Sequence[dict], date: dt.date) -> Day:
    usual = _slots(_typical(horaires, date.isoweekday()))
    dated = [line for line in horaires if line["date_debut"] and _covers(line, date)]
    if not dated:
        return Day(date, usual, (), False)
    openings = [line for line in dated if line["type_plage"] != FERMETURE]
    slots = _slots(openings) if openings else usual
    for line in dated:
        if line["type_plage"] == FERMETURE:
            slots = _without(slots, line)
    changed = slots != usual
    return Day(date, slots, usual if changed else (), changed)


def _typical(horaires: Sequence[dict], weekday: int) -> list[dict]:
    return [
        line
        for line in horaires
        if not line["date_debut"] and line["jour_semaine"] == weekday and line["type_plage"] != FERMETURE
    ]


def _covers(line: dict, date: dt.date) -> bool:
    day = date.isoformat()
    in_period = line["date_debut"] <= day and (not line["date_fin"] or day <= line["date_fin"])
    return in_period and line["jour_semaine"] in (None, date.isoweekday())


def _slots(lines: Sequence[dict]) -> tuple[Slot, ...]:
    slots = [Slot(line["heure_debut"] or "", _end(line["heure_fin"]), line["type_plage"]) for line in lines]
    return tuple(sorted(slots, key=lambda slot: (slot.debut, slot.fin, slot.type_plage or "")))


def _end(text: str | None) -> str:
    return "24:00" if text == "23:59" else text or ""


def _without(slots: tuple[Slot, ...], closure: dict) -> tuple[Slot, ...]:
    """What is left of the slots once the closure is taken away."""
    if not closure["heure_debut"]:
        return ()
    start, end = closure["heure_debut"], _end(closure["heure_fin"])
    left = []
    for slot in slots:
        if not slot.debut or slot.fin <= start or end <= slot.debut:
            left.append(slot)
            continue
        if slot.debut < start:
            left.append(Slot(slot.debut, start, slot.type_plage))
        if end < slot.fin:
            left.append(Slot(end, slot.fin, slot.type_plage))
    return tuple(left)


def _minutes(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)
