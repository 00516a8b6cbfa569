"""« Is it open at t? »: the one answer, for the page, the search filter and the API."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from .days import Day, day_of
from .lines import Planning, Slot

UNTIL_DAYS = 8  # a UO that does not close within a week does not close
OPENS_DAYS = 366  # beyond, the next opening is nobody's concern
# Which kind names a moment covered by several: the one that asks the least of who comes.
_PREFERRED = (None, *(f"TRE_R252|{code}" for code in ("01", "02", "06", "11", "07", "03", "10", "05")))
Interval = tuple[dt.datetime, dt.datetime]


@dataclass(frozen=True)
class Answer:
    """`is_open` is None when the hours are not known. `kind`: concept key of the slot in force (None: no kind given).

    `until`: end of the opening in force, None when it lasts over a week. `opens_at`: next opening when closed, None
    when there is none within a year or when it cannot be told. Both in the time zone of the UO.
    """

    is_open: bool | None
    kind: str | None = None
    until: dt.datetime | None = None
    opens_at: dt.datetime | None = None


UNKNOWN = Answer(None)


def open_at(planning: Planning, instant: dt.datetime) -> Answer:
    """Whether the UO is open at `instant` (aware), till when, or from when.

    Open: kinds 01 ouverture, 02 fonctionnement, 03 garde, 05 visite à domicile, 06 sans RDV, 07 sur RDV,
    10 téléconsultation, 11 mixte, and slots without a kind. Not open: 04, the secretariat answers but nobody is
    received; 08, closed. Not known: 09 « à préciser », slots without hours, a planning without any line.

    The clock on the wall of the UO decides, as for who reads the hours on its door: in the night when 02:00–03:00
    comes twice, a slot that starts or ends there holds twice; in the night without it, a slot 02:30–04:00 opens at
    03:00. A slot holds from its first minute to the one before its end.
    """
    if instant.tzinfo is None:
        raise ValueError("an aware instant is needed: hours have a place")
    zone = planning.zone
    today = instant.astimezone(zone).date()
    if not planning.is_known:
        return Answer(False) if planning.is_closed_on(today) else UNKNOWN
    instant = instant.astimezone(dt.UTC)
    now = [pair for pair in _intervals(day_of(planning, today), zone) if pair[0][0] <= instant < pair[0][1]]
    if now:
        kind = min((slot.type_plage for _, slot in now), key=_preference)
        return Answer(True, kind, until=_until(planning, zone, instant, today))
    if day_of(planning, today).is_unsure:
        return UNKNOWN
    return Answer(False, opens_at=_opens_at(planning, zone, instant, today))


def _until(planning: Planning, zone: ZoneInfo, instant: dt.datetime, today: dt.date) -> dt.datetime | None:
    reached = instant
    for date in _dates(today, UNTIL_DAYS):
        for (start, end), _ in _intervals(day_of(planning, date), zone):
            if start > reached:
                return reached.astimezone(zone)
            reached = max(reached, end)
        if reached < _utc_midnight(date + dt.timedelta(days=1), zone):
            return reached.astimezone(zone)
    return None


def _opens_at(planning: Planning, zone: ZoneInfo, instant: dt.datetime, today: dt.date) -> dt.datetime | None:
    if not _may_open(planning, today):
        return None
    for date in _dates(today, OPENS_DAYS):
        day = day_of(planning, date)
        if day.is_unsure:
            return None
        for (start, _), _ in _intervals(day, zone):
            if start > instant:
                return start.astimezone(zone)
    return None


def _may_open(planning: Planning, today: dt.date) -> bool:
    """False for what is over: no need to look a year ahead."""
    if planning.is_closed_on(today) and planning.closed[1] == dt.date.max:
        return False
    return any(planning.typical) or any(not one.is_closure and one.last >= today for one in planning.dated)


def _intervals(day: Day, zone: ZoneInfo) -> list[tuple[Interval, Slot]]:
    """Openings of the day as intervals of real time (UTC), by start; a slot may hold twice, or not at all."""
    found = []
    for start, end, offset in _stretches(day.date, zone):
        midnight = dt.datetime.combine(day.date, dt.time(), dt.UTC) - offset  # as if this offset held all day
        for slot in day.slots:
            if slot.is_opening:
                first, last = (midnight + dt.timedelta(minutes=minutes) for minutes in slot.minutes)
                if max(first, start) < min(last, end):
                    found.append(((max(first, start), min(last, end)), slot))
    return sorted(found, key=lambda pair: pair[0])


def _stretches(date: dt.date, zone: ZoneInfo) -> list[tuple[dt.datetime, dt.datetime, dt.timedelta]]:
    """The day cut where its offset from UTC changes: one stretch (start, end, offset), or two on a DST night."""
    start, end = _utc_midnight(date, zone), _utc_midnight(date + dt.timedelta(days=1), zone)
    before, after = _offset(start, zone), _offset(end - dt.timedelta(minutes=1), zone)
    if before == after:
        return [(start, end, before)]
    low, high = 0, int((end - start) / dt.timedelta(minutes=1))
    while high - low > 1:  # the change falls between these two minutes
        middle = (low + high) // 2
        if _offset(start + dt.timedelta(minutes=middle), zone) == before:
            low = middle
        else:
            high = middle
    change = start + dt.timedelta(minutes=high)
    return [(start, change, before), (change, end, after)]


def _utc_midnight(date: dt.date, zone: ZoneInfo) -> dt.datetime:
    return dt.datetime.combine(date, dt.time(), zone).astimezone(dt.UTC)


def _offset(instant: dt.datetime, zone: ZoneInfo) -> dt.timedelta:
    return instant.astimezone(zone).utcoffset()


def _dates(first: dt.date, count: int) -> Iterator[dt.date]:
    return (first + dt.timedelta(days=i) for i in range(count))


def _preference(kind: str | None) -> int:
    return _PREFERRED.index(kind) if kind in _PREFERRED else len(_PREFERRED)
