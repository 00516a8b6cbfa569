"""What the page of one fiche of a dossier needs: its form, who may write it, what is missing, where to go next."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from accounts.models import User
from directory.checks import Problem
from directory.display.common import NBSP
from directory.documents import KEY_FIELD, MODELS, Document
from directory.forms import Etablissement, FicheForm, lieux
from directory.merge import Merge
from directory.models import Kind
from dossiers import checklist, display, permissions, rebasing, reconciling
from dossiers.drafts import WRITTEN_IN, Start
from dossiers.models import Dossier, DraftFiche, Etat, Statut

READ_ONLY = {
    Statut.VALIDE: "Le dossier est validé : ses fiches ne changent plus jusqu’à leur publication.",
    Statut.PUBLIE: "Le dossier est publié : pour changer encore la fiche, ouvrez un nouveau dossier.",
    Statut.ABANDONNE: "Le dossier est abandonné : ses fiches ne changent plus.",
}
NOT_YOURS = "Vous pouvez lire cette fiche, pas la modifier."
SENT = "Le dossier est envoyé en validation : ses fiches ne changent plus pendant que le support l’examine."
NOT_TAKEN = "Prenez d’abord le dossier en charge pour corriger ses fiches."


def why_read_only(dossier: Dossier, user: User) -> str:
    """Why this person may not write the fiches now, in a sentence; empty when she may. `drafts.writable` in words."""
    if not permissions.writes(user, dossier):
        return NOT_YOURS
    if dossier.status in WRITTEN_IN:
        return ""
    if dossier.status != Statut.SOUMIS:
        return READ_ONLY[Statut(dossier.status)]
    if not permissions.supports(user, dossier):
        return SENT
    if dossier.assigned_to_id == user.pk:
        return ""
    return f"{dossier.assigned_to} a pris ce dossier en charge." if dossier.assigned_to_id else NOT_TAKEN


@dataclass
class FichePage:
    """One fiche, the others of its dossier, and the person in front of it. `read_only`: why she may not write."""

    draft: DraftFiche
    fiches: list[DraftFiche]
    user: User
    read_only: str

    @classmethod
    def of(cls, draft: DraftFiche, user: User) -> "FichePage":
        """Two queries for the fiches and what the form of a UO reads of its EG; those of the rights."""
        light = DraftFiche.objects.filter(dossier=draft.dossier_id).defer("saisie", "base", "reference", "accepted")
        fiches = list(light)
        for fiche in fiches:
            fiche.dossier, fiche.badge = draft.dossier, display.state(fiche)
        return cls(draft, fiches, user, why_read_only(draft.dossier, user))

    @property
    def eg(self) -> Document | None:
        """The document of the EG in the same dossier."""
        return next((one.content for one in self.fiches if one.kind == Kind.EG), None)

    @property
    def etablissement(self) -> Etablissement | None:
        is_uo = self.draft.kind == Kind.UO and self.eg is not None
        return lieux.of_document(self.eg) if is_uo else None

    def form(self, data: Mapping | None = None) -> FicheForm:
        """On what was sent, else on what is typed and no document yet, else on the document."""
        return reconciling.form_of(self.draft, self.etablissement, data=data)

    def problems(self) -> list[Problem]:
        """What keeps the fiche from being finalised, as it is saved."""
        if self.draft.saisie is not None:
            return [checklist.TYPED]
        return checklist.document_problems(self.draft, self.draft.content, self.eg)

    def next(self) -> DraftFiche | None:
        """The fiche to finish after this one, in the order of the tree; None when all are."""
        at = next((n for n, one in enumerate(self.fiches) if one.pk == self.draft.pk), 0)
        others = [*self.fiches[at + 1 :], *self.fiches[:at]]
        return next((one for one in others if one.state != Etat.FINALISEE), None)

    def moved(self) -> tuple[Start, Merge] | None:
        """Where the public fiche is now, when it changed under a draft still being written. Documents are read only
        if its version says that it did."""
        if self.draft.is_new or self.draft.dossier.status not in (*WRITTEN_IN, Statut.SOUMIS):
            return None
        key = {KEY_FIELD[Kind(self.draft.kind)]: self.draft.key}
        versions = MODELS[Kind(self.draft.kind)].objects.filter(**key).values_list("version", flat=True)
        waiting = DraftFiche.objects.filter(
            dossier__eg=self.draft.dossier.eg_id, dossier__status=Statut.VALIDE, key=self.draft.key
        )
        if versions.first() == self.draft.base_version and not waiting.exists():
            return None
        return rebasing.moved(self.draft.dossier, [self.draft]).get(self.draft.pk)

    def saved(self) -> dict[str, Any]:
        """What an autosave answers: the page goes on from there."""
        n_missing = 0 if self.draft.state == Etat.FINALISEE else len(self.problems())
        return {
            "version": self.draft.version,
            "base": reconciling.token(self.draft, self.draft.content),
            "saved_at": hour(self.draft),
            "state": self.draft.state,
            "state_label": display.state(self.draft).text,
            "n_missing": n_missing,
        }


def hour(draft: DraftFiche) -> str:
    """« 14:02 », the last save, where the reader is."""
    return f"{timezone.localtime(draft.updated_at):%H:%M}"


def saved_words(draft: DraftFiche, user: User) -> str:
    """« Enregistré à 14:02 », « Enregistré le 12/03/2026 à 14:02 par Karim Oulad »."""
    at = timezone.localtime(draft.updated_at)
    day = "" if at.date() == timezone.localdate() else f"le {at:%d/%m/%Y} "
    who = "" if draft.updated_by_id == user.pk else f" par {draft.updated_by}"
    return f"Enregistré {day}à{NBSP}{at:%H:%M}{who}"
