"""What support types on a dossier: a reason of return, a remark, a reason to undo."""

from django import forms

from dossiers.models import Remarque

RENVOIS = {  # canned reasons; the words are sent
    "contacts": "Les coordonnées sont à vérifier ou à compléter.",
    "horaires": "Les horaires sont incomplets ou se contredisent.",
    "activites": "Les activités ou les actes sont à préciser.",
    "public": "Le public accueilli (âges, situations) est à préciser.",
    "texte": "Un texte est trop général pour orienter une personne.",
    "niveaux": "Des niveaux de confidentialité sont à revoir.",
    "unites": "Une unité manque, ou doit être décrite à part.",
}
COMMENT_MAX = 3000


class _Text(forms.Textarea):
    def __init__(self, rows: int = 4):
        super().__init__(attrs={"rows": rows})


class ReturnForm(forms.Form):
    """« Renvoyer pour correction »: canned reasons, words of one's own, or refused lines alone."""

    motifs = forms.MultipleChoiceField(
        label="Motifs habituels",
        choices=list(RENVOIS.items()),
        widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"}),
        required=False,
    )
    comment = forms.CharField(label="Message aux référents", widget=_Text(), max_length=COMMENT_MAX, required=False)

    def text(self) -> str:
        """What is sent: the canned sentences, then what was typed."""
        if not self.is_valid():
            return ""
        chosen = [RENVOIS[key] for key in self.cleaned_data["motifs"]]
        return "\n".join([*chosen, *([self.cleaned_data["comment"]] if self.cleaned_data["comment"] else [])])


class CommentForm(forms.Form):
    """« Valider »: words that go with the message, if any."""

    comment = forms.CharField(label="Mot aux référents", widget=_Text(3), max_length=COMMENT_MAX, required=False)

    def text(self) -> str:
        return self.cleaned_data["comment"] if self.is_valid() else ""


class ReasonForm(CommentForm):
    """Undoing asks why."""

    comment = forms.CharField(
        label="Motif, envoyé aux référents",
        widget=_Text(3),
        max_length=COMMENT_MAX,
        error_messages={"required": "Dites pourquoi."},
    )


class RemarkForm(forms.Form):
    text = forms.CharField(
        label="Votre remarque",
        widget=_Text(3),
        max_length=Remarque._meta.get_field("text").max_length,
        error_messages={"required": "Écrivez quelque chose."},
    )
    fiche = forms.IntegerField(required=False, widget=forms.HiddenInput)
