"""The dossier collaboratif and what it holds, one file per aggregate."""

from .dossiers import Dossier, Statut
from .fiches import DraftFiche, Etat
from .reviews import Decision, Presence, Remarque

__all__ = ["Decision", "Dossier", "DraftFiche", "Etat", "Presence", "Remarque", "Statut"]
