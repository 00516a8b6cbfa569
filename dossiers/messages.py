"""Who is told what of a dossier: one outbox row per person, in the transaction of the step.

A message names the establishment, the fiches and the fields; it never holds the value of a contact (levels).
"""

from dataclasses import dataclass

from django.conf import settings

from directory.display.history import where
from directory.permissions import referents_of
from dossiers.decisions import CLOSING_ADDRESS, MOTIFS, WHOLE
from dossiers.models import Decision, Dossier
from journal import outbox
from ror import clock


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
}


def tell(dossier: Dossier, action: str, *, version: int, by, **more: object) -> int:
    """Write the messages of one step; nothing for a step nobody waits for. Returns how many.

    What follows a colon in `action` tells two events of one version apart (a dossier that sleeps twice).
    """
    notice = NOTICES.get(action.partition(":")[0])
    if notice is None:
        return 0
    to: list = [dossier.opened_by] if notice.to_referents else []
    if notice.to_referents:
        to += [habilitation.user for habilitation in referents_of(dossier.eg).order_by("pk")]
    if notice.to_support:
        to.append(settings.SUPPORT["email"])
    is_later = bool(dossier.date_effet and dossier.date_effet > clock.today())
    context = {"dossier": dossier, "eg": dossier.eg, "by": by, "is_later": is_later, **_decided(dossier), **more}
    return outbox.add(
        f"{dossier.reference}:{action}:{version}",
        to=to,
        subject=f"{notice.subject.format(numero=dossier.numero)} : {dossier.eg.display_name}",
        template=notice.template,
        context=context,
    )


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
        "corrected": [draft.name for draft in corrected],
    }


def _refused(row: Decision) -> Refused:
    names = {WHOLE: "l’unité entière", CLOSING_ADDRESS: "la fermeture"}
    field = names.get(row.address) or where(row.address, row.fiche.content)
    reason = " : ".join(part for part in (MOTIFS.get(row.motif, ""), row.message) if part)
    return Refused(row.fiche.name, field, reason)
