"""Background work of the accounts."""

from celery import shared_task
from django.utils import timezone

from accounts.models import Session


@shared_task
def forget_sessions() -> int:
    """Delete the sessions that no longer serve: their rows hold who came, when, with what. Returns how many."""
    return Session.objects.filter(expire_date__lt=timezone.now()).delete()[0]
