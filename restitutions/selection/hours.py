"""The week on paper, in words: « Lundi au vendredi : 09:00–12:30, 13:30–18:00 »."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from django.utils.formats import date_format
from django.utils.text import capfirst

from directory import planning
from directory.display import horaires
from directory.display.common import NBSP, Badge
from directory.documents import Document
from restitutions.selection.loading import Found

JOINER = "\u2060"  # a line never ends in the middle of « 13:30–18:00 »


@dataclass(frozen=True)
class WeekWords:
    """A week: « Cette semaine, du 16 au 22 novembre », and one line for the days that go together."""

    title: str
    lines: list[tuple[str, str]]


@dataclass(frozen=True)
class HoursWords:
    """This week; the next one when it differs, for a sheet read in some days. `now`: open now, or when."""

    weeks: list[WeekWords]
    now: Badge | None


def of(found: Found, now: dt.datetime) -> HoursWords | None:
    """Hours of a unit, or of the only unit of an establishment; None when nobody has said them."""
    document = found.document if found.kind == "uo" else found.single
    if document is None:
        return None
    this = _hours(found, document, now)
    if not this.is_known:
        return None
    following = _hours(found, document, now, this.week.next)
    weeks = [WeekWords(f"Cette semaine, {_span(this.week)}", _lines(this.days))]
    lines = _lines(following.days)
    if lines != weeks[0].lines:
        weeks.append(WeekWords(f"La semaine suivante, {_span(following.week)}", lines))
    return HoursWords(weeks, this.badge)


def _hours(found: Found, document: Document, now: dt.datetime, semaine: str = "") -> horaires.Hours:
    opening = planning.of_document(document, departement=found.departement)
    periods = horaires.periods(document["horaires"], found.concepts, now.date())
    return horaires.hours(opening, periods, found.concepts, now=now, semaine=semaine)


def _span(week: planning.Week) -> str:
    """« du 17 au 23 novembre », « du 29 novembre au 5 décembre »."""
    month = "" if week.monday.month == week.sunday.month else f"{NBSP}{date_format(week.monday, 'F')}"
    return f"du{NBSP}{_number(week.monday)}{month} au{NBSP}{_number(week.sunday)}{NBSP}{date_format(week.sunday, 'F')}"


def _number(day: dt.date) -> str:
    return "1er" if day.day == 1 else str(day.day)


def _lines(days: Iterable[horaires.DayColumn]) -> list[tuple[str, str]]:
    """(days, hours): consecutive days that say the same go together."""
    found = []
    for text, group in groupby(days, key=_text):
        names = [day.name for day in group]
        link = " et " if len(names) == 2 else " au "
        found.append((capfirst(names[0] if len(names) == 1 else f"{names[0]}{link}{names[-1]}"), text))
    return found


def _text(day: horaires.DayColumn) -> str:
    words = ", ".join(text.replace("–", f"–{JOINER}") for text in day.texts) or (
        "fermé" if day.state == "Fermé" else "à préciser"
    )
    return f"{words} (jour férié{NBSP}: {day.holiday})" if day.holiday else words
