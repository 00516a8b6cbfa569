"""Our user: a person, known by an e-mail address; the invitation that opens an account, and its open sessions."""

import datetime as dt
import secrets

from django.conf import settings
from django.contrib.auth.base_user import BaseUserManager
from django.contrib.auth.models import AbstractBaseUser, PermissionsMixin
from django.contrib.sessions.base_session import AbstractBaseSession, BaseSessionManager
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone

SYSTEM_EMAIL = "systeme@ror.invalid"


class UserManager(BaseUserManager):
    """Creates accounts; the address is stored in lower case, so one person has one account."""

    def create_user(self, email: str, password: str | None = None, **attrs) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **attrs)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **attrs) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **attrs)

    def system(self) -> "User":
        """The author of what no person did (imports, effective dates): inactive, without password."""
        user, _ = self.get_or_create(
            email=SYSTEM_EMAIL,
            defaults={"first_name": "Système", "last_name": "ROR", "is_active": False, "closed_at": timezone.now()},
        )
        return user

    def get_by_natural_key(self, email: str) -> "User":
        return self.get(email__iexact=email)


class User(AbstractBaseUser, PermissionsMixin):
    """A nominative account. Rights on structures are `directory.Habilitation`s, never fields here."""

    email = models.EmailField("adresse électronique", unique=True)
    first_name = models.CharField("prénom", max_length=150, blank=True)
    last_name = models.CharField("nom", max_length=150, blank=True)
    fonction = models.CharField("fonction", max_length=150, blank=True)
    is_active = models.BooleanField("compte actif", default=True)
    is_staff = models.BooleanField("accès à l'administration", default=False)
    date_joined = models.DateTimeField("créé le", default=timezone.now)
    # Closed by support; an account that waits for its invitation is inactive too, but not closed.
    closed_at = models.DateTimeField("fermé le", null=True, blank=True, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = []

    class Meta:
        verbose_name = "utilisateur"
        constraints = [
            models.UniqueConstraint(Lower("email"), name="user_email_unique_whatever_the_case"),
            models.CheckConstraint(condition=Q(closed_at=None) | Q(is_active=False), name="user_closed_is_inactive"),
        ]

    def __str__(self):
        return self.get_full_name() or self.email

    def get_full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    def get_short_name(self) -> str:
        return self.first_name or self.email

    @property
    def must_have_second_factor(self) -> bool:
        """Support and administrators; `has_sensitive_role` comes from `directory.authentication`."""
        return self.is_staff or self.is_superuser or getattr(self, "has_sensitive_role", False)

    @property
    def lacks_second_factor(self) -> bool:
        """The rule applies and she has none: every page sends her to its activation. No query."""
        return settings.MFA_REQUIRED and self.must_have_second_factor and not getattr(self, "has_totp", False)

    @property
    def initials(self) -> str:
        """Two letters for the avatar."""
        return ((self.first_name[:1] + self.last_name[:1]) or self.email[:2]).upper()


class Session(AbstractBaseSession):
    """An open session, with its owner, so that all those of a person can be listed, and ended at once.

    Rows are written by `accounts.sessions.SessionStore`; times are those of the server, never the moved clock.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="sessions_ouvertes")
    started_at = models.DateTimeField("ouverte le", default=timezone.now)
    seen_at = models.DateTimeField("dernière activité", default=timezone.now)
    device = models.CharField("appareil", max_length=60, blank=True)

    objects = BaseSessionManager()

    class Meta(AbstractBaseSession.Meta):
        verbose_name = "session"

    @classmethod
    def get_session_store_class(cls):
        from accounts.sessions import SessionStore  # noqa: PLC0415 - Django's own shape: the store names its model

        return SessionStore


def new_nonce() -> str:
    return secrets.token_urlsafe(16)


class InvitationQuerySet(models.QuerySet):
    """States follow from dates."""

    def open(self):
        """Neither accepted nor cancelled: pending or expired; one at most for an account."""
        return self.filter(accepted_at=None, cancelled_at=None)

    def pending(self):
        return self.open().filter(expires_at__gt=timezone.now())

    def expired(self):
        return self.open().filter(expires_at__lte=timezone.now())


class Invitation(models.Model):
    """A link sent to the owner of a new account, who chooses a password with it, once.

    `nonce` is in the link: sending again draws a new one, which kills the link sent before.
    """

    user = models.ForeignKey(User, models.PROTECT, related_name="invitations", verbose_name="compte")
    purpose = models.CharField("pour", max_length=300)  # « référente de CSAPA Les Mésanges », said in the mail
    invited_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="par")
    created_at = models.DateTimeField("créée le", default=timezone.now)
    sent_at = models.DateTimeField("envoyée le", default=timezone.now)
    expires_at = models.DateTimeField("expire le")
    nonce = models.CharField(max_length=40, default=new_nonce, editable=False)
    accepted_at = models.DateTimeField("acceptée le", null=True, blank=True)
    cancelled_at = models.DateTimeField("annulée le", null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = "invitation"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(accepted_at=None, cancelled_at=None),
                name="one_open_invitation_per_account",
            ),
            models.CheckConstraint(
                condition=Q(accepted_at=None) | Q(cancelled_at=None), name="invitation_accepted_or_cancelled"
            ),
            models.CheckConstraint(condition=Q(expires_at__gt=F("sent_at")), name="invitation_lasts"),
        ]

    def __str__(self):
        return f"{self.user.email} : {self.state}"

    @property
    def state(self) -> str:
        if self.accepted_at:
            return "acceptée"
        if self.cancelled_at:
            return "annulée"
        return "en attente" if self.expires_at > timezone.now() else "expirée"

    def renew(self, lasting: dt.timedelta) -> None:
        """A new link from now; the one before it no longer serves. Not saved."""
        self.nonce, self.sent_at = new_nonce(), timezone.now()
        self.expires_at = self.sent_at + lasting
