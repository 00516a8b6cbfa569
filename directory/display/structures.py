"""What the pages of support say before a closing or a move, and after."""

from dataclasses import dataclass

from django.utils.formats import date_format

from directory.closing import OPEN, Triple, triple
from directory.display.common import NBSP
from directory.models import EntiteGeographique, Kind
from directory.models.common import Fiche
from directory.structures import ClosingPlan, MovePlan
from nomenclature.models import Concept

LISTED = 200  # rows of the cascade on the page; the counts are always whole
LEVELS = {
    Kind.EJ: ("entité juridique", "entités juridiques"),
    Kind.EG: ("établissement", "établissements"),
    Kind.UO: ("unité opérationnelle", "unités opérationnelles"),
}


@dataclass(frozen=True)
class Followed:
    """One fiche that follows: its name, what it says now."""

    kind: str
    name: str
    url: str
    now: str


@dataclass(frozen=True)
class ClosingShown:
    """`verb`: « Fermer », « Rouvrir », « Changer la fermeture ». `below`: « 2 établissements, 5 unités… » or empty."""

    verb: str
    before: str
    after: str
    below: str
    rows: list[Followed]
    n_more: int
    changes_nothing: bool
    seen: str


def name(kind: Kind, fiche: Fiche) -> str:
    return fiche.nom if kind == Kind.UO else fiche.display_name


def closing(kind: Kind, fiche: Fiche, plan: ClosingPlan) -> ClosingShown:
    """One query: the words of the types."""
    words = dict(Concept.objects.in_value_set("JDV_J201").values_list("code", "label"))
    rows = [
        Followed(level.upper(), name(level, row), row.get_absolute_url(), state(triple(row), words))
        for level, found in plan.below
        for row in found
    ]
    verb = "Rouvrir" if plan.is_reopening else "Fermer" if plan.before == OPEN else "Changer la fermeture"
    return ClosingShown(
        verb=verb,
        before=state(plan.before, words),
        after=state(plan.after, words),
        below=", ".join(_count(level, len(found)) for level, found in plan.below),
        rows=rows[:LISTED],
        n_more=len(rows[LISTED:]),
        changes_nothing=plan.changes_nothing,
        seen=plan.seen,
    )


def _count(level: Kind, n: int) -> str:
    return f"{n}{NBSP}{LEVELS[level][n > 1]}"


def state(value: Triple, words: dict[str, str]) -> str:
    """« Fermeture définitive le 31/12/2026 », « Ouvert »."""
    type_, closed_on, reopens_on = value
    if value == OPEN:
        return "Ouvert"
    label = words.get(type_, type_)
    text = f"Fermeture {label[:1].lower()}{label[1:]} le{NBSP}{date_format(closed_on, 'd/m/Y')}"
    return f"{text}, réouverture le{NBSP}{date_format(reopens_on, 'd/m/Y')}" if reopens_on else text


def closed(title: str, after: Triple) -> str:
    """The message after the act."""
    if after == OPEN:
        return f"{title}{NBSP}: de nouveau ouvert, avec ce que la fermeture avait fermé."
    return f"{title}{NBSP}: fermeture au{NBSP}{date_format(after[1], 'd/m/Y')} enregistrée, avec ce qui en dépend."


def places(plan: MovePlan, target: EntiteGeographique) -> list[str]:
    """What becomes of each place of the unit."""
    told = {
        "same": f"retrouvé à la même adresse dans {target.display_name}",
        "taken": f"ne servait qu’à cette unité{NBSP}: il la suit dans {target.display_name}",
        "left": f"reste à l’établissement d’origine{NBSP}: l’unité sera dite à l’entrée principale de "
        f"{target.display_name}",
    }
    return [f"{place.name}{NBSP}: {told[place.fate]}" for place in plan.places]
