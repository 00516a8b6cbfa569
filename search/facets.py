"""The facets of the results page: what is counted beside the list (design: « URL contract »)."""

from dataclasses import dataclass

from nomenclature.models.regional import ACCUEIL, PATIENTELE, TYPE_OFFRE, TYPE_UO


@dataclass(frozen=True)
class FacetDimension:
    """A facet: its key in the URL, its title, the code system of its values.

    `every`: a UO must hold all the values chosen, and not just one of them. `is_paired`: the counts of the facets are
    kept for each of its values, and for two of different facets (few values, often chosen).
    """

    key: str
    title: str
    system: str
    every: bool = False
    is_paired: bool = False


FACETS = (
    FacetDimension("patientele", "Patientèles", PATIENTELE, is_paired=True),
    FacetDimension("accueil", "Accueil", ACCUEIL, every=True),
    FacetDimension("type_offre", "Types d’offres", TYPE_OFFRE),
    FacetDimension("activite", "Activités opérationnelles", "TRE_R211"),
    FacetDimension("mode", "Modes de prise en charge", "TRE_R213", is_paired=True),
    FacetDimension("type_uo", "Types d’UO", TYPE_UO),
)
NARROWING = frozenset(facet.key for facet in FACETS if facet.every)
PAIRED = frozenset(facet.key for facet in FACETS if facet.is_paired)

# What makes a UO hold a value of « Accueil »: any of these concepts, wherever its fiche says it (specific act,
# modality, kind of slot, accessibility of the place).
ACCUEIL_RULES = {
    "sans_rdv": ("TRE_R210|1253", "TRE_R338|06", "TRE_R252|06"),
    "teleconsultation": ("TRE_R210|0988", "TRE_R338|04", "TRE_R252|10", "TRE_R252|11"),
    "accessible": ("TRE_R202|1", "TRE_R202|5"),
}
