"""The one place that changes the status of a dossier.

The table is data, for the tests and the screens too. A step locks the dossier, checks, writes by a conditional update
on `version`, and records: journal and messages are in the same transaction. A step already made by the same person
(double click, replay after a lost answer) gives the same answer and does nothing.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from directory.models import Kind
from dossiers import checklist, decisions, effects, locking, messages, rebasing
from dossiers.models import Dossier, DraftFiche, Etat, Statut
from dossiers.permissions import supports, writes
from journal import models as journal
from ror import clock


class TransitionRefused(Exception):
    """The step is not possible now; the sentence says why, `dossier` is as it is, `reasons` what to correct."""

    def __init__(self, dossier: Dossier, message: str, reasons: list[str] | None = None):
        self.dossier = dossier
        self.message = message
        self.reasons = reasons or []
        super().__init__(message)


@dataclass(frozen=True)
class Transition:
    """From which statuses, to which one, who may; `label` is the button."""

    sources: frozenset[Statut]
    target: Statut | None  # None: the status stays
    allowed: Callable[[User, Dossier], bool]
    label: str


S = Statut
TRANSITIONS = {
    "submit": Transition(frozenset({S.INITIE, S.A_CORRIGER}), S.SOUMIS, writes, "Envoyer en validation"),
    "withdraw": Transition(frozenset({S.SOUMIS}), S.INITIE, writes, "Reprendre le dossier"),
    "abandon": Transition(frozenset({S.INITIE, S.A_CORRIGER}), S.ABANDONNE, writes, "Abandonner le dossier"),
    "take": Transition(frozenset({S.SOUMIS}), None, supports, "M’assigner ce dossier"),
    "release": Transition(frozenset({S.SOUMIS}), None, supports, "Rendre à la file"),
    "return": Transition(frozenset({S.SOUMIS}), S.A_CORRIGER, supports, "Renvoyer pour correction"),
    "validate": Transition(frozenset({S.SOUMIS}), S.VALIDE, supports, "Valider"),
    "reopen": Transition(frozenset({S.VALIDE}), S.A_CORRIGER, supports, "Annuler la validation"),
}


def possible(user: User, dossier: Dossier) -> list[str]:
    """The steps this person may make now, for buttons; the step itself checks again."""
    steps = {name: step for name, step in TRANSITIONS.items() if dossier.status in step.sources}
    may = {rule: rule(user, dossier) for rule in {step.allowed for step in steps.values()}}  # each asked once
    return [name for name, step in steps.items() if may[step.allowed] and not refusal(name, user, dossier)]


@transaction.atomic(durable=True)
def move(
    action: str, dossier_id: int, *, version: int, by: User, comment: str = "", date_effet: dt.date | None = None
) -> Dossier:
    """Perform one step. `comment`: the reason of a return; `date_effet`: of a submission.

    Raises `PermissionDenied`, `TransitionRefused` (who did what meanwhile, or what to correct),
    `Dossier.DoesNotExist`.
    """
    step = TRANSITIONS[action]
    dossier = locking.locked(Dossier, dossier_id)
    if not step.allowed(by, dossier):
        raise PermissionDenied
    if dossier.version != version:
        if dossier.last_by_id == by.pk and (dossier.last_action, dossier.version - version) in _replays(action):
            return dossier
        raise TransitionRefused(dossier, _meanwhile(dossier))
    if dossier.status not in step.sources:
        raise TransitionRefused(dossier, _meanwhile(dossier))
    why = refusal(action, by, dossier)
    if why:
        raise TransitionRefused(dossier, why)
    values = PREPARE.get(action, _nothing)(dossier, by=by, comment=comment, date_effet=date_effet)
    _step(dossier, action, by=by, **values)
    if action == "validate":
        try:
            effects.publish_or_rehearse(dossier, by=by)
        except effects.CannotPublish as error:  # nothing of the step is kept
            why = "Les lignes acceptées ne peuvent pas être publiées."
            raise TransitionRefused(dossier, why, error.reasons) from error
    return dossier


def _replays(action: str) -> set[tuple[str, int]]:
    """(last action, versions since the page was read) of the step just made; a validation may publish at once."""
    return {(action, 1), ("publish", 2)} if action == "validate" else {(action, 1)}


def _step(dossier: Dossier, action: str, *, by: User, **values: object) -> None:
    """The conditional update, the journal line and the messages of one step."""
    step, before = TRANSITIONS[action], dossier.version
    if step.target:
        values["status"] = step.target
    values |= {"last_action": action, "last_by": by, "updated_at": timezone.now()}
    try:
        with transaction.atomic():
            moved = locking.advance(Dossier, dossier.pk, version=before, **values)
    except IntegrityError as error:
        raise TransitionRefused(dossier, "Un autre dossier est ouvert sur cet établissement.") from error
    if not moved:
        raise TransitionRefused(dossier, _meanwhile(dossier))
    source = dossier.status
    dossier.refresh_from_db()
    journal.write(
        f"dossier_{action}", dossier.reference, by=by, **{"from": source, "to": dossier.status, "version": before}
    )
    messages.tell(dossier, action, version=before, by=by)


# --- What each step checks and writes -------------------------------------------------------------------------------


def refusal(action: str, by: User, dossier: Dossier) -> str:
    """Why this person may not make this step now, in words; empty when she may."""
    if action == "withdraw" and dossier.assigned_to_id:
        return f"{dossier.assigned_to} a pris le dossier en charge : demandez-lui de vous le renvoyer."
    if action == "validate" and dossier.submitted_by_id == by.pk:
        return "Vous avez envoyé ce dossier : un autre agent doit le valider."
    return ""


def _meanwhile(dossier: Dossier) -> str:
    """Who did what since the page was read."""
    who = f" par {dossier.last_by}" if dossier.last_by_id else ""
    return f"Le dossier a changé depuis l’affichage de la page : il est {dossier.get_status_display()}{who}."


def _nothing(dossier: Dossier, **_: object) -> dict:
    return {}


def _submit(dossier: Dossier, *, by: User, date_effet: dt.date | None, **_: object) -> dict:
    _check_date(dossier, date_effet)
    rebasing.take_silently(dossier, by=by)
    drafts = list(DraftFiche.objects.filter(dossier=dossier))
    reasons = [item.label for item in checklist.items(dossier, drafts) if not item.is_done]
    reasons += [
        f"{draft.name} : la fiche publiée a changé sur les mêmes lignes, choisissez ce qu’il faut garder"
        for draft in rebasing.clashing(dossier, drafts)
    ]
    # Rules and modèles may have changed since a fiche was finalised.
    eg = next((draft.content for draft in drafts if draft.kind == Kind.EG), None)
    problems = checklist.problems_by_key([draft for draft in drafts if draft.state == Etat.FINALISEE], eg)
    names = {draft.key: draft.name for draft in drafts}
    reasons += [f"{names[key]} : {one.message}" for key, found in problems.items() for one in found]
    if reasons:
        raise TransitionRefused(dossier, "Le dossier n’est pas prêt à être envoyé.", reasons)
    now = timezone.now()
    return {
        "submitted_by": by,
        "submitted_at": now,
        "date_effet": date_effet,
        "assigned_to": None,
        "assigned_at": None,
        "decided_by": None,
        "decided_at": None,
        "blocked": "",
    }


def _check_date(dossier: Dossier, date_effet: dt.date | None) -> None:
    """Empty or from today on, and not before the one of a validated dossier that waits on the same establishment."""
    if date_effet and date_effet < clock.today():
        raise TransitionRefused(
            dossier, "La date d’effet est passée : choisissez aujourd’hui, plus tard, ou laissez vide."
        )
    waiting = Dossier.objects.filter(eg=dossier.eg_id, status=Statut.VALIDE).exclude(date_effet=None)
    last = waiting.order_by("-date_effet").values_list("date_effet", flat=True).first()
    if last and last > clock.today() and (date_effet or clock.today()) < last:
        raise TransitionRefused(
            dossier,
            f"Un dossier validé prend effet le {last:%d/%m/%Y} : choisissez cette date ou une date ultérieure.",
        )


def _take(dossier: Dossier, *, by: User, **_: object) -> dict:
    if dossier.assigned_to_id and dossier.assigned_to_id != by.pk:
        raise TransitionRefused(dossier, f"{dossier.assigned_to} a déjà pris ce dossier.")
    return {"assigned_to": by, "assigned_at": timezone.now()}


def _release(dossier: Dossier, **_: object) -> dict:
    return {"assigned_to": None, "assigned_at": None}


def _return(dossier: Dossier, *, by: User, comment: str, **_: object) -> dict:
    refused = decisions.refusals(dossier)
    if not comment.strip() and not refused:
        raise TransitionRefused(dossier, "Dites pourquoi : un motif, ou au moins une ligne refusée avec le sien.")
    return {"motif": comment.strip(), "decided_by": by, "decided_at": timezone.now()}


def _validate(dossier: Dossier, *, by: User, comment: str, **_: object) -> dict:
    reasons = decisions.settle(dossier)
    if reasons:
        raise TransitionRefused(dossier, "Le dossier ne peut pas encore être validé.", reasons)
    return {"decided_by": by, "decided_at": timezone.now(), "motif": comment.strip()}


def _reopen(dossier: Dossier, *, by: User, comment: str, **_: object) -> dict:
    if not comment.strip():
        raise TransitionRefused(dossier, "Dites pourquoi la validation est annulée.")
    effects.set_followers_aside(dossier, by=by)
    DraftFiche.objects.filter(dossier=dossier).update(reference=None, accepted=None)
    return {"motif": comment.strip(), "blocked": ""}


PREPARE = {
    "submit": _submit,
    "take": _take,
    "release": _release,
    "return": _return,
    "validate": _validate,
    "reopen": _reopen,
}
