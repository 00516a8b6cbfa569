"""Going back to an older version of a fiche, by publishing a new one."""

import copy
from collections.abc import Sequence

from directory import checks, documents, history, publishing
from directory.documents import Document
from directory.history import Confidential
from directory.models import FicheVersion, Kind, Niveau
from directory.ownership import KEPT, KEPT_OF_LIEU, UID


class NoSuchVersion(LookupError):
    """The fiche has no version of that number."""


def target(kind: Kind, pk: int, number: int, only: Sequence[str] | None = None) -> tuple[Document, Document]:
    """(live document, what restoring version `number` would publish): all of it, or these fields `only`.

    Raises `NoSuchVersion`; `ValueError` when that version was written by a later release.
    """
    stored = history.contents(kind, pk, [number]).get(number)
    if stored is None:
        raise NoSuchVersion(number)
    if only is not None:
        stored = {name: stored[name] for name in only if name in stored}
    live = documents.to_document(kind, pk)
    hidden = history.ever_above(kind, pk, Niveau.PROFESSIONNELS)
    return live, restored(kind, stored, live, hidden=hidden)


def restore(
    kind: Kind, pk: int, number: int, *, by, expected_version: int, only: Sequence[str] | None = None
) -> FicheVersion:
    """Publish version `number` again, but what FINESS owns and what confidentiality asks today.

    Raises what `publishing.publish` raises; a version equal to the live fiche changes nothing.
    """
    _, document = target(kind, pk, number, only)
    return publishing.publish(kind, document, by=by, origin=f"retour:v{number}", expected_version=expected_version)


def problems(kind: Kind, document: Document, live: Document) -> list[checks.Problem]:
    """What forbids to publish it now, said before anybody tries."""
    try:
        documents.References(documents.shape_of(documents.MODELS[kind]), document)
    except documents.UnknownReference as unknown:
        return [unknown_reference(unknown)]
    return checks.problems(kind, document, live)


def unknown_reference(error: documents.UnknownReference) -> checks.Problem:
    return checks.Problem("", f"Inconnu dans ce ROR\u00a0: {error}.")


def restored(kind: Kind, stored: Document, live: Document, *, hidden: Confidential) -> Document:
    """`stored` with the fields of other masters taken from `live`. Nothing becomes more visible than it is: a unit
    stays sensitive, a line keeps its present level, and one that is gone comes back at level 3 if it ever was."""
    document = live | copy.deepcopy(stored) | {name: live[name] for name in KEPT[kind] if name in live}
    if "lieux" in live:
        document["lieux"] = _lieux(document["lieux"], live["lieux"])
    document["contacts"] = _finess_first(document["contacts"], live["contacts"])
    is_sensitive = False
    if kind == Kind.UO:
        is_sensitive = document["unite_sensible"] = live["unite_sensible"] or document["unite_sensible"]
    _keep_levels(document["contacts"], live["contacts"], hidden, is_sensitive=is_sensitive)
    return document


def _lieux(stored: list[Document], live: list[Document]) -> list[Document]:
    """Addresses of FINESS and the main entrance stay as they are."""
    main = {lieu["uid"] for lieu in live if lieu["est_principal"]}
    kept = {lieu["uid"]: lieu for lieu in live if lieu["uid"] == UID or lieu["est_principal"]}
    there = {lieu["uid"] for lieu in stored}
    found = [lieu for uid, lieu in kept.items() if uid not in there]
    for lieu in stored:
        if lieu["uid"] in kept:
            found.append(lieu | {name: kept[lieu["uid"]][name] for name in KEPT_OF_LIEU})
        elif lieu["uid"] != UID:
            found.append(lieu | {"est_principal": lieu["est_principal"] and not main})
    return copy.deepcopy(found)


def _finess_first(stored: list[Document], live: list[Document]) -> list[Document]:
    """The contact FINESS writes is the live one, or none."""
    ours = [contact for contact in live if contact["uid"] == UID]
    return copy.deepcopy(ours) + [contact for contact in stored if contact["uid"] != UID]


def _keep_levels(contacts: list[Document], live: list[Document], hidden: Confidential, *, is_sensitive: bool) -> None:
    now = {contact["uid"]: contact for contact in live}
    for contact in contacts:
        uid, known = contact["uid"], now.get(contact["uid"])
        floor = known["niveau"] if known else Niveau.REGULATION * (uid in hidden.contacts)
        contact["niveau"] = max(contact["niveau"], floor, Niveau.REGULATION * is_sensitive)
        telecoms = {telecom["uid"]: telecom["niveau"] for telecom in (known or {}).get("telecoms") or []}
        for telecom in contact.get("telecoms") or []:
            lost = Niveau.REGULATION * ((uid, telecom["uid"]) in hidden.telecoms)
            telecom["niveau"] = max(telecom["niveau"], contact["niveau"], telecoms.get(telecom["uid"], lost))
