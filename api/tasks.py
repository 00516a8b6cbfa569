"""Tokens that are over."""

from celery import shared_task
from oauth2_provider.models import clear_expired


@shared_task
def forget_tokens() -> None:
    """Each client leaves one an hour."""
    clear_expired()
