"""Regions, départements and communes (INSEE, code officiel géographique)."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from nomenclature.models.concepts import Concept


class Region(models.Model):
    """A region or an overseas collectivity."""

    code = models.CharField("code INSEE", max_length=3, primary_key=True)
    nom = models.CharField("nom", max_length=60)

    class Meta:
        verbose_name = "région"
        ordering = ["nom"]

    def __str__(self) -> str:
        return self.nom


class Departement(models.Model):
    """A département; its territoire de santé (TRE_R88) is filled for Île-de-France, a table to fill elsewhere."""

    code = models.CharField("code INSEE", max_length=3, primary_key=True)
    nom = models.CharField("nom", max_length=60)
    region = models.ForeignKey(Region, models.PROTECT, related_name="departements", verbose_name="région")
    territoire_sante = models.ForeignKey(
        Concept, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="territoire de santé"
    )

    class Meta:
        verbose_name = "département"
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.nom} ({self.code})"


class Commune(models.Model):
    """A commune, or a municipal arrondissement of Paris, Lyon or Marseille (then `ville` is the whole city).

    `latitude`, `longitude`: centre, WGS84, degrees; null for the five TAAF districts. Do not add the population of a
    city to that of its arrondissements.
    """

    insee = models.CharField("code INSEE", max_length=5, primary_key=True)
    nom = models.CharField("nom", max_length=60)
    nom_ror = models.CharField("nom affiché", max_length=60)
    codes_postaux = ArrayField(models.CharField(max_length=5), verbose_name="codes postaux", default=list)
    departement = models.ForeignKey(Departement, models.PROTECT, related_name="communes", verbose_name="département")
    population = models.IntegerField("population", null=True, blank=True)
    latitude = models.FloatField("latitude", null=True, blank=True)
    longitude = models.FloatField("longitude", null=True, blank=True)
    ville = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="arrondissements", verbose_name="ville"
    )

    class Meta:
        verbose_name = "commune"
        ordering = ["nom", "insee"]
        indexes = [GinIndex(fields=["codes_postaux"], name="commune_codes_postaux")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(latitude__isnull=True, longitude__isnull=True)
                | models.Q(
                    latitude__isnull=False,
                    longitude__isnull=False,
                    latitude__range=(-90, 90),
                    longitude__range=(-180, 180),
                ),
                name="commune_centre_whole_or_absent",
            )
        ]

    def __str__(self) -> str:
        return self.nom_ror

    @property
    def territoire_sante(self) -> Concept | None:
        """That of the département: one territoire per département until a region needs finer."""
        return self.departement.territoire_sante
