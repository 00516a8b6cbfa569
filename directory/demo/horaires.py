"""Weeks and exceptions of the invented UO."""

import datetime as dt
from random import Random

from .parts import DOMICILE, FERMETURE, OUVERTURE, SANS_RDV, SECRETARIAT, Line, slot, slots_in_order

# name: ((ISO weekdays, (from, to)…)…)
SEMAINES: dict[str, tuple[tuple[str, tuple[tuple[str, str], ...]], ...]] = {
    "bureau": (("12345", (("09:00", "12:30"), ("13:30", "17:30"))),),
    "continu": (("12345", (("08:30", "18:00"),)),),
    "samedi": (("12345", (("08:00", "19:00"),)), ("6", (("08:30", "13:00"),))),
    "mardi_samedi": (("23456", (("08:00", "19:00"),)),),
    "soiree": (("135", (("09:00", "12:30"), ("14:00", "18:00"))), ("24", (("09:00", "12:30"), ("14:00", "20:30")))),
    "soir": (("12345", (("17:30", "22:00"),)),),
    "apres_midi": (
        ("1245", (("14:00", "19:00"),)),
        ("3", (("10:00", "12:30"), ("13:30", "19:00"))),
        ("6", (("10:00", "13:00"),)),
    ),
    "addicto": (("1235", (("09:00", "12:30"), ("13:30", "17:30"))), ("4", (("13:30", "19:00"),))),
    "ecole": (("1245", (("08:45", "12:00"), ("13:30", "16:30"))), ("3", (("08:45", "12:30"),))),
    "semaine": (("1234567", (("07:30", "19:30"),)),),
    "domicile": (("1234567", (("07:00", "12:30"), ("16:30", "20:00"))),),
    "sept_jours": (("12345", (("09:00", "21:00"),)), ("67", (("10:00", "18:00"),))),
    "officine": (("12345", (("09:00", "12:30"), ("14:00", "19:30"))), ("6", (("09:30", "19:00"),))),
    "matin": (("12345", (("07:30", "12:30"),)), ("6", (("07:30", "12:00"),))),
    "permanent": (("1234567", (("00:00", "23:59"),)),),
    "visites": (("1234567", (("13:00", "20:00"),)),),
}
TYPES = {"domicile": DOMICILE, "sept_jours": SANS_RDV}


def week(rng: Random, name: str, uid) -> list[Line]:
    """The typical week; one in eight of the office weeks also says when the secretariat answers."""
    type_plage = TYPES.get(name, OUVERTURE)
    lines = [
        slot(uid(), int(day), start, end, type_plage=type_plage)
        for days, slots in SEMAINES[name]
        for day in days
        for start, end in slots
    ]
    if name in ("bureau", "continu", "samedi") and rng.random() < 1 / 8:
        lines += [slot(uid(), day, "10:00", "12:00", type_plage=SECRETARIAT) for day in (1, 2, 4)]
    return lines


def exceptions(rng: Random, today: dt.date, uid) -> list[Line]:
    """One UO in five has something to say about the coming weeks: a day off, a week, late opening, summer."""
    monday = today - dt.timedelta(days=today.weekday())
    match rng.randrange(20):
        case 0:  # an afternoon of this week or the next
            day = monday + dt.timedelta(days=rng.choice((2, 3, 9, 10)))
            return [slot(uid(), day.isoweekday(), "12:00", "19:00", type_plage=FERMETURE, first=day, last=day)]
        case 1:  # a whole week
            first = monday + dt.timedelta(weeks=rng.randint(2, 8))
            return [
                slot(uid(), None, None, None, type_plage=FERMETURE, first=first, last=first + dt.timedelta(days=6))
            ]
        case 2:  # the summer that comes
            year = today.year + (today.month > 7)
            return [
                slot(
                    uid(), None, None, None, type_plage=FERMETURE, first=dt.date(year, 8, 1), last=dt.date(year, 8, 21)
                )
            ]
        case 3:  # one late evening
            day = monday + dt.timedelta(days=rng.choice((1, 3, 8, 10)))
            return [slot(uid(), day.isoweekday(), "09:00", "21:00", first=day, last=day)]
    return []


def planning(rng: Random, name: str, today: dt.date, uid) -> list[Line]:
    """Every slot of a UO, in the order of the documents."""
    lines = week(rng, name, uid)
    if name not in ("permanent", "domicile", "visites"):
        lines += exceptions(rng, today, uid)
    return slots_in_order(lines)
