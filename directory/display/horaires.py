"""Opening hours in words and columns: the badge of now, the week, the month."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.text import capfirst

from directory import planning
from directory.display.common import NBSP, Badge, Concepts
from directory.models.common import Fermeture

PX_PER_HOUR = 4  # the bar of a day is 96 high


@dataclass(frozen=True)
class Bar:
    """A slot in the bar of a day, in units of its SVG."""

    y: str
    height: str


@dataclass(frozen=True)
class DayColumn:
    """One column of the week grid. `state`: « Ouvert », « Fermé »; empty when it cannot be told."""

    name: str
    date: dt.date
    state: str
    is_open: bool
    holiday: str
    texts: list[str]
    bars: list[Bar]
    usual_bars: list[Bar]
    is_changed: bool
    is_today: bool


@dataclass(frozen=True)
class MonthSlot:
    """« 08:00–12:00 », and the number of its kind in the notes under the table (0: a plain opening)."""

    text: str
    note: int


@dataclass(frozen=True)
class MonthDay:
    """One cell of the month; without slots it is closed."""

    date: dt.date
    slots: list[MonthSlot]
    holiday: str
    is_outside: bool
    is_open: bool
    is_changed: bool
    is_today: bool

    @property
    def css(self) -> str:
        """« is-today is-open »."""
        names = ("outside", "today", "changed", "open")
        return " ".join(f"is-{name}" for name in names if getattr(self, f"is_{name}"))


@dataclass(frozen=True)
class MonthWeek:
    """One row: ISO number, address of the week, seven cells."""

    number: int
    text: str
    days: list[MonthDay]


@dataclass(frozen=True)
class MonthTable:
    """The table of a month. `notes`: words of the kinds that are not a plain opening, by their number."""

    first: dt.date
    previous: str
    next: str
    weeks: list[MonthWeek]
    notes: list[str]


@dataclass(frozen=True)
class Hours:
    """The « Horaires » section. `month` is None when the week is shown; `week_link`, `month_link`: the other view.

    `summary` is the typical week in words; `periods`, the dated exceptions to come; `holidays`: what becomes of the
    public holidays shown; `badge`: open now, or when; None when the hours are not known.
    """

    week: planning.Week
    days: list[DayColumn]
    month: MonthTable | None
    week_link: str
    month_link: str
    is_changed: bool
    summary: str
    periods: list[str]
    holidays: str
    badge: Badge | None
    is_known: bool

    @property
    def title(self) -> str:
        """« Semaine 38 », « Septembre 2025 »."""
        return capfirst(date_format(self.month.first, "F Y")) if self.month else f"Semaine {self.week.number}"

    @property
    def previous(self) -> str:
        """Query of the page before."""
        return f"mois={self.month.previous}" if self.month else f"semaine={self.week.previous}"

    @property
    def next(self) -> str:
        """Query of the page after."""
        return f"mois={self.month.next}" if self.month else f"semaine={self.week.next}"


def hours(
    opening: planning.Planning,
    periods: list[str],
    concepts: Concepts,
    *,
    now: dt.datetime,
    semaine: str = "",
    mois: str | None = None,
) -> Hours:
    """The week « 2025-W38 », or the month « 2025-09 » when `mois` is given; unreadable: the current one."""
    today = now.astimezone(opening.zone).date()
    month = None if mois is None else planning.month_of(opening, planning.first_of(mois, today))
    week = planning.week_of(opening, _monday(month, semaine, today))
    days = list(month.days if month else week.days)
    return Hours(
        week=week,
        days=[_column(day, concepts, today, is_known=opening.is_known) for day in week.days],
        month=_table(month, concepts, today) if month else None,
        week_link=week.text,
        month_link=planning.year_month(today if week.holds(today) else week.monday + dt.timedelta(days=3)),
        is_changed=any(day.is_changed for day in days),
        summary=planning.typical_summary(opening),
        periods=periods,
        holidays=_holidays(opening) if any(day.holiday for day in days) else "",
        badge=badge(planning.open_at(opening, now), concepts, today),
        is_known=opening.is_known or bool(periods) or any(opening.typical),
    )


def _monday(month: planning.Month | None, semaine: str, today: dt.date) -> dt.date:
    """The week asked; from a month, the current week when it is there, else its first."""
    if month is None:
        return planning.monday_of(semaine, today)
    current = [week.monday for week in month.weeks if week.holds(today)]
    return current[0] if current and today.month == month.first.month else month.weeks[0].monday


def _holidays(opening: planning.Planning) -> str:
    if not opening.is_known:
        return ""
    if opening.holidays_closed:
        return "le planning type ne s’applique pas, appelez avant d’orienter une personne"
    return "le planning type s’applique"


# --- Now ------------------------------------------------------------------------------------------------------------


def state_badges(fiche: Fermeture, state: Badge, opening: Badge | None, today: dt.date) -> list[Badge]:
    """The state of the UO and its hours of now. A closed UO says that only; an open one says the hours it keeps."""
    if opening is None or fiche.is_closed(today):
        return [state]
    if fiche.date_fermeture and fiche.date_fermeture > today:  # « Ouvert, ferme le… » would argue with « Fermé »
        return [opening, replace(state, text=f"Ferme le{NBSP}{date_format(fiche.date_fermeture, 'd/m/Y')}")]
    return [opening]


def badge(answer: planning.Answer, concepts: Concepts, today: dt.date) -> Badge | None:
    """« Ouvert · ferme à 18 h », « Fermé · ouvre lundi à 8 h 30 »; None when the hours are not known."""
    if answer.is_open is None:
        return None
    if not answer.is_open:
        then = f" · ouvre {_when(answer.opens_at, today)}" if answer.opens_at else ""
        return Badge("", "clock", f"Fermé{then}")
    kind = "" if answer.kind in planning.ORDINARY else f" ({kind_words(answer.kind, concepts)})"
    then = f"ferme {_until(answer.until, today)}" if answer.until else "jour et nuit"
    return Badge("ror-ok", "clock", f"Ouvert{kind} · {then}")


def _until(end: dt.datetime, today: dt.date) -> str:
    """An end at midnight belongs to the day that ends."""
    if (end.hour, end.minute) == (0, 0):
        last = end.date() - dt.timedelta(days=1)
        return f"{_day(last, today)} à{NBSP}minuit".lstrip()
    return _when(end, today)


def _when(instant: dt.datetime, today: dt.date) -> str:
    hour = "minuit" if (instant.hour, instant.minute) == (0, 0) else clock_words(instant.time())
    day = _day(instant.date(), today)
    return f"{day} à{NBSP}{hour}" if day else f"à{NBSP}{hour}"


def _day(date: dt.date, today: dt.date) -> str:
    """« demain », « lundi », « le 3 octobre », « le 5 janvier 2026 »; empty for today."""
    ahead = (date - today).days
    if ahead < 7:
        return ("", "demain", *[planning.DAYS[date.weekday()]] * 5)[ahead]
    day = "1er" if date.day == 1 else str(date.day)
    year = f" {date.year}" if date.year != today.year else ""
    return f"le{NBSP}{day}{NBSP}{date_format(date, 'F')}{year}"


def clock_words(time: dt.time) -> str:
    """« 8 h 30 », « 18 h »."""
    return f"{time.hour}{NBSP}h" + (f"{NBSP}{time.minute:02d}" if time.minute else "")


# --- Week -----------------------------------------------------------------------------------------------------------


def _column(day: planning.Day, concepts: Concepts, today: dt.date, *, is_known: bool) -> DayColumn:
    return DayColumn(
        name=planning.DAYS[day.date.weekday()],
        date=day.date,
        state={True: "Ouvert", False: "Fermé", None: ""}[day.is_open] if is_known else "",
        is_open=day.is_open is True,
        holiday=day.holiday,
        texts=[_slot(slot, concepts) for slot in day.slots],
        bars=_bars(day.slots),
        usual_bars=_bars(day.usual),
        is_changed=day.is_changed,
        is_today=day.date == today,
    )


def _slot(slot: planning.Slot, concepts: Concepts) -> str:
    """« 08:00–12:00 », with its kind when it is not a plain opening (« … consultation sur RDV »)."""
    if slot.type_plage in planning.ORDINARY:
        return slot.text
    kind = kind_words(slot.type_plage, concepts)
    return f"{slot.text} ({kind})" if slot.debut else kind


def kind_words(kind: str, concepts: Concepts) -> str:
    """« consultation sur RDV » from « Horaire de consultation sur RDV »."""
    label = concepts[kind].label
    return label.removeprefix("Horaire ").removeprefix("de ").removeprefix("d'")


def _bars(slots: Iterable[planning.Slot]) -> list[Bar]:
    bars = []
    for slot in slots:
        start, end = slot.minutes
        if end > start:
            bars.append(Bar(f"{start * PX_PER_HOUR / 60:g}", f"{(end - start) * PX_PER_HOUR / 60:g}"))
    return bars


# --- Month ----------------------------------------------------------------------------------------------------------


def _table(month: planning.Month, concepts: Concepts, today: dt.date) -> MonthTable:
    notes: list[str] = []
    weeks = [
        MonthWeek(week.number, week.text, [_cell(day, month.first, concepts, notes, today) for day in week.days])
        for week in month.weeks
    ]
    return MonthTable(month.first, month.previous, month.next, weeks, notes)


def _cell(day: planning.Day, first: dt.date, concepts: Concepts, notes: list[str], today: dt.date) -> MonthDay:
    """Adds to `notes` the kinds it is the first to name."""
    slots = []
    for slot in day.slots:
        number = 0
        if slot.type_plage not in planning.ORDINARY:
            words = kind_words(slot.type_plage, concepts)
            if words not in notes:
                notes.append(words)
            number = notes.index(words) + 1
        slots.append(MonthSlot(slot.text if slot.debut else "à préciser", number))
    return MonthDay(
        date=day.date,
        slots=slots,
        holiday=day.holiday,
        is_outside=day.date.month != first.month,
        is_open=day.is_open is True,
        is_changed=day.is_changed,
        is_today=day.date == today,
    )


# --- Periods --------------------------------------------------------------------------------------------------------


def periods(lines: Sequence[Mapping[str, Any]], concepts: Concepts, today: dt.date) -> list[str]:
    """Dated slots that are not over, in words, soonest first (RG_EXP_017, 018)."""
    dated = [line for line in lines if line["date_debut"] and (line["date_fin"] or "9999") >= today.isoformat()]
    return [_period(line, concepts) for line in sorted(dated, key=lambda line: line["date_debut"])]


def _period(line: Mapping[str, Any], concepts: Concepts) -> str:
    start, end = parse_date(line["date_debut"]), line["date_fin"] and parse_date(line["date_fin"])
    if end is None:
        when = f"À partir du {start:%d/%m/%Y}"
    else:
        when = f"Le {start:%d/%m/%Y}" if end == start else f"Du {start:%d/%m/%Y} au {end:%d/%m/%Y}"
    if line["jour_semaine"]:
        when += f", le {planning.DAYS[line['jour_semaine'] - 1]}"
    hours = f"{line['heure_debut']}–{line['heure_fin']}" if line["heure_debut"] else ""
    if line["type_plage"] == planning.FERMETURE:
        what = f"fermé de {line['heure_debut']} à {line['heure_fin']}" if hours else "fermé"
    else:
        what = hours or "horaires à préciser"
        if line["type_plage"] not in planning.ORDINARY:
            what += f" ({concepts[line['type_plage']].label})"
    return f"{when}{NBSP}: {what}"
