"""How a form shows its fields: sections, one item per field, the words around it."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from django.forms import BoundField
from django.utils.text import slugify

from directory import modeles
from directory.forms import planning
from directory.forms.chips import ChipsView, chips, chips_view
from directory.forms.nodes import Lines, Node, locked_fields
from directory.models import Lieu

if TYPE_CHECKING:
    from directory.forms.fiche import FicheForm

WHY_LOCKED = {
    "finess": "Repris de FINESS, que tient l’ARS\u00a0: le support vous dit à qui écrire pour le corriger.",
    "type": "Suit le type d’UO.",
    "structure": "Se change par le support.",
    "published": (
        "Ne change plus après publication. Pour en changer, il faut fermer et recréer l’unité\u00a0: "
        "fermez celle-ci, puis ajoutez-en une autre."
    ),
}
TEMPLATES = {
    "contacts": "directory/forms/_contacts.html",
    "activites": "directory/forms/_activites.html",
    "horaires": "directory/forms/_planning.html",
    "lieux": "directory/forms/_lieux.html",
    "lieux_offre": "directory/forms/_lieux_offre.html",
}


@dataclass(frozen=True)
class Fault:
    """A line of the summary at the top: `anchor` is the id of the control, empty for what has none."""

    anchor: str
    label: str
    message: str


@dataclass
class Item:
    """One field of a section, ready for its template."""

    form: "FicheForm"
    name: str
    template: str
    label: str
    required: bool
    help: str
    section: str = ""
    bound: BoundField | None = None
    lines: Lines | None = None
    text: str = ""  # of a locked field
    why: str = ""

    @property
    def anchor(self) -> str:
        """The id an error links to: the control, or the whole group."""
        if self.bound is not None:
            return self.bound.id_for_label or self.bound.auto_id
        return f"id_{self.name}"

    @property
    def repeats_title(self) -> bool:
        """« Contacts », in the section « Contacts »."""
        return self.label == self.section

    @property
    def length(self) -> int:
        """Characters of a long text, as the server counts them."""
        return len((self.bound.value() or "").replace("\r\n", "\n"))

    @property
    def unit(self) -> BoundField | None:
        """The unit that stands beside an age."""
        name = modeles.COMPANIONS.get(self.name, ("",))[0]
        return self.form.root[name] if name in self.form.root.fields else None

    @cached_property
    def chips(self) -> ChipsView:
        return chips(self.form, self.bound, self.name)

    @cached_property
    def planning(self) -> planning.Planning:
        return planning.editor(self.lines, self.form.saisie)

    @cached_property
    def contacts(self) -> "list[ContactItem]":
        return [ContactItem(self.form, node) for node in self.lines.nodes]

    @property
    def blank_contact(self) -> "ContactItem":
        return ContactItem(self.form, self.lines.blank("__uid0__"), is_blank=True)

    @cached_property
    def lieux(self) -> "list[LieuItem]":
        return [LieuItem(self.form, node) for node in self.lines.nodes]

    @property
    def blank_lieu(self) -> "LieuItem":
        return LieuItem(self.form, self.lines.blank("__uid0__"))

    @cached_property
    def activites(self) -> "list[ActiviteItem]":
        return [ActiviteItem(self.form, node) for node in self.lines.nodes]

    @property
    def blank_activite(self) -> "ActiviteItem":
        return ActiviteItem(self.form, self.lines.blank("__uid0__"))

    @property
    def activites_chips(self) -> ChipsView:
        """The search that adds an activité; the lines are what is chosen."""
        return chips_view(self.form, "activites-nouvelles", "activites", "JDV_J17", keys=[])

    @property
    def no_bound(self) -> None:
        """The box that adds an activité is no field of the form."""
        return

    @property
    def is_medico_social(self) -> bool:
        return self.form.document.get("champ_activite") == modeles.MEDICO_SOCIAL

    @property
    def is_sensitive(self) -> bool:
        return bool(self.form.document.get("unite_sensible"))

    @property
    def options(self) -> list[tuple[str, str, bool]]:
        """(uid, words, chosen) of the lieux of the EG; one the UO names and nobody knows is shown too."""
        chosen = set(self.form.saisie.get("lieux_offre", ()))
        known = list(self.form.etablissement.lieux)
        lost = chosen - {uid for uid, _ in known}
        return [
            (uid, words, uid in chosen) for uid, words in [*known, *((uid, "Lieu inconnu") for uid in sorted(lost))]
        ]

    @property
    def errors(self) -> list[str]:
        """Of the list as a whole."""
        if self.name == "lieux_offre":
            return self.form.lieux_errors
        return self.lines.errors if self.lines else []

    @property
    def faults(self) -> Iterator[Fault]:
        yield from (Fault(self.anchor, self.label, message) for message in self.errors)
        bounds = [self.bound, self.unit] if self.bound is not None else []
        for bound in filter(None, bounds):
            yield from (Fault(self.anchor, self.label, message) for message in bound.errors)
        for node in self.lines.nodes if self.lines else ():
            for one in node.walk():
                yield from _line_faults(self, one)


def _line_faults(item: Item, node: Node) -> Iterator[Fault]:
    for name, messages in node.errors.items():
        known = name in node.fields
        # A slot of the typical week has no field for its dates: its hours are looked at.
        shown = name if known and not (item.name == "horaires" and name == "jour_semaine") else "heure_debut"
        bound = node[shown] if shown in node.fields else None
        label = f"{item.label}, {node.fields[name].label.lower()}" if known else item.label
        anchor = (bound.id_for_label or bound.auto_id) if bound else item.anchor
        yield from (Fault(anchor, label, str(message)) for message in messages)


@dataclass
class Section:
    """A heading, its fields, and how many of those expected are filled."""

    title: str
    anchor: str
    items: list[Item]
    progress: modeles.Completeness

    @property
    def filled(self) -> int:
        return self.progress.filled

    @property
    def expected(self) -> int:
        return self.progress.expected

    @property
    def is_done(self) -> bool:
        return self.filled == self.expected

    @property
    def has_faults(self) -> bool:
        return any(True for item in self.items for _ in item.faults)


def sections(form: "FicheForm") -> list[Section]:
    """As the modèle orders them; a section with nothing to show is left out."""
    found: dict[str, list[modeles.Champ]] = {}
    for champ in form.champs:
        found.setdefault(champ.section, []).append(champ)
    return [
        Section(
            title,
            f"section-{slugify(title)}",
            [_item(form, champ) for champ in champs],
            modeles.completeness_of(form.kind, form.document, champs),
        )
        for title, champs in found.items()
    ]


def _item(form: "FicheForm", champ: modeles.Champ) -> Item:
    label = modeles.field_labels(form.kind)[champ.name]
    label = label[:1].upper() + label[1:]
    name = champ.name
    required = champ.obligatoire or (
        name == "publics" and form.document.get("champ_activite") == modeles.MEDICO_SOCIAL
    )
    common = {"form": form, "name": name, "label": label, "required": required, "help": champ.aide}
    common["section"] = champ.section
    if name in form.root.fields:
        form.root.fields[name].help_text = champ.aide  # a bound field copies it when it is made
        bound = form.root[name]
        template = "directory/forms/_age.html" if name in modeles.COMPANIONS else bound.field.template
        return Item(template=template, bound=bound, **common)
    if name in TEMPLATES:
        return Item(template=TEMPLATES[name], lines=form.root.children.get(name), **common)
    return Item(
        template="directory/forms/_locked.html",
        text=locked_text(form, name),
        why=WHY_LOCKED[form.locked[name]],
        **common,
    )


def locked_text(form: "FicheForm", name: str) -> str:
    """The value of a field that is only read, in words."""
    value = form.document.get(name)
    declared = form.root.shape.model._meta.get_field(name)
    value_set = getattr(declared, "value_set", None)
    if value_set and value:
        return form.resolver.label(value_set, value)
    return str(value) if value not in (None, "") else ""


# --- Lines ----------------------------------------------------------------------------------------------------------


@dataclass
class ContactItem:
    """A contact and its numbers. `is_blank`: the one a button copies, whose numbers it makes itself."""

    form: "FicheForm"
    node: Node
    is_blank: bool = False

    @property
    def telecoms(self) -> list[Node]:
        nodes = self.node.children["telecoms"].nodes
        return nodes or ([self.node.children["telecoms"].blank("__uid1__")] if self.is_blank else [])

    @property
    def telecoms_name(self) -> str:
        """Of the hidden fields that name them."""
        return self.node.children["telecoms"].name

    @property
    def blank_telecom(self) -> Node:
        return self.node.children["telecoms"].blank("__uid1__")

    @property
    def title(self) -> str:
        """« Secrétariat », « Camille Durand, directeur », « Nouveau contact »."""
        values = self.node.current
        labels = [
            self.form.resolver.label(source, values[name])
            for name, source in (("nature", "JDV_J221"), ("fonction", "JDV_J220"))
            if values.get(name)
        ]
        words = [values["nom"], *labels] if values.get("nom") else labels
        return ", ".join(words) or "Nouveau contact"


@dataclass
class LieuItem:
    """A lieu; the address of the one FINESS writes is read only."""

    form: "FicheForm"
    node: Node

    @property
    def is_official(self) -> bool:
        return bool(locked_fields("lieux", self.node.current))

    @property
    def address(self) -> list[str]:
        own = {one.attname for one in Lieu._meta.concrete_fields}
        return Lieu(**{name: value for name, value in self.node.current.items() if name in own}).postal_lines

    @property
    def title(self) -> str:
        name = self.node.current.get("nom")
        return name or ("Entrée principale" if self.node.current.get("est_principal") else "Autre lieu")

    @property
    def fields(self) -> list[BoundField]:
        """In the order of an address; the commune has its own box."""
        return [self.node[name] for name in self.node.fields if name != "commune"]

    @property
    def commune(self) -> ChipsView:
        return chips(self.form, self.node["commune"], "lieux")


@dataclass
class ActiviteItem:
    """An activité and its family."""

    form: "FicheForm"
    node: Node

    @property
    def key(self) -> str:
        return next((key for key in self.node["activite"].value() or [] if key), "")

    @property
    def label(self) -> str:
        return self.form.resolver.label("JDV_J17", self.key) if self.key else ""
