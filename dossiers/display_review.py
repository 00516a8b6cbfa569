"""What the page of a dossier under review says: the fiches, their lines with decisions, what blocks, the controls."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.urls import reverse

from directory import diff, modeles
from directory.display.common import Badge
from directory.display.history import Group, Row, groups, told, told_problems
from directory.display.history_words import address_lines_of
from directory.documents import Document
from directory.models import Kind
from dossiers import decisions, warnings
from dossiers.decisions import MOTIFS, WHOLE, Proposal, Review
from dossiers.display import STATUSES
from dossiers.models import Dossier, Statut
from dossiers.warnings import Position
from ror.templatetags.ror import plural
from search import geo

IDENTITY = ("schema", "kind", "identifiant", "idnat_struct", "entite_geographique", "entite_juridique")
DIRECTIONS = (
    "au nord",
    "au nord-est",
    "à l’est",
    "au sud-est",
    "au sud",
    "au sud-ouest",
    "à l’ouest",
    "au nord-ouest",
)
MAP_SIDE, MAP_REACH = 120, 48  # units of the drawing: its side, and from its centre to the outer circle
SAID = {True: "oui", False: "non", None: ""}


@dataclass(frozen=True)
class Typed:
    """What a person sent for one line and could not be kept: `error` says why."""

    choice: str
    motif: str = ""
    message: str = ""
    error: str = ""


@dataclass(frozen=True)
class Line:
    """One proposal to decide. `choice` is « oui », « non » or nothing; `rows` its differences in words."""

    proposal: Proposal
    rows: list[Row]
    typed: Typed | None = None

    @property
    def id(self) -> str:
        """Of its place in the page; an address holds characters that an id may not."""
        return anchor(self.proposal.address)

    @property
    def label(self) -> str:
        return ", ".join(part for part in (self.rows[0].of, self.rows[0].label) if part) if self.rows else ""

    @property
    def choice(self) -> str:
        return self.typed.choice if self.typed else SAID[self.proposal.is_accepted]

    @property
    def motif(self) -> str:
        return self.typed.motif if self.typed else getattr(self.proposal.decision, "motif", "")

    @property
    def message(self) -> str:
        return self.typed.message if self.typed else getattr(self.proposal.decision, "message", "")

    @property
    def error(self) -> str:
        return self.typed.error if self.typed else ""


@dataclass(frozen=True)
class Section:
    title: str
    lines: list[Line]


@dataclass(frozen=True)
class Entry:
    """A fiche in the list at left."""

    review: Review
    summary: str
    url: str
    is_current: bool

    @property
    def needs_work(self) -> bool:
        return bool(self.review.undecided or self.review.problems)


@dataclass(frozen=True)
class Blocker:
    text: str
    url: str = ""


@dataclass(frozen=True)
class Control:
    """One check: `css` is is-done or is-todo."""

    css: str
    icon: str
    text: str


@dataclass(frozen=True)
class Place:
    """A place on its little map: `x`, `y` in the drawing, `words` how far and where, `old_*` where it was."""

    position: Position
    words: str
    scale: str
    x: float
    y: float
    address: list[str]
    moved: str = ""
    old_x: float | None = None
    old_y: float | None = None

    @property
    def url(self) -> str:
        point = f"{self.position.latitude:.6f}/{self.position.longitude:.6f}"
        marker = f"mlat={self.position.latitude:.6f}&mlon={self.position.longitude:.6f}"
        return f"https://www.openstreetmap.org/?{marker}#map=16/{point}"


@dataclass(frozen=True)
class FicheReview:
    """The fiche on screen. `whole` is the only line of a new UO; `proposed`: all it would say."""

    review: Review
    sections: list[Section]
    whole: Line | None = None
    groups: list[Group] = field(default_factory=list)
    proposed: list[Group] = field(default_factory=list)
    moved: list[Group] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @property
    def lines(self) -> list[Line]:
        return [self.whole] if self.whole else [line for section in self.sections for line in section.lines]


# --- One fiche -------------------------------------------------------------------------------------------------------


def anchor(address: str) -> str:
    return f"l-{hashlib.sha256(address.encode()).hexdigest()[:12]}"


def fiche(
    review: Review, *, lieux: dict[str, str], typed: Mapping[str, Typed] | None = None, in_full: bool = False
) -> FicheReview:
    """A number of queries that does not depend on how many lines there are. `lieux`: names of the EG's places."""
    typed, draft = typed or {}, review.draft
    before = review.reference if review.reference is not None else _blank(draft.content)
    said = told([list(one.lines) for one in review.proposals], before, review.proposed, lieux=lieux)
    found: dict[str, list[Line]] = {}
    whole, shown = None, []
    for proposal, rows in zip(review.proposals, said, strict=True):
        line = Line(proposal, [row for _, row in rows], typed.get(proposal.address))
        if proposal.address == WHOLE:
            whole, shown = line, _grouped(rows)
        elif rows:
            found.setdefault(rows[0][0], []).append(line)
    return FicheReview(
        review,
        [Section(title, lines) for title, lines in found.items()],
        whole,
        shown,
        _in_full(review.proposed, lieux) if in_full and whole is None else [],
        groups(review.moved, draft.base, review.reference) if review.moved else [],
        told_problems(review.problems, review.accepted or draft.content),
    )


def _blank(document: Document) -> Document:
    return {name: document[name] for name in IDENTITY if name in document}


def _grouped(rows: Iterable[tuple[str, Row]]) -> list[Group]:
    found: dict[str, list[Row]] = {}
    for title, row in rows:
        found.setdefault(title, []).append(row)
    return [Group(title, rows) for title, rows in found.items()]


def _in_full(document: Document, lieux: dict[str, str]) -> list[Group]:
    """All that the fiche would say, as if it were new."""
    blank = _blank(document)
    lines = diff.compare(blank, document)
    return _grouped(told([lines], blank, document, lieux=lieux)[0]) if lines else []


def lieux_of(found: Iterable[Review]) -> dict[str, str]:
    """Names of the places of the EG as the dossier describes it, by uid."""
    eg = eg_content(found)
    return {line["uid"]: line["nom"] or ", ".join(address_lines_of(line)) for line in (eg or {}).get("lieux") or []}


def eg_content(found: Iterable[Review]) -> Document | None:
    return next((one.proposed for one in found if one.draft.kind == Kind.EG), None)


# --- The dossier -----------------------------------------------------------------------------------------------------


def url(dossier: Dossier, review: Review | None = None, line: str = "", *, in_full: bool = False) -> str:
    """The page of the dossier, on one of its fiches and one of its lines."""
    address = reverse("admin:dossiers_dossier_change", args=[dossier.pk])
    if review:
        address += f"?fiche={review.draft.pk}{'&vue=tout' if in_full else ''}"
    return f"{address}#{line}" if line else address


def current(found: list[Review], asked: str | None) -> Review:
    """The fiche asked for, else the first that waits for a decision, else the first that changes, else the first."""
    for test in (
        lambda one: str(one.draft.pk) == asked,
        lambda one: one.undecided,
        lambda one: one.problems,
        lambda one: one.proposals,
    ):
        chosen = next((one for one in found if test(one)), None)
        if chosen:
            return chosen
    return found[0]


def entries(dossier: Dossier, found: list[Review], shown: Review) -> list[Entry]:
    return [Entry(one, summary(one), url(dossier, one), one is shown) for one in found]


def summary(review: Review) -> str:
    """« 9 lignes, 2 à décider »; « Nouvelle unité, acceptée »; « Rien ne change »."""
    n, waiting, refused = len(review.proposals), len(review.undecided), len(review.refused)
    if not n:
        return "Rien ne change"
    if review.reference is None:
        state = "à décider" if waiting else "refusée" if refused else "acceptée"
        return f"Nouvelle unité, {state}"
    if waiting:
        state = f"{waiting} à décider"
    elif refused:
        state = f"{refused} {'refusées' if refused > 1 else 'refusée'}"
    else:
        state = "acceptées" if n > 1 else "acceptée"
    return f"{plural(n, 'ligne')}, {state}"


def counts(review: Review) -> str:
    """« 6 modifications, 2 ajouts, 1 retrait »"""
    kinds = [line.kind for one in review.proposals for line in one.lines[:1]]
    words = ((diff.Change.CHANGED, "modification"), (diff.Change.ADDED, "ajout"), (diff.Change.REMOVED, "retrait"))
    return ", ".join(plural(kinds.count(kind), word) for kind, word in words if kind in kinds)


def tally(found: list[Review]) -> str:
    """« 8 acceptées, 1 refusée sur 11 »"""
    proposals = [one for review in found for one in review.proposals]
    accepted = sum(one.is_accepted is True for one in proposals)
    refused = sum(one.is_accepted is False for one in proposals)
    return f"{plural(accepted, 'acceptée')}, {plural(refused, 'refusée')} sur {len(proposals)}"


def blockers(dossier: Dossier, found: list[Review]) -> list[Blocker]:
    """`decisions.blockers`, each with the line to go to."""
    told_so_far = []
    for review in found:
        if review.undecided:
            first = anchor(review.undecided[0].address)
            n = len(review.undecided)
            text = f"{review.draft.name}\u00a0: {plural(n, 'ligne')} à décider"
            told_so_far.append(Blocker(text, url(dossier, review, first)))
        texts = told_problems(review.problems, review.accepted or review.draft.content)
        for problem, text in zip(review.problems, texts, strict=True):
            line = _line_of(review, problem.address)
            told_so_far.append(Blocker(f"{review.draft.name}\u00a0: {text}", url(dossier, review, line)))
    if not told_so_far:
        told_so_far = [Blocker(text) for text in decisions.blockers(found)]
    return told_so_far


def _line_of(review: Review, address: str) -> str:
    """The proposal a problem is about: the one at its address, or whose lines are above or under it."""
    for one in review.proposals:
        for path in (one.address, *(line.address for line in one.lines)):
            if path and (path == address or address.startswith(f"{path}/") or path.startswith(f"{address}/")):
                return anchor(one.address)
    return "fiche"


# --- Controls --------------------------------------------------------------------------------------------------------


def controls(review: Review, found: list[Review], communes: dict) -> list[Control]:
    """Model, completeness, what moved, then warnings, of the fiche on screen."""
    document, kind = review.proposed, Kind(review.draft.kind)
    modele = modeles.modele_for(kind, document)
    named = f"Modèle de saisie «\u00a0{modele.libelle}\u00a0»"
    if review.problems:
        told_so_far = [_todo(f"{named}\u00a0: {plural(len(review.problems), 'point')} à revoir")]
    else:
        told_so_far = [_done(f"{named} respecté")]
    filled = modeles.completeness(kind, document)
    if filled.missing:
        told_so_far.append(_todo(f"Complétude {filled.percent}\u00a0%\u00a0: manque {', '.join(filled.missing)}"))
    else:
        told_so_far.append(_done("Complétude 100\u00a0%"))
    version = review.draft.base_version
    if review.moved:
        told_so_far.append(_todo(f"La fiche publiée a changé depuis la version {version}"))
    elif review.reference is not None:
        told_so_far.append(_done(f"Fiche publiée inchangée depuis la version {version}"))
    if review.draft.is_corrected:
        told_so_far.append(_todo("Corrigée par le support"))
    others = [one.proposed for one in found if one is not review and one.draft.kind == Kind.UO]
    told = warnings.of(document, reference=review.reference, others=others, communes=communes)
    return told_so_far + [_todo(text) for text in told]


def _done(text: str) -> Control:
    return Control("is-done", "check-circle", text)


def _todo(text: str) -> Control:
    return Control("is-todo", "warning", text)


def places(review: Review, found: list[Review], communes: dict) -> list[Place]:
    """Where the fiche receives people: the places of the unit, else the main entrance; those of the EG for the EG."""
    eg = next((one for one in found if one.draft.kind == Kind.EG), None)
    lieux = (eg.proposed.get("lieux") or []) if eg else []
    if review.draft.kind == Kind.UO:
        used = {line["lieu_uid"] for line in review.proposed.get("lieux_offre") or []}
        lieux = [one for one in lieux if one["uid"] in used] or [one for one in lieux if one["est_principal"]]
    before = {one["uid"]: one for one in ((eg and eg.reference) or {}).get("lieux") or []}
    drawn = [_place(one, before.get(one["uid"]), communes) for one in lieux[:4]]
    return [one for one in drawn if one]


def _place(lieu: Document, old: Document | None, communes: dict) -> Place | None:
    now = warnings.position(lieu, communes)
    if now is None:
        return None
    was = warnings.position(old, communes) if old else None
    if was and (was.latitude, was.longitude) == (now.latitude, now.longitude):
        was = None
    reach = max(1.0, *(one.km or 0 for one in (now, was) if one))
    x, y = _drawn(now, reach)
    words = _where(now)
    moved, old_x, old_y = "", None, None
    if was:
        km = geo.distance_km(was.latitude, was.longitude, now.latitude, now.longitude)
        moved = f"déplacé de {_far(km)} par rapport à la fiche publiée"
        old_x, old_y = _drawn(was, reach)
    return Place(now, words, _far(reach), x, y, address_lines_of(lieu), moved, old_x, old_y)


def _drawn(position: Position, reach: float) -> tuple[float, float]:
    east, north = geo.offset(position.bearing, (position.km or 0) / reach * MAP_REACH)
    return round(MAP_SIDE / 2 + east, 1), round(MAP_SIDE / 2 - north, 1)


def _where(position: Position) -> str:
    if position.km is None:
        return "commune inconnue"
    if position.km < 0.05:
        return f"au centre de {position.commune}"
    direction = DIRECTIONS[round(position.bearing / 45) % 8]
    return f"à {_far(position.km)} {direction} du centre de {position.commune}"


def _far(km: float) -> str:
    """« 340 m », « 2,4 km »"""
    if km < 1:
        return f"{round(km * 100) * 10}\u00a0m"
    return f"{km:.1f}\u00a0km".replace(".", ",")


# --- Words -----------------------------------------------------------------------------------------------------------

SET_ASIDE = Badge("ror-bad", "warning", "Mis de côté")


def status(dossier: Dossier) -> Badge:
    """As référents read it; what waits aside is told in the word of the filter of the queue."""
    return SET_ASIDE if dossier.blocked and dossier.status == Statut.VALIDE else STATUSES[Statut(dossier.status)]


def motifs() -> list[tuple[str, str]]:
    return list(MOTIFS.items())
