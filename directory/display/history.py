"""The history of a fiche in words: where a version comes from, and each difference between two of them."""

import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import groupby

from django.db import models
from django.utils.text import capfirst

from directory.checks import Problem
from directory.diff import Change, Line, Path, shape_for
from directory.display.common import NBSP, Badge
from directory.display.contacts import PHONES
from directory.display.history_words import Spot, Words, line_at, locate
from directory.documents import Document, Shape
from directory.models import (
    ActiviteOperationnelle,
    FicheVersion,
    Horaire,
    LieuDeLOffre,
    Telecommunication,
)
from nomenclature.models import Concept
from nomenclature.text import normalise

LONG = 40  # characters: beyond, the words that changed are marked inside the text
LISTED = 30  # codes of one list; a zone d’intervention may gain a thousand communes
UNSAID = {"uid", "ordre"}  # technique of a line: not told when the line comes or goes
WORD = re.compile(r"\w+|\s+|[^\w\s]")
SHORT = (Horaire, ActiviteOperationnelle, LieuDeLOffre)  # lines whose title says everything
BADGES = {
    Change.ADDED: Badge("ror-ok", "plus", "Ajout"),
    Change.REMOVED: Badge("ror-bad", "minus", "Retrait"),
    Change.CHANGED: Badge("ror-warn", "edit", "Modifié"),
}
ORIGINS = {
    "import": "import FINESS",
    "demo": "démonstration",
    "direct": "correction directe",
    "support": "support",
}
ROWS = {Change.ADDED: "is-added", Change.REMOVED: "is-removed", Change.CHANGED: "is-edited"}


@dataclass(frozen=True)
class Part:
    """A piece of a value; `is_changed` ones are marked."""

    text: str
    is_changed: bool = True


@dataclass(frozen=True)
class Shown:
    """One value. `label` says which field, where a whole line is told; a phone is written as everywhere."""

    parts: list[Part]
    label: str = ""
    is_phone: bool = False


@dataclass(frozen=True)
class Row:
    """One difference; an empty side is « vide ». `of` is the line it belongs to (a contact, a day)."""

    label: str
    kind: Change
    before: list[Shown] = field(default_factory=list)
    after: list[Shown] = field(default_factory=list)
    of: str = ""

    @property
    def css(self) -> str:
        return ROWS[self.kind]

    @property
    def badge(self) -> Badge:
        return BADGES[self.kind]


@dataclass(frozen=True)
class Group:
    """The differences of one part of the fiche."""

    title: str
    rows: list[Row]


def origin(version: FicheVersion) -> str:
    """Where a version comes from, in words."""
    source, _, number = version.origin.partition(":")
    if source == "dossier":
        return f"dossier n°{NBSP}{number}"
    if source == "annulation":
        return f"publication du dossier n°{NBSP}{number} annulée"
    if source == "retour":
        return f"retour à la version{NBSP}{number.removeprefix('v')}"
    return ORIGINS.get(source) or f"autre origine ({version.origin})"


def groups(lines: list[Line], before: Document, after: Document) -> list[Group]:
    """The lines in words, by part of the fiche. Queries: concepts, and one for each other kind of key there is (codes
    of short lists, communes, entities, places)."""
    found: dict[str, list[Row]] = {}
    for rows in told([lines], before, after) if lines else ():
        for title, row in rows:
            found.setdefault(title, []).append(row)
    return [Group(title, rows) for title, rows in found.items()]


def told(
    parts: list[list[Line]], before: Document, after: Document, *, lieux: dict[str, str] | None = None
) -> list[list[tuple[str, Row]]]:
    """For each set of lines, in order, its rows in words with the part of the fiche each belongs to. The queries of
    one `groups`. `lieux`: names by uid of places that are not published yet."""
    shape, words = shape_for(after), Words.of([line for part in parts for line in part], before, after)
    words = replace(words, lieux=words.lieux | (lieux or {}))
    return [list(_rows(shape, part, before, after, words)) for part in parts]


def _rows(
    shape: Shape, lines: list[Line], before: Document, after: Document, words: Words
) -> Iterator[tuple[str, Row]]:
    for _, together in groupby(lines, key=lambda line: _row_key(shape, line.path)):
        same = list(together)
        spot = locate(shape, before, after, same[0].path)
        if spot.field and spot.owners and spot.owners[-1][0].model in SHORT:
            row = _short_line(line_at(before, same[0].path), line_at(after, same[0].path), spot, words)
        else:
            row = _row(same, spot, words)
        yield _section(spot), row


def _row_key(shape: Shape, path: Path) -> Path:
    """The codes of one list make one row, and so do the fields of a line that its title tells whole."""
    if any(one.name == path[0] for one in shape.many):
        return path[:1]
    is_short = any(name == path[0] and child.model in SHORT for name, _, child in shape.children)
    return path[:2] if is_short else path


def _section(spot: Spot) -> str:
    return capfirst(spot.owners[0][0].model._meta.verbose_name_plural) if spot.owners else "Description"


def _row(lines: list[Line], spot: Spot, words: Words) -> Row:
    titles = [words.title(owner, document) for owner, document in spot.owners]
    if spot.field is None:
        return _whole_line(lines[0], spot, titles, words)
    label, of = capfirst(spot.field.verbose_name), " · ".join(titles)
    if spot.field.many_to_many:
        kinds = {line.kind for line in lines}
        before = _list(spot.field, [line.before for line in lines if line.before], words)
        after = _list(spot.field, [line.after for line in lines if line.after], words)
        kind = kinds.pop() if len(kinds) == 1 else Change.CHANGED
        return Row(label, kind, before, after, of)
    [line] = lines
    old, new = words.text(spot.field, line.before), words.text(spot.field, line.after)
    is_phone = _is_phone(spot)
    if isinstance(spot.field, models.CharField | models.TextField) and min(len(old), len(new)) > LONG:
        parts = _marked(old, new)
    else:
        parts = [Part(old)] if old else [], [Part(new)] if new else []
    return Row(label, line.kind, *([Shown(one, is_phone=is_phone)] if one else [] for one in parts), of)


def _is_phone(spot: Spot) -> bool:
    is_address = spot.field.model is Telecommunication and spot.field.name == "adresse"
    return is_address and spot.owners[-1][1]["canal"] in PHONES


def _list(one: models.Field, keys: list[str], words: Words) -> list[Shown]:
    texts = sorted((words.text(one, key) for key in keys), key=normalise)
    shown = [Shown([Part(text)]) for text in texts[:LISTED]]
    if len(texts) > LISTED:
        shown.append(Shown([Part(f"et {len(texts) - LISTED} autres", is_changed=False)]))
    return shown


def _marked(old: str, new: str) -> tuple[list[Part], list[Part]]:
    """The same text twice, with the words that went and those that came."""
    a, b = WORD.findall(old), WORD.findall(new)
    before, after = [], []
    for tag, a1, a2, b1, b2 in difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if a2 > a1:
            before.append(Part("".join(a[a1:a2]), tag != "equal"))
        if b2 > b1:
            after.append(Part("".join(b[b1:b2]), tag != "equal"))
    return before, after


# --- Whole lines -----------------------------------------------------------------------------------------------------


def _whole_line(line: Line, spot: Spot, titles: list[str], words: Words) -> Row:
    """A contact, an hour… that came or went."""
    shape, *above = spot.owners[-1][0], *titles[:-1]
    shown = list(_told(shape, line.before or line.after, words))
    label = capfirst(shape.model._meta.verbose_name) if shape.model in SHORT else titles[-1]
    before, after = (shown, []) if line.kind == Change.REMOVED else ([], shown)
    return Row(label, line.kind, before, after, " · ".join(above))


def _short_line(old: Document, new: Document, spot: Spot, words: Words) -> Row:
    """« Lundi 09:00–17:00 » that became « Lundi 08:00–19:00 »."""
    shape = spot.owners[-1][0]
    before, after = ([Shown([Part(words.title(shape, line))])] for line in (old, new))
    return Row(capfirst(shape.model._meta.verbose_name), Change.CHANGED, before, after)


def _told(shape: Shape, line: Document, words: Words) -> Iterator[Shown]:
    if shape.model in SHORT:
        yield Shown([Part(words.title(shape, line))])
        return
    if shape.model is Telecommunication:
        yield _telecom(line, words, label="")
    for one in (*shape.scalars, *shape.links):
        said = shape.model is Telecommunication and one.name in ("canal", "adresse")
        text = words.text(one, line.get(one.name)) if line.get(one.name) else ""
        if text and not said and one.name not in UNSAID:
            yield Shown([Part(text)], capfirst(one.verbose_name))
    for telecom in line.get("telecoms") or []:
        level = f", niveau {telecom['niveau']}" if telecom["niveau"] != line["niveau"] else ""
        yield _telecom(telecom, words, label=_canal(telecom, words) + level)


def _canal(telecom: Document, words: Words) -> str:
    return capfirst(words.code(Telecommunication._meta.get_field("canal"), telecom["canal"]))


def _telecom(telecom: Document, words: Words, *, label: str) -> Shown:
    return Shown([Part(telecom["adresse"])], label, is_phone=telecom["canal"] in PHONES)


# --- Problems --------------------------------------------------------------------------------------------------------


def told_problems(problems: Iterable[Problem], document: Document) -> list[str]:
    """« Actes spécifiques : « Visite à domicile » n’est pas… »: the field of each problem, and labels for codes."""
    found = list(problems)
    quoted = {problem: re.findall(r"«\s([^»|]+\|[^»]+?)\s»", problem.message) for problem in found}
    labels = {
        key: one.label for key, one in Concept.objects.by_key(key for keys in quoted.values() for key in keys).items()
    }
    told = []
    for problem in found:
        message, said = problem.message, where(problem.address, document)
        for key in quoted[problem]:
            message = message.replace(key, labels.get(key, key))
        told.append(f"{said}{NBSP}: {message}" if said else message)
    return told


def where(address: str, document: Document) -> str:
    """The field or the line of an address, its kind when the line is gone; never a value, so it may go in a mail."""
    shape, name = shape_for(document), address.partition("/")[0]
    try:
        spot = locate(shape, {}, document, tuple(address.split("/")))
    except LookupError:
        gone = (child.model._meta.verbose_name for accessor, _, child in shape.children if accessor == name)
        return capfirst(next(gone, name))
    names = [capfirst(owner.model._meta.verbose_name) for owner, _ in spot.owners]
    return ", ".join([*names, *([capfirst(spot.field.verbose_name)] if spot.field else [])])
