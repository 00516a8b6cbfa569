"""What support does to an account: close it, open it again. Never delete it: the journal and the versions name it."""

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from accounts import sessions
from accounts.models import Invitation, User
from journal import models as journal
from journal import outbox


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


@transaction.atomic
def told(user: User, *, former: str, by: User, fields: Iterable[str]) -> None:
    """The journal line of an account just created (`former` empty) or changed. When its address is no longer the
    `former` one, its sessions end and that address is told: a password is chosen by mail."""
    names = sorted(name for name in fields if "password" not in name)
    moved = former not in ("", user.email)
    detail = {"user": user.email, "fields": names} | ({"former": former} if moved else {})
    entry = journal.write("change_user" if former else "create_user", f"user:{user.pk}", by=by, **detail)
    if not moved:
        return
    sessions.end_all(user)
    outbox.add(
        f"change-address:{entry.pk}",
        to=[former],
        subject="L’adresse de votre compte a changé",
        template="account/email/address_changed.txt",
        context={"address": user.email},
    )
