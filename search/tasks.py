"""Background work of the search."""

from celery import shared_task
from django.db import connection, transaction

from search import pairs, sans_resultat


@shared_task
def fold_pair_counts() -> int:
    """Fold the differences that writes appended into the pair counts; returns how many counts changed."""
    with transaction.atomic(), connection.cursor() as cursor:
        return pairs.fold(cursor)


@shared_task
def store_searches_without_result() -> int:
    """Move the counters of searches that found nothing from Redis to their table. Returns how many searches."""
    return sans_resultat.store()
