"""Code systems and their concepts."""

from rest_framework import serializers

from nomenclature.models import CodeSystem, Concept


class SystemeSerializer(serializers.ModelSerializer):
    """A list of codes, national (TRE) or regional (ror-…)."""

    titre = serializers.CharField(source="__str__")
    adresse = serializers.CharField(source="url", help_text="Adresse nationale ; vide pour une liste régionale.")
    regional = serializers.BooleanField(source="is_regional")
    concepts = serializers.SerializerMethodField()

    class Meta:
        model = CodeSystem
        fields = ("code", "titre", "adresse", "oid", "version", "regional", "concepts")

    def get_concepts(self, system: CodeSystem) -> str:
        """Where its codes are told."""
        return self.context["address"](system.code)


class ConceptSerializer(serializers.ModelSerializer):
    """A code. `retire`: kept for the fiches that carry it, chosen no more."""

    libelle = serializers.CharField(source="label")
    libelleCourt = serializers.CharField(source="short_label")
    debutValidite = serializers.DateField(source="valid_from", allow_null=True)
    finValidite = serializers.DateField(source="valid_to", allow_null=True)
    retire = serializers.BooleanField(source="retired")
    parent = serializers.CharField(source="parent.code", allow_null=True, default=None)

    class Meta:
        model = Concept
        fields = ("code", "libelle", "libelleCourt", "debutValidite", "finValidite", "retire", "parent")


class PageConceptsSerializer(serializers.Serializer):
    """Some of the codes of a list; `suivant`, `precedent`: addresses, null at the ends."""

    suivant = serializers.URLField(allow_null=True)
    precedent = serializers.URLField(allow_null=True)
    concepts = ConceptSerializer(many=True)
