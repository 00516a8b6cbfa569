"""What allauth may do here, and in which words."""

import logging
import time

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from django.core.mail import EmailMessage
from django.http import HttpRequest
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)


class ClosedAccountAdapter(DefaultAccountAdapter):
    """Accounts are nominative and created by support: nobody signs up alone."""

    error_messages = DefaultAccountAdapter.error_messages | {
        # One sentence whether the account exists or not.
        "email_password_mismatch": "Adresse ou mot de passe non reconnus. Vérifiez la saisie, majuscules comprises.",
        "too_many_login_attempts": (
            "Trop d’essais pour cette adresse. Attendez cinq minutes avant de recommencer, "
            "ou demandez un nouveau mot de passe."
        ),
        "account_inactive": "Ce compte n’est plus actif. Appelez le support pour le rouvrir.",
        "enter_current_password": "Saisissez votre mot de passe actuel.",
        "incorrect_password": "Ce n’est pas votre mot de passe actuel.",
        "invalid_password_reset": "Ce lien a déjà servi ou a plus de trois jours. Demandez-en un nouveau.",
        "rate_limited": "Trop de demandes en peu de temps. Attendez une minute avant de recommencer.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def is_reauthentication_required(self, *, app: str, **kwargs) -> bool:
        """Sensitive pages ask for the password again, unless it was given to log in less than five minutes ago."""
        if not super().is_reauthentication_required(app=app, **kwargs):
            return False
        request = context.request
        if request.session.get("account_authentication_methods_user") != str(request.user.pk):
            return True
        records = request.session.get("account_authentication_methods", [])
        return not any(time.time() - record["at"] < app_settings.REAUTHENTICATION_TIMEOUT for record in records)

    def send_mail(self, template_prefix: str, email: str | list[str], context: dict) -> EmailMessage:
        """Queue the mail. The broker may be away: the row is already written and the periodic sweep sends it."""
        try:
            return super().send_mail(template_prefix, email, context)
        except OperationalError:
            logger.warning("broker unreachable, the mail waits in its table: %s", template_prefix)
            return self.render_mail(template_prefix, email, context)
