"""Who writes a dossier and who validates it: asked at each step, so a habilitation that ends ends it at once."""

from dataclasses import replace

from accounts.models import User
from directory.models import EntiteGeographique
from directory.permissions import Reader
from dossiers.models import Dossier


def writes(user: User, dossier: Dossier) -> bool:
    """A référent of the establishment, or support of its territory."""
    return EntiteGeographique.objects.editable_by(Reader.of(user)).filter(pk=dossier.eg_id).exists()


def supports(user: User, dossier: Dossier) -> bool:
    """Support of its territory; being a référent of the establishment adds nothing to it."""
    reader = Reader.of(user)
    if not reader.is_support:
        return False
    territory = replace(reader, own_eg_ids=frozenset())
    return EntiteGeographique.objects.editable_by(territory).filter(pk=dossier.eg_id).exists()
