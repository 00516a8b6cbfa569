"""Support's work on a sent dossier: what each fiche proposes, what was accepted or refused, and what it would publish.

A proposal is what one decides at once: a line of the diff, the whole of a new UO, or the three fields of a closing.
"""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from directory import checks, diff
from directory.checks import Problem
from directory.diff import Line
from directory.documents import Document
from directory.merge import three_way
from directory.models import Kind
from directory.ownership import CLOSING
from dossiers import checklist, locking, permissions
from dossiers.drafts import Start, starting_documents
from dossiers.models import Decision, Dossier, DraftFiche, Statut
from journal import models as journal

WHOLE = ""  # address of the one proposal of a new fiche
CLOSING_ADDRESS = "fermeture"
WHOLE_LINES = ("horaires", "activites", "lieux_offre")
LONGEST = Decision._meta.get_field("message").max_length
UNITS = {"age_min_unite": "age_min", "age_max_unite": "age_max"}  # decided with their number

MOTIFS = {  # canned reasons; the key is stored, the words are shown and sent
    "inexacte": "Donnée inexacte",
    "confidentialite": "Niveau de confidentialité à revoir",
    "nomenclature": "Hors nomenclature ou mauvais code",
    "imprecise": "Trop imprécise pour orienter",
    "doublon": "Doublon d’une ligne ou d’une unité existante",
    "autorisation": "Non couverte par l’autorisation de l’établissement",
    "autre": "Autre motif",
}


MOVED = Problem("", "Cette unité est rattachée maintenant à un autre établissement : renvoyez le dossier sans elle.")


class NotDecidable(Exception):
    """The dossier is not in the hands of this person; the message says why."""


@dataclass
class Proposal:
    """Lines decided together. `decision` is None while nobody said, or when the line changed since somebody did."""

    address: str
    lines: tuple[Line, ...]
    decision: Decision | None = None

    @property
    def is_accepted(self) -> bool | None:
        return None if self.decision is None else self.decision.is_accepted

    @property
    def fingerprint(self) -> str:
        """Of what one reads: another value has no decision yet."""
        said = [[line.path, line.kind, line.before, line.after] for line in self.lines]
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


@dataclass
class Review:
    """One fiche under review. `reference`: the public document it is compared to; None for a new UO. `proposed`: what
    the fiche would say if all were accepted. `moved`: lines by which the public fiche changed since the draft started.
    `problems`: what forbids to publish the accepted lines."""

    draft: DraftFiche
    reference: Document | None
    proposed: Document
    proposals: list[Proposal]
    moved: list[Line] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def undecided(self) -> list[Proposal]:
        return [one for one in self.proposals if one.decision is None]

    @property
    def refused(self) -> list[Proposal]:
        return [one for one in self.proposals if one.is_accepted is False]

    @property
    def accepted(self) -> Document | None:
        """The document that would be published; None when a new UO is refused or not decided yet."""
        kept = [one for one in self.proposals if one.is_accepted]
        if self.reference is None:
            return self.draft.content if kept else None
        return diff.patch(self.reference, [line for one in kept for line in one.lines])


def reviews(dossier: Dossier) -> list[Review]:
    """Every fiche of the dossier, in order. A number of queries that does not depend on how many there are."""
    drafts = list(DraftFiche.objects.filter(dossier=dossier).prefetch_related("decisions__by"))
    public = starting_documents(dossier.eg, drafted=[draft.key for draft in drafts])
    elsewhere = checklist.elsewhere(dossier.eg_id, drafts)
    found = []
    for draft in drafts:
        reference = _reference(draft, public, elsewhere)
        proposals = proposals_of(draft, reference)
        moved = diff.compare(draft.base, reference) if draft.base and reference else []
        found.append(Review(draft, reference, proposed(draft, reference), proposals, moved))
    eg = next((one.accepted for one in found if one.draft.kind == Kind.EG), None)
    published = {review.draft.pk: _published(review) for review in found}
    lookups = checks.Lookups(document for document in published.values() if document is not None)
    for review in found:
        document = published[review.draft.pk]
        if document is not None:
            review.problems = checklist.document_problems(review.draft, document, eg, lookups)
        if review.draft.key in elsewhere:
            review.problems = [MOVED]
    return found


def _reference(
    draft: DraftFiche, public: Mapping[tuple[str, str], Start], elsewhere: Collection[str]
) -> Document | None:
    """What the draft is compared to. A unit that left the establishment is no new one: it stays compared to what it
    was, and nothing of it is published."""
    start = public.get((draft.kind, draft.key))
    if start is None:
        return draft.base if draft.key in elsewhere else None
    return start.document


def proposed(draft: DraftFiche, reference: Document | None) -> Document:
    """What the draft says, on the public fiche as it is now: what a référent changed directly since the draft started
    is nobody's proposal, and accepting everything must not undo it."""
    if reference is None or draft.base is None or draft.base == reference:
        return draft.content
    mine = {line.address for line in diff.compare(draft.base, draft.content)}
    return three_way(draft.base, reference, draft.content, keep_mine=mine).document


def proposals_now(draft: DraftFiche) -> list[Proposal]:
    """Those of one fiche, against what is public now; the other fiches of the dossier are not read."""
    public = starting_documents(draft.dossier.eg, key=draft.key)
    return proposals_of(draft, _reference(draft, public, checklist.elsewhere(draft.dossier.eg_id, [draft])))


def proposals_of(draft: DraftFiche, reference: Document | None) -> list[Proposal]:
    """What the draft proposes against the public document, with the decisions that still hold."""
    if reference is None:
        found = [Proposal(WHOLE, tuple(diff.compare(_nothing(draft), draft.content)))]
    else:
        found = _grouped(diff.compare(reference, proposed(draft, reference)))
    known = {decision.address: decision for decision in draft.decisions.all()}
    for one in found:
        decision = known.get(one.address)
        if decision and decision.fingerprint == one.fingerprint:
            one.decision = decision
    return found


def _nothing(draft: DraftFiche) -> Document:
    """What a new fiche is compared to: its identity and nothing else."""
    return {name: draft.content[name] for name in ("schema", "kind", "identifiant", "entite_geographique")}


def _grouped(lines: Iterable[Line]) -> list[Proposal]:
    """One proposal per line, but for what means nothing in halves: the closing triple (RG_EXP_043), an age with its
    unit, and the lines that are one thing to read (a slot, an activity, a place)."""
    together: dict[str, list[Line]] = {}
    for line in lines:
        together.setdefault(_address(line), []).append(line)
    closing = together.pop(CLOSING_ADDRESS, None)
    found = [Proposal(address, tuple(same)) for address, same in together.items()]
    return [Proposal(CLOSING_ADDRESS, tuple(closing)), *found] if closing else found


def _address(line: Line) -> str:
    """Of the proposal this line belongs to."""
    name = line.path[0]
    if name in CLOSING:
        return CLOSING_ADDRESS
    return "/".join(line.path[:2]) if name in WHOLE_LINES else UNITS.get(name, line.address)


def _published(review: Review) -> Document | None:
    """What the fiche would publish; None for what stays as it is: rules and modèles have nothing to say of it."""
    document = review.accepted
    return None if document is None or document == review.reference else document


# --- Deciding --------------------------------------------------------------------------------------------------------


@transaction.atomic
def decide(
    draft_id: int,
    addresses: Iterable[str],
    *,
    is_accepted: bool,
    by,
    motif: str = "",
    message: str = "",
    seen: Mapping[str, str] | None = None,
) -> list[Proposal]:
    """Accept or refuse proposals of one fiche; a refusal needs a `motif` of MOTIFS or a message.

    `seen`: fingerprints by address of what the person read. Raises `PermissionDenied`, `NotDecidable`, `ValueError`
    for an address the fiche does not propose, a line that changed since it was read, a refusal without reason or with
    too long a one.
    """
    draft = DraftFiche.objects.select_related("dossier__eg").get(pk=draft_id)
    decidable(draft.dossier_id, by=by)
    draft.refresh_from_db()
    wanted = set(addresses)
    if not is_accepted and motif not in MOTIFS and not message.strip():
        raise ValueError("Dites pourquoi la ligne est refusée.")
    if len(message) > LONGEST:
        raise ValueError(f"Le message au référent dépasse {LONGEST} caractères.")
    found = [one for one in proposals_now(draft) if one.address in wanted]
    if wanted - {one.address for one in found}:
        raise ValueError("Cette ligne n’existe plus : rechargez la page.")
    if seen and any(seen.get(one.address, one.fingerprint) != one.fingerprint for one in found):
        raise ValueError("Cette ligne a changé depuis que vous l’avez lue : relisez-la, puis décidez.")
    said = {
        "is_accepted": is_accepted,
        "motif": motif if motif in MOTIFS and not is_accepted else "",
        "message": "" if is_accepted else message.strip(),
        "by": by,
        "at": timezone.now(),
    }
    Decision.objects.bulk_create(
        [Decision(fiche=draft, address=one.address, fingerprint=one.fingerprint, **said) for one in found],
        update_conflicts=True,
        unique_fields=["fiche", "address"],
        update_fields=["fingerprint", *said],
    )
    journal.write(
        "dossier_accept" if is_accepted else "dossier_refuse",
        draft.dossier.reference,
        by=by,
        fiche=draft.key,
        lines=sorted(wanted),
        motif=said["motif"],
    )
    return found


@transaction.atomic
def undecide(draft_id: int, address: str, *, by) -> None:
    """Take a decision back: the line waits again."""
    draft = DraftFiche.objects.select_related("dossier").get(pk=draft_id)
    decidable(draft.dossier_id, by=by)
    Decision.objects.filter(fiche=draft, address=address).delete()
    journal.write("dossier_undecide", draft.dossier.reference, by=by, fiche=draft.key, lines=[address])


def decidable(dossier_id: int, *, by) -> Dossier:
    """The dossier, locked, if this person took it, is support there still, and did not send it. Raises
    `PermissionDenied`, `NotDecidable`."""
    dossier = locking.locked(Dossier, dossier_id)
    if not permissions.supports(by, dossier):
        raise PermissionDenied
    if dossier.status != Statut.SOUMIS:
        raise NotDecidable(f"Le dossier est {dossier.get_status_display()}.")
    if dossier.assigned_to_id != by.pk:
        raise NotDecidable("Prenez d’abord le dossier en charge.")
    if dossier.submitted_by_id == by.pk:
        raise NotDecidable("Vous avez envoyé ce dossier : un autre agent doit le valider.")
    return dossier


def refusals(dossier: Dossier) -> list[Decision]:
    """Refusals that still hold; decisions on lines that changed since are forgotten."""
    found = reviews(dossier)
    _prune(found)
    return [one.decision for review in found for one in review.refused]


def _prune(found: list[Review]) -> None:
    for review in found:
        held = [one.decision.pk for one in review.proposals if one.decision]
        Decision.objects.filter(fiche=review.draft).exclude(pk__in=held).delete()


def blockers(found: list[Review]) -> list[str]:
    """Why « Valider » is off: lines without decision, then lines that cannot be published; empty when it is on."""
    waiting = sum(len(review.undecided) for review in found)
    reasons = [f"{waiting} ligne{'s' if waiting > 1 else ''} à décider"] if waiting else []
    reasons += [f"{review.draft.name} : {problem.message}" for review in found for problem in review.problems]
    if not waiting and not any(one.is_accepted for review in found for one in review.proposals):
        reasons.append("Tout est refusé : renvoyez plutôt le dossier pour correction")
    return reasons


def settle(dossier: Dossier) -> list[str]:
    """Keep in each draft what was decided (`reference`, `accepted`), or say why it cannot be."""
    found = reviews(dossier)
    reasons = blockers(found)
    if reasons:
        return reasons
    _prune(found)
    for review in found:
        DraftFiche.objects.filter(pk=review.draft.pk).update(reference=review.reference, accepted=review.accepted)
    return []
