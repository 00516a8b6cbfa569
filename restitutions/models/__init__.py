"""What a person keeps or takes away: the files of an extraction, the searches worth running again."""

from .extractions import Etat, Extraction, Format, Perimetre
from .recherches import Alerte, RechercheEnregistree

__all__ = ["Alerte", "Etat", "Extraction", "Format", "Perimetre", "RechercheEnregistree"]
