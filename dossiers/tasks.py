"""Work of the clock: publish what is due, wake up what sleeps."""

import datetime as dt

from celery import shared_task
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from dossiers import effects, messages
from dossiers.models import Dossier, Statut
from journal import models as journal


@shared_task
def apply_due() -> list[int]:
    """Publish the validated dossiers whose day has come; the ids published."""
    return effects.apply_due()


@shared_task
def remind_asleep() -> int:
    """Tell the référents of the dossiers nobody touched for `DOSSIER_ASLEEP_DAYS`, once per sleep; how many."""
    now = timezone.now()
    before = now - dt.timedelta(days=settings.DOSSIER_ASLEEP_DAYS)
    asleep = Dossier.objects.filter(
        status__in=(Statut.INITIE, Statut.A_CORRIGER), updated_at__lt=before, reminded_at=None
    )
    told = 0
    for pk in asleep.order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            # Conditional: two beats, or somebody who wakes it meanwhile, and one message at most.
            if not asleep.filter(pk=pk).update(reminded_at=now):
                continue
            dossier = Dossier.objects.select_related("eg", "opened_by").get(pk=pk)
            system = User.objects.system()
            journal.write("dossier_asleep", dossier.reference, by=system)
            days = (now - dossier.updated_at).days
            messages.tell(
                dossier, f"asleep:{dossier.updated_at:%Y%m%d}", version=dossier.version, by=system, days=days
            )
            told += 1
    return told
