"""Our user: a person, known by an e-mail address."""

from django.contrib.auth.base_user import BaseUserManager
from django.contrib.auth.models import AbstractBaseUser, PermissionsMixin
from django.db import models
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
            email=SYSTEM_EMAIL, defaults={"first_name": "Système", "last_name": "ROR", "is_active": False}
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

    objects = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = []

    class Meta:
        verbose_name = "utilisateur"
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_unique_whatever_the_case")]

    def __str__(self):
        return self.get_full_name() or self.email

    def get_full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    def get_short_name(self) -> str:
        return self.first_name or self.email

    @property
    def initials(self) -> str:
        """Two letters for the avatar."""
        return ((self.first_name[:1] + self.last_name[:1]) or self.email[:2]).upper()
