"""Modèles de saisie and groups of actes in the admin: kept by support, each change journalled, nothing deleted."""

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest

from directory import modeles
from directory.documents import MODELS, shape_of
from directory.models import Kind
from journal import models as journal
from nomenclature import choices
from nomenclature.admin import NeverDeleted
from nomenclature.models import ChampSaisie, GroupeActes, ModeleSaisie


def field_choices(kind: str) -> list[tuple[str, str]]:
    """Fields a modèle of this kind may speak of."""
    labels = modeles.field_labels(Kind(kind))
    units = {unit for names in modeles.COMPANIONS.values() for unit in names}
    return sorted(((name, label) for name, label in labels.items() if name not in units), key=lambda pair: pair[1])


def value_set_of(kind: str, champ: str) -> str:
    """The list the codes of a field come from; empty when it has none."""
    if champ == "activites":
        return "JDV_J17"
    shape = shape_of(MODELS[Kind(kind)])
    found = [field for field in (*shape.scalars, *shape.links, *shape.many) if field.name == champ]
    return getattr(found[0], "value_set", "") if found else ""


class Journalled(NeverDeleted):
    """Writes who changed what, and makes the forms of this process follow at once."""

    def save_related(self, request: HttpRequest, form, formsets, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        row = form.instance
        changed = form.changed_data + [f"{one.prefix}" for one in formsets if one.has_changed()]
        journal.write("nomenclature", f"{row._meta.model_name}:{row.pk}", by=request.user, champs=changed)
        transaction.on_commit(modeles.reset)
        transaction.on_commit(choices.reset)


class ChampForm(forms.ModelForm):
    """A field of a modèle: its codes belong to the list of that field."""

    def clean(self) -> dict:
        cleaned = super().clean()
        modele, champ = cleaned.get("modele") or self.instance.modele, cleaned.get("champ") or self.instance.champ
        if champ not in dict(field_choices(modele.kind)):
            raise ValidationError({"champ": "Ce champ n’existe pas dans cette sorte de fiche."})
        known = choices.of(value_set_of(modele.kind, champ))
        for name in ("codes_permis", "codes_proposes"):
            wrong = [concept.label for concept in cleaned.get(name) or () if concept.key not in known]
            if wrong:
                self.add_error(name, f"Pas dans la liste de ce champ\u00a0: {', '.join(wrong)}.")
        return cleaned


class ChampInline(admin.TabularInline):
    model = ChampSaisie
    fields = ("champ", "section", "ordre", "affiche", "attendu", "obligatoire", "minimum")
    ordering = ("ordre", "champ")
    extra = 0
    show_change_link = True
    can_delete = False  # a field is hidden rather than removed: the next loading would bring it back

    def get_formset(self, request: HttpRequest, obj: ModeleSaisie | None = None, **kwargs):
        self._kind = obj.kind if obj else Kind.UO
        return super().get_formset(request, obj, **kwargs)

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if db_field.name == "champ":
            return forms.ChoiceField(label="champ", choices=[("", "---------"), *field_choices(self._kind)])
        return super().formfield_for_dbfield(db_field, request, **kwargs)


@admin.register(ModeleSaisie)
class ModeleSaisieAdmin(Journalled):
    list_display = ("libelle", "kind", "general", "code")
    list_filter = ("kind",)
    search_fields = ("libelle", "code", "categories__label", "types_uo__label")
    autocomplete_fields = ("categories", "types_uo")
    inlines = (ChampInline,)

    class Media:
        css = {"all": ["css/admin-modeles.css"]}

    def get_readonly_fields(self, request: HttpRequest, obj: ModeleSaisie | None = None) -> tuple[str, ...]:
        return ("code", "kind") if obj else ()

    def get_inlines(self, request: HttpRequest, obj: ModeleSaisie | None) -> tuple:
        """Its fields are those of its kind, which is said first."""
        return self.inlines if obj else ()


@admin.register(ChampSaisie)
class ChampSaisieAdmin(Journalled):
    """The codes and the help of one field; it is added from its modèle."""

    form = ChampForm
    list_display = ("modele", "champ", "section", "ordre", "affiche", "attendu", "obligatoire", "minimum")
    list_display_links = ("champ",)
    list_filter = ("modele", "section")
    list_select_related = ("modele",)
    search_fields = ("champ", "modele__libelle", "aide")
    readonly_fields = ("modele", "champ")
    autocomplete_fields = ("codes_permis", "codes_proposes")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(GroupeActes)
class GroupeActesAdmin(Journalled):
    list_display = ("libelle", "ordre")
    search_fields = ("libelle", "actes__label")
    autocomplete_fields = ("actes",)
