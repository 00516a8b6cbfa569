"""What is wrong in the lines a person wrote: hours in disorder, slots that overlap. In words, line by line."""

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .lines import ALWAYS, FERMETURE, ORDINARY

Line = Mapping[str, Any]
Fault = tuple[str, str, str]  # (uid of the line, field, message)


def faults(lines: Sequence[Line], known: Sequence[Line] = ()) -> Iterator[Fault]:
    """Faults of the lines that are not, as they are, among `known` (those of the live fiche).

    Two slots overlap when they hold the same minute of a same day and say the same thing: a consultation « sur RDV »
    may stand within the opening, a closure may cover anything.
    """
    before = list(known)
    new = [line for line in lines if line not in before]
    for line in new:
        yield from _faults_of(line)
    done: list[Line] = []
    for line in lines:
        twin = next((one for one in done if (line in new or one in new) and _overlap(one, line)), None)
        if twin:
            kept, moved = (twin, line) if line in new else (line, twin)
            yield moved["uid"], "heure_debut", f"Cette plage chevauche celle de {_words(kept)}."
        done.append(line)


def _faults_of(line: Line) -> Iterator[Fault]:
    uid, debut, fin, first, last = (
        line.get(name) for name in ("uid", "heure_debut", "heure_fin", "date_debut", "date_fin")
    )
    if fin and not debut:
        yield uid, "heure_debut", "Indiquez aussi l’heure de début."
    elif debut and not fin:
        yield uid, "heure_fin", "Indiquez aussi l’heure de fin."
    elif debut and fin <= debut:
        yield (
            uid,
            "heure_fin",
            "L’heure de fin doit suivre l’heure de début. Pour une plage qui passe minuit, finissez à 23:59 et ouvrez "
            "une plage le lendemain à 00:00.",
        )
    if last and not first:
        yield uid, "date_debut", "Indiquez aussi le premier jour."
    elif last and last < first:
        yield uid, "date_fin", "Le dernier jour précède le premier."
    if not first and not line.get("jour_semaine"):
        yield uid, "date_debut", "Indiquez un jour de la semaine ou une date."


def _overlap(one: Line, other: Line) -> bool:
    if one.get("type_plage") == FERMETURE or _kind(one) != _kind(other):
        return False
    return _same_hours(one, other) and _same_days(one, other)


def _kind(line: Line) -> str | None:
    kind = line.get("type_plage")
    return None if kind in ORDINARY else kind


def _same_hours(one: Line, other: Line) -> bool:
    """Slots without hours overlap each other, and nothing else."""
    hours = [(line.get("heure_debut"), line.get("heure_fin")) for line in (one, other)]
    if not all(debut and fin for debut, fin in hours):
        return not any(debut or fin for debut, fin in hours)
    (start, end), (begin, stop) = hours
    return max(start, begin) < min(end, stop)


def _same_days(one: Line, other: Line) -> bool:
    if not one.get("date_debut") or not other.get("date_debut"):
        return (
            not one.get("date_debut") and not other.get("date_debut") and one["jour_semaine"] == other["jour_semaine"]
        )
    first = max(_period(line)[0] for line in (one, other))
    last = min(_period(line)[1] for line in (one, other))
    if first > last:
        return False
    weekdays = {line["jour_semaine"] for line in (one, other) if line.get("jour_semaine")}
    if len(weekdays) != 1:
        return not weekdays
    ahead = (weekdays.pop() - first.isoweekday()) % 7
    return (last - first).days >= ahead


def _period(line: Line) -> tuple[dt.date, dt.date]:
    last = line.get("date_fin")
    return dt.date.fromisoformat(line["date_debut"]), dt.date.fromisoformat(last) if last else ALWAYS


def _words(line: Line) -> str:
    return f"{line['heure_debut']} à {line['heure_fin']}" if line.get("heure_debut") else "ce jour, sans horaires"
