"""What to extract, and how."""

from django import forms
from django.db.models import QuerySet

from nomenclature.models import Departement
from restitutions import questions
from restitutions.models import Format, Perimetre


class DepartementField(forms.ModelChoiceField):
    def label_from_instance(self, obj: Departement) -> str:
        return f"{obj.code} · {obj.nom}"


class ExtractionForm(forms.Form):
    """`recherche`: parameters of the results page; without them the choice of the search is not offered."""

    perimetre = forms.ChoiceField(
        label="Que contient le fichier\u00a0?",
        widget=forms.RadioSelect,
        error_messages={"required": "Choisissez ce que le fichier contient."},
    )
    departement = DepartementField(
        label="Département",
        queryset=Departement.objects.none(),
        required=False,
        empty_label="Choisir un département",
        error_messages={"invalid_choice": "Ce département n’est pas dans la liste."},
    )
    format = forms.ChoiceField(
        label="Format",
        choices=Format.choices,
        widget=forms.RadioSelect,
        initial=Format.XLSX,
        error_messages={"required": "Choisissez un format."},
    )
    recherche = forms.CharField(required=False, max_length=2000, widget=forms.HiddenInput)

    def __init__(self, data=None, *, query: str, departements: QuerySet) -> None:
        """`query`: canonical parameters of a search, or nothing."""
        super().__init__(data, initial={"recherche": query, "perimetre": _first(query)}, auto_id="extraction-%s")
        self.query = query
        search = questions.read(query) if query else None
        self.search_words = questions.in_words(search) if search and search.is_answerable else ""
        choices = [choice for choice in Perimetre if choice != Perimetre.RECHERCHE or self.search_words]
        labels = {Perimetre.RECHERCHE: f"La recherche\u00a0: {self.search_words}"}
        self.fields["perimetre"].choices = [
            (choice, labels.get(choice, choice.label)) for choice in sorted(choices, key=lambda c: c != _first(query))
        ]
        self.fields["departement"].queryset = departements

    def clean(self) -> dict:
        found = self.cleaned_data
        is_missing = not found.get("departement") and not self.has_error("departement")
        if found.get("perimetre") == Perimetre.DEPARTEMENT and is_missing:
            self.add_error("departement", "Choisissez le département à extraire.")
        return found


def _first(query: str) -> Perimetre:
    return Perimetre.RECHERCHE if query else Perimetre.TOUT
