"""The fiche and each of its lines as one Django form each, named by `saisie`; together they give the document back."""

from collections.abc import Iterator
from functools import cache

from django import forms
from django.db import models
from django.forms.utils import ErrorDict
from django.utils.datastructures import MultiValueDict

from directory.documents import Document, Shape, plain, shape_of
from directory.forms import saisie as raw
from directory.forms.fields import Resolver, form_field
from directory.ownership import KEPT_OF_LIEU, UID

# A new line where all of these are blank was never filled: it is left out.
SIGNIFICANT = {
    "contacts": ("nature", "nom", "fonction", "description", "telecoms"),
    "telecoms": ("adresse", "utilisation"),
    "activites": ("activite",),
    "horaires": ("heure_debut", "heure_fin", "date_debut", "date_fin"),
    "lieux": ("nom", "description", "libelle_voie", "lieu_dit", "code_postal", "localite", "commune"),
}
BLANK = {"niveau": "2", "canal": "2"}  # what a new line proposes: professionals only, a landline
TO_SPECIFY = "TRE_R252|09"


class Node(forms.Form):
    """Fields of the fiche itself (no prefix) or of one line. `fresh`: nobody sent it yet, so nothing is wrong."""

    use_required_attribute = False

    def __init__(
        self,
        shape: Shape,
        names: tuple[str, ...] | list[str],
        *,
        data: MultiValueDict,
        current: Document,
        resolver: Resolver,
        fresh: bool,
        prefix: str = "",
        uid: str = "",
        is_new: bool = False,
    ):
        super().__init__(data, prefix=prefix or None)
        self.shape, self.current, self.fresh, self.uid, self.is_new = shape, current, fresh, uid, is_new
        self.children: dict[str, Lines] = {}
        declared = {field.name: field for field in (*shape.scalars, *shape.links, *shape.many)}
        for name in names:
            field = declared[name]
            kwargs = {"label": str(field.verbose_name)[:1].upper() + str(field.verbose_name)[1:]}
            self.fields[name] = form_field(field, resolver, kept=current.get(name), **kwargs)

    def full_clean(self) -> None:
        if self.fresh:
            self._errors, self.cleaned_data = ErrorDict(), {}
        else:
            super().full_clean()

    def values(self) -> Document:
        """What the fields say, those in error left out."""
        if self.fresh:
            return {name: self.current[name] for name in self.fields if name in self.current}
        wrong = self.errors  # reading them cleans the fields
        return {
            name: self.fields[name].plain(value)
            for name, value in self.cleaned_data.items()
            if name in self.fields and name not in wrong
        }

    def document(self) -> Document:
        """The line, its own lines included; what the form does not show stays as it was."""
        found = self.current | self.values()
        for name, lines in self.children.items():
            found[name] = lines.documents()
        return found

    def walk(self) -> Iterator["Node"]:
        """Itself and every line below."""
        yield self
        for lines in self.children.values():
            for node in lines.nodes:
                yield from node.walk()


class Lines:
    """The lines of one list. `name` is that of their hidden field: `contacts`, `contacts-<uid>-telecoms`."""

    def __init__(
        self,
        accessor: str,
        name: str,
        shape: Shape,
        *,
        data: MultiValueDict,
        current: list[Document],
        resolver: Resolver,
        fresh: bool,
    ):
        self.accessor, self.name, self.shape = accessor, name, shape
        self._data, self._resolver, self._fresh = data, resolver, fresh
        self._current = {line["uid"]: line for line in current}
        self.nodes = [self._node(uid) for uid in raw.uids(dict(data.lists()), name)]
        self.errors: list[str] = []  # of the list as a whole

    def blank(self, placeholder: str) -> Node:
        """A line to copy, whose uid is a placeholder: what the button « Ajouter » clones."""
        node = self._node(placeholder)
        initial = {name: BLANK[name] for name in node.fields if name in BLANK}
        node.data = MultiValueDict({node.add_prefix(name): [value] for name, value in initial.items()})
        return node

    def _node(self, uid: str) -> Node:
        current = self._current.get(uid) or blank_line(self.shape.model, uid)
        prefix = f"{self.name}-{uid}"
        node = Node(
            self.shape,
            [name for name in raw.LINE_FIELDS[self.accessor] if name not in locked_fields(self.accessor, current)],
            data=self._data,
            current=current,
            resolver=self._resolver,
            fresh=self._fresh,
            prefix=prefix,
            uid=uid,
            is_new=uid not in self._current,
        )
        for accessor, _, child in self.shape.children:
            node.children[accessor] = Lines(
                accessor,
                f"{prefix}-{accessor}",
                child,
                data=self._data,
                current=current.get(accessor) or [],
                resolver=self._resolver,
                fresh=self._fresh,
            )
        return node

    def documents(self) -> list[Document]:
        """The lines that say something: contacts as the person ordered them, others in the order they had."""
        found = []
        for node in self.nodes:
            line = node.document()
            if says_something(self.accessor, line) or not (node.is_new or says_something(self.accessor, node.current)):
                found.append(line)
        if self.accessor == "contacts":
            return numbered(found, known=self._current)
        places = {uid: place for place, uid in enumerate(self._current)}
        return sorted(found, key=lambda line: places.get(line["uid"], len(places)))


def says_something(accessor: str, line: Document) -> bool:
    """Whether anybody wrote in this line."""
    filled = any(line.get(name) not in (None, "", []) for name in SIGNIFICANT[accessor])
    return filled or (accessor == "horaires" and line.get("type_plage") == TO_SPECIFY)


def locked_fields(accessor: str, line: Document) -> frozenset[str]:
    """Of the place FINESS writes and of the main entrance, what belongs to FINESS."""
    is_official = accessor == "lieux" and (line.get("uid") == UID or line.get("est_principal"))
    return frozenset(KEPT_OF_LIEU) if is_official else frozenset()


def numbered(contacts: list[Document], known: dict[str, Document]) -> list[Document]:
    """`ordre` follows the order given; numbers that already say it are left alone."""
    previous, found = -1, []
    for contact in contacts:
        ordre = contact["ordre"]
        if ordre < previous or contact["uid"] not in known:
            ordre = previous + 1
        found.append(contact | {"ordre": ordre})
        previous = ordre
    return found


@cache
def _defaults(model: type[models.Model]) -> Document:
    shape = shape_of(model)
    found: Document = {}
    for field in shape.scalars:
        value = plain(field.get_default()) if field.name != "uid" else ""
        # A member of Choices is stored as the plain value it stands for.
        if isinstance(value, int) and not isinstance(value, bool):
            value = int(value)
        found[field.name] = str(value) if isinstance(value, str) else value
    found |= {field.name: None for field in shape.links}
    found |= {field.name: [] for field in shape.many}
    return found | {name: [] for name, _, _ in shape.children}


def blank_line(model: type[models.Model], uid: str) -> Document:
    """A line of the document with the defaults of the model."""
    return {**_defaults(model), "uid": uid}
