"""The facets of the results page: what is counted beside the list (design: « URL contract »)."""

from dataclasses import dataclass

from nomenclature.models.regional import PATIENTELE, TYPE_OFFRE, TYPE_UO


@dataclass(frozen=True)
class FacetDimension:
    """A facet: its key in the URL, its title, the code system of its values."""

    key: str
    title: str
    system: str


FACETS = (
    FacetDimension("patientele", "Patientèles", PATIENTELE),
    FacetDimension("type_offre", "Types d’offres", TYPE_OFFRE),
    FacetDimension("activite", "Activités opérationnelles", "TRE_R211"),
    FacetDimension("mode", "Modes de prise en charge", "TRE_R213"),
    FacetDimension("type_uo", "Types d’UO", TYPE_UO),
)
