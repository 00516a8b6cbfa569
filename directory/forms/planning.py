"""The hours in the form: seven days of the typical week, one week changed alone, dated exceptions."""

import datetime as dt
from dataclasses import dataclass

from django.utils.datastructures import MultiValueDict

from directory import planning
from directory.display.horaires import kind_words
from directory.documents import Document
from directory.forms import saisie as raw
from directory.forms.nodes import Lines, Node
from directory.models.common import new_uid
from nomenclature import choices

KINDS = "JDV_J41"
UNSAID, EVERY_DAY = "sans précision", "chaque jour"
BLANK = "__uid__"


@dataclass(frozen=True)
class DaySlots:
    """One column: the typical Wednesday, or that of one week. `add` is what the button « Ajouter » sends.

    `usual`: hours of the typical week, in words, on a day of one week.
    """

    number: int
    name: str
    slots: list[Node]
    blank: Node
    add: str
    date: dt.date | None = None
    usual: str = ""

    @property
    def is_open(self) -> bool:
        return any(
            (slot["heure_debut"].value() or slot["type_plage"].value() == "TRE_R252|09")
            and slot["type_plage"].value() != planning.FERMETURE
            for slot in self.slots
        )

    @property
    def state(self) -> str:
        return "Ouvert" if self.is_open else "Fermé"


@dataclass(frozen=True)
class WeekSlots:
    """The one week being changed alone; `text` is « 2025-W38 »."""

    text: str
    number: int
    monday: dt.date
    days: list[DaySlots]

    @property
    def sunday(self) -> dt.date:
        return self.monday + dt.timedelta(days=6)


@dataclass(frozen=True)
class Planning:
    """What the editor shows. `exceptions`: dated lines but those of the week being changed."""

    days: list[DaySlots]
    week: WeekSlots | None
    exceptions: list[Node]
    blank_exception: Node
    blank_closure: Node


def editor(lines: Lines, saisie: raw.Saisie) -> Planning:
    """The editor of these lines, as they were typed."""
    for node in lines.nodes:
        _words(node)
    by_uid = {node.uid: node for node in lines.nodes}
    days = [
        DaySlots(
            number,
            name,
            [by_uid[uid] for uid in raw.slots_of_day(saisie, number)],
            _blank(lines),
            f"horaires-{number}",
        )
        for number, name in enumerate(planning.DAYS, 1)
    ]
    week = _week(saisie, days, by_uid, lines)
    shown = {slot.uid for day in (week.days if week else ()) for slot in day.slots}
    exceptions = [node for node in lines.nodes if raw.is_dated(saisie, node.uid) and node.uid not in shown]
    exceptions += [node for node in lines.nodes if _is_lost(saisie, node.uid, days)]
    return Planning(days, week, exceptions, _blank(lines), _blank(lines, planning.FERMETURE))


def monday_of(saisie: raw.Saisie) -> dt.date | None:
    """Monday of the week being changed alone."""
    text = (saisie.get(raw.WEEK) or [""])[0]
    never = dt.date(1, 1, 1)
    monday = planning.monday_of(text, never) if text else never
    return None if monday == never else monday


def one_week_changed(lines: list[Document], saisie: raw.Saisie) -> list[Document]:
    """Only what differs from the typical week stays dated: a day as usual needs no line, an emptied day is closed."""
    monday = monday_of(saisie)
    if monday is None:
        return lines
    for ahead in range(7):
        lines = _day_changed(lines, monday + dt.timedelta(days=ahead))
    return lines


def _day_changed(lines: list[Document], date: dt.date) -> list[Document]:
    text = date.isoformat()
    own = [line for line in lines if line["date_debut"] == line["date_fin"] == text]
    openings = [line for line in own if line["type_plage"] != planning.FERMETURE]
    usual = [line for line in lines if not line["date_debut"] and line["jour_semaine"] == date.isoweekday()]
    is_shut = any(line["type_plage"] == planning.FERMETURE and not line["heure_debut"] for line in own)
    if sorted(map(_hours, openings)) == sorted(map(_hours, usual)):
        return [line for line in lines if line not in openings]
    if openings or is_shut:
        return lines
    closure = {
        "uid": new_uid(),
        "type_plage": planning.FERMETURE,
        "jour_semaine": date.isoweekday(),
        "heure_debut": None,
        "heure_fin": None,
        "date_debut": text,
        "date_fin": text,
    }
    # The hours that partly closed the usual day mean nothing once it is closed.
    return [line for line in lines if line not in own] + [closure]


def _hours(line: Document) -> tuple[str, str, str]:
    return line["heure_debut"] or "", line["heure_fin"] or "", line["type_plage"] or ""


def _week(saisie: raw.Saisie, days: list[DaySlots], by_uid: dict[str, Node], lines: Lines) -> WeekSlots | None:
    monday = monday_of(saisie)
    if monday is None:
        return None
    found = []
    for day in days:
        date = monday + dt.timedelta(days=day.number - 1)
        slots = [by_uid[uid] for uid in raw.days_of(saisie, date)]
        found.append(DaySlots(day.number, day.name, slots, _blank(lines), f"horaires-{date}", date, _usual(day)))
    return WeekSlots(planning.iso_week(monday), monday.isocalendar().week, monday, found)


def _usual(day: DaySlots) -> str:
    hours = [(slot["heure_debut"].value(), slot["heure_fin"].value()) for slot in day.slots]
    return ", ".join(f"{debut}–{fin}" for debut, fin in hours if debut) or "fermé"


def _is_lost(saisie: raw.Saisie, uid: str, days: list[DaySlots]) -> bool:
    """A typical slot without a day (a forged or broken submission) is still shown, where a day can be given."""
    return not raw.is_dated(saisie, uid) and all(uid != slot.uid for day in days for slot in day.slots)


def _blank(lines: Lines, kind: str = raw.OPENING) -> Node:
    node = _words(lines.blank(BLANK))
    node.data = MultiValueDict({node.add_prefix("type_plage"): [kind]})
    return node


def _words(node: Node) -> Node:
    """Short words for the kinds of slot, and for « no weekday »."""
    kinds = choices.of(KINDS)
    options = [
        (key, kind_words(key, kinds) if key in kinds else label) for key, label in node.fields["type_plage"].choices
    ]
    node.fields["type_plage"].choices = [("", UNSAID), *options[1:]]
    node.fields["jour_semaine"].choices = [("", EVERY_DAY), *node.fields["jour_semaine"].choices[1:]]
    return node
