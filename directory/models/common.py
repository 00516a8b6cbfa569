"""What several aggregates share: dates, stable line identifiers, addresses and the closing triple."""

import datetime as dt
import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from modelcluster.models import ClusterableModel

from nomenclature.fields import CodeField

TEMPORARY_CLOSINGS = ("PRO", "PRE")  # domain model §5.1; every other type of TRE_R286 is definitive


def new_uid() -> str:
    """A stable name for one line of a fiche, the same in drafts, versions and diffs."""
    return uuid.uuid4().hex


class Horodatage(models.Model):
    """Creation and last change (metadonnee, RG_EXP_023 to 025). Written by publishing and imports, not by save()."""

    created_at = models.DateTimeField("créé le", default=timezone.now, editable=False)
    updated_at = models.DateTimeField("mis à jour le", default=timezone.now, editable=False)

    class Meta:
        abstract = True


class Ligne(Horodatage):
    """A line of a fiche (contact, horaire, activité…), matched by `uid` between two documents."""

    uid = models.CharField(max_length=32, default=new_uid, editable=False)

    class Meta:
        abstract = True


class Fiche(Horodatage, ClusterableModel):
    """A document of the directory. `version` counts its publications; 0 is not published yet."""

    version = models.PositiveIntegerField("version", default=0, editable=False)
    published_at = models.DateTimeField("publié le", null=True, blank=True, editable=False)
    verified_at = models.DateTimeField("vérifié le", null=True, blank=True, editable=False)
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    region_source = models.CharField("région source", max_length=3, default=settings.REGION_CODE, editable=False)

    class Meta:
        abstract = True


class Adresse(models.Model):
    """A postal address (NF Z 10-011, 38 characters a printed line); the commune code is not part of it."""

    point_remise = models.CharField("point de remise", max_length=60, blank=True)
    complement_point_geographique = models.CharField("complément d’adresse", max_length=60, blank=True)
    numero_voie = models.CharField("numéro", max_length=10, blank=True)
    extension = models.CharField("extension", max_length=10, blank=True)
    libelle_voie = models.CharField("voie", max_length=120, blank=True)
    lieu_dit = models.CharField("lieu-dit", max_length=60, blank=True)
    mention_distribution = models.CharField("mention de distribution", max_length=60, blank=True)
    code_postal = models.CharField("code postal", max_length=5, blank=True)
    localite = models.CharField("localité", max_length=60, blank=True)

    class Meta:
        abstract = True

    @property
    def street(self) -> str:
        """« 12 bis rue de Paris », or the place name when there is no street."""
        return " ".join(part for part in (self.numero_voie, self.extension, self.libelle_voie) if part)

    @property
    def postal_lines(self) -> list[str]:
        """The lines of the address, without empty ones."""
        town = f"{self.code_postal} {self.localite}".strip()
        lines = [
            self.point_remise,
            self.complement_point_geographique,
            self.street,
            self.lieu_dit,
            self.mention_distribution,
            town,
        ]
        return [line for line in lines if line]


class Fermeture(models.Model):
    """The closing triple (RG_EXP_043 to 046). A future date means « still open until that day ».

    `is_open(on)` is computed, never stored; SQL twins are in querysets.py.
    """

    type_fermeture = CodeField("type de fermeture", value_set="JDV_J201", blank=True)
    date_fermeture = models.DateField("date de fermeture", null=True, blank=True)
    date_reouverture = models.DateField("date prévisionnelle de réouverture", null=True, blank=True)

    class Meta:
        abstract = True

    @property
    def is_closing_temporary(self) -> bool:
        return self.type_fermeture in TEMPORARY_CLOSINGS

    def is_closed(self, on: dt.date) -> bool:
        """Closed on that day, whatever the kind of closing."""
        if not self.date_fermeture or self.date_fermeture > on:
            return False
        return not (self.is_closing_temporary and self.date_reouverture and self.date_reouverture <= on)

    def is_closed_for_good(self, on: dt.date) -> bool:
        return self.is_closed(on) and not self.is_closing_temporary


def closing_constraints(name: str) -> list[models.CheckConstraint]:
    """The rules of the closing triple, named after the table."""
    return [
        models.CheckConstraint(  # RG_EXP_043
            condition=Q(type_fermeture="", date_fermeture=None)
            | (~Q(type_fermeture="") & Q(date_fermeture__isnull=False)),
            name=f"{name}_closing_type_and_date_together",
            violation_error_message="Le type et la date de fermeture vont ensemble.",
        ),
        models.CheckConstraint(  # RG_EXP_045
            condition=Q(date_reouverture=None) | Q(type_fermeture__in=TEMPORARY_CLOSINGS),
            name=f"{name}_reopening_only_if_temporary",
            violation_error_message="Seule une fermeture provisoire a une date de réouverture.",
        ),
        models.CheckConstraint(
            condition=Q(date_reouverture=None) | Q(date_reouverture__gte=models.F("date_fermeture")),
            name=f"{name}_reopens_after_it_closes",
            violation_error_message="La réouverture ne peut pas précéder la fermeture.",
        ),
    ]
