"""The form of one fiche: a document in, the fields of its modèle de saisie, a document out. No model instance.

form = FicheForm(Kind.UO, document, live=live)                 # to show
form = FicheForm(Kind.UO, document, data=request.POST, live=live)
if form.redraw or not form.is_valid(): show it again          # `redraw`: a button that only changes the form
form.document                                                  # valid: what to keep
form.saisie                                                    # always: what was typed, as JSON
form.add_problems(modeles.missing(kind, form.document))        # words next to the fields, and in the summary
"""

import copy
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from django.utils.datastructures import MultiValueDict

from directory import modeles
from directory.checks import Problem
from directory.documents import MODELS, Document, shape_of
from directory.forms import layout, lieux, planning
from directory.forms import saisie as raw
from directory.forms.fields import Resolver
from directory.forms.nodes import Lines, Node
from directory.models import Kind, Niveau
from directory.models.common import new_uid
from directory.ownership import KEPT
from nomenclature import choices
from nomenclature.models import Concept

IMMUTABLE = ("champ_activite", "mode_prise_en_charge")  # RG_EXP_010, RG_EXP_011
DERIVED = ("type_offre",)  # follows the type d’UO


class FicheForm:
    """`data`: a QueryDict, or the `saisie` of an earlier submission. `only`: root fields to limit the form to.

    `live`: the published document when there is one. `etablissement`: what the form reads of the EG of a UO (its
    lieux, its category), by default the published one; a dossier gives that of its own draft.
    Raises `documents.UnknownReference` never: a wrong code is an error of its field.
    """

    def __init__(
        self,
        kind: Kind,
        document: Document,
        *,
        data: Mapping | None = None,
        only: Iterable[str] | None = None,
        live: Document | None = None,
        etablissement: lieux.Etablissement | None = None,
    ):
        self.kind, self.live, self._before = Kind(kind), live, document
        self._shape = shape_of(MODELS[self.kind])
        self._only = None if only is None else frozenset(only)
        self._etablissement = etablissement
        self.general_errors: list[str] = []
        self.searched = ("", "")  # (name of the field, text) of a search without JavaScript
        self.redraw = False
        self.focus = ""  # prefix of the line just added
        self.saisie = self._read(data)
        self._fresh = data is None or self.redraw
        self._build()

    # --- Building ---

    def _read(self, data: Mapping | None) -> raw.Saisie:
        """What is shown in the fields: the document, then over it what was sent of the fields that were shown."""
        document = self._before
        if data is not None and "type_uo" in data:
            sent = data.getlist("type_uo") if hasattr(data, "getlist") else data["type_uo"]
            document = document | {"type_uo": (list(filter(None, sent)) or [None])[-1]}
        self.modele = modeles.modele_for(self.kind, document)
        names = self._names(document)
        saisie = raw.of_document(self._shape, document, names)
        if data is None:
            return saisie
        sent = raw.of_data(data, names)
        shown = set(sent.pop(raw.SHOWN, [" ".join(names)])[0].split())
        kept = {name: values for name, values in saisie.items() if name.partition("-")[0] not in shown}
        saisie = self._with_new_activites(kept | {k: v for k, v in sent.items() if k.partition("-")[0] in shown})
        if (done := raw.edited(saisie, data)) is not None:
            self.redraw = True
            saisie, self.focus = done
            name = data.get("chercher", "")
            self.searched = (name, data.get(f"chercher-{name}", "") if name else "")
        return saisie

    def _names(self, document: Document) -> set[str]:
        """Root fields a person may write here."""
        hidden = [champ for champ in self.modele.masques if not modeles.is_empty(document.get(champ.name))]
        champs = sorted((*self.modele.champs, *hidden), key=lambda champ: champ.ordre)
        self.champs = tuple(champ for champ in champs if self._only is None or champ.name in self._only)
        names = {champ.name for champ in self.champs} - set(self.locked)
        return names | {unit for name in names for unit in modeles.COMPANIONS.get(name, ())}

    @cached_property
    def locked(self) -> dict[str, str]:
        """Fields shown and not written, and why."""
        found = dict.fromkeys(KEPT[self.kind], "finess")
        found |= dict.fromkeys(DERIVED, "type")
        links = [field.name for field in self._shape.links if field.related_model is not Concept]
        found |= {name: found.get(name, "structure") for name in links}
        if self.live is not None:
            found |= dict.fromkeys(IMMUTABLE, "published")
        return found

    def _with_new_activites(self, saisie: raw.Saisie) -> raw.Saisie:
        """Activités ticked in a search without JavaScript become lines, with the family the NOS gives them."""
        saisie = dict(saisie)
        for key in saisie.pop(raw.NEW_ACTIVITES, ()):
            uid, activites, familles = new_uid(), choices.of("JDV_J17"), choices.of("JDV_J51")
            famille = activites[key].parent if key in activites else ""
            saisie["activites"] = [*saisie.get("activites", ()), uid]
            saisie[f"activites-{uid}-activite"] = [key]
            saisie[f"activites-{uid}-famille"] = [famille if famille in familles else ""]
        return saisie

    def _build(self) -> None:
        data = MultiValueDict(self.saisie)
        names = self._names(self._before | {"type_uo": (self.saisie.get("type_uo") or [None])[-1]})
        values = {value for values in self.saisie.values() for value in values}
        self.resolver = Resolver(
            asked={value for value in values if "|" in value and len(value) < 100},
            communes={value for value in values if len(value) == 5 and value.isalnum()},
        )
        common = {"data": data, "resolver": self.resolver, "fresh": self._fresh}
        lists = {accessor for accessor, _, _ in self._shape.children}
        own = [
            field.name
            for field in (*self._shape.scalars, *self._shape.links, *self._shape.many)
            if field.name in names
        ]
        self.root = Node(self._shape, own, current=self._before, **common)
        for accessor, _, child in self._shape.children:
            if accessor in names and accessor in lists & set(raw.LINES):
                current = self._before.get(accessor) or []
                self.root.children[accessor] = Lines(accessor, accessor, child, current=current, **common)
        self.names = names

    # --- Answers ---

    def is_valid(self) -> bool:
        """Whether what was typed can become a document: types, formats, codes. Requirements come by `add_problems`."""
        if self._fresh:
            return False
        self._check_type()
        return not any(node.errors for node in self.root.walk()) and not self.general_errors

    def _check_type(self) -> None:
        """A type d’UO that would change the champ or the mode of a published UO is another UO."""
        if self.live is None or "type_uo" not in self.root.fields or self.root.has_error("type_uo"):
            return
        key = self.root.values()["type_uo"]
        fixed = choices.fixed_by(key or "")
        wanted = {name: getattr(fixed, name) for name in IMMUTABLE}
        changed = [name for name, value in wanted.items() if value and value != self.live.get(name)]
        if changed and key != self.live.get("type_uo"):
            labels = modeles.field_labels(self.kind)
            what = " et ".join(f"le {labels[name]}" for name in changed)
            self.root.add_error(
                "type_uo",
                f"Ce type d’UO change {what}, fixé à la publication\u00a0: il faut fermer et recréer l’unité.",
            )

    @cached_property
    def document(self) -> Document:
        """The document with what the form says; fields in error keep what they had."""
        found = copy.deepcopy(self._before)
        if self._fresh:
            return found
        found |= self.root.document()
        if "lieux_offre" in self.names:
            found["lieux_offre"] = lieux.lines(raw.uids(self.saisie, "lieux_offre"), self._before)
        if "horaires" in self.root.children:
            found["horaires"] = planning.one_week_changed(found["horaires"], self.saisie)
        if "type_uo" in self.root.fields:
            found |= self._fixed(found.get("type_uo"))
        return _hidden(found) if found.get("unite_sensible") else found

    def _fixed(self, type_uo: str | None) -> Document:
        """What the type d’UO decides of a new UO, or of one whose type changes."""
        if self.live is not None and type_uo == self._before.get("type_uo"):
            return {}
        fixed = choices.fixed_by(type_uo or "")
        found: Document = {"type_offre": fixed.type_offre or None}
        if self.live is None:
            found |= {name: value for name in IMMUTABLE if (value := getattr(fixed, name))}
        return found

    @property
    def categorie(self) -> str:
        """Of the EG, when it is known without a query or was read already."""
        return self.etablissement.categorie if self._etablissement or "lieux_offre" in self.names else ""

    @cached_property
    def etablissement(self) -> lieux.Etablissement:
        """The EG of a UO: its lieux and its category."""
        return self._etablissement or lieux.of_live(self._before.get("entite_geographique"))

    # --- Problems ---

    def add_problems(self, problems: Iterable[Problem]) -> None:
        """Put each message next to its field; what has no field here goes to the top of the form."""
        for problem in problems:
            if not self._place(problem.address.split("/"), problem.message):
                self.general_errors.append(self._named(problem))

    def _named(self, problem: Problem) -> str:
        label = modeles.field_labels(self.kind).get(problem.address.partition("/")[0], "")
        return f"{label[:1].upper()}{label[1:]}\u00a0: {problem.message}" if label else problem.message

    def _place(self, address: list[str], message: str) -> bool:
        node = self.root
        while len(address) > 1:
            lines = node.children.get(address[0])
            found = next((one for one in lines.nodes if one.uid == address[1]), None) if lines else None
            if found is None:
                break
            node, address = found, address[2:]
        name = address[0] if address else None
        if name in node.children:
            node.children[name].errors.append(message)
        elif name is None or name in node.fields:
            if message not in node.errors.get(name or "__all__", ()):
                node.add_error(name, message)
        elif node is self.root and name == "lieux_offre" and name in self.names:
            self.lieux_errors.append(message)
        elif node is not self.root:
            node.add_error(None, message)
        else:
            return False
        return True

    @cached_property
    def lieux_errors(self) -> list[str]:
        """Of the list of lieux of a UO, which is no field of a form."""
        return []

    @property
    def error_summary(self) -> list[layout.Fault]:
        """Every error, in the order of the form."""
        found = [layout.Fault("", "", message) for message in self.general_errors]
        for section in self.sections:
            for item in section.items:
                found += item.faults
        return found

    # --- Layout ---

    @cached_property
    def sections(self) -> list[layout.Section]:
        """Titles, fields and progress, as the modèle orders them."""
        return layout.sections(self)

    @property
    def shown(self) -> str:
        """The hidden field that says what this form shows."""
        return " ".join(sorted(self.names))

    def nodes(self) -> Iterator[Node]:
        """The fiche and all its lines."""
        return self.root.walk()


def _hidden(document: Document) -> Document:
    """RG_EXP_039: every contact of a sensitive unit, and every number, at level 3."""
    level = {"niveau": int(Niveau.REGULATION)}
    contacts = [
        contact | level | {"telecoms": [telecom | level for telecom in contact.get("telecoms") or []]}
        for contact in document.get("contacts") or []
    ]
    return document | {"contacts": contacts}
