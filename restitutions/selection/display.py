"""What the pages of the selection say: rows, words of an addition."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from directory.display.common import SENSITIVE, Badge, Place, state_badge
from directory.display.contacts import TelecomLine
from restitutions.selection import hours, sheets
from restitutions.selection.contents import MAX_LINES, Line, Outcome, Ref
from restitutions.selection.forms import NotesForm, note_name
from restitutions.selection.loading import Found


@dataclass(frozen=True)
class Row:
    """One line. Without `fiche`: no longer available, and nothing else is said. `value` names it in a form."""

    ref: Ref
    number: int
    note: str
    note_name: str
    error: str
    name: str = ""
    above: str = ""
    kind: str = ""
    address: str = ""
    badges: tuple[Badge, ...] = ()
    phone: TelecomLine | None = None
    place: Place | None = None
    is_available: bool = False
    is_sensitive: bool = False

    @property
    def value(self) -> str:
        return f"{self.ref.kind}/{self.ref.cle}"

    @property
    def note_id(self) -> str:
        return f"note-{self.ref.kind}-{self.ref.cle}"


def rows(
    lines: Iterable[Line], found: Mapping[Ref, Found], now: dt.datetime, notes: NotesForm | None = None
) -> list[Row]:
    """In the order of the lines; what was typed and refused stands in place of the note."""
    return [_row(number, line, found.get(line.ref), now, notes) for number, line in enumerate(lines, start=1)]


def _row(number: int, line: Line, found: Found | None, now: dt.datetime, notes: NotesForm | None) -> Row:
    typed = {
        "ref": line.ref,
        "number": number,
        "note": notes.values.get(line.ref, line.note) if notes else line.note,
        "note_name": note_name(line.ref),
        "error": notes.errors.get(line.ref, "") if notes else "",
    }
    if found is None:
        return Row(**typed)
    is_uo = found.kind == "uo"
    phones = [
        one for contact in sheets.contacts(found, found.level) for one in contact.telecoms if one.kind == "phone"
    ]
    return Row(
        **typed,
        name=found.fiche.nom if is_uo else found.eg.display_name,
        above=found.eg.display_name if is_uo else "",
        kind=sheets.kind_label(found),
        address=line.ref.address,
        badges=_badges(found, now),
        phone=phones[0] if phones else None,
        place=next(iter(sheets.places(found)), None),
        is_available=True,
        is_sensitive=found.is_sensitive,
    )


def _badges(found: Found, now: dt.datetime) -> tuple[Badge, ...]:
    """Open now or when, else the state; and that a unit is sensitive."""
    state, words = state_badge(found.fiche, now.date()), hours.of(found, now)
    if not found.fiche.is_closed(now.date()) and words and words.now:
        state = words.now
    return (state, SENSITIVE) if found.is_sensitive else (state,)


def told(outcome: Outcome) -> str:
    """What an addition did, in a sentence or two."""
    said = []
    if outcome.added:
        said.append("Ajouté à votre sélection." if outcome.added == 1 else f"{outcome.added} lignes ajoutées.")
    if outcome.already and not outcome.added:
        said.append("C’est déjà dans votre sélection.")
    if outcome.refused:
        said.append(
            f"Votre sélection est pleine, {MAX_LINES} lignes au plus\u00a0: {_lines(outcome.refused)} de côté."
        )
    if outcome.unknown:
        said.append("Une fiche n’a pas été trouvée." if outcome.unknown == 1 else "Des fiches n’ont pas été trouvées.")
    return " ".join(said) or "Rien n’était coché\u00a0: cochez des lignes, puis ajoutez-les."


def _lines(n: int) -> str:
    return "1 ligne est laissée" if n == 1 else f"{n} lignes sont laissées"
