"""Models of the lists, one module per subject."""

from nomenclature.models.concepts import CodeSystem, Concept, ValueSet, ValueSetMembership
from nomenclature.models.modeles import ChampSaisie, GroupeActes, ModeleSaisie
from nomenclature.models.regional import Filiere, Synonyme, TypeUO
from nomenclature.models.territoires import Commune, Departement, Region

__all__ = [
    "ChampSaisie",
    "CodeSystem",
    "Commune",
    "Concept",
    "Departement",
    "Filiere",
    "GroupeActes",
    "ModeleSaisie",
    "Region",
    "Synonyme",
    "TypeUO",
    "ValueSet",
    "ValueSetMembership",
]
