"""What a search answers, over `search.results.Results` and what the view adds to them."""

from rest_framework import serializers

from search import routing

STATUS = ("ouvert", "ferme_provisoire", "a_actualiser")


class DureeSerializer(serializers.Serializer):
    """Minutes by car, and how they are known: « estimée » from the distance, or « par la route »."""

    minutes = serializers.IntegerField()
    calcul = serializers.ChoiceField((routing.ESTIMATED, routing.BY_ROAD), source="label")


class OffreSerializer(serializers.Serializer):
    """One matching offre of an establishment."""

    identifiantOffre = serializers.CharField(source="identifiant")
    nomOffre = serializers.CharField(source="name")
    typeUO = serializers.CharField(source="type_label")
    statut = serializers.ChoiceField(STATUS, source="status")
    fermeeJusquAu = serializers.DateField(source="closed_until", allow_null=True)
    telephone = serializers.CharField(source="phone", help_text="Vide quand aucun numéro n’est de votre niveau.")
    patientele = serializers.CharField(help_text="E, A, E+A, ou vide.")
    url = serializers.URLField()


class EtablissementSerializer(serializers.Serializer):
    """One establishment. Distances in km, great circle; null without a place or a position."""

    cle = serializers.CharField(help_text="FINESS, ou idNat_Struct à défaut.")
    denominationEG = serializers.CharField(source="name")
    categorieEG = serializers.CharField(source="category")
    departement = serializers.CharField()
    commune = serializers.CharField()
    telephone = serializers.CharField(source="phone")
    distanceKm = serializers.FloatField(source="distance_km", allow_null=True)
    duree = DureeSerializer(source="duration", allow_null=True)
    geolocalise = serializers.BooleanField(source="is_located")
    intervientDansLaCommune = serializers.BooleanField(source="serves_origin")
    nombreOffres = serializers.IntegerField(source="n_uo")
    url = serializers.URLField()
    offres = OffreSerializer(many=True)


class ValeurSerializer(serializers.Serializer):
    """One value of a facet, and how many establishments have it."""

    code = serializers.CharField()
    libelle = serializers.CharField(source="label")
    etablissements = serializers.IntegerField(source="count")


class FacetteSerializer(serializers.Serializer):
    """A facet; `cle` is the parameter that filters by it."""

    cle = serializers.CharField(source="key")
    valeurs = ValeurSerializer(source="values", many=True)


class ResultatsSerializer(serializers.Serializer):
    """A page of the answer. `suivant`, `precedent`: addresses, null at the ends."""

    nombreEtablissements = serializers.IntegerField(source="n_eg")
    nombreOffres = serializers.IntegerField(source="n_uo")
    listeTronquee = serializers.BooleanField(
        source="is_capped", help_text="Affinez : la liste a une longueur limitée."
    )
    suivant = serializers.URLField(allow_null=True)
    precedent = serializers.URLField(allow_null=True)
    etablissements = EtablissementSerializer(many=True)
    facettes = FacetteSerializer(source="facets", many=True, help_text="Sur la première page seulement.")
