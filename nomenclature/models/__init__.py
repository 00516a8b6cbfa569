"""Models of the lists, one module per subject."""

from nomenclature.models.concepts import CodeSystem, Concept, ValueSet, ValueSetMembership
from nomenclature.models.regional import Filiere, Synonyme, TypeUO
from nomenclature.models.territoires import Commune, Departement, Region

__all__ = [
    "CodeSystem",
    "Commune",
    "Concept",
    "Departement",
    "Filiere",
    "Region",
    "Synonyme",
    "TypeUO",
    "ValueSet",
    "ValueSetMembership",
]
