"""What depends on the département: its time zone and its public holidays. The tables are settings."""

import datetime as dt
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays
from django.conf import settings

# People name these four by their date, whatever the Code du travail says.
_CALLED_BY_DATE = {(5, 1): "1er mai", (5, 8): "8 mai", (7, 14): "14 juillet", (11, 11): "11 novembre"}


def zone_of(departement: str) -> ZoneInfo:
    """Time zone of a département (« 75 », « 2A », « 974 »); the one of the region when none of its own is set."""
    return ZoneInfo(settings.TIME_ZONES.get(departement, settings.TIME_ZONE))


def holiday_name(date: dt.date, departement: str = "") -> str:
    """« 14 juillet », « Lundi de Pâques »; empty on a working day. Moselle has more of them, and so on."""
    name = _holidays(settings.HOLIDAY_SUBDIVISIONS.get(departement), date.year).get(date, "")
    if name and (date.month, date.day) in _CALLED_BY_DATE:
        return _CALLED_BY_DATE[date.month, date.day]
    return name.replace("'", "’")


@lru_cache(maxsize=256)
def _holidays(subdivision: str | None, year: int) -> dict[dt.date, str]:
    return dict(holidays.country_holidays("FR", subdiv=subdivision, years=year, language="fr"))
