"""The one source of business dates. `ROR_TODAY` moves it in tests and in the demo; production settings refuse it.

SQL `now()` is never asked for a business date: a closing, a date d'effet or "open now" must move with this clock.
"""

import datetime as dt

from django.conf import settings
from django.utils import timezone


def today() -> dt.date:
    """The current day in the region's time zone, or `ROR_TODAY`."""
    return settings.ROR_TODAY or timezone.localdate()


def now() -> dt.datetime:
    """The current instant; under `ROR_TODAY`, the same time of that day."""
    instant = timezone.localtime()
    if settings.ROR_TODAY:
        return instant.replace(
            year=settings.ROR_TODAY.year, month=settings.ROR_TODAY.month, day=settings.ROR_TODAY.day
        )
    return instant
