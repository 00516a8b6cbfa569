"""The thread of a dossier: what référents and support write to each other, on it, a fiche or a field."""

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Concat
from django.utils import timezone

from directory.display.history import where
from dossiers.models import Dossier, DraftFiche, Remarque
from journal import models as journal


@transaction.atomic
def add(dossier: Dossier, *, text: str, by, fiche: DraftFiche | None = None, address: str = "") -> Remarque:
    """Write one remark. Whoever sees the dossier may: the caller found it through `visible_to`."""
    remark = Remarque.objects.create(dossier=dossier, fiche=fiche, address=address, text=text.strip(), author=by)
    journal.write("dossier_remark", dossier.reference, by=by, fiche=fiche.key if fiche else "", remark=remark.pk)
    return remark


def leave(fiche: DraftFiche) -> None:
    """The remarks on a fiche that leaves its dossier stay in the thread, and say what they were about."""
    named = Value(f"[Sur « {fiche.name} », retirée du dossier] ")
    on_it = Remarque.objects.filter(fiche=fiche)
    on_it.update(fiche=None, address="", text=Concat(named, F("text")))


def thread(dossier: Dossier) -> list[Remarque]:
    """Every remark, oldest first, with the words of its `field` (never a value) and its `url`. One query."""
    found = list(Remarque.objects.filter(dossier=dossier).select_related("author", "fiche", "resolved_by"))
    for remark in found:
        remark.field = where(remark.address, remark.fiche.content) if remark.fiche and remark.address else ""
        field = remark.address.partition("/")[0]
        page = remark.fiche.get_absolute_url() if remark.fiche else dossier.get_absolute_url()
        remark.url = f"{page}#id_{field}" if field else page
    return found


def resolve(remark: Remarque, *, by) -> bool:
    """Mark it as settled; False when it was already."""
    found = Remarque.objects.filter(pk=remark.pk, resolved_at=None)
    return bool(found.update(resolved_by=by, resolved_at=timezone.now()))
