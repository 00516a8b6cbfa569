"""What the screens of a dossier say: its steps, the state of its fiches, who waits for whom, since when."""

import datetime as dt
from dataclasses import dataclass

from django.utils import timezone

from accounts.models import User
from directory.display.common import NBSP, Badge
from directory.permissions import Reader
from dossiers.models import Dossier, DraftFiche, Etat, Statut
from ror import clock

STATES = {
    Etat.A_COMPLETER: Badge("", "dashed", "À compléter"),
    Etat.ENREGISTREE: Badge("ror-warn", "edit", "Enregistrée"),
    Etat.FINALISEE: Badge("ror-ok", "check-circle", "Finalisée"),
}
STATUSES = {
    Statut.INITIE: Badge("ror-info", "edit", "En cours de saisie"),
    Statut.SOUMIS: Badge("ror-info", "send", "Envoyé en validation"),
    Statut.A_CORRIGER: Badge("ror-warn", "return", "À corriger"),
    Statut.VALIDE: Badge("ror-ok", "check-circle", "Validé"),
    Statut.PUBLIE: Badge("ror-ok", "globe", "Publié"),
    Statut.ABANDONNE: Badge("", "x-circle", "Abandonné"),
}
BLOCKED = Badge("ror-bad", "warning", "Publication empêchée")
STEPS = ("Rédaction", "Envoyé en validation", "Validé par le support", "Publié")
REACHED = {
    Statut.INITIE: 0,
    Statut.A_CORRIGER: 0,
    Statut.SOUMIS: 1,
    Statut.VALIDE: 2,
    Statut.PUBLIE: 3,
}


def status(dossier: Dossier) -> Badge:
    return BLOCKED if dossier.blocked else STATUSES[Statut(dossier.status)]


def state(draft: DraftFiche) -> Badge:
    return STATES[Etat(draft.state)]


@dataclass(frozen=True)
class Step:
    """One of the four steps: behind, where the dossier is, or still to come."""

    label: str
    is_done: bool
    is_current: bool


def steps(dossier: Dossier) -> list[Step]:
    """« 1. Rédaction »… The last one says its day when there is one; an abandoned dossier goes nowhere."""
    if dossier.status == Statut.ABANDONNE:
        return []
    reached, is_over = REACHED[Statut(dossier.status)], dossier.status == Statut.PUBLIE
    day = f" à la date d’effet, le{NBSP}{dossier.date_effet:%d/%m/%Y}" if dossier.date_effet else ""
    labels = [*STEPS[:-1], STEPS[-1] + day]
    return [
        Step(f"{n + 1}. {label}", n < reached or is_over, n == reached and not is_over)
        for n, label in enumerate(labels)
    ]


# --- Ages ------------------------------------------------------------------------------------------------------------


def days_since(instant: dt.datetime) -> int:
    """Whole days of the calendar; 0 today."""
    return max(0, (clock.today() - timezone.localtime(instant).date()).days)


def ago(instant: dt.datetime) -> str:
    """« aujourd’hui », « hier », « il y a 3 jours »."""
    days = days_since(instant)
    return ("aujourd’hui", "hier")[days] if days < 2 else f"il y a {days}{NBSP}jours"


def since(instant: dt.datetime) -> str:
    """« depuis aujourd’hui », « depuis hier », « depuis 3 jours »."""
    days = days_since(instant)
    if days < 2:
        return ("depuis aujourd’hui", "depuis hier")[days]
    return f"depuis {days}{NBSP}jours"


# --- Who waits for whom ----------------------------------------------------------------------------------------------


def waits_for(dossier: Dossier, user: User, reader: Reader) -> Badge:
    """Whose turn it is, seen by this person: « À vous de jouer », « Chez le support depuis 3 jours »."""
    is_support = reader.is_support and dossier.eg_id not in reader.own_eg_ids
    match dossier.status:
        case Statut.INITIE | Statut.A_CORRIGER:
            return _with_referents(dossier, is_support=is_support)
        case Statut.SOUMIS:
            return _with_support(dossier, user, is_support=is_support)
        case Statut.VALIDE if dossier.blocked:
            return Badge("ror-bad", "warning", "Le support s’en occupe")
        case Statut.VALIDE:
            day = f"le{NBSP}{dossier.date_effet:%d/%m/%Y}" if dossier.date_effet else "bientôt"
            return Badge("ror-ok", "calendar", f"Prend effet {day}")
        case Statut.PUBLIE:
            return Badge("", "globe", f"Publié le{NBSP}{timezone.localtime(dossier.published_at):%d/%m/%Y}")
    return Badge("", "x-circle", f"Abandonné le{NBSP}{timezone.localtime(dossier.updated_at):%d/%m/%Y}")


def _with_referents(dossier: Dossier, *, is_support: bool) -> Badge:
    returned = dossier.status == Statut.A_CORRIGER
    began = (dossier.decided_at if returned else None) or dossier.opened_at
    if is_support:
        return Badge("", "people", f"Chez les référents {since(began)}")
    words = f"À vous de jouer : renvoyé {ago(began)}" if returned else "À vous de jouer"
    return Badge("ror-warn", "edit", words)


def _with_support(dossier: Dossier, user: User, *, is_support: bool) -> Badge:
    if dossier.assigned_to_id == user.pk:
        return Badge("ror-warn", "edit", f"À vous : pris en charge {since(dossier.assigned_at)}")
    if dossier.assigned_to_id:
        who = dossier.assigned_to.get_short_name()
        return Badge("ror-info", "person", f"{who} l’examine {since(dossier.assigned_at)}")
    words = "À prendre en charge" if is_support else "Chez le support"
    return Badge("ror-warn" if is_support else "ror-info", "clock", f"{words} {since(dossier.submitted_at)}")
