"""Opening hours of a UO: the week, the month, and the one answer to « is it open? ». Pure Python: no query, no clock.

hours = planning.of_document(document, departement="75")
planning.week_of(hours, monday).days[0].slots
planning.open_at(hours, clock.now()).is_open
"""

from .calendars import holiday_name, zone_of
from .days import (
    DAYS,
    Day,
    Month,
    Week,
    day_of,
    first_of,
    iso_week,
    monday_of,
    month_of,
    typical_summary,
    week_of,
    year_month,
)
from .lines import FERMETURE, ORDINARY, Planning, Slot, of_document, of_lines
from .opening import UNKNOWN, Answer, open_at
from .writing import faults

__all__ = [
    "DAYS",
    "FERMETURE",
    "ORDINARY",
    "UNKNOWN",
    "Answer",
    "Day",
    "Month",
    "Planning",
    "Slot",
    "Week",
    "day_of",
    "faults",
    "first_of",
    "holiday_name",
    "iso_week",
    "monday_of",
    "month_of",
    "of_document",
    "of_lines",
    "open_at",
    "typical_summary",
    "week_of",
    "year_month",
    "zone_of",
]
