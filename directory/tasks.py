"""Work after the answer: ids in, no object."""

from celery import shared_task
from django.db import transaction

from directory import publishing, reminders
from directory.models import EntiteGeographique
from directory.querysets import eg_ids_touched_by

BATCH = 2000  # establishments refreshed in one transaction


@shared_task
def refresh_touched(concept_ids: list[int]) -> int:
    """Refresh what is derived from the fiches that carry these concepts; returns how many establishments."""
    return _refresh(eg_ids_touched_by(concept_ids))


@shared_task
def refresh_all() -> int:
    """Refresh everything derived: each night, so that an event the broker lost is caught up."""
    return _refresh(list(EntiteGeographique.objects.published().order_by("pk").values_list("pk", flat=True)))


@shared_task
def remind_verification() -> int:
    """Tell référents which of their fiches nobody verified for long; returns how many mails were written."""
    return reminders.send_all()


def _refresh(eg_ids: list[int]) -> int:
    for start in range(0, len(eg_ids), BATCH):
        with transaction.atomic():
            publishing.run_projections(eg_ids[start : start + BATCH])
    return len(eg_ids)
