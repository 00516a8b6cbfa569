"""Opening hours of a UO (domain model §3.16): a typical week, and dated slots that override it."""

from django.db import models
from django.db.models import F, Q
from modelcluster.fields import ParentalKey

from nomenclature.fields import ConceptField

from .common import Ligne
from .unites import UniteOperationnelle


class Jour(models.IntegerChoices):
    """ISO weekday."""

    LUNDI = 1, "lundi"
    MARDI = 2, "mardi"
    MERCREDI = 3, "mercredi"
    JEUDI = 4, "jeudi"
    VENDREDI = 5, "vendredi"
    SAMEDI = 6, "samedi"
    DIMANCHE = 7, "dimanche"


class Horaire(Ligne):
    """One slot. Without period: every week (RG_EXP_015, 016). Type 08 with a period is a closure."""

    unite = ParentalKey(UniteOperationnelle, on_delete=models.CASCADE, related_name="horaires")
    type_plage = ConceptField("type de plage", value_set="JDV_J41", null=True, blank=True)
    jour_semaine = models.PositiveSmallIntegerField("jour", choices=Jour, null=True, blank=True)
    heure_debut = models.TimeField("de", null=True, blank=True)
    heure_fin = models.TimeField("à", null=True, blank=True)
    date_debut = models.DateField("du", null=True, blank=True)
    date_fin = models.DateField("au", null=True, blank=True)

    class Meta:
        verbose_name = "horaire"
        ordering = ["jour_semaine", "heure_debut", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["unite", "uid"], name="horaire_uid_unique", deferrable=models.Deferrable.DEFERRED
            ),
            models.CheckConstraint(  # RG_EXP_014
                condition=Q(jour_semaine__isnull=False) | Q(date_debut__isnull=False),
                name="horaire_has_a_weekday_or_a_period",
                violation_error_message="Un horaire demande un jour ou une période.",
            ),
            models.CheckConstraint(
                condition=Q(jour_semaine=None) | Q(jour_semaine__range=(1, 7)), name="horaire_iso_weekday"
            ),
            models.CheckConstraint(
                condition=Q(heure_debut=None, heure_fin=None) | Q(heure_fin__gt=F("heure_debut")),
                name="horaire_ends_after_it_begins",
                violation_error_message="L’heure de fin doit suivre l’heure de début.",
            ),
            models.CheckConstraint(
                condition=Q(date_fin=None) | Q(date_fin__gte=F("date_debut")),
                name="horaire_period_in_order",
                violation_error_message="La fin de la période précède son début.",
            ),
        ]
