"""Django and allauth tell of logins, passwords and factors by signals: their code is not ours to call."""

from allauth.account.signals import password_changed, password_reset
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_removed
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest

from accounts import sessions
from journal import models as journal


@receiver(user_logged_in)
def on_login(sender, request: HttpRequest, user, **kwargs) -> None:
    sessions.start(request)


@receiver([password_changed, password_reset])
def on_password(sender, request: HttpRequest, user, **kwargs) -> None:
    """A new password ends what was opened with the old one, this session excepted."""
    sessions.end_all(user, but=request.session.session_key)


@receiver(authenticator_added)
def on_factor_added(sender, request: HttpRequest, user, authenticator: Authenticator, **kwargs) -> None:
    """A session opened elsewhere with the password alone is not to outlive the activation."""
    if authenticator.type == Authenticator.Type.TOTP:
        sessions.end_all(user, but=request.session.session_key)
        journal.write("add_second_factor", f"user:{user.pk}", by=user)


@receiver(authenticator_removed)
def on_factor_removed(sender, request: HttpRequest, user, authenticator: Authenticator, **kwargs) -> None:
    if authenticator.type == Authenticator.Type.TOTP:
        journal.write("remove_second_factor", f"user:{user.pk}", by=user)
