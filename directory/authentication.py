"""How a request finds its person: in one query, with her rights and what the second factor's rule asks of her."""

import datetime as dt
import json
from functools import lru_cache

from allauth.account.auth_backends import AuthenticationBackend as AllauthBackend
from allauth.mfa.models import Authenticator
from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import Exists, OuterRef
from django.db.models.functions import JSONObject

from accounts.models import User
from directory.models import Habilitation, Role
from ror import clock
from ror.database import planned_once

SENSITIVE_ROLES = (Role.SUPPORT, Role.ADMINISTRATEUR)


class AuthenticationBackend(AllauthBackend):
    """allauth's login; the user of each request comes with `active_habilitations`, `has_totp`, `has_sensitive_role`.

    Read at each request, and kept for it alone: a role given, or a factor reset, counts at once.
    """

    def get_user(self, user_id) -> User | None:
        sql, known = _statement(clock.today())
        with planned_once(connection) as cursor:
            cursor.execute(sql, [*known, user_id])
            row = cursor.fetchone()
        if row is None:
            return None
        *own, has_totp, rights = row
        user = User.from_db(connection.alias, [field.attname for field in User._meta.concrete_fields], own)
        user.has_totp = has_totp
        user.active_habilitations = [Habilitation(user=user, **json.loads(right)) for right in rights]
        user.has_sensitive_role = any(right.role in SENSITIVE_ROLES for right in user.active_habilitations)
        return user if self.user_can_authenticate(user) else None


@lru_cache(maxsize=1)
def _statement(today: dt.date) -> tuple[str, tuple]:
    """The SQL that reads a person with her rights, and its parameters but the last, her key.

    Built once a day and not at each request: that took Django ten times longer than the query itself.
    """
    factors = Authenticator.objects.filter(user=OuterRef("pk"), type=Authenticator.Type.TOTP)
    active = Habilitation.objects.active(today).filter(user=OuterRef("pk"))
    right = JSONObject(role="role", ej_id="ej_id", eg_id="eg_id", departement_id="departement_id")
    person = User.objects.annotate(has_totp=Exists(factors), rights=ArraySubquery(active.values_list(right)))
    sql, (*known, _) = person.filter(pk=0).query.sql_with_params()
    return sql, tuple(known)
