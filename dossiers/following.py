"""The lines support refused, in a new dossier: what was typed is not lost, and each line says why it was refused."""

from django.db import transaction

from directory import diff
from directory.diff import Line
from directory.documents import Document
from directory.merge import three_way
from directory.models.unites import next_identifiant_offre
from dossiers import drafts, remarks
from dossiers.decisions import MOTIFS, WHOLE, Proposal, proposals_of
from dossiers.models import Dossier, DraftFiche, Etat
from dossiers.models.dossiers import DECIDED
from journal import models as journal


class NothingToFollow(Exception):
    """No new dossier can be made of this one; the message says why."""


def refused_of(dossier: Dossier) -> list[tuple[DraftFiche, list[Proposal]]]:
    """The refused proposals of a decided dossier, by fiche, as they were read when it was decided."""
    found = []
    for draft in DraftFiche.objects.filter(dossier=dossier).prefetch_related("decisions__by"):
        refused = [one for one in proposals_of(draft, draft.reference) if one.is_accepted is False]
        if refused:
            found.append((draft, refused))
    return found


@transaction.atomic
def follow_up(dossier: Dossier, *, by) -> Dossier:
    """Open a dossier whose drafts carry the refused lines on what is public (or waits for its day) now, with one
    remark per refused line.

    Raises `NothingToFollow`, and what `drafts.open_dossier` raises (`PermissionDenied`, `DossierAlreadyOpen`).
    """
    if dossier.status not in DECIDED:
        raise NothingToFollow("Les lignes refusées repartent dans un autre dossier une fois celui-ci validé.")
    refused = refused_of(dossier)
    if not refused:
        raise NothingToFollow("Aucune ligne n’a été refusée dans ce dossier.")
    if dossier.suites.exists():
        raise NothingToFollow("Les lignes refusées de ce dossier ont déjà leur suite.")
    following = drafts.open_dossier(dossier.eg, by=by, suite_de=dossier, campagne=dossier.campagne)
    mine = {draft.key: draft for draft in following.fiches.all()}
    for old, proposals in refused:
        draft = mine.get(old.key) or _new_fiche(following, old, by=by)
        if not draft.is_new:
            lines = [line for one in proposals for line in one.lines]
            draft.content, draft.state = _carried(draft.content, old.reference, lines), Etat.ENREGISTREE
            draft.save(update_fields=["content", "state"])
        for one in proposals:
            remarks.add(following, text=_why(one), by=by, fiche=draft, address=one.address)
    journal.write("dossier_follow_up", dossier.reference, by=by, suite=following.reference)
    return following


def _carried(document: Document, reference: Document, lines: list[Line]) -> Document:
    """`document` with the lines that were refused against `reference`."""
    wanted = diff.patch(reference, lines)
    return three_way(reference, document, wanted, keep_mine={line.address for line in lines}).document


def _new_fiche(following: Dossier, old: DraftFiche, *, by) -> DraftFiche:
    """A new UO that was refused whole, or one whose published fiche is gone meanwhile."""
    key = old.key if old.is_new else next_identifiant_offre()
    last = max((draft.position for draft in following.fiches.all()), default=0)
    return DraftFiche.objects.create(
        dossier=following,
        kind=old.kind,
        key=key,
        position=last + 1,
        state=Etat.ENREGISTREE,
        content=old.content | {"identifiant": key},
        updated_by=by,
    )


def _why(one: Proposal) -> str:
    """« Refusée : donnée inexacte. Le numéro sonne dans le vide. »"""
    parts = [MOTIFS.get(one.decision.motif, ""), one.decision.message]
    what = "Unité refusée" if one.address == WHOLE else "Ligne refusée"
    return f"{what} : {' : '.join(part for part in parts if part)}"
