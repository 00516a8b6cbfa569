"""Who is told what of a dossier: one outbox row per person, in the transaction of the step.

A message names the establishment, the fiches and the fields; it never holds the value of a contact (levels), nor the
name of a sensitive unit: whose mailbox it is, and who reads over the shoulder, nobody knows.
"""

import copy
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings

from directory.display.history import where
from directory.models import Kind
from directory.permissions import referents_of
from dossiers import permissions
from dossiers.decisions import CLOSING_ADDRESS, MOTIFS, WHOLE, Review
from dossiers.models import Decision, Dossier, DraftFiche
from journal import outbox
from ror import clock

SENSITIVE = "une unité sensible"


@dataclass(frozen=True)
class Notice:
    """What one step says, to the référents of the establishment, to the mailbox of support, or both."""

    subject: str
    template: str
    to_referents: bool = True
    to_support: bool = False


NOTICES = {
    "submit": Notice("Dossier {numero} envoyé en validation", "dossiers/mail/submit.txt", to_support=True),
    "take": Notice("Dossier {numero} pris en charge", "dossiers/mail/take.txt"),
    "return": Notice("Dossier {numero} à corriger", "dossiers/mail/return.txt"),
    "validate": Notice("Dossier {numero} validé", "dossiers/mail/validate.txt"),
    "publish": Notice("Dossier {numero} publié", "dossiers/mail/publish.txt"),
    "reopen": Notice("Dossier {numero} : validation annulée", "dossiers/mail/reopen.txt"),
    "blocked": Notice(
        "Dossier {numero} : publication empêchée", "dossiers/mail/blocked.txt", to_referents=False, to_support=True
    ),
    "asleep": Notice("Dossier {numero} en attente", "dossiers/mail/asleep.txt"),
    "undo": Notice("Dossier {numero} : publication annulée", "dossiers/mail/undo.txt"),
}


def tell(dossier: Dossier, action: str, *, version: int, by, **more: object) -> int:
    """Write the messages of one step; nothing for a step nobody waits for. Returns how many.

    What follows a colon in `action` tells two events of one version apart (a dossier that sleeps twice).
    """
    notice = NOTICES.get(action.partition(":")[0])
    if notice is None:
        return 0
    return outbox.add(
        f"{dossier.reference}:{action}:{version}",
        to=_recipients(dossier, notice),
        subject=_subject(dossier, notice),
        template=notice.template,
        context=_context(dossier, by) | _decided(dossier) | more,
    )


def _recipients(dossier: Dossier, notice: Notice) -> list:
    """Users, and the mailbox of support; `outbox.add` leaves out the inactive ones and the doubles. Who opened it is
    told as long as she may still read it."""
    to: list = []
    if notice.to_referents:
        to += [dossier.opened_by] if permissions.writes(dossier.opened_by, dossier) else []
        to += [habilitation.user for habilitation in referents_of(dossier.eg).order_by("pk")]
    return [*to, settings.SUPPORT["email"]] if notice.to_support else to


def _subject(dossier: Dossier, notice: Notice) -> str:
    return f"{notice.subject.format(numero=dossier.numero)} : {dossier.eg.display_name}"


def _context(dossier: Dossier, by) -> dict:
    is_later = bool(dossier.date_effet and dossier.date_effet > clock.today())
    blocked = _without_names(dossier.blocked, dossier) if dossier.blocked else ""
    return {"dossier": dossier, "eg": dossier.eg, "by": by, "is_later": is_later, "blocked": blocked}


@dataclass(frozen=True)
class Preview:
    """A message as it would leave: `to` names its readers."""

    subject: str
    body: str
    to: list[str]


def preview(dossier: Dossier, action: str, *, by, comment: str, found: Iterable[Review] = ()) -> Preview:
    """The message of a step that is not made yet; `found`: the reviews, for the lines refused until now."""
    notice, shown = NOTICES[action], copy.copy(dossier)
    shown.motif = comment
    found = list(found)
    context = _context(shown, by) | {
        "refused": [_refused(one.decision) for review in found for one in review.refused],
        "corrected": [name_of(review.draft) for review in found if review.draft.is_corrected],
        "person": None,
        "SITE_URL": settings.SITE_URL,
        "REGION_NAME": settings.REGION_NAME,
        "SUPPORT": settings.SUPPORT,
    }
    people = dict.fromkeys(str(one) for one in _recipients(dossier, notice))
    return Preview(_subject(dossier, notice), outbox.body(notice.template, context), list(people))


@dataclass(frozen=True)
class Refused:
    """One refused line as a mail tells it: the fiche, the field (never its value), and why."""

    fiche: str
    field: str
    reason: str


def _decided(dossier: Dossier) -> dict:
    """Refused lines and corrected fiches, for the messages of a return, a validation and a publication."""
    rows = Decision.objects.filter(fiche__dossier=dossier, is_accepted=False).select_related("fiche")
    corrected = dossier.fiches.filter(is_corrected=True)
    return {
        "refused": [_refused(row) for row in rows.order_by("fiche__position", "pk")],
        "corrected": [name_of(draft) for draft in corrected],
    }


def name_of(draft: DraftFiche) -> str:
    """The name of a fiche as a mail may say it; a unit stays sensitive until support has validated that it is not."""
    is_sensitive = draft.content.get("unite_sensible") or (draft.base or {}).get("unite_sensible")
    return SENSITIVE if is_sensitive else draft.name


def _without_names(text: str, dossier: Dossier) -> str:
    """`text` without the names of the sensitive units of the dossier."""
    for draft in dossier.fiches.filter(kind=Kind.UO):
        text = text.replace(draft.name, name_of(draft))
    return text


def _refused(row: Decision) -> Refused:
    names = {WHOLE: "l’unité entière", CLOSING_ADDRESS: "la fermeture"}
    field = names.get(row.address) or where(row.address, row.fiche.content)
    reason = " : ".join(part for part in (MOTIFS.get(row.motif, ""), row.message) if part)
    return Refused(name_of(row.fiche), field, reason)
