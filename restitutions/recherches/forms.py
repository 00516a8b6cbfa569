"""The name and the alert of a saved search."""

from django import forms

from restitutions.models import Alerte

NAME_HELP = "N’y mettez aucun nom de personne\u00a0: il est repris dans le courriel d’alerte."


class RechercheForm(forms.Form):
    name = forms.CharField(
        label="Nom de la recherche",
        max_length=80,
        help_text=NAME_HELP,
        error_messages={
            "required": "Donnez un nom à cette recherche, pour la retrouver.",
            "max_length": "Un nom plus court, s’il vous plaît\u00a0: 80 caractères au plus.",
        },
    )
    alerte = forms.ChoiceField(
        label="Me prévenir par courriel quand une nouvelle réponse apparaît",
        choices=Alerte.choices,
        widget=forms.RadioSelect,
        initial=Alerte.AUCUNE,
        error_messages={"required": "Choisissez une fréquence, ou «\u00a0Aucune\u00a0»."},
    )

    def __init__(self, data=None, **kwargs) -> None:
        super().__init__(data, auto_id="recherche-%s", **kwargs)
