"""What people type around the fiches of a dossier: a date d’effet, a new unit, a closing, a remark."""

from typing import Any

from django import forms
from django.utils.text import capfirst

from directory import modeles
from directory.models import EntiteGeographique, Kind
from directory.models.common import TEMPORARY_CLOSINGS
from dossiers.models import DraftFiche, Remarque
from nomenclature import choices
from ror import clock

TYPES_UO, CLOSINGS = "ror-type-uo", "JDV_J201"
DATE = {"required": False, "error_messages": {"invalid": "Écrivez une date : jour, mois, année."}}


def date_field(label: str, help_text: str = "", **attrs: Any) -> forms.DateField:
    """A day, with the calendar of the browser."""
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"} | attrs)
    return forms.DateField(label=label, help_text=help_text, widget=widget, **DATE)


class VersionForm(forms.Form):
    """The version of the dossier, or of the fiche, that the page showed."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2_000_000_000)


class SubmitForm(VersionForm):
    """« Envoyer en validation »."""

    date_effet = date_field("Date d’effet", "Vide : publication dès la validation. Sinon, ce jour-là à 0\u00a0h.")

    confirme = forms.BooleanField(required=False, widget=forms.HiddenInput)  # sent again as it was, knowingly

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["date_effet"].widget.attrs["min"] = clock.today().isoformat()


class AddUoForm(forms.Form):
    """Name and type of a new UO of `eg`: types proposed for its category come first. `apres`: the last position the
    page showed, so that the same request sent twice adds one unit."""

    nom = forms.CharField(
        label="Nom de l’UO",
        max_length=255,
        help_text="Tel que les professionnels l’appellent : « CSAPA – Accueil de jour ».",
        error_messages={"required": "Donnez un nom à cette unité."},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    type_uo = forms.ChoiceField(
        label="Type d’UO",
        help_text="Il fixe le champ d’activité et le mode de prise en charge.",
        error_messages={"required": "Choisissez un type d’UO.", "invalid_choice": "Choisissez dans la liste."},
    )
    apres = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=30_000, required=False)

    def __init__(self, *args: Any, eg: EntiteGeographique, **kwargs: Any):
        super().__init__(*args, **kwargs)
        every = list(choices.of(TYPES_UO))
        first = [one for one in every if eg.categorie.key in choices.fixed_by(one.key).categories]
        others = [one for one in every if one not in first]
        groups = [("Proposés pour cet établissement", first), ("Autres types d’UO", others)]
        found = [(title, [(one.key, one.display) for one in options]) for title, options in groups if options]
        self.fields["type_uo"].choices = [("", "Choisir…"), *found]


class CloseUoForm(VersionForm):
    """Closing of a published UO; an empty type takes a closing back."""

    type_fermeture = forms.ChoiceField(
        label="Type de fermeture", required=False, error_messages={"invalid_choice": "Choisissez dans la liste."}
    )
    date_fermeture = date_field("Fermée à partir du")
    date_reouverture = date_field("Réouverture prévue le", "Pour une fermeture provisoire seulement.")

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        known = [(one.code, one.label) for one in choices.of(CLOSINGS)]
        self.fields["type_fermeture"].choices = [("", "Aucune : l’unité est ouverte"), *known]

    def clean(self) -> dict[str, Any]:
        """RG_EXP_043, RG_EXP_045: the type goes with a date; only a temporary closing says when it reopens."""
        data = super().clean()
        kind, closes, reopens = (data.get(name) for name in ("type_fermeture", "date_fermeture", "date_reouverture"))
        if kind and not closes and "date_fermeture" not in self.errors:
            self.add_error("date_fermeture", "Indiquez le premier jour de la fermeture.")
        if not kind and (closes or reopens) and "type_fermeture" not in self.errors:
            self.add_error("type_fermeture", "Choisissez un type de fermeture, ou effacez les dates.")
        if kind and reopens and kind not in TEMPORARY_CLOSINGS:
            self.add_error("date_reouverture", "Seule une fermeture provisoire a une date de réouverture.")
        if closes and reopens and reopens < closes:
            self.add_error("date_reouverture", "La réouverture ne peut pas précéder la fermeture.")
        return data


class RemarkForm(forms.Form):
    """One remark, on the dossier, or on a `fiche` of it and maybe on a field (`address`)."""

    text = forms.CharField(
        label="Ajouter une remarque",
        max_length=Remarque._meta.get_field("text").max_length,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Écrivez quelque chose."},
    )
    fiche = forms.IntegerField(required=False, widget=forms.HiddenInput, min_value=1, max_value=2**63 - 1)
    address = forms.ChoiceField(
        label="À propos de",
        required=False,
        error_messages={"invalid_choice": "Ce champ n’est pas dans la fiche."},
    )

    def __init__(self, *args: Any, draft: DraftFiche | None = None, **kwargs: Any):
        """`draft`: the fiche one is on; without it, the remark is on the whole dossier."""
        initial = {"fiche": draft.pk} if draft else {}
        super().__init__(*args, **kwargs | {"initial": initial, "auto_id": "remarque_%s"})
        if draft is None:
            del self.fields["address"]
            return
        kind = Kind(draft.kind)
        labels, champs = modeles.field_labels(kind), modeles.modele_for(kind, draft.content).champs
        fields = [(champ.name, capfirst(labels[champ.name])) for champ in champs]
        self.fields["address"].choices = [("", "Toute la fiche"), *fields]
