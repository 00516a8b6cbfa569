"""What support types about people: an invitation with its right, the reason of a refusal, an access request."""

import re

from django import forms
from django.urls import reverse

from directory import naming
from directory.habilitations import Right, may_grant, may_manage, problems
from directory.invitations import Person
from directory.models import EntiteGeographique, EntiteJuridique, Role
from directory.permissions import Reader
from nomenclature.models import Departement
from ror import clock

TEXT_MAX, SUGGESTED = 120, 5
_DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class InvitationForm(forms.Form):
    """A person and a right. The structure is named by its number or by words of its name: no list of 100,000 to open.

    `structure_cle`: the number of the suggestion that was chosen (`views.people.suggestions`).
    """

    email = forms.EmailField(label="Adresse électronique professionnelle", max_length=254)
    first_name = forms.CharField(label="Prénom", max_length=150)
    last_name = forms.CharField(label="Nom", max_length=150)
    fonction = forms.CharField(label="Fonction", max_length=150)
    role = forms.ChoiceField(label="Rôle", choices=Role.choices, initial=Role.REFERENT)
    structure = forms.CharField(
        label="Structure",
        required=False,
        max_length=TEXT_MAX,
        help_text="Nom, ou numéro FINESS, de l’établissement ou de l’entité juridique.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    structure_cle = forms.CharField(required=False, max_length=30, widget=forms.HiddenInput)
    departement = forms.ModelChoiceField(
        label="Département", queryset=Departement.objects.order_by("code"), required=False, empty_label="Aucun"
    )
    valid_from = forms.DateField(label="Du", widget=_DATE)
    valid_to = forms.DateField(
        label="Au", widget=_DATE, required=False, help_text="Dernier jour compris ; vide : sans fin prévue."
    )

    def __init__(self, *args, by, **kwargs) -> None:
        self.by = by
        super().__init__(*args, **kwargs)
        self.fields["valid_from"].initial = clock.today()
        self.fields["structure"].widget.attrs |= {
            "data-combobox": reverse("admin:directory_habilitation_suggestions"),
            "data-list": "structures-proposees",
            "data-hidden": self["structure_cle"].id_for_label,
        }
        self.fields["role"].choices = [(value, label) for value, label in Role.choices if may_grant(by, value)]

    def clean_structure(self) -> EntiteGeographique | EntiteJuridique | None:
        """The suggestion that was chosen, else the structure of that number, else the only one of that name."""
        typed = self.cleaned_data["structure"].strip()
        if not typed:
            return None
        chosen = self.data.get(self.add_prefix("structure_cle"), "").replace("\x00", "")
        for cle in (chosen, re.sub(r"\s", "", typed)):
            if cle and (found := naming.by_number(cle)):
                return found
        named = naming.by_name(typed, Reader.of(self.by), limit=SUGGESTED)
        if len(named) == 1:
            return named[0].structure
        if not named:
            raise forms.ValidationError("Aucune structure de ce nom ou de ce numéro\u00a0: vérifiez-le sur sa fiche.")
        first = "\u00a0; ".join(one.label for one in named)
        raise forms.ValidationError(
            f"Plusieurs structures portent ce nom, dites laquelle par son numéro\u00a0: {first}."
        )

    def clean(self) -> dict:
        cleaned = super().clean()
        if self.errors:
            return cleaned
        structure = cleaned["structure"]
        self.right = Right(
            role=cleaned["role"],
            ej=structure if isinstance(structure, EntiteJuridique) else None,
            eg=structure if isinstance(structure, EntiteGeographique) else None,
            departement=cleaned["departement"],
            valid_from=cleaned["valid_from"],
            valid_to=cleaned["valid_to"],
        )
        for name, message in problems(self.right).items():
            self.add_error("structure" if name in ("ej", "eg") else name, message)
        if not self.errors and not may_manage(Reader.of(self.by), self.right):
            self.add_error("structure", "Nommez un établissement de votre territoire.")
        return cleaned

    @property
    def person(self) -> Person:
        return Person(**{name: self.cleaned_data[name] for name in ("email", "first_name", "last_name", "fonction")})


class RefusalForm(forms.Form):
    """Why not: the person reads it."""

    reason = forms.CharField(
        label="Motif du refus",
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=1000,
        help_text="La personne le lira dans le message qu’elle reçoit.",
        error_messages={"required": "Dites pourquoi : la personne le lira."},
    )


class AccessRequestForm(forms.Form):
    """« Demander l’accès », from a fiche."""

    fonction = forms.CharField(label="Votre fonction dans cet établissement", max_length=150)
    motif = forms.CharField(
        label="Pourquoi demandez-vous cet accès ?",
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=1000,
        help_text="Par exemple : qui vous a désigné, et ce que vous devez tenir à jour.",
    )
