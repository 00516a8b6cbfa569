"""What blocks a fiche from being finalised, and a dossier from being sent: said once, for screens and services."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from directory import checks, modeles
from directory.checks import Problem
from directory.documents import Document
from directory.models import Kind, UniteOperationnelle
from directory.ownership import FINESS_CONTACT, finess_contact_changed
from dossiers.models import Dossier, DraftFiche, Etat


@dataclass(frozen=True)
class Item:
    """One line of « Avant d’envoyer ». `fiche`: where to go and correct it, when it is one fiche's."""

    label: str
    is_done: bool
    fiche: DraftFiche | None = None
    n_problems: int = 0
    is_elsewhere: bool = False  # support attached that unit to another establishment


HAS_UO = "Au moins une UO rattachée à l’établissement"
# Closing the establishment itself is an act of support, which closes its units with it (`directory.closing`).
ONLY_CLOSES = (
    "Au moins une UO ouverte\u00a0: ce dossier ferme la dernière. Si l’établissement ferme, abandonnez le dossier et "
    "demandez au support de fermer l’établissement, ses unités avec lui\u00a0; sinon ajoutez une UO, ou gardez-en une "
    "ouverte"
)
TYPED = Problem("", "Ce qui a été saisi n’est pas encore valide\u00a0: corrigez les champs signalés.")


def problems_of(draft: DraftFiche) -> list[Problem]:
    """What keeps a draft from being finalised: typing that is no document yet, a rule of the directory, a requirement
    of the modèle de saisie. The document alone is read, and the lieux of the EG of the same dossier."""
    return [TYPED] if draft.saisie is not None else document_problems(draft, draft.content, eg_document(draft))


def problems_by_key(drafts: Sequence[DraftFiche], eg: Document | None) -> dict[str, list[Problem]]:
    """The same for several fiches of a dossier, by key, in a number of queries that does not depend on how many."""
    lookups = checks.Lookups(draft.content for draft in drafts)
    return {
        draft.key: [TYPED] if draft.saisie is not None else document_problems(draft, draft.content, eg, lookups)
        for draft in drafts
    }


def elsewhere(eg_id: int, drafts: Iterable[DraftFiche]) -> set[str]:
    """Keys of the units that support attached to another establishment since: this dossier says nothing of them."""
    keys = [draft.key for draft in drafts if draft.kind == Kind.UO and not draft.is_new]
    moved = UniteOperationnelle.objects.filter(identifiant__in=keys).exclude(entite_geographique=eg_id)
    return set(moved.values_list("identifiant", flat=True)) if keys else set()


def document_problems(
    draft: DraftFiche, document: Document, eg: Document | None, lookups: checks.Lookups | None = None
) -> list[Problem]:
    """Problems of a document as that draft would publish it. `eg`: the document of the EG published just before it;
    `lookups`: shared by the fiches checked together."""
    kind, lookups = Kind(draft.kind), lookups or checks.Lookups()
    unknown = lookups.unknown(document)
    if unknown:
        return [Problem("", f"Inconnu dans ce ROR\u00a0: {', '.join(unknown)}.")]
    found = checks.problems(kind, document, draft.base, lookups)
    found = [one for one in found if not one.address.startswith("lieux_offre/")]
    if draft.base and finess_contact_changed(draft.base, document):
        found.append(Problem("contacts", FINESS_CONTACT))
    if kind == Kind.UO:
        known = {line["uid"] for line in (eg or {}).get("lieux") or []}
        found += [
            Problem(f"lieux_offre/{line['uid']}/lieu_uid", "Ce lieu n’existe plus dans l’établissement.")
            for line in document.get("lieux_offre") or []
            if line["lieu_uid"] not in known
        ]
        if document.get("date_fermeture"):
            return found  # a unit that closes is not asked to be complete
    told = {problem.address for problem in found}
    return found + [one for one in modeles.missing(kind, document) if one.address not in told]


def eg_document(draft: DraftFiche) -> Document | None:
    """The document of the EG in the same dossier."""
    if draft.kind == Kind.EG:
        return draft.content
    return (
        DraftFiche.objects.filter(dossier=draft.dossier_id, kind=Kind.EG.value)
        .values_list("content", flat=True)
        .first()
    )


def items(dossier: Dossier, drafts: Iterable[DraftFiche]) -> list[Item]:
    """« Avant d’envoyer »: the four conditions of the trainings, each with what remains."""
    drafts = list(drafts)
    units = [draft for draft in drafts if draft.kind == Kind.UO]
    has_uo = any(not draft.is_closing for draft in units)
    only_closes = bool(units) and not has_uo
    found = [Item("Dossier initié", True), Item(ONLY_CLOSES if only_closes else HAS_UO, has_uo)]
    moved = elsewhere(dossier.eg_id, drafts)
    eg = next((draft.content for draft in drafts if draft.kind == Kind.EG), None)
    waiting = [draft for draft in drafts if draft.state != Etat.FINALISEE and draft.key not in moved]
    problems = problems_by_key(waiting, eg) if waiting else {}
    for draft in drafts:
        if draft.key in moved:
            label = f"{draft.name} : rattachée maintenant à un autre établissement, à retirer du dossier"
            found.append(Item(label, False, draft, 1, is_elsewhere=True))
        else:
            done = draft.state == Etat.FINALISEE
            found.append(Item(draft.name, done, draft, 0 if done else len(problems[draft.key])))
    if not any(has_changes(draft) for draft in drafts):
        found.append(Item("Au moins une modification à valider", False))
    return found


def has_changes(draft: DraftFiche) -> bool:
    """The draft says something else than what is public."""
    return draft.is_new or draft.content != draft.base
