"""The two ways a dossier or a draft fiche is protected from somebody else's hand. Nothing else writes them.

The crash drill and the thread tests replace these two functions to prove that they detect losses without them.
"""

from django.db import models
from django.db.models import F


def locked(model: type[models.Model], pk: int) -> models.Model:
    """The row, locked until the end of the transaction against another writer (readers and foreign keys pass)."""
    return model._default_manager.select_for_update(of=("self",), no_key=True).get(pk=pk)


def advance(model: type[models.Model], pk: int, *, version: int, **values: object) -> bool:
    """Write `values` and count one version more, only if the row is still at `version`: False when it moved."""
    return bool(model._default_manager.filter(pk=pk, version=version).update(version=F("version") + 1, **values))
