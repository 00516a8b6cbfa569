"""« Open now », « open on that day »: asked of the few different weeks there are, of the one function that knows.

The index gives each UO the number of its hours (`models.SearchPlanning`); the hours of the UO that match are read,
`planning.open_at` answers for each, and the numbers of those that are open go back into the statement. So the filter
says what the page of the UO says, on the two nights of the year that have 23 or 25 hours as well.
"""

import datetime as dt
from collections.abc import Iterable
from functools import lru_cache

from directory import planning
from directory.planning import Planning
from search import labels

SYSTEMS = {"type_plage": "TRE_R252", "ouverture_annuelle": "TRE_R238"}
# A provisional closing of the UO itself comes before its hours; and on that day it is there.
CONDITION = """{row}.planning = any(%(ouverts)s)
  and not coalesce({row}.ferme_du <= %(jour)s and ({row}.ferme_au is null or {row}.ferme_au > %(jour)s), false)
  and ({row}.fin is null or {row}.fin > %(jour)s)"""


def open_ones(cursor, keys: Iterable[int], when: dt.datetime | dt.date) -> list[int]:
    """Of these hours, those that are open at that instant (aware), or at some hour of that day."""
    keys = list(keys)
    cursor.execute("select cle, texte from search_planning where cle = any(%s)", [keys])
    return [key for key, text in cursor.fetchall() if _is_open(text, _moment(when))]


def _moment(when: dt.datetime | dt.date) -> dt.datetime | dt.date:
    """To the minute: what is asked twice within one is answered once."""
    return when.replace(second=0, microsecond=0) if isinstance(when, dt.datetime) else when


@lru_cache(maxsize=50_000)
def _is_open(text: str, when: dt.datetime | dt.date) -> bool:
    hours = read(text)
    if isinstance(when, dt.datetime):
        return bool(planning.open_at(hours, when).is_open)
    return bool(planning.day_of(hours, when).is_open)


@lru_cache(maxsize=20_000)
def read(text: str) -> Planning:
    """The hours that `search.index` wrote: département/holidays/year/lines; of a line, six parts."""
    departement, holidays, year, lines = text.split("/", 3)
    known = labels.get()
    document = {
        "horaires": [_line(line, known) for line in lines.split(";")],
        "ouvert_jours_feries": bool(int(holidays)) if holidays else None,
        "ouverture_annuelle": known.key(SYSTEMS["ouverture_annuelle"], year),
        "date_fermeture": None,
    }
    return planning.of_document(document, departement=departement)


def _line(text: str, known: labels.Labels) -> dict:
    weekday, start, end, kind, first, last = text.split("|")
    return {
        "jour_semaine": int(weekday) if weekday else None,
        "heure_debut": start or None,
        "heure_fin": end or None,
        "type_plage": known.key(SYSTEMS["type_plage"], kind),
        "date_debut": first or None,
        "date_fin": last or None,
    }
