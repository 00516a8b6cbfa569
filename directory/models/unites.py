"""Unité opérationnelle: the offer itself (`OffreOperationnelle` of the national model, domain model §3.5)."""

import pgtrigger
from django.conf import settings
from django.db import connection, models
from django.db.models import Case, F, Q, Value, When
from django.urls import reverse
from modelcluster.fields import ParentalKey, ParentalManyToManyField

from directory import identifiers
from directory.querysets import UniteOperationnelleQuerySet
from nomenclature.fields import ConceptField, ConceptsField
from nomenclature.models import Commune

from .common import Fermeture, Fiche, Ligne, closing_constraints
from .entites import EntiteGeographique, OrganisationInterne

SEQUENCE = "directory_identifiant_offre"


def next_identifiant_offre() -> str:
    """`<région>/<n>`: unique, never given twice (domain model §2)."""
    with connection.cursor() as cursor:
        cursor.execute(f"select nextval('{SEQUENCE}')")
        return f"{settings.REGION_CODE}/{cursor.fetchone()[0]}"


class AgeUnit(models.TextChoices):
    """UCUM units allowed for an age (RG_EXP_048)."""

    YEARS = "a", "ans"
    MONTHS = "mo", "mois"
    WEEKS = "wk", "semaines"
    DAYS = "d", "jours"


DAYS_PER_UNIT = {AgeUnit.YEARS: 365.25, AgeUnit.MONTHS: 30.4375, AgeUnit.WEEKS: 7.0, AgeUnit.DAYS: 1.0}


def _in_days(field: str) -> Case:
    """An age converted to days: ages are compared so, never on the raw number (domain model §3.7)."""
    return Case(
        *[When(**{f"{field}_unite": unit}, then=F(field) * Value(days)) for unit, days in DAYS_PER_UNIT.items()],
        default=None,
        output_field=models.FloatField(),
    )


class UniteOperationnelle(Fermeture, Fiche):
    """One offer of an EG. Its champ and its mode never change once published (RG_EXP_010, RG_EXP_011)."""

    identifiant = models.CharField(
        "identifiant de l’offre", max_length=40, unique=True, default=next_identifiant_offre, editable=False
    )
    entite_geographique = models.ForeignKey(
        EntiteGeographique, models.PROTECT, related_name="unites", verbose_name="établissement"
    )
    organisation_interne = models.ForeignKey(
        OrganisationInterne, models.PROTECT, null=True, blank=True, related_name="unites", verbose_name="service"
    )
    nom = models.CharField("nom de l’UO", max_length=255)
    type_uo = ConceptField("type d’UO", value_set="ror-type-uo", null=True, blank=True)
    type_offre = ConceptField("type d’offre", value_set="JDV_J238", null=True, blank=True)
    champ_activite = ConceptField("champ d’activité", value_set="JDV_J20")
    mode_prise_en_charge = ConceptField("mode de prise en charge", value_set="JDV_J19")
    temporalite_accueil = ConceptField("temporalité d’accueil", value_set="JDV_J30", null=True, blank=True)
    modalites_accueil = ConceptsField("modalités d’accueil", value_set="JDV_J226", blank=True)
    modes_gestion = ConceptsField("modes de gestion", value_set="JDV_J26", blank=True)
    unite_sensible = models.BooleanField("unité sensible", default=False)  # RG_EXP_035
    saisie_capacitaire_active = models.BooleanField("saisie des capacités activée", default=False)

    age_min = models.DecimalField("âge minimum", max_digits=5, decimal_places=1, null=True, blank=True)
    age_min_unite = models.CharField("unité", max_length=2, choices=AgeUnit, default=AgeUnit.YEARS, blank=True)
    age_max = models.DecimalField("âge maximum", max_digits=5, decimal_places=1, null=True, blank=True)
    age_max_unite = models.CharField("unité", max_length=2, choices=AgeUnit, default=AgeUnit.YEARS, blank=True)
    age_min_jours = models.GeneratedField(
        expression=_in_days("age_min"), output_field=models.FloatField(), db_persist=True, null=True
    )
    age_max_jours = models.GeneratedField(
        expression=_in_days("age_max"), output_field=models.FloatField(), db_persist=True, null=True
    )
    publics = ConceptsField("publics pris en charge", value_set="JDV_J29", blank=True)

    actes_specifiques = ConceptsField("actes spécifiques", value_set="JDV_J16", blank=True)
    actes_hors_cabinet = ConceptsField("actes réalisés hors cabinet", value_set="JDV_J16", blank=True)
    specialisations = ConceptsField("spécialisations de prise en charge", value_set="JDV_J35", blank=True)
    professions_ressources = ConceptsField("professions ressources", value_set="JDV_J186", blank=True)
    competences_specifiques = ConceptsField("compétences spécifiques", value_set="JDV_J33", blank=True)
    specialites_ordinales = ConceptsField("spécialités ordinales", value_set="JDV_J210", blank=True)  # regional
    niveaux_expertise = ConceptsField("niveaux d’expertise", value_set="JDV_J227", blank=True)
    habilitation_soins_sans_consentement = models.BooleanField(
        "habilitée aux soins sans consentement", null=True, blank=True
    )
    ouverture_annuelle = ConceptField("ouverture annuelle", value_set="JDV_J28", null=True, blank=True)
    ouvert_jours_feries = models.BooleanField("ouverte les jours fériés", null=True, blank=True)  # regional
    zones_intervention = ParentalManyToManyField(  # communes only (RG_EXP_009)
        Commune, related_name="+", blank=True, verbose_name="zone d’intervention"
    )
    secteur_psychiatrique = models.CharField("secteur psychiatrique", max_length=255, blank=True)
    adresse_mss = models.EmailField("boîte MSSanté", blank=True)

    # Regional free texts (domain model §10).
    conditions_admission = models.TextField("conditions d’admission", blank=True, max_length=4000)
    conditions_accueil = models.TextField("conditions d’accueil", blank=True, max_length=4000)
    animaux_domestiques = models.TextField("animaux domestiques", blank=True, max_length=4000)
    complements = models.TextField("compléments d’information", blank=True, max_length=4000)

    objects = UniteOperationnelleQuerySet.as_manager()

    class Meta:
        verbose_name = "unité opérationnelle"
        verbose_name_plural = "unités opérationnelles"
        constraints = [
            models.CheckConstraint(
                condition=Q(identifiant__regex=identifiers.IDENTIFIANT_OFFRE.pattern), name="uo_identifiant_format"
            ),
            models.CheckConstraint(condition=Q(age_min=None) | Q(age_min__gte=0), name="uo_age_min_not_negative"),
            models.CheckConstraint(
                condition=Q(age_min_jours=None) | Q(age_max_jours=None) | Q(age_max_jours__gte=F("age_min_jours")),
                name="uo_age_min_below_age_max",
                violation_error_message="L’âge maximum est inférieur à l’âge minimum.",
            ),
            models.CheckConstraint(  # RG_EXP_048
                condition=Q(age_min_unite__in=AgeUnit.values) & Q(age_max_unite__in=AgeUnit.values),
                name="uo_age_units_a_mo_wk_d",
            ),
            *closing_constraints("uo"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="uo_champ_and_mode_never_change",  # RG_EXP_010, RG_EXP_011
                when=pgtrigger.Before,
                operation=pgtrigger.UpdateOf("champ_activite_id", "mode_prise_en_charge_id"),
                condition=pgtrigger.Q(old__version__gt=0)
                & (
                    pgtrigger.Q(old__champ_activite__df=pgtrigger.F("new__champ_activite"))
                    | pgtrigger.Q(old__mode_prise_en_charge__df=pgtrigger.F("new__mode_prise_en_charge"))
                ),
                func="raise exception using errcode = 'check_violation', "
                "constraint = 'uo_champ_and_mode_never_change', "
                "message = 'champ_activite and mode_prise_en_charge never change (RG_EXP_010, RG_EXP_011)';",
            ),
            pgtrigger.Trigger(
                name="uo_made_sensitive_hides_its_contacts",  # RG_EXP_039
                when=pgtrigger.After,
                timing=pgtrigger.Deferred,
                operation=pgtrigger.UpdateOf("unite_sensible"),
                func="if exists (select 1 from directory_contact c join directory_uniteoperationnelle u "
                "on u.id = c.unite_id where u.id = new.id and u.unite_sensible and c.niveau < 3) then "
                "raise exception using errcode = 'check_violation', "
                "constraint = 'contacts_of_a_sensitive_unit_are_level_3', "
                "message = 'contacts_of_a_sensitive_unit_are_level_3'; end if; return null;",
            ),
        ]

    def __str__(self):
        return self.nom

    @property
    def cle(self) -> str:
        """`11-123` for identifiant `11/123`."""
        return self.identifiant.replace("/", "-", 1)

    def get_absolute_url(self) -> str:
        return reverse("directory:uo", args=[self.cle])

    @property
    def serves_children(self) -> bool:
        """The age interval meets childhood; an unknown minimum counts as 0, both unknown as « not said »."""
        if self.age_min is None and self.age_max is None:
            return False
        return float(_days(self.age_min, self.age_min_unite) or 0) < settings.CHILD_ADULT_AGE * 365.25

    @property
    def serves_adults(self) -> bool:
        """The age interval meets adulthood; an unknown maximum has no limit."""
        if self.age_min is None and self.age_max is None:
            return False
        limit = _days(self.age_max, self.age_max_unite)
        return limit is None or limit >= settings.CHILD_ADULT_AGE * 365.25

    @property
    def patientele(self) -> str:
        """« E », « A », « E+A » or nothing when no age is known."""
        return "+".join(code for code, on in (("E", self.serves_children), ("A", self.serves_adults)) if on)


def _days(age, unit: str) -> float | None:
    return None if age is None else float(age) * DAYS_PER_UNIT[unit]


class ActiviteOperationnelle(Ligne):
    """An activity and its SERAFIN family: the pair is the unit (domain model §3.6, RG_EXP_007)."""

    unite = ParentalKey(UniteOperationnelle, on_delete=models.CASCADE, related_name="activites")
    activite = ConceptField("activité opérationnelle", value_set="JDV_J17")
    famille = ConceptField("famille d’activité", value_set="JDV_J51", null=True, blank=True)

    class Meta:
        verbose_name = "activité opérationnelle"
        verbose_name_plural = "activités opérationnelles"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["unite", "uid"], name="activite_uid_unique", deferrable=models.Deferrable.DEFERRED
            ),
            models.UniqueConstraint(
                fields=["unite", "activite", "famille"],
                name="activite_and_famille_once_per_uo",
                nulls_distinct=False,
                deferrable=models.Deferrable.DEFERRED,
                violation_error_message="La même activité y est deux fois avec la même famille.",
            ),
        ]


class LieuDeLOffre(Ligne):
    """Where a UO works: the uid of a lieu of its EG, resolved when the UO is published (lieu ↔ offre is n-n)."""

    unite = ParentalKey(UniteOperationnelle, on_delete=models.CASCADE, related_name="lieux_offre")
    lieu_uid = models.CharField("lieu", max_length=32)

    class Meta:
        verbose_name = "lieu de l’offre"
        verbose_name_plural = "lieux de l’offre"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["unite", "uid"], name="lieu_offre_uid_unique", deferrable=models.Deferrable.DEFERRED
            ),
            models.UniqueConstraint(
                fields=["unite", "lieu_uid"], name="lieu_once_per_uo", deferrable=models.Deferrable.DEFERRED
            ),
        ]
