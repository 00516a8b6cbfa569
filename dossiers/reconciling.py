"""Somebody saved the fiche I was writing: both texts, what is asked, and the fiche made of the choices.

The page I wrote in keeps the document it was drawn from (`token`): what only the other changed is taken, what only I
changed is kept, and what both changed is asked line by line. Without it (a page of another day) every difference is
asked. What was typed and is no value yet goes through untouched, on both sides.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.core import signing

from directory import diff
from directory.diff import Line, shape_for
from directory.display.history import Group, Row, groups, told, where
from directory.documents import Document
from directory.forms import Etablissement, FicheForm
from directory.forms import saisie as raw
from directory.merge import three_way
from directory.models import Kind
from dossiers.drafts import with_what_is_not_ours
from dossiers.models import DraftFiche

WHOLE_LINES = (
    "horaires",
    "activites",
    "lieux_offre",
)  # chosen whole: a slot of half one and half the other is neither
Saisie = dict[str, list[str]]


def token(draft: DraftFiche, document: Document) -> str:
    """What the page carries: the document it shows, for that version of that fiche."""
    return signing.dumps({"v": draft.version, "d": document}, salt=_salt(draft), compress=True)


def base_of(text: str, draft: DraftFiche, version: int) -> Document | None:
    """The document a page was drawn from; None when it carries none, or that of another version."""
    try:
        found = signing.loads(text, salt=_salt(draft))
    except signing.BadSignature:
        return None
    return found["d"] if found["v"] == version else None


def _salt(draft: DraftFiche) -> str:
    return f"dossiers.fiche.{draft.pk}"


def typed(form: FicheForm) -> Saisie:
    """What a draft keeps of a form that is no document yet, with the fields it showed."""
    return form.saisie | {raw.SHOWN: [form.shown]}


def form_of(draft: DraftFiche, etablissement: Etablissement | None, *, data: Mapping | None = None) -> FicheForm:
    """The form of a draft: on what was sent, else on what is typed and no document yet, else on its document."""
    data = draft.saisie if data is None else data
    return FicheForm(Kind(draft.kind), draft.content, data=data, live=draft.base, etablissement=etablissement)


@dataclass(frozen=True)
class Choice:
    """What both changed. `address`: of a field, a code, or a whole line."""

    address: str
    lines: tuple[Line, ...]
    title: str
    rows: list[Row]


@dataclass(frozen=True)
class Typed:
    """A field where one of the two typed what is no value yet. `name`: that of the control."""

    name: str
    label: str
    mine: list[str]
    theirs: list[str]

    @property
    def my_text(self) -> str:
        return ", ".join(self.mine)

    @property
    def their_text(self) -> str:
        return ", ".join(self.theirs)


class Reconciliation:
    """`current`: the row as it is; `base`: the document I started from, when it is known; `data`: what I sent."""

    def __init__(
        self, current: DraftFiche, *, base: Document | None, data: Mapping, etablissement: Etablissement | None
    ):
        self.current, self.base, self._etablissement = current, base, etablissement
        their_form = form_of(current, etablissement)
        self.theirs = their_form.document if current.saisie is not None else current.content
        self.my_form = self._form(base or current.content, data)
        self.my_form.is_valid()
        self.mine = with_what_is_not_ours(current, self.my_form.document)
        self.settled, everything = self._merged()
        lines = diff.compare(self.settled, everything)
        self.carried: Saisie = {}
        self.typed = list(self._typed(their_form)) if current.saisie is not None or _wrong(self.my_form) else []
        names = {one.name for one in self.typed} | self.carried.keys()
        many = {field.name for field in shape_for(self.theirs).many}
        self._parts = _parts(lines, many, but={name.replace("-", "/") for name in names})
        self._everything = everything

    def _form(self, document: Document, data: Mapping | None) -> FicheForm:
        kind, live = Kind(self.current.kind), self.current.base
        return FicheForm(kind, document, data=data, live=live, etablissement=self._etablissement)

    def _merged(self) -> tuple[Document, Document]:
        """(theirs with what only I changed, the same with all that I changed)."""
        if self.base is None:
            return self.theirs, self.mine
        merge = three_way(self.base, self.theirs, self.mine)
        keep = {clash.address for clash in merge.clashes}
        return merge.document, three_way(self.base, self.theirs, self.mine, keep_mine=keep).document

    def _typed(self, their_form: FicheForm) -> Iterable[Typed]:
        """What is typed and no value: asked when both touched the field, else carried over."""
        start = self._form(self.base, None).saisie if self.base is not None else {}
        for name in sorted(_wrong(self.my_form) | _wrong(their_form)):
            mine, theirs = self.my_form.saisie.get(name, []), their_form.saisie.get(name, [])
            if mine == theirs or (start and theirs == start.get(name)):
                self.carried[name] = mine
            elif start and mine == start.get(name):
                self.carried[name] = theirs
            else:
                yield Typed(name, where(name.replace("-", "/"), self.mine), mine, theirs)

    @property
    def choices(self) -> list[Choice]:
        """What is asked, in words."""
        said = told([list(lines) for lines in self._parts.values()], self.settled, self._everything)
        return [
            Choice(address, tuple(lines), rows[0][0] if rows else "", [row for _, row in rows])
            for (address, lines), rows in zip(self._parts.items(), said, strict=True)
        ]

    @property
    def is_settled(self) -> bool:
        """Nothing to ask: the two texts do not meet."""
        return not self._parts and not self.typed

    @property
    def taken(self) -> list[Group]:
        """What the other changed where I changed nothing, in words."""
        if self.base is None:
            return []
        asked = tuple(f"{address}/" for address in self._parts)
        lines = diff.compare(self.base, self.theirs)
        return groups([line for line in lines if not f"{line.address}/".startswith(asked)], self.base, self.theirs)

    def result(self, keep: Collection[str]) -> tuple[Document | None, Saisie | None]:
        """(document, saisie), one of the two, once chosen; `keep`: addresses and names where mine is kept."""
        lines = [line for address, part in self._parts.items() if address in keep for line in part]
        document = diff.patch(self.settled, lines)
        chosen = {one.name: one.mine if one.name in keep else one.theirs for one in self.typed}
        over = self.carried | chosen
        if not over:
            return document, None
        form = self._form(document, typed(self._form(document, None)) | over)
        return (form.document, None) if form.is_valid() else (None, typed(form))


def _wrong(form: FicheForm) -> set[str]:
    """Names of the controls whose text is no value."""
    return {node.add_prefix(name) for node in form.nodes() for name in node.errors if name in node.fields}


def _parts(lines: Iterable[Line], many: Collection[str], *, but: Collection[str]) -> dict[str, list[Line]]:
    """Lines chosen together, by address: the codes of one list, the fields of one slot."""
    found: dict[str, list[Line]] = {}
    for line in lines:
        if line.address in but:
            continue
        size = 1 if line.path[0] in many else 2 if line.path[0] in WHOLE_LINES else len(line.path)
        found.setdefault("/".join(line.path[:size]), []).append(line)
    return found
