"""Invitations: a nominative account opened by support, a link by mail, a password chosen with it.

The account is inactive until then: an invitation that is cancelled or that expires leaves no way in, not even
« mot de passe oublié ». Rights are given by `directory.invitations`, above this.
"""

import datetime as dt

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import Invitation, User
from journal import models as journal
from journal import outbox

LASTING = dt.timedelta(days=7)
_SALT = "accounts.invitation"


class InvitationRefused(Exception):
    """Why, in French, for the person of support."""


@transaction.atomic
def invite(user: User, *, by: User, purpose: str) -> Invitation:
    """Send a link to the owner of an account not opened yet; when one waits already, it is replaced by a new one.

    Raises InvitationRefused when the account is open, or was closed by support.
    """
    user = User.objects.select_for_update().get(pk=user.pk)
    if not can_be_invited(user):
        raise InvitationRefused("Ce compte est déjà ouvert, ou il a été fermé par le support.")
    invitation = user.invitations.open().first() or Invitation(user=user)
    invitation.purpose, invitation.invited_by = purpose, by
    return _send(invitation, by=by)


@transaction.atomic
def resend(invitation_id: int, *, by: User) -> Invitation:
    """A new link for seven days; the one before no longer serves. Raises InvitationRefused when it is closed."""
    invitation = Invitation.objects.select_for_update(of=("self",)).select_related("user").get(pk=invitation_id)
    if invitation.accepted_at or invitation.cancelled_at:
        raise InvitationRefused(f"Cette invitation est {invitation.state} : on ne la renvoie plus.")
    return _send(invitation, by=by)


def _send(invitation: Invitation, *, by: User) -> Invitation:
    invitation.renew(LASTING)
    invitation.save()
    target = f"invitation:{invitation.pk}"
    journal.write("send_invitation", target, by=by, user=invitation.user.email, purpose=invitation.purpose)
    outbox.add(
        f"{target}:{invitation.nonce}",
        to=[invitation.user.email],  # the address: the account itself is not active yet
        subject="Votre accès au ROR",
        template="account/email/invitation.txt",
        context={
            "purpose": invitation.purpose,
            "invited_by": invitation.invited_by,
            "link": settings.SITE_URL + reverse("accounts_invitation", args=[token(invitation)]),
            "expires_at": invitation.expires_at,
        },
    )
    return invitation


@transaction.atomic
def cancel(invitation_id: int, *, by: User) -> bool:
    """Close an invitation that waits, its link included. False when it was accepted or cancelled meanwhile."""
    if not Invitation.objects.open().filter(pk=invitation_id).update(cancelled_at=timezone.now()):
        return False
    journal.write("cancel_invitation", f"invitation:{invitation_id}", by=by)
    return True


def can_be_invited(user: User) -> bool:
    """Never opened, and nobody closed it: no password was ever chosen for it."""
    return not user.is_active and not user.closed_at and not user.has_usable_password()


def token(invitation: Invitation) -> str:
    """What the link carries: the invitation and its present nonce, signed."""
    return signing.dumps([invitation.pk, invitation.nonce], salt=_SALT)


def read(link: str) -> Invitation | None:
    """The invitation a link still opens, or None (altered, replaced, accepted, cancelled, expired). Writes nothing."""
    try:
        pk, nonce = signing.loads(link, salt=_SALT, max_age=LASTING)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    found = Invitation.objects.pending().filter(pk=pk, nonce=nonce)
    return found.select_related("user", "invited_by").first()


@transaction.atomic
def accept(invitation: Invitation, *, password: str) -> User | None:
    """Open the account with this password. None when the link served, or died, meanwhile: it serves once."""
    # The account first, as `people.deactivate` does: the two at once would wait for each other.
    user = User.objects.select_for_update().get(pk=invitation.user_id)
    taken = Invitation.objects.pending().filter(pk=invitation.pk, nonce=invitation.nonce)
    if not taken.update(accepted_at=timezone.now()):
        return None
    user.set_password(password)
    user.is_active = True
    user.save(update_fields=["password", "is_active"])
    journal.write("accept_invitation", f"invitation:{invitation.pk}", by=user)
    return user
