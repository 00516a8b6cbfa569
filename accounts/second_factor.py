"""The second factor: what allauth.mfa may do here, in our words, with secrets encrypted in the database."""

import base64

from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import transaction

from accounts import sessions
from journal import models as journal
from journal import outbox


class MFAAdapter(DefaultMFAAdapter):
    """A dump or a backup alone must not give the codes: secrets are encrypted with a key made from SECRET_KEY."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": (
            "Ce code n’est pas le bon, ou il a déjà servi. Saisissez celui que l’application montre à présent."
        ),
        "cannot_delete_authenticator": "Votre rôle oblige à garder un second facteur.",
        "cannot_generate_recovery_codes": "Activez d’abord le second facteur.",
    }

    def encrypt(self, text: str) -> str:
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _cipher().decrypt(encrypted_text.encode()).decode()

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Compulsory for support and administrators. The request's user knows it, the authenticator's does not."""
        return not (settings.MFA_REQUIRED and context.request.user.must_have_second_factor)


def _cipher() -> MultiFernet:
    """Encrypts with SECRET_KEY, still reads what its predecessors (SECRET_KEY_FALLBACKS) wrote."""
    return MultiFernet([Fernet(_key(secret)) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _key(secret: str) -> bytes:
    derived = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"ror.second_factor").derive(secret.encode())
    return base64.urlsafe_b64encode(derived)


@transaction.atomic
def reset(*, user, by) -> bool:
    """Forget a lost factor, end the person's sessions, tell her. False when there was nothing to forget."""
    if not Authenticator.objects.filter(user=user).delete()[0]:
        return False
    sessions.end_all(user)
    entry = journal.write("reset_second_factor", f"user:{user.pk}", by=by, user=user.email)
    outbox.add(
        f"reset-second-factor:{entry.pk}",
        to=[user],
        subject="Votre second facteur a été retiré",
        template="account/email/factor_reset.txt",
        context={},
    )
    return True
