"""« Aperçu »: the public fiche as this dossier would make it, from its last valid document."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from directory.documents import UnknownReference
from dossiers import preview
from dossiers.fiche_pages import FichePage, saved_words
from dossiers.models import Dossier
from dossiers.views.access import fiche_of, on_a_dossier
from dossiers.views.fiches import page_context
from ror.htmx import render_page_or_partial


@on_a_dossier
@require_safe
def apercu(request: HttpRequest, dossier: Dossier, fiche: int) -> HttpResponse:
    found = FichePage.of(fiche_of(dossier, fiche), request.user)
    draft = found.draft
    context = page_context(request, found) | {
        "draft": draft,
        "address": draft.get_absolute_url(),
        "has_typed": draft.saisie is not None,
        "saved": saved_words(draft, request.user),
        "preview": None,
        "unknown": "",
    }
    asked = {"semaine": request.GET.get("semaine", ""), "mois": request.GET.get("mois")}
    try:
        shown = preview.of(draft, found.eg or {}, found.fiches, **asked)
    except UnknownReference as unknown:
        context["unknown"] = str(unknown)
    else:
        hours = getattr(shown.details, "hours", None)
        context |= {"preview": shown, "details": shown.details, "hours": hours, "fiche": shown.fiche}
        if hours is None:
            return render(request, "dossiers/fiche_apercu.html", context)
    return render_page_or_partial(request, "dossiers/fiche_apercu.html", "directory/_horaires.html", context)
