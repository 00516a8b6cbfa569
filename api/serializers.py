"""The national names of what the search answers: they live here and nowhere else (domain model §3)."""

from rest_framework import serializers


class OffreSerializer(serializers.Serializer):
    """One matching offre of an establishment (`search.engine.UoHit`)."""

    nomOffre = serializers.CharField(source="name")
    typeOffre = serializers.CharField(source="type_label")
    statut = serializers.CharField(source="status")
    fermeeJusquAu = serializers.DateField(source="closed_until")
    telephone = serializers.CharField(source="phone")
    patientele = serializers.CharField()
    url = serializers.CharField()


class EtablissementSerializer(serializers.Serializer):
    """One establishment of the page (`search.engine.Hit`). Distances in km, null when unknown."""

    denominationEG = serializers.CharField(source="name")
    categorieEG = serializers.CharField(source="category")
    departement = serializers.CharField()
    commune = serializers.CharField()
    telephone = serializers.CharField(source="phone")
    distanceKm = serializers.FloatField(source="distance_km")
    nombreOffres = serializers.IntegerField(source="n_uo")
    url = serializers.CharField()
    offres = OffreSerializer(source="uos", many=True)


class ValeurSerializer(serializers.Serializer):
    """One value of a facet."""

    code = serializers.CharField()
    libelle = serializers.CharField(source="label")
    etablissements = serializers.IntegerField(source="count")


class FacetteSerializer(serializers.Serializer):
    """One facet (`search.engine.Facet`)."""

    cle = serializers.CharField(source="key")
    valeurs = ValeurSerializer(source="values", many=True)


class ResultatsSerializer(serializers.Serializer):
    """The whole answer (`search.engine.Results`)."""

    nombreEtablissements = serializers.IntegerField(source="n_eg")
    nombreOffres = serializers.IntegerField(source="n_uo")
    page = serializers.IntegerField()
    nombrePages = serializers.IntegerField(source="n_pages")
    etablissements = EtablissementSerializer(source="hits", many=True)
    facettes = FacetteSerializer(source="facets", many=True)
