"""Modèles de saisie: which fields a form shows and asks for, by category of EG or type d’UO. Data, kept by support."""

from django.db import models
from django.db.models import Q

from nomenclature.models.concepts import Concept
from nomenclature.models.regional import TYPE_UO


class ModeleSaisie(models.Model):
    """One way to describe a fiche. What it does not say of a field, the general one of its kind says.

    An EG takes the modèle of its category, a UO that of its type; one modèle per kind is general.
    """

    class Kind(models.TextChoices):
        EG = "eg", "établissement (EG)"
        UO = "uo", "unité opérationnelle (UO)"

    code = models.SlugField("code", max_length=40, unique=True)
    libelle = models.CharField("libellé", max_length=120)
    kind = models.CharField("fiche", max_length=2, choices=Kind)
    categories = models.ManyToManyField(
        Concept,
        blank=True,
        related_name="+",
        limit_choices_to={"system__code": "TRE_R66"},
        verbose_name="catégories d’établissement",
    )
    types_uo = models.ManyToManyField(
        Concept,
        blank=True,
        related_name="+",
        limit_choices_to={"system__code": TYPE_UO},
        verbose_name="types d’UO",
    )
    general = models.BooleanField("modèle général", default=False)

    class Meta:
        verbose_name = "modèle de saisie"
        verbose_name_plural = "modèles de saisie"
        ordering = ["kind", "-general", "libelle"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind"],
                condition=Q(general=True),
                name="one_general_modele_per_kind",
                violation_error_message="Il y a déjà un modèle général pour cette sorte de fiche.",
            )
        ]

    def __str__(self) -> str:
        return self.libelle


class ChampSaisie(models.Model):
    """What a modèle says of one root field of the document (`nom`, `contacts`, `horaires`…).

    `attendu` counts in the completeness; `obligatoire` also stops « finaliser ». `minimum`: values or lines at least.
    `codes_permis`: empty means the whole value set; `codes_proposes` come first in the list.
    """

    modele = models.ForeignKey(ModeleSaisie, models.CASCADE, related_name="champs", verbose_name="modèle")
    champ = models.CharField("champ", max_length=60)
    section = models.CharField("section", max_length=60)
    ordre = models.PositiveSmallIntegerField("ordre", default=0)
    affiche = models.BooleanField("affiché", default=True)
    attendu = models.BooleanField("attendu (compte dans la complétude)", default=False)
    obligatoire = models.BooleanField("obligatoire pour finaliser", default=False)
    minimum = models.PositiveSmallIntegerField("nombre minimum", default=0, help_text="0 : pas de minimum.")
    aide = models.TextField("aide à la saisie", blank=True, max_length=500)
    codes_permis = models.ManyToManyField(Concept, blank=True, related_name="+", verbose_name="codes permis")
    codes_proposes = models.ManyToManyField(Concept, blank=True, related_name="+", verbose_name="codes proposés")

    class Meta:
        verbose_name = "champ du modèle"
        verbose_name_plural = "champs du modèle"
        ordering = ["ordre", "champ"]
        constraints = [
            models.UniqueConstraint(
                fields=["modele", "champ"],
                name="champ_once_per_modele",
                violation_error_message="Ce champ est déjà dans le modèle.",
            )
        ]

    def __str__(self) -> str:
        return self.champ


class GroupeActes(models.Model):
    """A heading under which a form shows actes spécifiques (Aides, Exercice spécifique…): NOS gives them no parent."""

    libelle = models.CharField("libellé", max_length=80, unique=True)
    ordre = models.PositiveSmallIntegerField("ordre", default=0)
    actes = models.ManyToManyField(
        Concept,
        blank=True,
        related_name="groupes_actes",
        limit_choices_to={"system__code": "TRE_R210"},
        verbose_name="actes spécifiques",
    )

    class Meta:
        verbose_name = "groupe d’actes"
        verbose_name_plural = "groupes d’actes"
        ordering = ["ordre", "libelle"]

    def __str__(self) -> str:
        return self.libelle
