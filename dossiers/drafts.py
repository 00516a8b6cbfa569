"""The fiches of a dossier while it is written: open, add, duplicate, close, save, finalise. Nothing here is public."""

import copy
from collections.abc import Callable, Collection
from dataclasses import dataclass

from django.core.exceptions import BadRequest, PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from directory import documents
from directory.documents import Document, shape_of
from directory.models import EntiteGeographique, Kind, UniteOperationnelle
from directory.models.common import new_uid
from directory.models.unites import next_identifiant_offre
from directory.ownership import KEPT, KEPT_OF_LIEU, UID
from directory.permissions import Reader
from dossiers import checklist, locking, permissions, remarks, wellformed
from dossiers.models import Dossier, DraftFiche, Etat, Statut
from journal import models as journal
from nomenclature import choices
from ror import clock

WRITTEN_IN = (Statut.INITIE, Statut.A_CORRIGER)


class DossierAlreadyOpen(Exception):
    """Another dossier is open on this establishment: `dossier`."""

    def __init__(self, dossier: Dossier):
        self.dossier = dossier
        super().__init__(str(dossier))


class NotWritable(Exception):
    """The dossier is not in a state where its fiches change; `dossier` says which."""

    def __init__(self, dossier: Dossier):
        self.dossier = dossier
        super().__init__(dossier.get_status_display())


class StaleDraft(Exception):
    """Somebody saved this fiche since it was read: `current` is the row as it is now. Nothing was written."""

    def __init__(self, current: DraftFiche):
        self.current = current
        super().__init__(f"version {current.version}")


class NotReady(Exception):
    """The fiche cannot be finalised: `problems` (address, message), never empty."""

    def __init__(self, problems: list):
        self.problems = problems
        super().__init__(" ; ".join(problem.message for problem in problems))


class WrongFiche(ValueError, BadRequest):
    """What is asked makes no sense on this fiche, and no screen proposes it: 400."""


@dataclass(frozen=True)
class Start:
    """Where a draft starts from: the document, and the version of the live fiche it was read at."""

    document: Document
    version: int


# --- The dossier and its fiches --------------------------------------------------------------------------------------


@transaction.atomic
def open_dossier(eg: EntiteGeographique, *, by, suite_de: Dossier | None = None, campagne: str = "") -> Dossier:
    """Open a dossier on an establishment, with its fiche and those of its UO that are not closed for good.

    It starts from the documents of a validated dossier that waits for its day, else from the live ones. Raises
    `PermissionDenied`, `DossierAlreadyOpen`.
    """
    if not EntiteGeographique.objects.editable_by(Reader.of(by)).filter(pk=eg.pk).exists():
        raise PermissionDenied
    try:
        with transaction.atomic():
            dossier = Dossier.objects.create(eg=eg, opened_by=by, suite_de=suite_de, campagne=campagne)
    except IntegrityError as error:
        found = Dossier.objects.open().filter(eg=eg).first()
        if found is None:
            raise
        raise DossierAlreadyOpen(found) from error
    dossier.is_first = _start(dossier, by=by)
    Dossier.objects.filter(pk=dossier.pk).update(is_first=dossier.is_first)
    journal.write("dossier_open", dossier.reference, by=by, eg=eg.cle, is_first=dossier.is_first)
    return dossier


def _start(dossier: Dossier, *, by) -> bool:
    """Write the drafts a dossier begins with; whether it is the first description of its establishment."""
    starts = starting_documents(dossier.eg)
    has_uo = any(kind == Kind.UO for kind, _ in starts)
    is_first = (
        not has_uo and not UniteOperationnelle.objects.published().filter(entite_geographique=dossier.eg).exists()
    )
    found = [
        DraftFiche(
            dossier=dossier,
            kind=kind,
            key=key,
            position=position,
            content=start.document,
            base=start.document,
            base_version=start.version,
            updated_by=by,
        )
        for position, ((kind, key), start) in enumerate(starts.items())
    ]
    problems = checklist.problems_by_key(found, found[0].content)
    for draft in found:
        # What was published and passes today's modèle de saisie needs no work: it starts green.
        draft.state = Etat.A_COMPLETER if is_first or problems[draft.key] else Etat.FINALISEE
    DraftFiche.objects.bulk_create(found)
    return is_first


def starting_documents(
    eg: EntiteGeographique, *, key: str = "", drafted: Collection[str] = ()
) -> dict[tuple[str, str], Start]:
    """(kind, key) → where a new draft starts: the EG first, then its UO by name. `key`: that fiche alone; `drafted`:
    units of a dossier, which stay in it when they close for good meanwhile (a closed unit is not a new one)."""
    unites = UniteOperationnelle.objects.published().filter(entite_geographique=eg).order_by("nom", "pk")
    unites = unites.filter(identifiant=key) if key else unites
    kept, today = {key, *drafted}, clock.today()
    versions = {uo.pk: uo.version for uo in unites if uo.identifiant in kept or not uo.is_closed_for_good(today)}
    found = {}
    if key in ("", eg.idnat_struct):
        found[Kind.EG.value, eg.idnat_struct] = Start(documents.to_document(Kind.EG, eg.pk), eg.version)
    by_id = documents.to_documents(Kind.UO, versions)
    for pk, version in versions.items():
        found[Kind.UO.value, by_id[pk]["identifiant"]] = Start(by_id[pk], version)
    # One that was set aside will not be published as it is: nothing starts from it.
    waiting = DraftFiche.objects.filter(dossier__eg=eg, dossier__status=Statut.VALIDE, dossier__blocked="")
    waiting = waiting.filter(accepted__isnull=False)
    waiting = waiting.filter(key=key) if key else waiting
    for draft in waiting.order_by("dossier__decided_at", "position"):
        known = found.get((draft.kind, draft.key))
        found[draft.kind, draft.key] = Start(draft.accepted, max(known.version if known else 0, draft.base_version, 1))
    return found


def add_uo(dossier: Dossier, *, name: str, type_uo: str | None, by, after: int | None = None) -> DraftFiche:
    """A new UO, empty but for its name, its place, its type and what that decides; `type_uo` is `ror-type-uo|…` or
    None. `after`: the last position the page showed; the same request sent twice adds one unit."""
    fixed = choices.fixed_by(type_uo or "")
    decided = {name: getattr(fixed, name) or None for name in ("type_offre", "champ_activite", "mode_prise_en_charge")}
    content = empty_uo(dossier.eg) | {"nom": name, "type_uo": type_uo} | decided
    return _add(dossier, content, "dossier_add_uo", by=by, after=after)


def empty_uo(eg: EntiteGeographique) -> Document:
    """The document of a UO that says nothing yet, with an identifiant of its own."""
    uo = UniteOperationnelle(identifiant="")
    shape = shape_of(UniteOperationnelle)
    content = {"schema": documents.SCHEMA, "kind": Kind.UO.value}
    content |= {field.name: documents.plain(getattr(uo, field.attname)) for field in shape.scalars}
    content |= {field.name: None for field in shape.links}
    content |= {field.name: [] for field in shape.many}
    content |= {name: [] for name, _, _ in shape.children}
    return content | {"identifiant": next_identifiant_offre(), "entite_geographique": eg.idnat_struct}


def duplicate(draft: DraftFiche, *, by, after: int | None = None) -> DraftFiche:
    """A copy of a UO of the dossier, with an identifiant and line uids of its own: the two share nothing. `after`: as
    for `add_uo`.

    Raises `WrongFiche` for the fiche of the EG, `NotWritable`, `PermissionDenied`.
    """
    if draft.kind != Kind.UO:
        raise WrongFiche("an establishment is not duplicated")
    content = copy.deepcopy(draft.content)
    _new_uids(content)
    content |= {"identifiant": next_identifiant_offre(), "nom": f"{draft.name} (copie)"[:255]}
    content |= {"type_fermeture": "", "date_fermeture": None, "date_reouverture": None}
    return _add(draft.dossier, content, "dossier_duplicate_uo", by=by, after=after)


def _new_uids(document: Document) -> None:
    """Draw a new uid for each line, at every depth. `lieu_uid` names a lieu of the EG: it stays."""
    for value in document.values():
        for line in value if isinstance(value, list) else ():
            if isinstance(line, dict) and "uid" in line:
                line["uid"] = new_uid()
                _new_uids(line)


@transaction.atomic
def _add(dossier: Dossier, content: Document, action: str, *, by, after: int | None) -> DraftFiche:
    dossier = writable(dossier.pk, by=by)
    if after is not None:
        since = DraftFiche.objects.filter(dossier=dossier, position__gt=after, base_version=0, updated_by=by)
        done = next((one for one in since if one.name == content["nom"]), None)
        if done:  # a double click, or the replay of a request whose answer was lost
            return done
    wellformed.check(Kind.UO, content)
    last = DraftFiche.objects.filter(dossier=dossier).order_by("-position").values_list("position", flat=True).first()
    draft = DraftFiche.objects.create(
        dossier=dossier,
        kind=Kind.UO.value,
        key=content["identifiant"],
        position=(last or 0) + 1,
        content=content,
        updated_by=by,
    )
    _touched(dossier, action, by=by, fiche=draft.key)
    return draft


@transaction.atomic
def remove(draft: DraftFiche, *, version: int, by) -> None:
    """Take out of the dossier a UO that was never published, or that belongs to another establishment now; what was
    said of it stays in the thread of the dossier. Removing it twice is removing it once.

    Raises `WrongFiche` for any other (a published unit is closed), `StaleDraft`, `NotWritable`, `PermissionDenied`.
    """
    dossier = writable(draft.dossier_id, by=by)
    if not removable(dossier, draft):
        raise WrongFiche("a published unit is closed, not removed")
    held = DraftFiche.objects.filter(pk=draft.pk).first()
    if held is None:
        return
    if held.version != version:  # nobody saves meanwhile: the dossier is locked
        raise StaleDraft(held)
    remarks.leave(held)
    held.delete()
    _touched(dossier, "dossier_remove_uo", by=by, fiche=held.key)


def removable(dossier: Dossier, draft: DraftFiche) -> bool:
    """A UO that was never published, or that support attached to another establishment since."""
    return draft.kind == Kind.UO and (draft.is_new or bool(checklist.elsewhere(dossier.eg_id, [draft])))


def close_uo(draft: DraftFiche, *, type_fermeture: str, date_fermeture, date_reouverture=None, version: int, by):
    """Close a published UO in the dossier, or reopen it with an empty type. Public only once validated. What somebody
    is typing in it is kept. Raises `WrongFiche` for the fiche of the EG or a new unit, and what `save` raises."""
    if draft.kind != Kind.UO or draft.is_new:
        raise WrongFiche("only a published unit is closed here")
    closing = {
        "type_fermeture": type_fermeture,
        "date_fermeture": documents.plain(date_fermeture),
        "date_reouverture": documents.plain(date_reouverture),
    }
    wellformed.check(Kind.UO, closing)
    return _write(
        draft.pk,
        version=version,
        by=by,
        change=lambda held: (held.content | closing, held.saisie),
        action="dossier_close_uo",
    )


# --- Saving ----------------------------------------------------------------------------------------------------------


def save(draft_id: int, *, version: int, saisie: dict | None, document: Document | None, by) -> DraftFiche:
    """Keep what was typed. `document` when it is valid; `saisie`, its raw fields, when it is not (one of the two).

    The same content sent twice is saved once. Raises `StaleDraft` (somebody saved meanwhile: nothing written),
    `NotWritable`, `PermissionDenied`, `DraftFiche.DoesNotExist`; `wellformed.NotADocument` (400) for what no form
    gives.
    """

    def change(held: DraftFiche) -> tuple[Document, dict | None]:
        if document is None:
            return held.content, wellformed.storable(saisie)
        wellformed.check(Kind(held.kind), document)
        return with_what_is_not_ours(held, document), None

    return _write(draft_id, version=version, by=by, change=change)


@transaction.atomic
def _write(draft_id: int, *, version: int, by, change: Callable[[DraftFiche], tuple], action: str = "") -> DraftFiche:
    """`change`: from the row as it is, the (content, saisie) to keep."""
    held = DraftFiche.objects.get(pk=draft_id)
    dossier = writable(held.dossier_id, by=by)
    held = DraftFiche.objects.get(pk=draft_id)  # again, under the lock of its dossier
    content, saisie = change(held)
    wanted = {"content": content, "saisie": saisie}
    if wanted == {"content": held.content, "saisie": held.saisie}:
        return held  # nothing new: an autosave after a pause, or the replay of the save just made
    state = Etat.A_COMPLETER if saisie is not None else Etat.ENREGISTREE
    by_support = dossier.status == Statut.SOUMIS
    values = wanted | {"state": state, "updated_at": timezone.now(), "updated_by": by}
    if not locking.advance(
        DraftFiche, draft_id, version=version, is_corrected=held.is_corrected or by_support, **values
    ):
        raise StaleDraft(held)
    # An autosave is not an event; a correction by support is, and the message of its decision says so.
    _touched(dossier, "dossier_correct" if by_support else action, by=by, fiche=held.key)
    held.refresh_from_db()
    return held


def finalise(draft_id: int, *, version: int, by) -> DraftFiche:
    """Mark a fiche as finished (green). Raises `NotReady` with what is missing, and what `save` raises."""
    with transaction.atomic():
        held = DraftFiche.objects.get(pk=draft_id)
        dossier = writable(held.dossier_id, by=by)
        held = DraftFiche.objects.get(pk=draft_id)
        if held.state == Etat.FINALISEE and held.version in (version, version + 1):
            return held
        found = checklist.problems_of(held)
        if found:
            raise NotReady(found)
        if not locking.advance(DraftFiche, draft_id, version=version, state=Etat.FINALISEE, updated_by=by):
            raise StaleDraft(held)
        _touched(dossier, "dossier_finalise", by=by, fiche=held.key)
        held.refresh_from_db()
    return held


def writable(dossier_id: int, *, by) -> Dossier:
    """The dossier, locked, if this person may write its fiches now: a référent until it is sent, support (who took it)
    once it is. Raises `PermissionDenied`, `NotWritable`."""
    dossier = locking.locked(Dossier, dossier_id)
    if not permissions.writes(by, dossier):
        raise PermissionDenied
    is_taken_by_her = dossier.status == Statut.SOUMIS and dossier.assigned_to_id == by.pk
    if dossier.status not in WRITTEN_IN and not (is_taken_by_her and permissions.supports(by, dossier)):
        raise NotWritable(dossier)
    return dossier


def with_what_is_not_ours(held: DraftFiche, document: Document) -> Document:
    """The document with the fields of other masters as they were: FINESS numbers, address, main entrance, place in
    the tree, closing (`close_uo` is the way to close). Whatever the form sent."""
    ours = held.content | document
    kept = (*KEPT[Kind(held.kind)], "organisation_interne")
    ours |= {name: held.content[name] for name in kept if name in held.content}
    if "lieux" in ours:
        ours["lieux"] = _lieux(held.content["lieux"], ours["lieux"])
    return ours


def _lieux(held: list[Document], sent: list[Document]) -> list[Document]:
    """The place FINESS writes and the main entrance stay, with their address; no other becomes the main entrance."""
    kept = {line["uid"]: line for line in held if line["est_principal"] or line["uid"] == UID}
    has_main = any(line["est_principal"] for line in held)
    uids = {line["uid"] for line in sent}
    found = [line for uid, line in kept.items() if uid not in uids]
    for line in sent:
        if line["uid"] in kept:
            found.append(line | {name: kept[line["uid"]][name] for name in KEPT_OF_LIEU})
        else:
            found.append(line | {"est_principal": bool(line.get("est_principal")) and not has_main})
    return found


def _touched(dossier: Dossier, action: str, *, by, **detail) -> None:
    """The dossier lives: its age restarts, and the journal tells what is an event."""
    Dossier.objects.filter(pk=dossier.pk).update(updated_at=timezone.now(), reminded_at=None)
    if action:
        journal.write(action, dossier.reference, by=by, **detail)
