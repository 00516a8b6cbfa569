"""Entité juridique, entité géographique, its lieux, and the optional internal organisation."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import Q
from django.urls import reverse
from modelcluster.fields import ParentalKey

from directory import identifiers
from directory.querysets import EntiteGeographiqueQuerySet, EntiteJuridiqueQuerySet
from nomenclature.fields import CodeField, ConceptField, ConceptsField
from nomenclature.models import Commune

from .common import Adresse, Fermeture, Fiche, Ligne, closing_constraints

FINESS_FORMAT = r"^[0-9][0-9A-Z][0-9]{7}$"


def _format(field: str, pattern: str, name: str) -> models.CheckConstraint:
    return models.CheckConstraint(condition=Q(**{field: None}) | Q(**{f"{field}__regex": pattern}), name=name)


class EntiteJuridique(Adresse, Fermeture, Fiche):
    """The legal person that owns establishments (domain model §3.1).

    `a_identifier`: a placeholder for an EJ number that the EG file quotes and no EJ file describes yet.
    """

    idnat_struct = models.CharField("idNat_Struct", max_length=20, unique=True, editable=False)
    finess = models.CharField(
        "FINESS juridique", max_length=9, unique=True, null=True, blank=True, validators=[identifiers.validate_finess]
    )
    siren = models.CharField("SIREN", max_length=9, null=True, blank=True, validators=[identifiers.validate_siren])
    rang = models.CharField("identifiant de cabinet", max_length=20, null=True, blank=True)
    raison_sociale = models.CharField("raison sociale", max_length=255)
    complement_raison_sociale = models.CharField("complément", max_length=255, blank=True)
    statut_juridique = ConceptField("statut juridique", value_set="JDV_J199", null=True, blank=True)
    date_creation = models.DateField("date de création", null=True, blank=True)
    a_identifier = models.BooleanField("à identifier", default=False, editable=False)
    commentaire = models.TextField("commentaire", blank=True, max_length=4000)

    objects = EntiteJuridiqueQuerySet.as_manager()

    class Meta:
        verbose_name = "entité juridique"
        verbose_name_plural = "entités juridiques"
        constraints = [
            _format("finess", FINESS_FORMAT, "ej_finess_format"),
            _format("siren", r"^[0-9]{9}$", "ej_siren_format"),
            models.CheckConstraint(
                condition=Q(finess__isnull=False) | Q(siren__isnull=False) | Q(rang__isnull=False),
                name="ej_has_a_national_number",
                violation_error_message="Une entité juridique a un FINESS ou un SIREN.",
            ),
            models.CheckConstraint(
                condition=Q(statut_juridique__isnull=False) | Q(a_identifier=True),
                name="ej_statut_juridique_unless_placeholder",
                violation_error_message="Le statut juridique est obligatoire.",
            ),
            *closing_constraints("ej"),
        ]

    def __str__(self):
        return self.raison_sociale

    def save(self, **kwargs):
        # The pivot never changes once made (domain model §2).
        self.idnat_struct = self.idnat_struct or identifiers.idnat_struct_of_ej(
            finess=self.finess, siren=self.siren, rang=self.rang
        )
        super().save(**kwargs)

    @property
    def cle(self) -> str:
        """The key of its address: FINESS, or idNat_Struct when there is none."""
        return self.finess or self.idnat_struct

    @property
    def display_name(self) -> str:
        return f"{self.raison_sociale} {self.complement_raison_sociale}".strip()

    def get_absolute_url(self) -> str:
        return reverse("directory:ej", args=[self.cle])


class EntiteGeographique(Fermeture, Fiche):
    """One place × one budget × one category (domain model §3.2). Two EG at one address are normal: never merged."""

    idnat_struct = models.CharField("idNat_Struct", max_length=20, unique=True, editable=False)
    finess = models.CharField(
        "FINESS géographique",
        max_length=9,
        unique=True,
        null=True,
        blank=True,
        validators=[identifiers.validate_finess],
    )
    siret = models.CharField("SIRET", max_length=14, null=True, blank=True, validators=[identifiers.validate_siret])
    rang = models.CharField("identifiant de cabinet", max_length=20, null=True, blank=True)
    entite_juridique = models.ForeignKey(
        EntiteJuridique, models.PROTECT, related_name="etablissements", verbose_name="entité juridique"
    )
    site_principal = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="annexes", verbose_name="site principal"
    )
    denomination = models.CharField("dénomination", max_length=255)
    complement_denomination = models.CharField("complément", max_length=255, blank=True)
    nom_operationnel = models.CharField("nom opérationnel", max_length=255, blank=True)
    categorie = ConceptField("catégorie", value_set="JDV_J55", db_index=True)
    modalite_participation_sph = ConceptField(
        "participation au service public hospitalier", value_set="JDV_J202", null=True, blank=True
    )
    zone_poser = models.BooleanField("zone de poser d’hélicoptère", null=True, blank=True)
    aides_financieres = ConceptsField("aides financières", value_set="JDV_J31", blank=True)
    hebergement_famille = models.BooleanField("hébergement des familles", null=True, blank=True)
    nb_place_aide_sociale_temporaire = models.PositiveIntegerField(
        "places d’aide sociale temporaires", null=True, blank=True
    )
    nb_place_aide_sociale_permanent = models.PositiveIntegerField(
        "places d’aide sociale permanentes", null=True, blank=True
    )
    accessibilite = ConceptField("accessibilité du lieu", value_set="JDV_J50", null=True, blank=True)
    niveau_recours_orsan = ConceptField("niveau de recours ORSAN", value_set="JDV_J204", null=True, blank=True)
    territoires_sante = ConceptsField("territoires de santé", value_set="JDV_J249", blank=True)
    date_ouverture = models.DateField("date d’ouverture", null=True, blank=True)
    date_autorisation = models.DateField("date d’autorisation", null=True, blank=True)
    commentaire = models.TextField("commentaire", blank=True, max_length=4000)

    objects = EntiteGeographiqueQuerySet.as_manager()

    class Meta:
        verbose_name = "entité géographique"
        verbose_name_plural = "entités géographiques"
        constraints = [
            _format("finess", FINESS_FORMAT, "eg_finess_format"),
            _format("siret", r"^[0-9]{14}$", "eg_siret_format"),
            models.CheckConstraint(
                condition=Q(finess__isnull=False) | Q(siret__isnull=False) | Q(rang__isnull=False),
                name="eg_has_a_national_number",
                violation_error_message="Un établissement a un FINESS ou un SIRET.",
            ),
            models.CheckConstraint(
                condition=Q(site_principal=None) | ~Q(site_principal=models.F("id")),
                name="eg_is_not_its_own_main_site",
            ),
            *closing_constraints("eg"),
        ]

    def __str__(self):
        return self.display_name

    def save(self, **kwargs):
        self.idnat_struct = self.idnat_struct or identifiers.idnat_struct_of_eg(
            finess=self.finess, siret=self.siret, rang=self.rang
        )
        super().save(**kwargs)

    @property
    def cle(self) -> str:
        return self.finess or self.idnat_struct

    @property
    def display_name(self) -> str:
        """The everyday name when the professionals have one, else the official name."""
        return self.nom_operationnel or self.denomination

    @property
    def lieu_principal(self) -> "Lieu | None":
        """The main entrance; reads the prefetched lieux when there are."""
        lieux = list(self.lieux.all())
        return next((lieu for lieu in lieux if lieu.est_principal), lieux[0] if lieux else None)

    def get_absolute_url(self) -> str:
        return reverse("directory:eg", args=[self.cle])


class Lieu(Adresse, Ligne):
    """A place of an EG: its main entrance, or where an offre is carried out (domain model §3.8, §3.9)."""

    entite_geographique = ParentalKey(EntiteGeographique, on_delete=models.CASCADE, related_name="lieux")
    est_principal = models.BooleanField("entrée principale", default=False)
    nom = models.CharField("nom", max_length=255, blank=True)
    description = models.TextField("accès", blank=True, max_length=4000)
    fonction = ConceptField("fonction", value_set="JDV_J198", null=True, blank=True)
    statut = CodeField("statut", value_set="JDV_J224", blank=True)
    commune = models.ForeignKey(
        Commune, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="commune"
    )
    latitude = models.FloatField("latitude (WGS84)", null=True, blank=True)
    longitude = models.FloatField("longitude (WGS84)", null=True, blank=True)
    coordonnees_fiables = models.BooleanField("coordonnées fiables", null=True, blank=True)

    class Meta:
        verbose_name = "lieu"
        verbose_name_plural = "lieux"
        ordering = ["-est_principal", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["entite_geographique", "uid"], name="lieu_uid_unique", deferrable=models.Deferrable.DEFERRED
            ),
            # An exclusion and not a unique index: only that can wait for the end of the transaction with a condition.
            ExclusionConstraint(
                name="one_main_entrance_per_eg",
                expressions=[("entite_geographique", RangeOperators.EQUAL)],
                condition=Q(est_principal=True),
                deferrable=models.Deferrable.DEFERRED,
                violation_error_message="Un établissement a une seule entrée principale.",
            ),
            models.CheckConstraint(
                condition=Q(latitude=None, longitude=None)
                | Q(latitude__gte=-90, latitude__lte=90, longitude__gte=-180, longitude__lte=180),
                name="lieu_coordinates_in_range",
            ),
        ]

    def __str__(self):
        return self.nom or ", ".join(self.postal_lines)


class OrganisationInterne(Fermeture, Fiche):
    """Pôle, service or unité fonctionnelle (domain model §3.3): a table only, no screen uses it yet."""

    identifiant = models.CharField("identifiant", max_length=60, unique=True)
    nom = models.CharField("nom", max_length=255)
    type_oi = CodeField("type", value_set="JDV_J203")
    entite_geographique = models.ForeignKey(EntiteGeographique, models.PROTECT, related_name="organisations")
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")

    class Meta:
        verbose_name = "organisation interne"
        verbose_name_plural = "organisations internes"
        constraints = closing_constraints("oi")

    def __str__(self):
        return self.nom
