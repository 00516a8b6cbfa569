"""The directory in the admin: fiches are read there, never written; everything goes through publishing.

A regional list edited here refreshes the search. Rights and requests: `admin_habilitations`.
"""

from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest

from directory import admin_habilitations, admin_modeles, tasks  # noqa: F401 - registered by their import
from directory.admin_structures import SupportPages
from directory.models import (
    Contact,
    EntiteGeographique,
    EntiteJuridique,
    FicheVersion,
    ImportRun,
    Kind,
    Lieu,
    UniteOperationnelle,
)
from journal import models as journal
from nomenclature.admin import ConceptAdmin, FiliereAdmin
from nomenclature.models import Concept, Filiere


class ReadOnly:
    """No add, no change, no delete: for a ModelAdmin or an inline."""

    def has_add_permission(self, request: HttpRequest, obj=None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj=None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj=None) -> bool:
        return False


class ContactInline(ReadOnly, admin.TabularInline):
    model = Contact
    fields = ("nature", "nom", "fonction", "niveau", "numeros")
    readonly_fields = ("numeros",)
    extra = 0

    def get_queryset(self, request: HttpRequest):
        found = super().get_queryset(request).select_related("nature", "fonction")
        return found.prefetch_related("telecoms")

    @admin.display(description="numéros et adresses")
    def numeros(self, contact: Contact) -> str:
        return ", ".join(f"{telecom.adresse} (niveau {telecom.niveau})" for telecom in contact.telecoms.all())


class LieuInline(ReadOnly, admin.TabularInline):
    model = Lieu
    fields = ("est_principal", "nom", "libelle_voie", "code_postal", "commune", "latitude", "longitude")
    extra = 0

    def get_queryset(self, request: HttpRequest):
        return super().get_queryset(request).select_related("commune")


@admin.register(EntiteJuridique)
class EntiteJuridiqueAdmin(SupportPages, ReadOnly, admin.ModelAdmin):
    kind = Kind.EJ
    change_list_template = "admin/directory/ej_change_list.html"
    list_display = ("raison_sociale", "finess", "siren", "statut_juridique", "a_identifier", "version", "updated_at")
    list_filter = ("a_identifier", "type_fermeture")
    list_select_related = ("statut_juridique",)
    search_fields = ("raison_sociale", "finess", "siren", "idnat_struct")
    ordering = ("raison_sociale", "pk")
    inlines = (ContactInline,)


@admin.register(EntiteGeographique)
class EntiteGeographiqueAdmin(SupportPages, ReadOnly, admin.ModelAdmin):
    kind = Kind.EG
    list_display = ("display_name", "finess", "categorie", "entite_juridique", "version", "updated_at")
    list_filter = ("type_fermeture",)
    list_select_related = ("categorie", "entite_juridique")
    search_fields = ("denomination", "nom_operationnel", "finess", "siret", "idnat_struct")
    ordering = ("denomination", "pk")
    inlines = (LieuInline, ContactInline)


@admin.register(UniteOperationnelle)
class UniteOperationnelleAdmin(SupportPages, ReadOnly, admin.ModelAdmin):
    kind = Kind.UO
    list_display = ("nom", "identifiant", "type_uo", "entite_geographique", "unite_sensible", "version", "updated_at")
    list_filter = ("unite_sensible", "type_fermeture")
    list_select_related = ("type_uo", "entite_geographique")
    search_fields = ("nom", "identifiant", "entite_geographique__denomination", "entite_geographique__finess")
    ordering = ("nom", "pk")
    inlines = (ContactInline,)


@admin.register(FicheVersion)
class FicheVersionAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("kind", "key", "number", "author", "origin", "created_at")
    list_filter = ("kind",)
    list_select_related = ("author",)
    search_fields = ("key", "origin")
    ordering = ("-pk",)
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest):
        # Documents are long: a list reads none of them.
        return super().get_queryset(request).defer("content")


@admin.register(ImportRun)
class ImportRunAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("source", "file_name", "file_date", "author", "started_at", "finished_at")
    list_filter = ("source",)
    list_select_related = ("author",)
    search_fields = ("file_name",)


class RefreshesSearch:
    """A regional list edited here is journalled, and the search follows within a minute (Celery)."""

    def save_related(self, request, form, formsets, change):
        before = self._carried(form.instance) if change else set()
        super().save_related(request, form, formsets, change)
        carried = before | self._carried(form.instance)
        journal.write("nomenclature", f"{form.instance._meta.model_name}:{form.instance.pk}", by=request.user)
        transaction.on_commit(lambda: tasks.refresh_touched.delay(sorted(carried)), robust=True)

    def _carried(self, instance) -> set[int]:
        """Concepts whose fiches depend on this row."""
        return {instance.pk}


class LabelAdmin(RefreshesSearch, ConceptAdmin):
    """A regional label is part of the text by which establishments are found."""


class LinkedFiliereAdmin(RefreshesSearch, FiliereAdmin):
    """A UO is in a filière by its type or its activities."""

    def _carried(self, instance) -> set[int]:
        types = instance.types_uo.values_list("concept", flat=True)
        return {*types, *instance.activites.values_list("pk", flat=True)}


for model, model_admin in ((Concept, LabelAdmin), (Filiere, LinkedFiliereAdmin)):
    admin.site.unregister(model)
    admin.site.register(model, model_admin)
