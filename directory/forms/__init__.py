"""Forms of a fiche, made from its document and its modèle de saisie."""

from .fiche import FicheForm
from .lieux import Etablissement

__all__ = ["Etablissement", "FicheForm"]
