"""How a request finds its person: in one query, with what the second factor's rule asks of her."""

from allauth.account.auth_backends import AuthenticationBackend as AllauthBackend
from allauth.mfa.models import Authenticator
from django.db.models import Exists, OuterRef

from accounts.models import User
from directory.models import Habilitation, Role
from ror import clock

SENSITIVE_ROLES = (Role.SUPPORT, Role.ADMINISTRATEUR)


class AuthenticationBackend(AllauthBackend):
    """allauth's login; the user of each request comes with `has_totp` and `has_sensitive_role` (bool).

    Read at each request like the habilitations themselves: a role given, or a factor reset, counts at once.
    """

    def get_user(self, user_id) -> User | None:
        roles = Habilitation.objects.active(clock.today()).filter(user=OuterRef("pk"), role__in=SENSITIVE_ROLES)
        factors = Authenticator.objects.filter(user=OuterRef("pk"), type=Authenticator.Type.TOTP)
        found = User.objects.filter(pk=user_id).annotate(has_totp=Exists(factors), has_sensitive_role=Exists(roles))
        user = found.first()
        return user if user is not None and self.user_can_authenticate(user) else None
