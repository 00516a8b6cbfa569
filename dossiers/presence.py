"""Who is on a dossier now: the open page says so every half minute, and forgets nobody for longer than a minute."""

import datetime as dt

from django.utils import timezone

from accounts.models import User
from dossiers.models import Dossier, DraftFiche, Presence

SECONDS = 60


def here(dossier: Dossier, *, user: User, fiche: DraftFiche | None = None) -> None:
    """One row per person: where she is now. Nothing is kept of where she was."""
    Presence.objects.bulk_create(
        [Presence(dossier=dossier, user=user, fiche=fiche, seen_at=timezone.now())],
        update_conflicts=True,
        unique_fields=["dossier", "user"],
        update_fields=["fiche", "seen_at"],
    )


def others(dossier: Dossier, *, user: User) -> list[Presence]:
    """Who else was seen during the last minute, by name. One query."""
    since = timezone.now() - dt.timedelta(seconds=SECONDS)
    found = Presence.objects.filter(dossier=dossier, seen_at__gte=since).exclude(user=user)
    return list(found.select_related("user", "fiche").order_by("user__last_name", "user__first_name", "user"))
