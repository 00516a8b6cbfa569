"""When the public fiche moved under a draft: silent where they touch different lines, a question where they meet."""

from collections.abc import Collection, Iterable

from django.db import transaction

from directory import diff
from directory.merge import Merge, three_way
from dossiers import checklist, locking
from dossiers.drafts import NotReady, StaleDraft, Start, starting_documents, writable
from dossiers.models import Dossier, DraftFiche, Etat
from journal import models as journal


def moved(dossier: Dossier, drafts: Iterable[DraftFiche]) -> dict[int, tuple[Start, Merge]]:
    """By draft id: where the public fiche is now, and the merge, for the drafts whose base is not public any more."""
    drafts = list(drafts)
    public = starting_documents(dossier.eg, drafted=[draft.key for draft in drafts])
    found = {}
    for draft in drafts:
        start = public.get((draft.kind, draft.key))
        if draft.base and start and diff.compare(draft.base, start.document):
            found[draft.pk] = (start, three_way(draft.base, start.document, draft.content))
    return found


def clashing(dossier: Dossier, drafts: Iterable[DraftFiche]) -> list[DraftFiche]:
    """Drafts that wait for somebody to choose between their lines and the public ones."""
    drafts = list(drafts)
    found = moved(dossier, drafts)
    return [draft for draft in drafts if draft.pk in found and found[draft.pk][1].clashes]


def take_silently(dossier: Dossier, *, by) -> list[DraftFiche]:
    """Rebase every draft that clashes nowhere; the caller holds the lock of the dossier. Returns those that moved."""
    drafts = {draft.pk: draft for draft in DraftFiche.objects.filter(dossier=dossier)}
    done = []
    for pk, (start, merge) in moved(dossier, drafts.values()).items():
        if not merge.clashes and drafts[pk].saisie is None:
            _rebase(drafts[pk], start, merge, by=by, state=drafts[pk].state)
            done.append(drafts[pk])
    return done


@transaction.atomic
def take(
    draft: DraftFiche, *, version: int, keep_mine: Collection[str], by, asked: Collection[str] | None = None
) -> DraftFiche:
    """Rebase one draft; `keep_mine`: addresses where its own line is kept, the public one being taken elsewhere.

    `asked`: addresses of the clashes the person was shown; another one since raises `StaleDraft`, for a line that
    nobody was asked about is never dropped. Raises `StaleDraft`, `NotReady` while what is typed is no document yet
    (its raw fields would bring the former public values back), `NotWritable`, `PermissionDenied`.
    """
    dossier = writable(draft.dossier_id, by=by)
    draft = DraftFiche.objects.get(pk=draft.pk)
    if draft.version != version:
        raise StaleDraft(draft)
    found = moved(dossier, [draft]).get(draft.pk)
    if found is None:
        return draft
    if draft.saisie is not None:
        raise NotReady([checklist.TYPED])
    start, merge = found
    if asked is not None and {clash.address for clash in merge.clashes} - set(asked):
        raise StaleDraft(draft)
    merge = three_way(draft.base, start.document, draft.content, keep_mine=keep_mine)
    _rebase(draft, start, merge, by=by, state=Etat.ENREGISTREE)
    return DraftFiche.objects.get(pk=draft.pk)


def _rebase(draft: DraftFiche, start: Start, merge: Merge, *, by, state: str) -> None:
    values = {"content": merge.document, "base": start.document, "base_version": start.version, "state": state}
    if not locking.advance(DraftFiche, draft.pk, version=draft.version, **values):
        raise StaleDraft(DraftFiche.objects.get(pk=draft.pk))
    journal.write(
        "dossier_rebase",
        draft.dossier.reference,
        by=by,
        fiche=draft.key,
        version=start.version,
        kept=[line.address for line in merge.taken],
        asked=[clash.address for clash in merge.clashes],
    )
