"""A dossier that support sent back and that leaves again as it was: asked once more, not refused.

The référents may have answered in the thread; but a dossier that comes back unread costs everybody a turn.
"""

from dossiers.models import Dossier, DraftFiche, Statut
from journal.models import Entry


def is_unchanged(dossier: Dossier) -> bool:
    """Support sent it back, and no fiche was written, added or taken out since."""
    if dossier.status != Statut.A_CORRIGER or dossier.decided_at is None:
        return False
    if DraftFiche.objects.filter(dossier=dossier, updated_at__gt=dossier.decided_at).exists():
        return False
    removed = Entry.objects.filter(target=dossier.reference, action="dossier_remove_uo", at__gt=dossier.decided_at)
    return not removed.exists()
