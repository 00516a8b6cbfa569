"""What support does to an account: close it, open it again. Never delete it: the journal and the versions name it."""

from django.db import transaction
from django.utils import timezone

from accounts import sessions
from accounts.models import Invitation, User
from journal import models as journal


@transaction.atomic
def deactivate(*, user: User, by: User) -> bool:
    """Close an account: its sessions end at once, its invitation too; its rights sleep, its authorship stays.

    False when it was closed already.
    """
    closed = User.objects.filter(pk=user.pk, closed_at=None).update(is_active=False, closed_at=timezone.now())
    if not closed:
        return False
    sessions.end_all(user)
    cancelled = Invitation.objects.open().filter(user=user).update(cancelled_at=timezone.now())
    journal.write("deactivate_user", f"user:{user.pk}", by=by, user=user.email, invitations=cancelled)
    return True


@transaction.atomic
def reactivate(*, user: User, by: User) -> bool:
    """Open it again. One that never had a password goes back to waiting for an invitation."""
    row = User.objects.select_for_update().get(pk=user.pk)
    if not row.closed_at:
        return False
    row.closed_at, row.is_active = None, row.has_usable_password()
    row.save(update_fields=["closed_at", "is_active"])
    journal.write("reactivate_user", f"user:{user.pk}", by=by, user=row.email)
    return True
