"""The two sheets on paper, « pour la personne » and « pour un professionnel »: what each may carry.

A person gets level 1 and plain words. Anything more is ticked by the professional, box by box, and the sheet says so.
A sensitive unit is on neither sheet without its box, whoever prints.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from directory.display import uo as uo_display
from directory.display.common import Badge, Field, Fields, Place, filled, main_lieu, place, state_badge
from directory.display.contacts import ContactLine, TelecomLine, visible_contacts
from directory.models import Kind, Niveau, UniteOperationnelle
from restitutions.selection import hours
from restitutions.selection.contents import Line
from restitutions.selection.loading import Found

PERSONNE, COLLEGUE = "personne", "collegue"
NUMBERS = ("", "Un", "Deux", "Trois", "Quatre", "Cinq", "Six", "Sept", "Huit", "Neuf", "Dix")
UNITS_SHOWN = 12


@dataclass(frozen=True)
class Options:
    """What the professional ticked. `contacts`: numbers kept for professionals, on the sheet of a person; `niveau3`:
    those kept for régulation, on the sheet of a colleague; `sensibles`: sensitive units; `notes`: his own notes."""

    pour: str = PERSONNE
    contacts: bool = False
    niveau3: bool = False
    sensibles: bool = False
    notes: bool = False

    @property
    def is_for_a_person(self) -> bool:
        return self.pour == PERSONNE


@dataclass(frozen=True)
class Entry:
    """One place on the sheet. `number` is its rank; `offer`, what is done there; `also`, the units of an
    establishment; `n_more`, those not named."""

    number: int
    name: str
    above: str
    kind: str
    state: Badge | None
    places: list[Place]
    accessibility: str
    contacts: list[ContactLine]
    hours: hours.HoursWords | None
    patientele: str
    fields: list[Field]
    also: list[str]
    n_more: int
    note: str
    is_sensitive: bool

    @property
    def phones(self) -> list[tuple[TelecomLine, ContactLine]]:
        return [(one, contact) for contact in self.contacts for one in contact.telecoms if one.kind == "phone"]

    @property
    def others(self) -> list[tuple[TelecomLine, ContactLine]]:
        return [(one, contact) for contact in self.contacts for one in contact.telecoms if one.kind != "phone"]


@dataclass(frozen=True)
class Sheet:
    """A sheet. `n_missing`: lines that are no longer there; `n_hidden`: sensitive units left out. Both are said on the
    screen, never on the paper. `level`: the highest level of a number on it."""

    title: str
    entries: list[Entry] = field(default_factory=list)
    n_missing: int = 0
    n_hidden: int = 0

    @property
    def level(self) -> int:
        levels = [one.niveau for entry in self.entries for contact in entry.contacts for one in contact.telecoms]
        return max(levels, default=int(Niveau.PUBLIC))

    @property
    def has_sensitive(self) -> bool:
        return any(entry.is_sensitive for entry in self.entries)


def sheet(lines: Iterable[Line], found: Mapping, options: Options, *, now: dt.datetime) -> Sheet:
    """The sheet of these lines, in their order. `found`: what `loading.load` gave for its reader."""
    lines = list(lines)
    there = [(line, found[line.ref]) for line in lines if line.ref in found]
    shown = [(line, one) for line, one in there if options.sensibles or not one.is_sensitive]
    entries = [_entry(number, line, one, options, now) for number, (line, one) in enumerate(shown, start=1)]
    return Sheet(
        title=_title(len(entries), options),
        entries=entries,
        n_missing=len(lines) - len(there),
        n_hidden=len(there) - len(shown),
    )


def _title(n: int, options: Options) -> str:
    if not options.is_for_a_person:
        return "Structures proposées"
    number = NUMBERS[n] if 0 < n < len(NUMBERS) else str(n)
    return f"{number} lieu{'x' if n > 1 else ''} où l’on peut vous accompagner"


def _entry(number: int, line: Line, found: Found, options: Options, now: dt.datetime) -> Entry:
    is_uo, level, today = found.kind == Kind.UO, _level(found, options), now.date()
    state = state_badge(found.fiche, today)
    return Entry(
        number=number,
        name=found.fiche.nom if is_uo else found.eg.display_name,
        above=found.eg.display_name if is_uo else "",
        kind=kind_label(found),
        state=state if found.fiche.date_fermeture else None,
        places=places(found),
        accessibility=found.eg.accessibilite.label if found.eg.accessibilite else "",
        contacts=contacts(found, level),
        hours=hours.of(found, now),
        patientele=uo_display.patientele(found.fiche) if is_uo else "",
        fields=_fields(found, options),
        also=[unit.nom for unit in found.units[:UNITS_SHOWN]],
        n_more=max(0, len(found.units) - UNITS_SHOWN),
        note=line.note if options.notes else "",
        is_sensitive=found.is_sensitive,
    )


def _level(found: Found, options: Options) -> int:
    """The highest level printed, never above the reader's. Numbers of a sensitive unit are all of level 3: they come
    with the box of the reserved numbers, once the unit itself has been ticked."""
    if options.is_for_a_person:
        wanted = Niveau.PUBLIC
        if options.contacts:
            wanted = Niveau.REGULATION if found.is_sensitive else Niveau.PROFESSIONNELS
    else:
        wanted = Niveau.REGULATION if options.niveau3 else Niveau.PROFESSIONNELS
    return min(wanted, found.level)


def kind_label(found: Found) -> str:
    """The type of a unit, the category of an establishment."""
    if found.kind == Kind.UO:
        return found.fiche.type_uo.label if found.fiche.type_uo else "Unité opérationnelle"
    return found.eg.categorie.label


def contacts(found: Found, level: int) -> list[ContactLine]:
    """Of the fiche. Without a number to show: those of the establishment above a unit, of the only unit of an
    establishment."""
    own = _with_telecoms(visible_contacts(found.document, level=level, concepts=found.concepts))
    other = found.single if found.kind == Kind.EG else found.eg_document
    if other is None or any(one.kind == "phone" for contact in own for one in contact.telecoms):
        return own
    return own + _with_telecoms(visible_contacts(other, level=level, concepts=found.concepts))


def _with_telecoms(lines: list[ContactLine]) -> list[ContactLine]:
    return [contact for contact in lines if contact.telecoms]


def places(found: Found) -> list[Place]:
    """Where to go: the places of a unit, the main entrance of an establishment. Its other places may be those of a
    unit this reader, or the person, must not know."""
    entrance = main_lieu(found.lieux)
    lieux = []
    if found.kind == Kind.UO:
        wanted = {line["lieu_uid"] for line in found.document["lieux_offre"]}
        lieux = [lieu for lieu in found.lieux if lieu.uid in wanted]
    return [place(lieu) for lieu in lieux or ([entrance] if entrance else [])]


def _fields(found: Found, options: Options) -> list[Field]:
    """What else is said. A colleague reads for whom, on which conditions and how to refer; a person, how to come."""
    if found.kind == Kind.EG:
        return []
    fields = Fields(UniteOperationnelle, found.document, found.concepts)
    if options.is_for_a_person:
        return filled([fields("conditions_accueil", "Pour venir")])
    names = ("publics", "mode_prise_en_charge", "modalites_accueil", "conditions_admission", "conditions_accueil")
    return filled([*(fields(name) for name in names), fields("adresse_mss")])
