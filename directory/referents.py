"""Who answers for a structure: two persons are recommended, and support watches that there are two."""

from dataclasses import dataclass

from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from accounts.models import Invitation
from directory.models import EntiteGeographique, Habilitation, Role
from ror import clock

ENOUGH = 2


@dataclass(frozen=True)
class Referent:
    """One line of the page: a right, and where its owner's invitation stands when the account is not open yet."""

    right: Habilitation
    invitation: Invitation | None

    @property
    def is_active(self) -> bool:
        return self.right.user.is_active and self.right.valid_from <= clock.today()


def of(eg: EntiteGeographique) -> list[Referent]:
    """Référents of an EG, directly or through its EJ, in force, to come or invited; in force first. Two queries."""
    rights = list(
        Habilitation.objects.not_over(clock.today())
        .filter(Q(eg=eg) | Q(ej=eg.entite_juridique_id), role=Role.REFERENT, user__closed_at=None)
        .select_related("user", "ej", "eg")
        .order_by("user__last_name", "user__email", "pk")
    )
    waiting = {row.user_id: row for row in Invitation.objects.open().filter(user__in=[row.user_id for row in rights])}
    lines = [Referent(right, waiting.get(right.user_id)) for right in rights]
    return sorted(lines, key=lambda line: not line.is_active)


def number_active(lines: list[Referent]) -> int:
    """Persons, not rights: one may answer for an EG and for its EJ."""
    return len({line.right.user_id for line in lines if line.is_active})


def counted(etablissements: QuerySet[EntiteGeographique]) -> QuerySet[EntiteGeographique]:
    """Each EG with `referents`, the number of persons who answer for it today."""
    rows = Habilitation.objects.active(clock.today()).filter(
        Q(eg=OuterRef("pk")) | Q(ej=OuterRef("entite_juridique")), role=Role.REFERENT
    )
    number = rows.order_by().values("role").annotate(n=Count("user", distinct=True)).values("n")
    return etablissements.annotate(referents=Coalesce(Subquery(number, output_field=IntegerField()), 0))
