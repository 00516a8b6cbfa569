"""Clients of the API, for support: create, renew the secret, revoke. A secret is shown once, to who asked for it."""

from django.contrib import admin, messages
from django.http import HttpRequest
from django.urls import path
from django.utils.html import format_html

from accounts.admin import Confirmed
from api import clients
from api.models import Client

REVOKE = "Ses jetons ne servent plus à l’instant, et il n’en aura plus d’autre. On ne revient pas en arrière."
RENEW = "Le secret d’aujourd’hui et les jetons en cours ne servent plus : prévenez d’abord le responsable."
FIELDS = ("name", "responsable", "niveau", "departement")


class StateFilter(admin.SimpleListFilter):
    """By default those that may still ask."""

    title = "état"
    parameter_name = "etat"

    def lookups(self, request: HttpRequest, model_admin) -> list[tuple[str, str]]:
        return [("revoques", "Révoqués"), ("tous", "Tous")]

    def choices(self, changelist):
        default, *others = super().choices(changelist)
        yield default | {"display": "En service"}
        yield from others

    def queryset(self, request: HttpRequest, queryset):
        if self.value() == "tous":
            return queryset
        return queryset.filter(revoked_at__isnull=self.value() != "revoques")


class ClientAdmin(Confirmed, admin.ModelAdmin):
    """Registered by the toolkit (`APPLICATION_ADMIN_CLASS`). Never deleted: the journal names it."""

    list_display = ("name", "niveau", "departement", "responsable", "created", "revoked_at")
    list_filter = (StateFilter, "niveau")
    list_select_related = ("departement",)
    search_fields = ("name", "responsable", "client_id")
    readonly_fields = ("client_id", "created", "revoked_at")
    view_on_site = False  # the toolkit's page of an application is not opened

    def get_fields(self, request: HttpRequest, obj: Client | None = None) -> tuple[str, ...]:
        return FIELDS if obj is None else (*FIELDS, *self.readonly_fields)

    def get_form(self, request: HttpRequest, obj: Client | None = None, change: bool = False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        if "name" in form.base_fields:
            form.base_fields["name"].required = True
        return form

    def get_urls(self) -> list:
        return [
            self.confirmed(
                "revoquer",
                clients.revoke,
                title="Révoquer ce client ?",
                text=REVOKE,
                button="Révoquer",
                done="Client révoqué : il n’a plus accès à l’API.",
            ),
            self._renew(),
            *super().get_urls(),
        ]

    def _renew(self):
        """Confirmed like the others; the new secret goes to the person who asked, and nowhere else."""
        route = self.confirmed(
            "secret",
            _renewed,
            title="Donner un nouveau secret ?",
            text=RENEW,
            button="Donner un nouveau secret",
            done="L’ancien secret ne sert plus.",
        )
        page = route.callback

        def view(request: HttpRequest, pk: int):
            response = page(request, pk)
            if request.method == "POST" and (told := getattr(request.user, "_secret_told", None)):
                _tell(request, *told)
            return response

        return path(str(route.pattern), view, name=route.name)

    def has_change_permission(self, request: HttpRequest, obj: Client | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or not obj.is_revoked)

    def has_delete_permission(self, request: HttpRequest, obj=None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Client, form, change: bool) -> None:
        if change:
            clients.change(obj, by=request.user, fields=form.changed_data)
        else:
            _tell(request, obj, clients.create(obj, by=request.user))


def _renewed(client: Client, *, by) -> bool:
    secret = clients.renew_secret(client, by=by)
    if secret:
        by._secret_told = (client, secret)
    return secret is not None


def _tell(request: HttpRequest, client: Client, secret: str) -> None:
    text = (
        "Identifiant : <code class='text-break'>{}</code>. Secret : <code class='text-break'>{}</code>. Il ne sera "
        "plus montré : transmettez-le au responsable par un moyen sûr."
    )
    messages.warning(request, format_html(text, client.client_id, secret))
