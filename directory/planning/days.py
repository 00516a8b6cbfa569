"""Days, ISO weeks and months of a planning, ready to show.

Rules (domain model §3.16): a slot without period belongs to the typical week (RG_EXP_015, 016); on a day that dated
openings cover, they replace it, whatever their kind; a dated closure (type 08) takes away its hours, or the whole day
when it has none; a public holiday empties the typical week of its day, see `lines.of_lines`.
"""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from .calendars import holiday_name
from .lines import Planning, Slot, in_order, without

DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_ISO_WEEK = re.compile(r"(20[0-9]{2})-W([0-9]{2})")
_YEAR_MONTH = re.compile(r"(20[0-9]{2})-([0-9]{2})")


@dataclass(frozen=True)
class Day:
    """One day. `usual`: the slots of the typical week when they do not hold; `is_changed`: by dated slots."""

    date: dt.date
    slots: tuple[Slot, ...]
    usual: tuple[Slot, ...] = ()
    is_changed: bool = False
    holiday: str = ""

    @property
    def is_open(self) -> bool | None:
        """At some hour of the day; None when the hours are to be specified."""
        if any(slot.is_opening for slot in self.slots):
            return True
        return None if self.is_unsure else False

    @property
    def is_unsure(self) -> bool:
        """Some hours of the day are to be specified."""
        return any(slot.is_unspecified for slot in self.slots)


@dataclass(frozen=True)
class Week:
    """Seven days, Monday first."""

    monday: dt.date
    days: tuple[Day, ...]

    @property
    def number(self) -> int:
        return self.monday.isocalendar().week

    @property
    def text(self) -> str:
        """« 2025-W38 »."""
        return iso_week(self.monday)

    @property
    def sunday(self) -> dt.date:
        return self.monday + dt.timedelta(days=6)

    @property
    def previous(self) -> str:
        return iso_week(self.monday - dt.timedelta(days=7))

    @property
    def next(self) -> str:
        return iso_week(self.monday + dt.timedelta(days=7))

    def holds(self, date: dt.date) -> bool:
        return self.monday <= date <= self.sunday


@dataclass(frozen=True)
class Month:
    """The whole ISO weeks that hold a month; `first` is its first day."""

    first: dt.date
    weeks: tuple[Week, ...]

    @property
    def previous(self) -> str:
        return year_month(self.first - dt.timedelta(days=1))

    @property
    def next(self) -> str:
        return year_month(self.first + dt.timedelta(days=31))

    @property
    def days(self) -> Iterator[Day]:
        """Days of the month alone."""
        return (day for week in self.weeks for day in week.days if day.date.month == self.first.month)


def iso_week(day: dt.date) -> str:
    """« 2025-W38 »."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


def year_month(day: dt.date) -> str:
    """« 2025-09 »."""
    return f"{day:%Y-%m}"


def monday_of(text: str, today: dt.date) -> dt.date:
    """Monday of « 2025-W38 »; of the current week when the text says nothing readable."""
    found = _ISO_WEEK.fullmatch(text)
    try:
        year, week = (int(part) for part in found.groups()) if found else today.isocalendar()[:2]
        return dt.date.fromisocalendar(year, week, 1)
    except ValueError:  # week 53 of a year of 52
        return today - dt.timedelta(days=today.weekday())


def first_of(text: str, today: dt.date) -> dt.date:
    """First day of « 2025-09 »; of the current month when the text says nothing readable."""
    found = _YEAR_MONTH.fullmatch(text)
    try:
        year, month = (int(part) for part in found.groups()) if found else (today.year, today.month)
        return dt.date(year, month, 1)
    except ValueError:  # month 13
        return today.replace(day=1)


def week_of(planning: Planning, monday: dt.date) -> Week:
    """The week that starts on `monday`."""
    return Week(monday, tuple(day_of(planning, monday + dt.timedelta(days=i)) for i in range(7)))


def month_of(planning: Planning, first: dt.date) -> Month:
    """The month that starts on `first`, in whole weeks."""
    monday = first - dt.timedelta(days=first.weekday())
    weeks = []
    while (monday.year, monday.month) <= (first.year, first.month):
        weeks.append(week_of(planning, monday))
        monday += dt.timedelta(days=7)
    return Month(first, tuple(weeks))


def day_of(planning: Planning, date: dt.date) -> Day:
    """What holds on that day."""
    holiday = holiday_name(date, planning.departement)
    usual = planning.typical[date.weekday()]
    base = () if holiday and planning.holidays_closed else usual
    slots = _on(planning, date, base)
    is_changed = slots != base
    if planning.is_closed_on(date):
        slots, is_changed = (), False
    return Day(date, slots, usual if slots != usual else (), is_changed, holiday)


def typical_summary(planning: Planning) -> str:
    """« lundi au vendredi 08:00–19:00, samedi 08:30–13:00 »; empty without a typical week."""
    parts = []
    for slots, group in groupby(enumerate(planning.typical), key=lambda pair: pair[1]):
        days = [DAYS[index] for index, _ in group]
        if slots:
            names = days[0] if len(days) == 1 else f"{days[0]} {'et' if len(days) == 2 else 'au'} {days[-1]}"
            parts.append(f"{names} {' et '.join(slot.text for slot in slots)}")
    return ", ".join(parts)


def _on(planning: Planning, date: dt.date, base: tuple[Slot, ...]) -> tuple[Slot, ...]:
    """`base` overridden by the dated slots of that day."""
    dated = [one for one in planning.dated if one.covers(date)]
    openings = [one.slot for one in dated if not one.is_closure]
    slots = in_order(openings) if openings else base
    for one in dated:
        if one.is_closure:
            slots = without(slots, one.slot)
    return slots
