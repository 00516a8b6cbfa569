"""What the pages of the selection read from a request."""

from collections.abc import Iterable, Mapping

from django import forms

from restitutions.selection.contents import MAX_NOTE, Line, Ref
from restitutions.selection.sheets import COLLEGUE, PERSONNE, Options

TOO_LONG = "Cette note fait {n} caractères\u00a0: {most} au plus."
CHOICES = ((PERSONNE, "Pour la personne"), (COLLEGUE, "Pour un professionnel"))


class PrintForm(forms.Form):
    """The boxes above the sheet. An unreadable audience is « la personne »: the one that shows least."""

    pour = forms.ChoiceField(choices=CHOICES, required=False)
    contacts = forms.BooleanField(label="Ajouter les coordonnées réservées aux professionnels", required=False)
    niveau3 = forms.BooleanField(label="Ajouter les numéros réservés à la régulation", required=False)
    sensibles = forms.BooleanField(label="Imprimer aussi les unités sensibles", required=False)
    notes = forms.BooleanField(label="Imprimer mes notes", required=False)

    def options(self) -> Options:
        self.full_clean()
        said = self.cleaned_data
        boxes = {name: said[name] for name in ("contacts", "niveau3", "sensibles", "notes")}
        return Options(pour=said.get("pour") or PERSONNE, **boxes)


class NotesForm:
    """One text per line, named after its fiche (`note-uo/11-123`). `errors` and `values` by fiche."""

    def __init__(self, lines: Iterable[Line], data: Mapping[str, str]):
        self.values: dict[Ref, str] = {}
        self.errors: dict[Ref, str] = {}
        for line in lines:
            typed = data.get(note_name(line.ref))
            if typed is None:
                continue
            text = typed.replace("\r\n", "\n").replace("\r", "\n").strip()
            self.values[line.ref] = text
            if len(text) > MAX_NOTE:
                self.errors[line.ref] = TOO_LONG.format(n=len(text), most=MAX_NOTE)

    @property
    def good(self) -> dict[Ref, str]:
        """Those that may be kept."""
        return {ref: text for ref, text in self.values.items() if ref not in self.errors}


def note_name(ref: Ref) -> str:
    return f"note-{ref.kind}/{ref.cle}"
