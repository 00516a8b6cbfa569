"""Giving a right and taking it back; `problems` says each refused combination in words, for forms and services."""

import datetime as dt
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.utils import timezone

from accounts.models import User
from directory.authentication import SENSITIVE_ROLES
from directory.models import EntiteGeographique, EntiteJuridique, Habilitation, Role
from directory.models.habilitations import ON_A_STRUCTURE, ON_A_TERRITORY
from directory.permissions import Reader
from journal import models as journal
from nomenclature.models import Departement
from ror import clock


@dataclass(frozen=True)
class Right:
    """A role, on what, and when; not yet anybody's."""

    role: str
    ej: EntiteJuridique | None = None
    eg: EntiteGeographique | None = None
    departement: Departement | None = None
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None

    @property
    def words(self) -> str:
        """« comme référent de CSAPA Les Mésanges »."""
        role = Role(self.role).label
        if self.eg or self.ej:
            return f"comme {role} de {(self.eg or self.ej).display_name}"
        if self.departement:
            return f"comme {role} pour le département {self.departement.nom}"
        return f"comme {role}"


def problems(right: Right) -> dict[str, str]:
    """What is refused, by field: one perimeter at most, of the kind the role asks for, and dates in order."""
    found: dict[str, str] = {}
    named = [name for name in ("ej", "eg", "departement") if getattr(right, name)]
    if len(named) > 1:
        found[named[-1]] = "Un droit porte sur un seul périmètre : une structure ou un département, pas les deux."
    elif right.role in ON_A_STRUCTURE and named == ["departement"]:
        found["departement"] = f"Le rôle « {Role(right.role).label} » porte sur une structure, pas sur un département."
    elif right.role in ON_A_STRUCTURE and not named:
        found["eg"] = f"Le rôle « {Role(right.role).label} » porte sur une structure : dites laquelle."
    elif right.role in ON_A_TERRITORY and named and named != ["departement"]:
        found[named[0]] = f"Le rôle « {Role(right.role).label} » porte sur un département, ou sur toute la région."
    if right.valid_from and right.valid_to and right.valid_to < right.valid_from:
        found["valid_to"] = "La fin vient avant le début."
    return found


def may_grant(by: User, role: str) -> bool:
    """Support gives the rights of professionals; an administrator alone makes support or an administrator."""
    if role not in SENSITIVE_ROLES or by.is_superuser:
        return True
    mine = Habilitation.objects.active(clock.today()).filter(user=by, role=Role.ADMINISTRATEUR, departement=None)
    return mine.exists()


def may_manage(reader: Reader, right: Right) -> bool:
    """Support of the whole region: everything; of a département: the rights on its establishments."""
    if not reader.is_support:
        return False
    if not reader.support_departements:
        return True
    return right.eg is not None and territory(EntiteGeographique.objects.filter(pk=right.eg.pk), reader).exists()


def territory(rows: models.QuerySet, reader: Reader, eg: str = "") -> models.QuerySet:
    """The rows whose establishment (path `eg__`, or the row itself) has its main entrance in their département."""
    if not reader.support_departements:
        return rows
    only = {f"{eg}lieux__est_principal": True, f"{eg}lieux__commune__departement__in": reader.support_departements}
    return rows.filter(**only)


@transaction.atomic
def grant(*, user: User, right: Right, by: User) -> Habilitation:
    """Give the right, from today unless it says otherwise; the one she has already is returned as it is.

    Raises PermissionDenied. The caller has shown `problems`; the constraints refuse what is left.
    """
    if not may_grant(by, right.role) or not may_manage(Reader.of(by), right):
        raise PermissionDenied
    User.objects.select_for_update(no_key=True).get(pk=user.pk)  # two supports at the same minute give one right
    what = {"role": right.role, "ej": right.ej, "eg": right.eg, "departement": right.departement}
    what["valid_to"], since = right.valid_to, right.valid_from or clock.today()
    same = Habilitation.objects.not_over(clock.today()).filter(user=user, valid_from__lte=since, **what)
    if found := same.first():
        return found
    given = Habilitation.objects.create(user=user, valid_from=since, **what)
    if right.role in SENSITIVE_ROLES and not user.is_staff:
        User.objects.filter(pk=user.pk).update(is_staff=True)  # lets in; what is found there follows the role
    write("add_habilitation", given, by=by)
    return given


@transaction.atomic
def revoke(habilitation_id: int, *, by: User) -> bool:
    """Take the right back, at the minute. False when it was taken back or over already. Raises PermissionDenied."""
    row = Habilitation.objects.select_related("user", "ej", "eg", "departement").get(pk=habilitation_id)
    right = Right(row.role, ej=row.ej, eg=row.eg, departement=row.departement)
    if not may_grant(by, row.role) or not may_manage(Reader.of(by), right):
        raise PermissionDenied
    still = Habilitation.objects.not_over(clock.today()).filter(pk=row.pk)
    if not still.update(revoked_at=timezone.now()):
        return False
    if not Habilitation.objects.not_over(clock.today()).filter(user=row.user, role__in=SENSITIVE_ROLES).exists():
        User.objects.filter(pk=row.user_id, is_superuser=False).update(is_staff=False)
    write("revoke_habilitation", row, by=by)
    return True


def write(action: str, row: Habilitation, *, by: User) -> None:
    """The journal line of a right."""
    journal.write(
        action,
        f"habilitation:{row.pk}",
        by=by,
        user=row.user.email,
        role=row.role,
        ej=row.ej and row.ej.cle,
        eg=row.eg and row.eg.cle,
        departement=row.departement_id,
        valid_from=row.valid_from.isoformat(),
        valid_to=row.valid_to and row.valid_to.isoformat(),
    )
