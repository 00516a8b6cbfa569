"""What the ROR describes: EJ > EG > UO, and all that hangs on them. One module per aggregate."""

from .contacts import Contact, Niveau, Telecommunication
from .demandes import DemandeAcces, DemandeStatus
from .entites import EntiteGeographique, EntiteJuridique, Lieu, OrganisationInterne
from .habilitations import Habilitation, Role
from .horaires import Horaire
from .imports import ImportRun
from .unites import ActiviteOperationnelle, LieuDeLOffre, UniteOperationnelle
from .versions import FicheVersion, Kind

__all__ = [
    "ActiviteOperationnelle",
    "Contact",
    "DemandeAcces",
    "DemandeStatus",
    "EntiteGeographique",
    "EntiteJuridique",
    "FicheVersion",
    "Habilitation",
    "Horaire",
    "ImportRun",
    "Kind",
    "Lieu",
    "LieuDeLOffre",
    "Niveau",
    "OrganisationInterne",
    "Role",
    "Telecommunication",
    "UniteOperationnelle",
]
