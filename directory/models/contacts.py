"""Contacts and telecoms, each with its legal confidentiality level (domain model §3.13, §6)."""

import pgtrigger
from django.db import models
from django.db.models import Q
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel

from nomenclature.fields import CodeField, ConceptField

from .common import Ligne
from .entites import EntiteGeographique, EntiteJuridique
from .unites import UniteOperationnelle


class Niveau(models.IntegerChoices):
    """JDV_J222: who may see a contact. Code and rank are the same number, so levels compare."""

    PUBLIC = 1, "Grand public"
    PROFESSIONNELS = 2, "Professionnels"
    REGULATION = 3, "Régulation"


def _refuse(condition: str, constraint: str) -> str:
    return (
        f"if {condition} then raise exception using errcode = 'check_violation', "
        f"constraint = '{constraint}', message = '{constraint}'; end if; return null;"
    )


SENSITIVE = "contacts_of_a_sensitive_unit_are_level_3"
TELECOM = "telecom_level_at_least_its_contact_level"


class Contact(ClusterableModel, Ligne):
    """A person or a desk of an EJ, an EG or a UO: exactly one of the three."""

    entite_juridique = ParentalKey(
        EntiteJuridique, on_delete=models.CASCADE, null=True, blank=True, related_name="contacts"
    )
    entite_geographique = ParentalKey(
        EntiteGeographique, on_delete=models.CASCADE, null=True, blank=True, related_name="contacts"
    )
    unite = ParentalKey(UniteOperationnelle, on_delete=models.CASCADE, null=True, blank=True, related_name="contacts")
    nom = models.CharField("nom", max_length=255, blank=True)
    fonction = ConceptField("fonction", value_set="JDV_J220", null=True, blank=True)
    nature = ConceptField("nature", value_set="JDV_J221", null=True, blank=True)
    description = models.CharField("précision", max_length=500, blank=True)
    niveau = models.PositiveSmallIntegerField(  # RG_EXP_032
        "niveau de confidentialité", choices=Niveau, default=Niveau.PROFESSIONNELS
    )
    ordre = models.PositiveSmallIntegerField("ordre", default=0)

    class Meta:
        verbose_name = "contact"
        ordering = ["ordre", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(entite_juridique__isnull=False, entite_geographique=None, unite=None)
                | Q(entite_juridique=None, entite_geographique__isnull=False, unite=None)
                | Q(entite_juridique=None, entite_geographique=None, unite__isnull=False),
                name="contact_has_exactly_one_owner",
            ),
            models.CheckConstraint(  # RG_EXP_040
                condition=Q(nature=None) | Q(nom="", fonction=None),
                name="contact_nature_excludes_nom_and_fonction",
                violation_error_message="Un contact de service n’a ni nom ni fonction.",
            ),
            models.CheckConstraint(  # RG_EXP_041
                condition=Q(fonction=None) | ~Q(nom=""),
                name="contact_fonction_needs_a_nom",
                violation_error_message="Une fonction demande le nom de la personne.",
            ),
            models.CheckConstraint(condition=Q(niveau__in=Niveau.values), name="contact_niveau_1_2_3"),
            *[
                models.UniqueConstraint(
                    fields=[owner, "uid"], name=f"contact_uid_unique_{short}", deferrable=models.Deferrable.DEFERRED
                )
                for owner, short in (("entite_juridique", "ej"), ("entite_geographique", "eg"), ("unite", "uo"))
            ],
        ]
        triggers = [
            pgtrigger.Trigger(
                name="contact_sensitive_unit_level",  # RG_EXP_039
                when=pgtrigger.After,
                timing=pgtrigger.Deferred,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func=_refuse(
                    "exists (select 1 from directory_contact c "
                    "join directory_uniteoperationnelle u on u.id = c.unite_id "
                    "where c.id = new.id and u.unite_sensible and c.niveau < 3)",
                    SENSITIVE,
                ),
            ),
            pgtrigger.Trigger(
                name="contact_level_against_its_telecoms",  # RG_EXP_034
                when=pgtrigger.After,
                timing=pgtrigger.Deferred,
                operation=pgtrigger.UpdateOf("niveau"),
                func=_refuse(
                    "exists (select 1 from directory_contact c join directory_telecommunication t "
                    "on t.contact_id = c.id where c.id = new.id and t.niveau < c.niveau)",
                    TELECOM,
                ),
            ),
        ]

    def __str__(self):
        return self.label

    @property
    def label(self) -> str:
        """What the reader sees: the person and her function, or the desk."""
        if self.nature_id:
            return self.nature.label
        if self.fonction_id:
            return f"{self.nom}, {self.fonction.label[:1].lower()}{self.fonction.label[1:]}"
        return self.nom or "Contact"


class Canal(models.TextChoices):
    """JDV_J225, the channels our rules depend on."""

    MOBILE = "1", "téléphone mobile"
    FIXE = "2", "téléphone fixe"
    MEL = "3", "courrier électronique"
    WEB = "4", "site web"


class Telecommunication(Ligne):
    """A number or address. Never less restrictive than its contact (RG_EXP_033, RG_EXP_034)."""

    contact = ParentalKey(Contact, on_delete=models.CASCADE, related_name="telecoms")
    canal = CodeField("canal", value_set="JDV_J225")
    adresse = models.CharField("numéro ou adresse", max_length=255)
    utilisation = models.CharField("utilisation", max_length=255, blank=True)
    niveau = models.PositiveSmallIntegerField(
        "niveau de confidentialité", choices=Niveau, default=Niveau.PROFESSIONNELS
    )

    class Meta:
        verbose_name = "télécommunication"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["contact", "uid"], name="telecom_uid_unique", deferrable=models.Deferrable.DEFERRED
            ),
            models.CheckConstraint(condition=~Q(adresse=""), name="telecom_adresse_not_empty"),
            models.CheckConstraint(condition=~Q(canal=""), name="telecom_canal_not_empty"),
            models.CheckConstraint(condition=Q(niveau__in=Niveau.values), name="telecom_niveau_1_2_3"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="telecom_level_against_its_contact",  # RG_EXP_034
                when=pgtrigger.After,
                timing=pgtrigger.Deferred,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func=_refuse(
                    "exists (select 1 from directory_telecommunication t "
                    "join directory_contact c on c.id = t.contact_id where t.id = new.id and t.niveau < c.niveau)",
                    TELECOM,
                ),
            ),
        ]

    def __str__(self):
        return self.adresse
