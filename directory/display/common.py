"""What the three kinds of fiche share: fields with their labels, badges, addresses, who changed it last."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from django.conf import settings
from django.db import models
from django.utils.formats import date_format
from django.utils.text import capfirst

from directory.documents import Document, Shape
from directory.models import FicheVersion, Kind, Lieu
from directory.models.common import Adresse, Fermeture, Fiche
from nomenclature.models import Concept
from nomenclature.text import normalise
from ror import clock

Concepts = Mapping[str, Concept]
NBSP = "\u00a0"


@dataclass(frozen=True)
class Badge:
    """A state: colour class (`ror-ok`, or empty for neutral), icon and words."""

    css: str
    icon: str
    text: str


@dataclass(frozen=True)
class Value:
    """One value of a field, with a smaller `note` beside it."""

    text: str
    note: str = ""


@dataclass(frozen=True)
class Field:
    """A line of a fiche. `values` for codes, `text` for what a person wrote; both empty: « Non renseigné »."""

    label: str
    values: list[Value] = field(default_factory=list)
    text: str = ""

    @property
    def is_empty(self) -> bool:
        return not (self.values or self.text)


class Fields:
    """Builds the fields of one document: labels come from the model, words of the codes from `concepts`."""

    def __init__(self, model: type[models.Model], document: Document, concepts: Concepts):
        self._model, self._document, self._concepts = model, document, concepts

    def __call__(self, name: str, label: str = "") -> Field:
        """The field `name` of the document, whatever its type."""
        declared = self._model._meta.get_field(name)
        label = label or capfirst(declared.verbose_name)
        value = self._document[name]
        if declared.related_model is Concept:
            keys = value if isinstance(value, list) else [value] if value else []
            return Field(label, [Value(text) for text in self.labels(keys)])
        if isinstance(value, bool):
            return Field(label, text="Oui" if value else "Non")
        return Field(label, text="" if value is None else str(value))

    def labels(self, keys: Iterable[str]) -> list[str]:
        """Labels in alphabetical order, accents apart."""
        return sorted((self._concepts[key].label for key in keys), key=normalise)


def filled(fields: Iterable[Field]) -> list[Field]:
    """Without the empty ones: for what only some structures have."""
    return [one for one in fields if not one.is_empty]


def concepts_of(shape: Shape, document: Document, *more: str) -> Concepts:
    """Every concept the document names, and `more` keys, in one query."""
    return Concept.objects.by_key({*keys_of(shape, document), *more})


def keys_of(shape: Shape, document: Document) -> Iterator[str]:
    """`system|code` of every concept a document or a line names."""
    for one in (*shape.links, *shape.many):
        value = document.get(one.name)
        if one.related_model is Concept and value:
            yield from [value] if isinstance(value, str) else value
    for name, _, child in shape.children:
        for line in document.get(name) or []:
            yield from keys_of(child, line)


# --- States ---------------------------------------------------------------------------------------------------------


def state_badge(fiche: Fermeture, today: dt.date) -> Badge:
    """Open, closed for a time or for good, that day. A future closing is told in advance."""
    if fiche.is_closed_for_good(today):
        return Badge("ror-bad", "x-circle", f"Fermé définitivement depuis le{NBSP}{_day(fiche.date_fermeture)}")
    if fiche.is_closed(today):
        words = f"jusqu’au{NBSP}{_day(fiche.date_reouverture)}" if fiche.date_reouverture else ""
        words = words or f"depuis le{NBSP}{_day(fiche.date_fermeture)}"
        return Badge("ror-warn", "x-circle", f"Fermé provisoirement {words}")
    if fiche.date_fermeture and fiche.date_fermeture > today:
        return Badge("ror-info", "clock", f"Ouvert, ferme le{NBSP}{_day(fiche.date_fermeture)}")
    return Badge("ror-ok", "clock", "Ouvert")


def freshness_badge(fiche: Fiche) -> Badge:
    """« À actualiser » when nobody changed nor verified the fiche for `STALE_AFTER_DAYS` days (RE1.2)."""
    last = max(fiche.updated_at, fiche.verified_at or fiche.updated_at)
    if clock.now() - last > dt.timedelta(days=settings.STALE_AFTER_DAYS):
        return Badge("ror-warn", "warning", "À actualiser")
    return Badge("ror-ok", "check", "À jour")


def short_state_badge(fiche: Fermeture, today: dt.date) -> Badge:
    """The same in a word or two, for a cell of a list."""
    if fiche.is_closed_for_good(today):
        return Badge("ror-bad", "x-circle", "Fermé")
    if fiche.is_closed(today):
        return Badge("ror-warn", "x-circle", "Fermé provisoirement")
    return Badge("ror-ok", "clock", "Ouvert")


def eg_badge(eg: Fermeture, n_uo: int, today: dt.date) -> Badge:
    """State of an establishment in a list: closed, described, or pre-referenced only."""
    if eg.is_closed(today):
        return short_state_badge(eg, today)
    return Badge("ror-ok", "check-circle", "Décrit") if n_uo else TO_DESCRIBE


TO_DESCRIBE = Badge("", "dashed", "À décrire")
SENSITIVE = Badge("ror-bad", "eye-off", "Unité sensible")


def _day(day: dt.date) -> str:
    return date_format(day, "d/m/Y")


# --- Who and when ---------------------------------------------------------------------------------------------------


def last_change(kind: Kind, fiche: Fiche) -> str:
    """« par Camille Durand », « par import » : who published the present version; empty when nobody is known."""
    versions = FicheVersion.objects.filter(kind=kind, object_id=fiche.pk, number=fiche.version)
    version = versions.select_related("author").defer("content").first()
    if version is None:
        return ""
    return "par import" if version.origin.startswith("import:") else f"par {version.author}"


# --- Places ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Place:
    """An address to show, with the external page that gives the way there when the position is known."""

    name: str
    lines: list[str]
    access: str
    directions: str


def place(lieu: Lieu) -> Place:
    """A lieu as the « Accès » panel shows it."""
    known = lieu.latitude is not None and lieu.longitude is not None
    to = f"https://www.openstreetmap.org/directions?to={lieu.latitude:.6f},{lieu.longitude:.6f}" if known else ""
    return Place(lieu.nom, address_lines(lieu), lieu.description, to)


def address_lines(address: Adresse) -> list[str]:
    """The postal lines; nothing invented when FINESS gave none."""
    return address.postal_lines


def main_lieu(lieux: list[Lieu]) -> Lieu | None:
    """The main entrance, else the first place."""
    return next((lieu for lieu in lieux if lieu.est_principal), lieux[0] if lieux else None)
