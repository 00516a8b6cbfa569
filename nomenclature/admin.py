"""Administration of the lists: national ones are read, regional ones are kept by the region. Nothing is deleted."""

from django.contrib import admin
from django.http import HttpRequest

from nomenclature.models import (
    CodeSystem,
    Commune,
    Concept,
    Departement,
    Filiere,
    Region,
    Synonyme,
    TypeUO,
    ValueSet,
)
from nomenclature.models.regional import FILIERE, TYPE_UO


class NeverDeleted(admin.ModelAdmin):
    def has_delete_permission(self, request: HttpRequest, obj=None) -> bool:
        return False


class ReadOnly(NeverDeleted):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj=None) -> bool:
        return False


@admin.register(CodeSystem)
class CodeSystemAdmin(ReadOnly):
    list_display = ["code", "title", "version", "is_regional"]
    list_filter = ["is_regional"]
    search_fields = ["code", "name", "title"]


@admin.register(ValueSet)
class ValueSetAdmin(ReadOnly):
    list_display = ["code", "title", "version"]
    search_fields = ["code", "name", "title"]
    exclude = ["concepts"]


@admin.register(Concept)
class ConceptAdmin(NeverDeleted):
    """A national concept is read only; of a regional one, labels and retirement may change, never the code."""

    list_display = ["code", "label", "system", "retired"]
    list_display_links = ["code", "label"]
    list_filter = ["system__is_regional", "retired", "system"]
    list_select_related = ["system"]
    search_fields = ["code", "label", "short_label"]
    fields = ["system", "code", "label", "short_label", "alt_labels", "valid_from", "valid_to", "retired", "parent"]
    autocomplete_fields = ["parent"]
    show_full_result_count = False

    def get_readonly_fields(self, request: HttpRequest, obj: Concept | None = None) -> list[str]:
        return ["system", "code"] if obj else []

    def has_change_permission(self, request: HttpRequest, obj: Concept | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.system.is_regional)

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "system":
            kwargs["queryset"] = CodeSystem.objects.filter(is_regional=True)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class DetailAdmin(NeverDeleted):
    """The detail of a regional concept: the concept is made first, then its detail."""

    system: str

    def get_readonly_fields(self, request: HttpRequest, obj=None) -> list[str]:
        return ["concept"] if obj else []

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "concept":
            kwargs["queryset"] = Concept.objects.in_value_set(self.system)
        elif value_set := getattr(self, "value_sets", {}).get(db_field.name):
            kwargs["queryset"] = Concept.objects.in_value_set(value_set)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(TypeUO)
class TypeUOAdmin(DetailAdmin):
    system = TYPE_UO
    value_sets = {"type_offre": "JDV_J238", "mode_prise_en_charge": "JDV_J19", "champ_activite": "JDV_J20"}
    list_display = ["concept", "type_offre", "mode_prise_en_charge", "champ_activite"]
    list_filter = ["champ_activite", "mode_prise_en_charge"]
    list_select_related = ["concept", "type_offre", "mode_prise_en_charge", "champ_activite"]
    search_fields = ["concept__label", "concept__short_label", "concept__code"]
    autocomplete_fields = ["concept", "categories"]


@admin.register(Filiere)
class FiliereAdmin(DetailAdmin):
    system = FILIERE
    list_display = ["concept"]
    list_select_related = ["concept"]
    search_fields = ["concept__label"]
    autocomplete_fields = ["concept", "types_uo", "activites"]


@admin.register(Synonyme)
class SynonymeAdmin(admin.ModelAdmin):
    list_display = ["texte", "concept", "system"]
    list_select_related = ["concept__system"]
    search_fields = ["texte", "texte_normalise", "concept__label"]
    autocomplete_fields = ["concept"]

    @admin.display(description="système", ordering="concept__system__code")
    def system(self, synonyme: Synonyme) -> str:
        return str(synonyme.concept.system)


@admin.register(Region)
class RegionAdmin(ReadOnly):
    list_display = ["code", "nom"]
    search_fields = ["code", "nom"]


@admin.register(Departement)
class DepartementAdmin(NeverDeleted):
    """Only the territoire de santé is the region's to fill."""

    list_display = ["code", "nom", "region", "territoire_sante"]
    list_select_related = ["region", "territoire_sante"]
    search_fields = ["code", "nom"]
    readonly_fields = ["code", "nom", "region"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "territoire_sante":
            kwargs["queryset"] = Concept.objects.in_value_set("JDV_J249")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(Commune)
class CommuneAdmin(ReadOnly):
    list_display = ["nom_ror", "insee", "departement", "population"]
    list_select_related = ["departement"]
    list_filter = ["departement__region"]
    search_fields = ["=insee", "nom", "nom_ror"]
    show_full_result_count = False
