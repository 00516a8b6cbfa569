"""Work after the answer, and work of the clock: ids in, no object."""

from celery import shared_task

from restitutions.extractions import services
from restitutions.recherches import alertes


@shared_task
def make_extraction(pk: str) -> bool:
    """Make this file now rather than at the next sweep."""
    return services.run(pk)


@shared_task
def sweep_extractions() -> int:
    """Make what waits, start again what stopped, delete what is over; how many files were made."""
    return services.sweep()


@shared_task
def send_alerts() -> int:
    """Tell what is new in the saved searches that are due today; how many mails were written."""
    return alertes.send_all()
