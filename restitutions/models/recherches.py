"""A search somebody runs again, and its alert."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone


class Alerte(models.TextChoices):
    AUCUNE = "aucune", "Aucune"
    QUOTIDIENNE = "quotidienne", "Chaque jour"
    HEBDOMADAIRE = "hebdomadaire", "Chaque semaine"


class RechercheEnregistree(models.Model):
    """`query`: parameters of the results page, in their shortest form (`SearchForm.pairs`).

    `known`: keys of what matched when the alert last looked (`alertes.matching`); `checked_on`: the day it did, by
    `ror.clock`; `n_found`: establishments it then found.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="recherches")
    name = models.CharField("nom", max_length=80)
    query = models.TextField("recherche")
    words = models.CharField("critères", max_length=400)
    alerte = models.CharField("alerte", max_length=12, choices=Alerte, default=Alerte.AUCUNE)
    known = ArrayField(models.CharField(max_length=60), default=list, blank=True, editable=False)
    n_found = models.PositiveIntegerField(null=True, blank=True, editable=False)
    checked_on = models.DateField("dernier passage", null=True, blank=True, editable=False)
    created_at = models.DateTimeField("enregistrée le", default=timezone.now, editable=False)

    class Meta:
        verbose_name = "recherche enregistrée"
        verbose_name_plural = "recherches enregistrées"
        ordering = [Lower("name"), "pk"]
        constraints = [
            models.UniqueConstraint("user", Lower("name"), name="one_saved_search_per_name"),
            models.CheckConstraint(condition=Q(alerte__in=Alerte.values), name="saved_search_alert_known"),
            models.CheckConstraint(condition=~Q(name="") & ~Q(query=""), name="saved_search_not_empty"),
        ]

    def __str__(self):
        return self.name
