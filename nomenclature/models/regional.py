"""Regional lists: detail tables of concepts of regional systems, and everyday words."""

from django.core.exceptions import ValidationError
from django.db import models

from nomenclature.models.concepts import Concept
from nomenclature.text import normalise

TYPE_UO = "ror-type-uo"
FILIERE = "ror-filiere"
PATIENTELE = "ror-patientele"
TYPE_OFFRE = "ror-type-offre"
ACCUEIL = "ror-accueil"


class TypeUO(models.Model):
    """What the portal calls « type d’UO »: a national type d’offre, often with its mode de prise en charge and champ.

    Empty mode or champ means the type does not fix it. `categories`: EG categories (TRE_R66) where it is proposed;
    none means everywhere.
    """

    concept = models.OneToOneField(
        Concept,
        models.PROTECT,
        primary_key=True,
        related_name="type_uo",
        limit_choices_to={"system__code": TYPE_UO},
        verbose_name="concept",
    )
    type_offre = models.ForeignKey(Concept, models.PROTECT, related_name="+", verbose_name="type d’offre (J238)")
    mode_prise_en_charge = models.ForeignKey(
        Concept, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="mode de prise en charge"
    )
    champ_activite = models.ForeignKey(
        Concept, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="champ d’activité"
    )
    categories = models.ManyToManyField(
        Concept,
        blank=True,
        related_name="types_uo_proposed",
        limit_choices_to={"system__code": "TRE_R66"},
        verbose_name="catégories d’établissement",
    )

    class Meta:
        verbose_name = "type d’UO"
        verbose_name_plural = "types d’UO"
        ordering = ["concept__label"]

    def __str__(self) -> str:
        return self.concept.label


class Filiere(models.Model):
    """A regional grouping of types d’UO and activités opérationnelles, used as a search dimension."""

    concept = models.OneToOneField(
        Concept,
        models.PROTECT,
        primary_key=True,
        related_name="filiere",
        limit_choices_to={"system__code": FILIERE},
        verbose_name="concept",
    )
    types_uo = models.ManyToManyField(TypeUO, blank=True, related_name="filieres", verbose_name="types d’UO")
    activites = models.ManyToManyField(
        Concept,
        blank=True,
        related_name="filieres",
        limit_choices_to={"system__code": "TRE_R211"},
        verbose_name="activités opérationnelles",
    )

    class Meta:
        verbose_name = "filière"
        ordering = ["concept__label"]

    def __str__(self) -> str:
        return self.concept.label


class Synonyme(models.Model):
    """An everyday word or a sigle, and the concept it leads to. One word may lead to several concepts."""

    texte = models.CharField("mot ou sigle", max_length=120)
    texte_normalise = models.CharField("forme comparée", max_length=120, editable=False)
    concept = models.ForeignKey(Concept, models.PROTECT, related_name="synonymes", verbose_name="concept")

    class Meta:
        verbose_name = "synonyme"
        ordering = ["texte_normalise", "concept"]
        constraints = [
            models.UniqueConstraint(fields=["texte_normalise", "concept"], name="synonyme_unique_per_concept"),
            models.CheckConstraint(condition=~models.Q(texte_normalise=""), name="synonyme_not_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.texte} → {self.concept.label}"

    def save(self, *args, **kwargs):
        self.texte_normalise = normalise(self.texte)
        super().save(*args, **kwargs)

    def clean(self) -> None:
        """« Désintox » after « desintox » is refused with words: the constraint speaks of a hidden field."""
        self.texte_normalise = normalise(self.texte)
        if not self.texte_normalise:
            raise ValidationError({"texte": "Indiquez au moins une lettre ou un chiffre."})
        twin = Synonyme.objects.filter(texte_normalise=self.texte_normalise, concept=self.concept_id)
        if self.concept_id and twin.exclude(pk=self.pk).exists():
            raise ValidationError({"texte": "Ce mot mène déjà à ce concept."})
