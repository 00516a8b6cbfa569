"""Undoing a publication: the fiches of a dossier say again what they said before it, each by a new version."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import transaction

from directory import checks, documents, history, publishing, restoring
from directory.display.history import told_problems
from directory.documents import MODELS, Document
from directory.models import FicheVersion, Kind
from directory.models.common import Fiche
from directory.ownership import CLOSING
from dossiers import locking, messages, permissions
from dossiers.models import Dossier, Statut
from journal import models as journal


class NotUndone(Exception):
    """The publication stays; the message says why, `reasons` which fiches."""

    def __init__(self, message: str, reasons: Sequence[str] = ()):
        self.reasons = list(reasons)
        super().__init__(message)


@dataclass(frozen=True)
class Published:
    """One fiche the dossier published: `version` is its version, `live` the fiche now."""

    kind: Kind
    version: FicheVersion
    live: Fiche

    @property
    def name(self) -> str:
        return self.version.content.get("nom") or self.live.display_name

    @property
    def name_in_a_mail(self) -> str:
        is_sensitive = self.version.content.get("unite_sensible") or getattr(self.live, "unite_sensible", False)
        return messages.SENSITIVE if is_sensitive else self.name

    @property
    def is_created(self) -> bool:
        """There is nothing before it: it can only be closed."""
        return self.version.number == 1

    @property
    def has_moved(self) -> bool:
        """Somebody published it again since."""
        return self.live.version != self.version.number


def origin(dossier: Dossier) -> str:
    return f"annulation:{dossier.pk}"


def is_undone(dossier: Dossier) -> bool:
    return FicheVersion.objects.filter(origin=origin(dossier)).exists()


def published(dossier: Dossier) -> list[Published]:
    """What the dossier published, in order. Three queries."""
    versions = list(FicheVersion.objects.filter(origin=dossier.reference).order_by("pk"))
    live: dict[tuple[str, int], Fiche] = {}
    for kind in (Kind.EG, Kind.UO):
        ids = [version.object_id for version in versions if version.kind == kind]
        live |= {(kind, fiche.pk): fiche for fiche in MODELS[kind]._default_manager.filter(pk__in=ids)}
    return [Published(Kind(one.kind), one, live[one.kind, one.object_id]) for one in versions]


def reasons(found: Sequence[Published]) -> list[str]:
    """Why it cannot be undone; empty when it can."""
    if not found:
        return ["Ce dossier n’a publié aucune fiche."]
    if all(one.is_created for one in found):
        return ["Ce dossier n’a fait que créer des unités : fermez-les, une par une."]
    return [
        f"{one.name} a été publiée de nouveau depuis (version {one.live.version}) : revenez à la version voulue "
        "depuis l’historique de la fiche"
        for one in found
        if one.has_moved and not one.is_created
    ]


@transaction.atomic
def undo(dossier_id: int, *, reason: str, by) -> list[FicheVersion]:
    """Restore what each fiche said before the dossier, all of them or none; those it created stay.

    What FINESS owns and what confidentiality asks today are kept, as in any restoration. The same click twice is done
    once. Raises `PermissionDenied`, `NotUndone`, `Dossier.DoesNotExist`.
    """
    dossier = locking.locked(Dossier, dossier_id)
    if not permissions.supports(by, dossier):
        raise PermissionDenied
    if is_undone(dossier):
        return []
    if dossier.status != Statut.PUBLIE:
        raise NotUndone("Ce dossier n’est pas publié.")
    if not reason.strip():
        raise NotUndone("Dites pourquoi la publication est annulée.")
    found = published(dossier)
    why = reasons(found)
    if why:
        raise NotUndone("La publication ne peut pas être annulée.", why)
    # A UO may work in a place its EG gained: the units first.
    done = [_restore(dossier, one, by=by) for one in reversed(found) if not one.is_created]
    journal.write(
        "dossier_undo",
        dossier.reference,
        by=by,
        reason=reason.strip(),
        fiches=[f"{version.kind}:{version.key}:v{version.number}" for version in done],
    )
    told = {
        "reason": reason.strip(),
        "restored": [one.name_in_a_mail for one in found if not one.is_created],
        "kept": [one.name_in_a_mail for one in found if one.is_created],
    }
    messages.tell(dossier, "undo", version=dossier.version, by=by, **told)
    return done


def _restore(dossier: Dossier, one: Published, *, by) -> FicheVersion:
    pk, number = one.live.pk, one.version.number
    live, document = restoring.target(one.kind, pk, number - 1)
    document = document | _closing_before(one, live)
    try:
        return publishing.publish(one.kind, document, by=by, origin=origin(dossier), expected_version=number)
    except publishing.StaleVersion as stale:
        raise NotUndone("La publication ne peut pas être annulée.", [f"{one.name} vient d’être publiée"]) from stale
    except checks.DocumentInvalid as invalid:
        told = told_problems(invalid.problems, document)
        raise NotUndone("La publication ne peut pas être annulée.", [f"{one.name} : {text}" for text in told]) from (
            invalid
        )
    except documents.UnknownReference as unknown:
        told = restoring.unknown_reference(unknown).message
        raise NotUndone("La publication ne peut pas être annulée.", [f"{one.name} : {told}"]) from unknown


def _closing_before(one: Published, live: Document) -> Document:
    """A restoration keeps the closing of the live fiche; here the dossier itself may have closed the unit."""
    before = history.contents(one.kind, one.live.pk, [one.version.number - 1])[one.version.number - 1]
    ours = one.version.content
    return {name: before.get(name, live[name]) for name in CLOSING if one.kind == Kind.UO and ours[name] == live[name]}
