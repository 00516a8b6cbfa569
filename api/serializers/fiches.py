"""An establishment and an offre, whole, over their documents (`directory.documents`) and what the view adds to them.

`context`: `concepts` (by `system|code`), `level` (the level this reader reads there).
"""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from api.serializers.fields import Code, Codes, Texte
from directory.models import Niveau
from directory.models.unites import AgeUnit

# Access policy (domain model §6.2): never for the general public; for régulation alone.
NOT_FOR_THE_PUBLIC = (
    "acteSpecifique",
    "acteRealiseHorsCabinet",
    "specialisationPriseEnCharge",
    "professionRessource",
    "competenceSpecifique",
)
FOR_REGULATION = ("niveauRecoursORSAN", "zonePoser")


class TelecommunicationSerializer(serializers.Serializer):
    canal = Code("TRE_R200")
    adresseTelecom = serializers.CharField(source="adresse")
    utilisation = Texte()
    niveauConfidentialite = serializers.IntegerField(source="niveau", min_value=1, max_value=3)


class ContactSerializer(serializers.Serializer):
    """Up to the level this reader reads, and so are its telecommunications."""

    nom = Texte()
    fonctionContact = Code(source="fonction")
    natureContact = Code(source="nature")
    description = Texte()
    niveauConfidentialite = serializers.IntegerField(source="niveau", min_value=1, max_value=3)
    telecommunication = TelecommunicationSerializer(source="telecoms", many=True)


class LieuSerializer(serializers.Serializer):
    """Degrees are WGS84; null without a position."""

    identifiant = serializers.CharField(source="uid")
    entreePrincipale = serializers.BooleanField(source="est_principal")
    nom = Texte()
    description = Texte()
    fonctionLieu = Code(source="fonction")
    statut = Code("TRE_R203")
    communeCog = serializers.CharField(source="commune_id", allow_null=True)
    pointRemise = Texte(source="point_remise")
    complementPointGeographique = Texte(source="complement_point_geographique")
    numeroVoie = Texte(source="numero_voie")
    extension = Texte()
    libelleVoie = Texte(source="libelle_voie")
    lieuDit = Texte(source="lieu_dit")
    mentionDistribution = Texte(source="mention_distribution")
    codePostal = Texte(source="code_postal")
    localite = Texte()
    latitude = serializers.FloatField(allow_null=True)
    longitude = serializers.FloatField(allow_null=True)
    coordonneesFiables = serializers.BooleanField(source="coordonnees_fiables", allow_null=True)


class HoraireSerializer(serializers.Serializer):
    """Without period: every week. Expired periods are not told (RG_EXP_018)."""

    typePlageHoraire = Code(source="type_plage")
    jourSemaine = serializers.IntegerField(source="jour_semaine", allow_null=True, min_value=1, max_value=7)
    heureDebut = serializers.CharField(source="heure_debut", allow_null=True)
    heureFin = serializers.CharField(source="heure_fin", allow_null=True)
    debutDateEffective = serializers.DateField(source="date_debut", allow_null=True)
    finDateEffective = serializers.DateField(source="date_fin", allow_null=True)


class ActiviteSerializer(serializers.Serializer):
    activiteOperationnelle = Code(source="activite")
    familleActiviteOperationnelle = Code(source="famille")


class MesureSerializer(serializers.Serializer):
    """An age; `unite` is UCUM: a, mo, wk, d."""

    valeur = serializers.FloatField()
    unite = serializers.ChoiceField(AgeUnit.choices)


class PatienteleSerializer(serializers.Serializer):
    """Bounds are included; null is no bound."""

    ageMin = serializers.SerializerMethodField()
    ageMax = serializers.SerializerMethodField()
    publicPrisEnCharge = Codes(source="publics")

    @extend_schema_field(MesureSerializer(allow_null=True))
    def get_ageMin(self, document: dict) -> dict | None:  # noqa: N802 - named after its field
        return _age(document["age_min"], document["age_min_unite"])

    @extend_schema_field(MesureSerializer(allow_null=True))
    def get_ageMax(self, document: dict) -> dict | None:  # noqa: N802
        return _age(document["age_max"], document["age_max_unite"])


def _age(value: str | None, unit: str) -> dict | None:
    return None if value is None else {"valeur": float(value), "unite": unit}


class DivisionSerializer(serializers.Serializer):
    """A part of the territory: its kind (TRE_R201) and its code (INSEE for a commune)."""

    type = serializers.CharField()
    code = serializers.CharField()


class MetadonneeSerializer(serializers.Serializer):
    """`version` counts the publications of the fiche."""

    dateCreation = serializers.DateTimeField(source="created_at")
    dateMiseJour = serializers.DateTimeField(source="updated_at")
    dateVerification = serializers.DateTimeField(source="verified_at", allow_null=True)
    version = serializers.IntegerField()
    regionSource = serializers.CharField(source="region_source")


class FicheSerializer(serializers.Serializer):
    """What both kinds share. Fields this level does not read are left out."""

    typeFermeture = Code("TRE_R286", source="type_fermeture")
    dateFermeture = serializers.DateField(source="date_fermeture", allow_null=True)
    datePrevisionnelleReouverture = serializers.DateField(source="date_reouverture", allow_null=True)
    contact = ContactSerializer(source="contacts", many=True)
    metadonnee = MetadonneeSerializer()
    page = serializers.URLField(help_text="La même fiche dans le portail.")

    def to_representation(self, instance: dict) -> dict:
        told, level = super().to_representation(instance), self.context["level"]
        left_out = NOT_FOR_THE_PUBLIC if level == Niveau.PUBLIC else ()
        left_out += FOR_REGULATION if level < Niveau.REGULATION else ()
        for name in left_out:
            told.pop(name, None)
        return told


class OffreLieeSerializer(serializers.Serializer):
    """An offre of the establishment, and where it is told."""

    identifiantOffre = serializers.CharField(source="identifiant")
    nomOffre = serializers.CharField(source="nom")
    url = serializers.URLField()


class EtablissementLieSerializer(serializers.Serializer):
    """The establishment of an offre, and where it is told."""

    idNat_Struct = serializers.CharField(source="idnat_struct")
    denominationEG = serializers.CharField(source="denomination")
    url = serializers.URLField()


class EtablissementCompletSerializer(FicheSerializer):
    """An establishment (EntiteGeographique)."""

    idNat_Struct = serializers.CharField(source="idnat_struct")
    numFINESS = Texte(source="finess")
    numSIRET = Texte(source="siret")
    idNat_StructEJ = serializers.CharField(source="entite_juridique")
    idNat_StructSitePrincipal = serializers.CharField(source="site_principal", allow_null=True)
    denominationEG = serializers.CharField(source="denomination")
    complementDenominationEG = Texte(source="complement_denomination")
    nomOperationnel = Texte(source="nom_operationnel")
    categorieEG = Code(source="categorie")
    modaliteParticipationSPH = Code(source="modalite_participation_sph")
    aideFinanciere = Codes(source="aides_financieres")
    accessibiliteLieu = Code(source="accessibilite")
    territoireSante = Codes(source="territoires_sante")
    hebergementFamille = serializers.BooleanField(source="hebergement_famille", allow_null=True)
    nbPlaceAideSocialeTemporaire = serializers.IntegerField(source="nb_place_aide_sociale_temporaire", allow_null=True)
    nbPlaceAideSocialePermanent = serializers.IntegerField(source="nb_place_aide_sociale_permanent", allow_null=True)
    dateOuverture = serializers.DateField(source="date_ouverture", allow_null=True)
    commentaire = Texte()
    zonePoser = serializers.BooleanField(
        source="zone_poser", allow_null=True, required=False, help_text="Niveau régulation seulement."
    )
    niveauRecoursORSAN = Code(source="niveau_recours_orsan", required=False, help_text="Niveau régulation seulement.")
    lieu = LieuSerializer(source="lieux", many=True)
    offreOperationnelle = OffreLieeSerializer(source="offres", many=True)


class OffreCompleteSerializer(FicheSerializer):
    """An offre (OffreOperationnelle): an UO of the portal."""

    identifiantOffre = serializers.CharField(source="identifiant")
    nomOffre = serializers.CharField(source="nom")
    typeUO = Code(source="type_uo")
    typeOffre = Code(source="type_offre")
    champActivite = Code(source="champ_activite")
    modePriseEnCharge = Code(source="mode_prise_en_charge")
    temporaliteAccueil = Code(source="temporalite_accueil")
    modaliteAccueil = Codes(source="modalites_accueil")
    modeGestion = Codes(source="modes_gestion")
    uniteSensible = serializers.BooleanField(source="unite_sensible")
    activiteOperationnelle = ActiviteSerializer(source="activites", many=True)
    patientele = PatienteleSerializer(source="*")
    acteSpecifique = Codes(source="actes_specifiques", required=False)
    acteRealiseHorsCabinet = Codes(source="actes_hors_cabinet", required=False)
    specialisationPriseEnCharge = Codes(source="specialisations", required=False)
    professionRessource = Codes(source="professions_ressources", required=False)
    competenceSpecifique = Codes(source="competences_specifiques", required=False)
    specialiteOrdinale = Codes(source="specialites_ordinales")
    niveauExpertise = Codes(source="niveaux_expertise")
    habilitationAuxSoinsSansConsentement = serializers.BooleanField(
        source="habilitation_soins_sans_consentement", allow_null=True
    )
    ouvertureAnnuelle = Code(source="ouverture_annuelle")
    ouvertJoursFeries = serializers.BooleanField(source="ouvert_jours_feries", allow_null=True)
    zoneIntervention = DivisionSerializer(source="zones", many=True)
    secteurPsychiatrique = Texte(source="secteur_psychiatrique")
    adresseMSS = Texte(source="adresse_mss")
    conditionsAdmission = Texte(source="conditions_admission")
    conditionsAccueil = Texte(source="conditions_accueil")
    animauxDomestiques = Texte(source="animaux_domestiques")
    complements = Texte()
    horaire = HoraireSerializer(source="horaires", many=True)
    lieuRealisationOffre = LieuSerializer(source="lieux", many=True)
    etablissement = EtablissementLieSerializer()
