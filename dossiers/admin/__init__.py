"""Validation by support, under `/admin/` and in our frame: the queue, the page of a dossier, its steps.

Nothing here is a form on the model: each page reads through `queue` and `display_review`, each write is a service.
"""

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import path

from directory.permissions import Reader
from dossiers import queue
from dossiers.admin import listing, review, steps
from dossiers.models import Dossier

ROUTES = {  # name → (route, view)
    "decider": ("<int:pk>/decider/", review.decide),
    "remarque": ("<int:pk>/remarque/", review.remark),
    "prendre": ("<int:pk>/prendre/", steps.take),
    "rendre": ("<int:pk>/rendre/", steps.release),
    "renvoyer": ("<int:pk>/renvoyer/", steps.send_back),
    "valider": ("<int:pk>/valider/", steps.validate),
    "rouvrir": ("<int:pk>/rouvrir/", steps.reopen),
    "suite": ("<int:pk>/suite/", steps.follow_up),
    "annuler": ("<int:pk>/annuler/", steps.undo),
}


@admin.register(Dossier)
class DossierAdmin(admin.ModelAdmin):
    """The stock pages of the admin, with ours in their place."""

    def get_queryset(self, request: HttpRequest):
        return queue.visible(Reader.of(request.user))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj=None) -> bool:
        return False

    def get_urls(self) -> list:
        own = [
            path(route, self.admin_site.admin_view(view), name=f"dossiers_dossier_{name}")
            for name, (route, view) in ROUTES.items()
        ]
        return own + super().get_urls()

    def changelist_view(self, request: HttpRequest, extra_context=None) -> HttpResponse:
        return listing.page(request)

    def change_view(self, request: HttpRequest, object_id: str, form_url="", extra_context=None) -> HttpResponse:
        return review.page(request, object_id)

    def history_view(self, request: HttpRequest, object_id: str, extra_context=None) -> HttpResponse:
        return review.history(request, object_id)
