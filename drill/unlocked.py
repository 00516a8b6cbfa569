"""The portal as a colleague could break it: no lock, and a write that does not ask whether the row moved.

`script/drill --sans-verrou` serves this; the drill must then find faults, else it proves nothing.
"""

import time

from django.db import models
from django.db.models import F

from ror.wsgi import application

__all__ = ["application"]

HESITATION = 0.05  # seconds between reading and writing: a busier machine than ours


def locked(model: type[models.Model], pk: int) -> models.Model:
    return model._default_manager.get(pk=pk)


def advance(model: type[models.Model], pk: int, *, version: int, **values: object) -> bool:
    time.sleep(HESITATION)
    return bool(model._default_manager.filter(pk=pk).update(version=F("version") + 1, **values))


from dossiers import locking  # noqa: E402 - Django is set up by the application

locking.locked, locking.advance = locked, advance
