"""How every page of this package finds its dossier."""

from collections.abc import Callable
from functools import wraps

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.cache import never_cache

from directory.permissions import Reader
from dossiers.models import Dossier, DraftFiche

MAX_ID = 2**63 - 1


def dossier_of(request: HttpRequest, pk: int) -> Dossier:
    """The dossier, or 404 when it is another structure's."""
    if pk > MAX_ID:
        raise Http404
    found = Dossier.objects.visible_to(Reader.of(request.user))
    people = ("opened_by", "submitted_by", "assigned_to", "decided_by", "last_by")
    return get_object_or_404(found.select_related("eg__categorie", "eg__entite_juridique", *people), pk=pk)


def fiche_of(dossier: Dossier, pk: int) -> DraftFiche:
    """One fiche of that dossier, or 404."""
    if pk > MAX_ID:
        raise Http404
    fiche = get_object_or_404(DraftFiche.objects.filter(dossier=dossier).select_related("updated_by"), pk=pk)
    fiche.dossier = dossier
    return fiche


def on_a_dossier(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The view gets its dossier instead of a number."""

    @never_cache  # a shared computer: « Back » after logging out must not show level 3
    @wraps(view)
    def on_it(request: HttpRequest, pk: int, **more: int) -> HttpResponse:
        return view(request, dossier_of(request, pk), **more)

    return on_it
