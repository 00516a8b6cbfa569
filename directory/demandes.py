"""Access requests: a professional asks, support decides once, the person is told either way."""

import datetime as dt

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from directory.habilitations import Right, grant, may_manage
from directory.models import DemandeAcces, DemandeStatus, EntiteGeographique, Role
from directory.permissions import Reader
from journal import models as journal
from journal import outbox
from ror import clock

AFTER_REFUSAL = dt.timedelta(days=30)  # before the same person asks again for the same establishment


class AlreadyAsked(Exception):
    """The person has a question waiting on that establishment."""


class NotAskable(Exception):
    """Nobody asks for that now; the message says why, and from when it is possible again."""


class AlreadyDecided(Exception):
    """A colleague answered meanwhile; `demande` says who and what."""

    def __init__(self, demande: DemandeAcces) -> None:
        self.demande = demande
        super().__init__(f"access request {demande.pk} is {demande.status}")


@transaction.atomic
def ask(eg: EntiteGeographique, *, by: User, fonction: str, motif: str) -> DemandeAcces:
    """Ask to be référent of `eg`. Raises AlreadyAsked, NotAskable."""
    if why := why_not(eg, by):
        raise NotAskable(why)
    try:
        with transaction.atomic():
            demande = DemandeAcces.objects.create(user=by, eg=eg, role=Role.REFERENT, fonction=fonction, motif=motif)
    except IntegrityError as error:
        raise AlreadyAsked from error
    journal.write("ask_access", _target(demande), by=by, eg=eg.cle)
    return demande


def why_not(eg: EntiteGeographique, user: User) -> str:
    """Why this person may not ask for this establishment today, in a sentence; empty when she may."""
    today = clock.today()
    if eg.is_closed_for_good(today):
        return "Cet établissement est fermé\u00a0: il n’y a plus de fiche à tenir à jour."
    refused = DemandeAcces.objects.filter(user=user, eg=eg, status=DemandeStatus.REFUSEE).order_by("-decided_at")
    last = refused.values_list("decided_at", flat=True).first()
    again = timezone.localdate(last) + AFTER_REFUSAL if last else today
    if again <= today:
        return ""
    return (
        f"Le support a refusé votre demande le {timezone.localdate(last):%d/%m/%Y}. Vous pourrez la refaire à partir "
        f"du {again:%d/%m/%Y}\u00a0; d’ici là, appelez-le ou écrivez-lui si quelque chose a changé."
    )


@transaction.atomic
def accept(demande_id: int, *, by: User) -> DemandeAcces:
    """Give the right from today. Raises AlreadyDecided, PermissionDenied (another territory)."""
    demande = _decide(demande_id, by=by, status=DemandeStatus.ACCEPTEE)
    right = Right(demande.role, eg=demande.eg)
    given = grant(user=demande.user, right=right, by=by)
    journal.write("accept_access", _target(demande), by=by, eg=demande.eg.cle, habilitation=given.pk)
    _tell(demande, f"Demande d’accès acceptée\u00a0: {demande.eg.display_name}", words=right.words)
    return demande


@transaction.atomic
def refuse(demande_id: int, *, by: User, reason: str) -> DemandeAcces:
    """Refuse, with the reason the person will read. Raises AlreadyDecided, PermissionDenied."""
    demande = _decide(demande_id, by=by, status=DemandeStatus.REFUSEE, reason=reason)
    journal.write("refuse_access", _target(demande), by=by, eg=demande.eg.cle, reason=reason)
    _tell(demande, f"Demande d’accès refusée\u00a0: {demande.eg.display_name}", words="")
    return demande


def _decide(demande_id: int, *, by: User, status: str, reason: str = "") -> DemandeAcces:
    """One decision, whoever clicks at the same time: the update is conditional."""
    demande = DemandeAcces.objects.select_related("user", "eg").get(pk=demande_id)
    if not may_manage(Reader.of(by), Right(demande.role, eg=demande.eg)):
        raise PermissionDenied
    waiting = DemandeAcces.objects.filter(pk=demande_id, status=DemandeStatus.EN_ATTENTE)
    decided = waiting.update(status=status, reason=reason, decided_by=by, decided_at=timezone.now())
    demande.refresh_from_db(fields=["status", "reason", "decided_by", "decided_at"])
    if not decided:
        raise AlreadyDecided(demande)
    return demande


def _tell(demande: DemandeAcces, subject: str, *, words: str) -> None:
    outbox.add(
        f"{_target(demande)}:{demande.status}",
        to=[demande.user],
        subject=subject,
        template="directory/mail/demande_decidee.txt",
        context={"demande": demande, "words": words},
    )


def _target(demande: DemandeAcces) -> str:
    return f"demande:{demande.pk}"
