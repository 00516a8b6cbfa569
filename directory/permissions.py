"""Who is reading, and what that person may see or change. Read once per request, so a revocation is immediate."""

from dataclasses import dataclass, field

from django.conf import settings
from django.db.models import Q

from directory.models import EntiteGeographique, Habilitation, Niveau, Role
from directory.models.habilitations import ON_A_TERRITORY
from ror import clock


@dataclass(frozen=True)
class Reader:
    """Rights of one person today.

    `sees_all`: régulation, support or administrateur of the whole region (level 3, sensitive units);
    `departements`: the same, limited to these; `own_eg_ids`: structures a référent answers for (level 3 there).
    `is_support`: changes fiches, of the whole region or of `support_departements` when there are any.
    `is_public`: a machine that shows to everybody; it reads level 1 where a professional reads level 2.
    `may_extract`: takes more than a page of results away, hence the whole directory (`EXTRACTION_ROLES`).
    """

    sees_all: bool = False
    is_support: bool = False
    departements: frozenset[str] = field(default_factory=frozenset)
    own_eg_ids: frozenset[int] = field(default_factory=frozenset)
    support_departements: frozenset[str] = field(default_factory=frozenset)
    may_extract: bool = False
    is_public: bool = False

    @classmethod
    def of(cls, user) -> "Reader":
        """Two queries at most: the EG under an EJ when there is one, and the habilitations, unless they came with the
        user of the request (`directory.authentication`)."""
        rows = getattr(user, "active_habilitations", None)
        if rows is None:
            rows = list(Habilitation.objects.active(clock.today()).filter(user=user))
        privileged = [row for row in rows if row.role in ON_A_TERRITORY]
        support = [row for row in privileged if row.role in (Role.SUPPORT, Role.ADMINISTRATEUR)]
        everywhere = user.is_superuser or any(row.departement_id is None for row in support)
        mine = [row for row in rows if row.role == Role.REFERENT]
        eg_ids = {row.eg_id for row in mine if row.eg_id}
        ej_ids = {row.ej_id for row in mine if row.ej_id}
        if ej_ids:
            eg_ids.update(EntiteGeographique.objects.filter(entite_juridique__in=ej_ids).values_list("pk", flat=True))
        return cls(
            sees_all=user.is_superuser or any(row.departement_id is None for row in privileged),
            is_support=everywhere or bool(support),
            support_departements=frozenset(() if everywhere else (row.departement_id for row in support)),
            departements=frozenset(row.departement_id for row in privileged if row.departement_id),
            own_eg_ids=frozenset(eg_ids),
            may_extract=user.is_superuser or any(row.role in settings.EXTRACTION_ROLES for row in rows),
        )

    @classmethod
    def of_machine(cls, niveau: int, *, departement: str | None = None) -> "Reader":
        """Rights of a client of the API, which is no person: its level, in one département when there is one."""
        regulates = niveau == Niveau.REGULATION
        return cls(
            sees_all=regulates and departement is None,
            departements=frozenset([departement] if regulates and departement else ()),
            is_public=niveau == Niveau.PUBLIC,
        )

    @property
    def base_level(self) -> int:
        """The level read everywhere: 2 for people, who are all professionals."""
        return Niveau.PUBLIC if self.is_public else Niveau.PROFESSIONNELS

    @property
    def has_more_rights(self) -> bool:
        """Reads something, somewhere, that not every professional may read."""
        return bool(self.sees_all or self.departements or self.own_eg_ids)

    def level_on(self, *, eg_id: int | None, departement: str | None) -> int:
        """The highest confidentiality level this person reads on that establishment: 2, or 3 (1 for `is_public`)."""
        if self.sees_all or departement in self.departements or eg_id in self.own_eg_ids:
            return Niveau.REGULATION
        return self.base_level

    def may_edit(self, *, eg_id: int, departement: str | None) -> bool:
        """Twin of `editable_by` for one published EG and its units; `departement`: that of its main entrance."""
        return eg_id in self.own_eg_ids or self.supports(departement)

    def supports(self, departement: str | None) -> bool:
        """Support of the whole region, or of this département."""
        return self.is_support and (not self.support_departements or departement in self.support_departements)


def referents_of(eg: EntiteGeographique):
    """Habilitations of the référents of an EG, directly or through its EJ, in force today."""
    on_it = Q(eg=eg) | Q(ej=eg.entite_juridique_id)
    return Habilitation.objects.active(clock.today()).filter(on_it, role=Role.REFERENT).select_related("user")
