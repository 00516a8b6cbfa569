"""Rights in the admin: habilitations, access requests, and the pages where support invites people."""

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils import timezone

from directory import habilitations
from directory.habilitations import Right, may_grant
from directory.models import DemandeAcces, DemandeStatus, Habilitation
from directory.permissions import Reader
from directory.views import demandes, people
from ror import clock

PK_DIGITS = 19  # of the biggest id PostgreSQL holds
RIGHT = ("role", "ej", "eg", "departement", "valid_from", "valid_to")


class HabilitationForm(forms.ModelForm):
    """Each refused combination in words, next to its field."""

    class Meta:
        model = Habilitation
        fields = ("user", *RIGHT)

    by = None  # set by the admin, for each request

    def clean(self) -> dict:
        cleaned = super().clean()
        asked = {name: cleaned.get(name, getattr(self.instance, name)) for name in RIGHT}
        if asked["role"]:
            for name, message in habilitations.problems(Right(**asked)).items():
                self.add_error(name if name in self.fields else None, message)
            if not may_grant(self.by, asked["role"]):
                self.add_error("role" if "role" in self.fields else None, "Un administrateur seul donne ce rôle.")
        return cleaned


class StateFilter(admin.SimpleListFilter):
    """By default what is in force or to come: what is over is history."""

    title = "état"
    parameter_name = "etat"

    def lookups(self, request: HttpRequest, model_admin) -> list[tuple[str, str]]:
        return [("finies", "Terminées"), ("toutes", "Toutes")]

    def choices(self, changelist):
        default, *others = super().choices(changelist)
        yield default | {"display": "En cours ou à venir"}
        yield from others

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == "toutes":
            return queryset
        current = Habilitation.objects.not_over(clock.today()).values("pk")
        return queryset.exclude(pk__in=current) if self.value() == "finies" else queryset.filter(pk__in=current)


@admin.register(Habilitation)
class HabilitationAdmin(admin.ModelAdmin):
    """Who may do what. A right ends by its last day, or at the minute (« Retirer »); each change is in the journal."""

    form = HabilitationForm
    list_display = ("user", "role", "ej", "eg", "departement", "valid_from", "valid_to", "revoked_at")
    list_filter = (StateFilter, "role")
    list_select_related = ("user", "ej", "eg", "departement")
    search_fields = ("user__email", "user__last_name", "ej__raison_sociale", "eg__denomination", "eg__finess")
    autocomplete_fields = ("user", "ej", "eg")
    ordering = ("user__last_name", "user__email", "pk")
    date_hierarchy = "valid_from"

    def get_urls(self) -> list:
        view = self.admin_site.admin_view
        return [
            path("inviter/", view(people.invite), name="directory_habilitation_inviter"),
            path("inviter/structures/", view(people.suggestions), name="directory_habilitation_suggestions"),
            path("structures/", view(people.structures), name="directory_habilitation_structures"),
            path("referents/<int:pk>/", view(people.referents_of), name="directory_habilitation_referents"),
            path("<int:pk>/retirer/", view(people.revoke), name="directory_habilitation_retirer"),
            *super().get_urls(),
        ]

    def get_form(self, request: HttpRequest, obj=None, change: bool = False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        return type(form.__name__, (form,), {"by": request.user})

    def get_readonly_fields(self, request: HttpRequest, obj=None) -> tuple[str, ...]:
        """A right is ended and another is given: its person, role and perimeter are history."""
        return () if obj is None else ("user", "role", "ej", "eg", "departement")

    def has_change_permission(self, request: HttpRequest, obj: Habilitation | None = None) -> bool:
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or (obj.revoked_at is None and may_grant(request.user, obj.role)))

    def has_delete_permission(self, request: HttpRequest, obj=None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Habilitation, form, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            habilitations.write("change_habilitation", obj, by=request.user)
            return
        right = Right(**{name: getattr(obj, name) for name in RIGHT})
        given = habilitations.grant(user=obj.user, right=right, by=request.user)
        obj.pk = given.pk
        obj._state.adding = False


@admin.register(DemandeAcces)
class DemandeAccesAdmin(admin.ModelAdmin):
    """Access requests, the oldest first. Support of one département sees its own; each opens on our page."""

    list_display = ("eg", "user", "fonction", "age", "status", "decided_by")
    list_filter = ("status", "created_at")
    list_select_related = ("eg", "user", "decided_by")
    search_fields = ("eg__denomination", "eg__finess", "user__email", "user__last_name")
    ordering = ("created_at", "pk")

    @admin.display(description="âge", ordering="created_at")
    def age(self, demande: DemandeAcces) -> str:
        days = ((demande.decided_at or timezone.now()) - demande.created_at).days
        return f"{days}\u00a0jour{'s' if days > 1 else ''}"

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return habilitations.territory(super().get_queryset(request), Reader.of(request.user), "eg__")

    def changelist_view(self, request: HttpRequest, extra_context=None) -> HttpResponse:
        """What waits, unless something else is asked for."""
        if not request.GET:
            return redirect(f"{request.path}?status__exact={DemandeStatus.EN_ATTENTE.value}")
        return super().changelist_view(request, extra_context)

    def change_view(self, request: HttpRequest, object_id: str, form_url="", extra_context=None) -> HttpResponse:
        if object_id.isdecimal() and len(object_id) < PK_DIGITS:
            return redirect("admin:directory_demandeacces_decider", int(object_id))
        return super().change_view(request, object_id, form_url, extra_context)

    def get_urls(self) -> list:
        decide = self.admin_site.admin_view(demandes.decide)
        return [path("<int:pk>/decider/", decide, name="directory_demandeacces_decider"), *super().get_urls()]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj=None) -> bool:
        return False
