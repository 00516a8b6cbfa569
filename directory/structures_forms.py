"""What support types to create an EJ or an EG, to close a fiche, to move a unit."""

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.html import format_html

from directory import identifiers
from directory.closing import OPEN, Triple
from directory.documents import Document
from directory.models import EntiteGeographique, EntiteJuridique, UniteOperationnelle
from directory.models.common import TEMPORARY_CLOSINGS, Adresse, Fermeture, Fiche
from nomenclature.models import Commune, Concept
from nomenclature.text import normalise
from ror import clock

NBSP = "\u00a0"
ADDRESS = ("complement_point_geographique", "numero_voie", "libelle_voie", "code_postal", "localite")
REOPEN = "rouvrir"
FIRST_CLOSINGS = ("DEF", "PRO", "PRE")  # the ones people use; the others come from FINESS


def day_field(label: str, **more: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"invalid": "Une date, par exemple 31/12/2026."},
        **more,
    )


def concept_choices(value_set: str) -> list[tuple[str, str]]:
    """(key, label) of the values people may choose, by label; one query."""
    found = Concept.objects.in_value_set(value_set).select_related("system")
    return [("", "Choisir…"), *sorted(((one.key, one.label) for one in found), key=lambda pair: normalise(pair[1]))]


def address_field(name: str, **more: Any) -> forms.CharField:
    """The field of an address, with the words and the length of the model."""
    declared = Adresse._meta.get_field(name)
    label = declared.verbose_name[:1].upper() + declared.verbose_name[1:]
    return forms.CharField(**{"label": label, "required": False, "max_length": declared.max_length} | more)


class NewStructure(forms.Form):
    """Common to EJ and EG: numbers without their spaces, an address, no fiche twice."""

    complement_point_geographique = address_field("complement_point_geographique")
    numero_voie = address_field("numero_voie", label="Numéro (avec bis, ter)")
    libelle_voie = address_field("libelle_voie", required=True)
    code_postal = address_field("code_postal", required=True)
    localite = address_field("localite", required=True, label="Commune")

    def address(self) -> Document:
        """The part of the document that says where."""
        return {name: self.cleaned_data[name] for name in ADDRESS}

    def _number(self, name: str, validate) -> str | None:
        value = "".join(self.cleaned_data[name].split()).upper()
        if value:
            validate(value)
        return value or None

    def _refuse(self, name: str, existing: Fiche | None) -> None:
        """The same structure twice is refused, with the way to the one that is there."""
        if existing is None:
            return
        title = existing.display_name
        words = format_html(
            'Cette structure existe déjà\u00a0: <a href="{}">{}</a>. Complétez-la plutôt que de la créer.',
            existing.get_absolute_url(),
            title,
        )
        self.add_error(name, words)


class NewEJ(NewStructure):
    finess = forms.CharField(label="FINESS juridique", required=False, max_length=20)
    siren = forms.CharField(label="SIREN", required=False, max_length=20)
    raison_sociale = forms.CharField(label="Raison sociale", max_length=255)
    statut_juridique = forms.ChoiceField(label="Statut juridique")

    field_order = ("finess", "siren", "raison_sociale", "statut_juridique", *ADDRESS)

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["statut_juridique"].choices = concept_choices("JDV_J199")

    def clean_finess(self) -> str | None:
        return self._number("finess", identifiers.validate_finess)

    def clean_siren(self) -> str | None:
        return self._number("siren", identifiers.validate_siren)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        finess, siren = cleaned.get("finess"), cleaned.get("siren")
        if not finess and not siren and not {"finess", "siren"} & self.errors.keys():
            self.add_error("finess", "Donnez un numéro FINESS juridique ou un SIREN.")
        for name, value in (("finess", finess), ("siren", siren)):
            if value:
                self._refuse(name, EntiteJuridique.objects.filter(**{name: value}).first())
        return cleaned

    def document(self) -> Document:
        names = ("finess", "siren", "raison_sociale", "statut_juridique")
        return {name: self.cleaned_data[name] for name in names} | self.address()


class NewEG(NewStructure):
    finess = forms.CharField(label="FINESS géographique", required=False, max_length=20)
    siret = forms.CharField(label="SIRET", required=False, max_length=20)
    denomination = forms.CharField(label="Dénomination", max_length=255)
    nom_operationnel = forms.CharField(
        label="Nom opérationnel", required=False, max_length=255, help_text="Le nom de tous les jours, s’il diffère."
    )
    categorie = forms.ChoiceField(label="Catégorie")
    date_ouverture = day_field("Date d’ouverture")

    field_order = ("finess", "siret", "denomination", "nom_operationnel", "categorie", "date_ouverture", *ADDRESS)

    def __init__(self, *args: Any, ej: EntiteJuridique, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.ej, self.commune = ej, None
        self.fields["categorie"].choices = concept_choices("JDV_J55")

    def clean_finess(self) -> str | None:
        return self._number("finess", identifiers.validate_finess)

    def clean_siret(self) -> str | None:
        siret = self._number("siret", identifiers.validate_siret)
        if siret and self.ej.siren and not siret.startswith(self.ej.siren):
            raise ValidationError(f"Ce SIRET n’est pas de cette entité juridique, dont le SIREN est {self.ej.siren}.")
        return siret

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        finess, siret = cleaned.get("finess"), cleaned.get("siret")
        if not finess and not siret and not {"finess", "siret"} & self.errors.keys():
            self.add_error("finess", "Donnez un numéro FINESS géographique ou un SIRET.")
        if finess:
            self._refuse("finess", EntiteGeographique.objects.filter(finess=finess).first())
        elif siret:  # with a FINESS, several establishments of one address may share their SIRET
            self._refuse("siret", EntiteGeographique.objects.filter(siret=siret).first())
        if cleaned.get("code_postal") and cleaned.get("localite"):
            self._find_commune(cleaned["code_postal"].strip(), cleaned["localite"])
        return cleaned

    def _find_commune(self, code_postal: str, localite: str) -> None:
        """The commune of the postal code, by its name when there are several."""
        found = list(Commune.objects.filter(codes_postaux__contains=[code_postal], arrondissements=None))
        wanted = normalise(localite)
        named = [one for one in found if wanted in (normalise(one.nom), normalise(one.nom_ror))]
        if len(named or found) == 1:
            self.commune = (named or found)[0]
        elif not found:
            self.add_error("code_postal", "Aucune commune n’a ce code postal.")
        else:
            names = ", ".join(sorted(one.nom for one in found))
            self.add_error("localite", f"Plusieurs communes ont ce code postal{NBSP}: {names}. Écrivez l’une d’elles.")

    def document(self) -> Document:
        names = ("finess", "siret", "denomination", "nom_operationnel", "categorie")
        opened = self.cleaned_data["date_ouverture"]
        return {name: self.cleaned_data[name] for name in names} | {"date_ouverture": opened and opened.isoformat()}


class ClosingForm(forms.Form):
    """A closing triple (RG_EXP_043 to 045), or a reopening when the fiche has a closing."""

    type_fermeture = forms.ChoiceField(label="Type de fermeture")
    date_fermeture = day_field("Date de fermeture", help_text="Le premier jour où la structure est fermée.")
    date_reouverture = day_field("Date de réouverture", help_text="Pour une fermeture provisoire, si elle est connue.")

    def __init__(self, *args: Any, fiche: Fermeture, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.opened_on: dt.date | None = getattr(fiche, "date_ouverture", None)
        found = Concept.objects.in_value_set("JDV_J201").values_list("code", "label")
        rank = {code: index for index, code in enumerate(FIRST_CLOSINGS)}
        choices = sorted(found, key=lambda pair: (rank.get(pair[0], len(rank)), pair[1]))
        if fiche.date_fermeture:
            choices.append((REOPEN, "Aucune\u00a0: rouvrir"))
        self.fields["type_fermeture"].choices = [("", "Choisir…"), *choices]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        type_, closed_on, reopens_on = (cleaned.get(name) for name in self.fields)
        if type_ == REOPEN or not type_:
            return cleaned
        if not closed_on and "date_fermeture" not in self.errors:
            self.add_error("date_fermeture", "Donnez la date de fermeture.")
        if closed_on and self.opened_on and closed_on <= self.opened_on:
            self.add_error(
                "date_fermeture", f"L’établissement a ouvert le {self.opened_on:%d/%m/%Y}\u00a0: après ce jour."
            )
        if reopens_on and type_ not in TEMPORARY_CLOSINGS:
            self.add_error("date_reouverture", "Seule une fermeture provisoire a une date de réouverture.")
        if reopens_on and closed_on and reopens_on < closed_on:
            self.add_error("date_reouverture", "La réouverture ne peut pas précéder la fermeture.")
        return cleaned

    def triple(self) -> Triple:
        """What the fiche becomes."""
        if self.cleaned_data["type_fermeture"] == REOPEN:
            return OPEN
        return tuple(self.cleaned_data[name] for name in self.fields)


class MoveForm(forms.Form):
    """The EG to join, by its number."""

    vers = forms.CharField(
        label="Établissement d’arrivée",
        max_length=30,
        help_text="Son FINESS géographique, ou son identifiant national de structure.",
    )

    def __init__(self, *args: Any, uo: UniteOperationnelle, among, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.uo, self.among, self.target = uo, among, None

    def clean_vers(self) -> str:
        typed = "".join(self.cleaned_data["vers"].split()).upper()
        self.target = self.among.filter(Q(finess=typed) | Q(idnat_struct=typed)).first()
        if self.target is None:
            raise ValidationError("Aucun établissement de votre territoire n’a ce numéro.")
        if self.target.pk == self.uo.entite_geographique_id:
            raise ValidationError("L’unité est déjà dans cet établissement.")
        if self.target.is_closed(clock.today()):
            raise ValidationError(f"{self.target.display_name} est fermé\u00a0: une unité ne peut pas le rejoindre.")
        return typed
