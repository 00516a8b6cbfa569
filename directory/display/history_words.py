"""What the keys and values of two documents are called: everything a difference names, fetched by kind at once."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import models
from django.utils.text import capfirst

from directory.diff import Line, Path, shape_for
from directory.display.common import address_lines, keys_of
from directory.documents import NATURAL_KEY, Document, Shape
from directory.models import (
    ActiviteOperationnelle,
    Contact,
    Horaire,
    Lieu,
    LieuDeLOffre,
    Niveau,
    Telecommunication,
)
from directory.models.contacts import Canal
from directory.models.horaires import Jour
from nomenclature.fields import CodeField
from nomenclature.models import Commune, Concept, ValueSetMembership


@dataclass(frozen=True)
class Spot:
    """Where a line of the diff falls. `field` is None for a whole line; `owners`: the lines from the root down to it,
    each as its newest document says it."""

    field: models.Field | None
    owners: tuple[tuple[Shape, Document], ...] = ()


def locate(shape: Shape, before: Document, after: Document, path: Path) -> Spot:
    """Raises `LookupError` when the path leads nowhere in these documents."""
    owners: list[tuple[Shape, Document]] = []
    while path:
        name, *rest = path
        child = next((child for accessor, _, child in shape.children if accessor == name), None)
        if child is None:
            fields = (*shape.scalars, *shape.links, *shape.many)
            return Spot(next((one for one in fields if one.name == name), None) or _nowhere(path), tuple(owners))
        uid, path = rest[0] if rest else "", tuple(rest[1:])
        before, after = _line(before, name, uid), _line(after, name, uid)
        owners.append((child, after or before or _nowhere(path)))
        shape = child
    return Spot(None, tuple(owners))


def _nowhere(path: Path):
    raise LookupError("/".join(path))


def line_at(document: Document, path: Path) -> Document:
    """The line of the fiche a path goes through; empty when the document has none."""
    return _line(document, path[0], path[1])


def _line(document: Document, name: str, uid: str) -> Document:
    return next((line for line in document.get(name) or [] if line["uid"] == uid), {})


@dataclass(frozen=True)
class Words:
    """Labels by key: concepts, (value set, code), INSEE codes, (model, key) of entities, uids of lieux."""

    concepts: dict[str, str] = field(default_factory=dict)
    codes: dict[tuple[str, str], str] = field(default_factory=dict)
    communes: dict[str, str] = field(default_factory=dict)
    entities: dict[tuple[type, str], str] = field(default_factory=dict)
    lieux: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, lines: Iterable[Line], before: Document, after: Document) -> "Words":
        """One query for each kind of key the lines name."""
        wanted = _Wanted()
        shape = shape_for(after)
        for line in lines:
            spot = locate(shape, before, after, line.path)
            for owner, document in spot.owners:
                wanted.read(owner, document)
            for value in (line.before, line.after):
                if spot.field is None and value:
                    wanted.read(spot.owners[-1][0], value)
                elif spot.field is not None:
                    wanted.add(spot.field, value)
        return cls(
            concepts={key: one.label for key, one in Concept.objects.by_key(wanted.concepts).items()},
            codes=_codes(wanted.codes),
            communes=_communes(wanted.communes),
            entities=_entities(wanted.entities),
            lieux=_lieux(wanted.lieux, before, after),
        )

    def text(self, one: models.Field, value: object) -> str:
        """A value as a person reads it; empty for none. A key nobody knows is shown as it is."""
        if value is None or value == "":
            return ""
        if isinstance(value, bool):
            return "Oui" if value else "Non"
        if one.related_model is Concept:
            return self.concepts.get(value, value)
        if one.related_model is Commune:
            return self.communes.get(value, value)
        if one.related_model:
            return self.entities.get((one.related_model, value), value)
        return self._scalar(one, value)

    def _scalar(self, one: models.Field, value: object) -> str:
        if one.choices:
            label = str(dict(one.flatchoices).get(value, value))
            return f"{value} · {label}" if one.choices == Niveau.choices else label
        if isinstance(one, CodeField):
            return self.code(one, str(value))
        if isinstance(one, models.DateField):
            return f"{dt.date.fromisoformat(str(value)):%d/%m/%Y}"
        if isinstance(one, models.DecimalField | models.FloatField):
            return str(value).replace(".", ",")
        if one.name == "lieu_uid":
            return self.lieux.get(str(value), "lieu retiré depuis")
        return str(value)

    def code(self, one: CodeField, code: str) -> str:
        """The label of a bare code in its value set."""
        known = self.codes.get((one.value_set, code))
        if not known and one.model is Telecommunication and code in Canal.values:
            known = Canal(code).label
        return known or code

    def title(self, shape: Shape, line: Document) -> str:
        """What a line is called in its list: the person or the desk, the day and hours, the activity, the place."""
        return _TITLES[shape.model](self, line) or capfirst(shape.model._meta.verbose_name)

    def get(self, key: str | None) -> str:
        return self.concepts.get(key, key) if key else ""


# --- Titles ----------------------------------------------------------------------------------------------------------


def _contact(words: Words, line: Document) -> str:
    return words.get(line["nature"]) or ", ".join(part for part in (line["nom"], words.get(line["fonction"])) if part)


def _telecom(words: Words, line: Document) -> str:
    return capfirst(words.code(Telecommunication._meta.get_field("canal"), line["canal"]))


def _horaire(words: Words, line: Document) -> str:
    """« Lundi 09:00–12:30, horaire de consultation, du 01/10/2025 au 03/10/2025 »."""
    hours = f"{line['heure_debut']}–{line['heure_fin']}" if line["heure_debut"] else ""
    day = Jour(line["jour_semaine"]).label.capitalize() if line["jour_semaine"] in Jour.values else ""
    first, last = (line[name] and f"{dt.date.fromisoformat(line[name]):%d/%m/%Y}" for name in _PERIOD)
    period = (f"du {first}" + (f" au {last}" if last else "")) if first else ""
    return ", ".join(part for part in (f"{day} {hours}".strip(), words.get(line["type_plage"]), period) if part)


_PERIOD = ("date_debut", "date_fin")


def _activite(words: Words, line: Document) -> str:
    famille = words.get(line["famille"])
    return words.get(line["activite"]) + (f" ({famille})" if famille else "")


def _lieu(words: Words, line: Document) -> str:
    if line["nom"]:
        return line["nom"]
    return "Entrée principale" if line["est_principal"] else ", ".join(address_lines_of(line))


def _lieu_de_l_offre(words: Words, line: Document) -> str:
    return words.lieux.get(line["lieu_uid"], "Lieu retiré depuis")


_TITLES = {
    Contact: _contact,
    Telecommunication: _telecom,
    Horaire: _horaire,
    ActiviteOperationnelle: _activite,
    Lieu: _lieu,
    LieuDeLOffre: _lieu_de_l_offre,
}


def address_lines_of(line: Document) -> list[str]:
    """The postal lines of a lieu of a document."""
    return address_lines(_as_lieu(line))


def _as_lieu(line: Document) -> Lieu:
    names = {one.name for one in Lieu._meta.concrete_fields} & line.keys() - {"commune", "fonction"}
    return Lieu(**{name: line[name] for name in names})


# --- Labels ----------------------------------------------------------------------------------------------------------


class _Wanted:
    """Keys to look up, by kind."""

    def __init__(self) -> None:
        self.concepts: set[str] = set()
        self.codes: set[tuple[str, str]] = set()
        self.communes: set[str] = set()
        self.entities: dict[type, set[str]] = defaultdict(set)
        self.lieux: set[str] = set()

    def read(self, shape: Shape, line: Document) -> None:
        """Everything a whole line names."""
        self.concepts.update(keys_of(shape, line))
        for one in (*shape.scalars, *shape.links):
            self.add(one, line.get(one.name))
        for name, _, child in shape.children:
            for below in line.get(name) or []:
                self.read(child, below)

    def add(self, one: models.Field, value: object) -> None:
        if not value:
            return
        if one.related_model is Concept:
            self.concepts.add(value)
        elif one.related_model is Commune:
            self.communes.add(value)
        elif one.related_model:
            self.entities[one.related_model].add(value)
        elif isinstance(one, CodeField):
            self.codes.add((one.value_set, value))
        elif one.name == "lieu_uid":
            self.lieux.add(value)


def _codes(wanted: set[tuple[str, str]]) -> dict[tuple[str, str], str]:
    if not wanted:
        return {}
    value_sets, codes = zip(*wanted, strict=True)
    rows = ValueSetMembership.objects.filter(value_set__code__in=value_sets, concept__code__in=codes)
    found = rows.values_list("value_set__code", "concept__code", "concept__label")
    return {(value_set, code): label for value_set, code, label in found}


def _communes(wanted: set[str]) -> dict[str, str]:
    return dict(Commune.objects.filter(insee__in=wanted).values_list("insee", "nom_ror")) if wanted else {}


def _entities(wanted: dict[type, set[str]]) -> dict[tuple[type, str], str]:
    found = {}
    for model, keys in wanted.items():
        name = NATURAL_KEY[model]
        rows = model._default_manager.filter(**{f"{name}__in": keys})
        found |= {(model, getattr(row, name)): str(row) for row in rows}
    return found


def _lieux(wanted: set[str], *found: Document) -> dict[str, str]:
    """Places of the establishments the UO belonged to in these documents."""
    if not wanted:
        return {}
    establishments = {document.get("entite_geographique") for document in found}
    rows = Lieu.objects.filter(entite_geographique__idnat_struct__in=establishments, uid__in=wanted)
    return {lieu.uid: str(lieu) for lieu in rows}
