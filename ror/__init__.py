"""Wiring of the project: settings, URLs, Celery, embedded services. No business rule lives here."""

from .celery import app as celery_app

__all__ = ["celery_app"]
