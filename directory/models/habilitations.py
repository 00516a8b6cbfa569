"""Who may do what, on which EJ, EG or territory, and until when."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from directory.querysets import HabilitationQuerySet
from nomenclature.models import Departement

from .entites import EntiteGeographique, EntiteJuridique


class Role(models.TextChoices):
    """Every account in activity reads levels 1 and 2; a role adds to that."""

    LECTEUR = "lecteur", "lecteur"
    REFERENT = "referent", "référent"
    CONTRIBUTEUR = "contributeur", "contributeur capacitaire"
    REGULATION = "regulation", "régulation"
    SUPPORT = "support", "support"
    ADMINISTRATEUR = "administrateur", "administrateur"


ON_A_STRUCTURE = (Role.REFERENT, Role.CONTRIBUTEUR)
ON_A_TERRITORY = (Role.REGULATION, Role.SUPPORT, Role.ADMINISTRATEUR)


class Habilitation(models.Model):
    """A role on an EJ (hence all its EG), an EG, a département, or the whole region when none is named.

    Asked at each request, so a revocation is immediate. `valid_to` is the last day, included; `revoked_at` ends it
    before that day, at the minute.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="habilitations")
    role = models.CharField("rôle", max_length=20, choices=Role)
    ej = models.ForeignKey(EntiteJuridique, models.PROTECT, null=True, blank=True, related_name="habilitations")
    eg = models.ForeignKey(EntiteGeographique, models.PROTECT, null=True, blank=True, related_name="habilitations")
    departement = models.ForeignKey(Departement, models.PROTECT, null=True, blank=True, related_name="+")
    valid_from = models.DateField("du")
    valid_to = models.DateField("au", null=True, blank=True)
    revoked_at = models.DateTimeField("retirée le", null=True, blank=True, editable=False)

    objects = HabilitationQuerySet.as_manager()

    class Meta:
        verbose_name = "habilitation"
        constraints = [
            models.CheckConstraint(
                condition=(Q(ej=None) & Q(eg=None))
                | (Q(ej=None) & Q(departement=None))
                | (Q(eg=None) & Q(departement=None)),
                name="habilitation_on_one_perimeter",
            ),
            models.CheckConstraint(
                condition=~Q(role__in=ON_A_STRUCTURE) | Q(ej__isnull=False) | Q(eg__isnull=False),
                name="habilitation_of_a_referent_names_a_structure",
            ),
            models.CheckConstraint(
                condition=~Q(role__in=ON_A_TERRITORY) | Q(ej=None, eg=None),
                name="habilitation_on_a_territory_names_no_structure",
                violation_error_message="Ce rôle porte sur un département, ou sur toute la région.",
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=models.F("valid_from")),
                name="habilitation_dates_in_order",
            ),
        ]

    def __str__(self):
        return f"{self.user} : {self.get_role_display()}"
