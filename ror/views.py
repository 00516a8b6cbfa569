"""Public pages, error pages, and the demo's mail box."""

import logging
import secrets

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.template import loader
from django.templatetags.static import static
from django.views.decorators.http import require_safe
from post_office.models import STATUS, Email

from api.problems import is_api, problem
from ror.context_processors import support

logger = logging.getLogger(__name__)

MAILS_PER_PAGE = 20
_MAIL_STATES = {
    STATUS.sent: ("ok", "check-circle", "Remis"),
    STATUS.failed: ("bad", "warning", "En échec"),
    STATUS.queued: ("info", "clock", "En attente d’envoi"),
    STATUS.requeued: ("warn", "clock", "Nouvel essai à venir"),
}


def _public(template: str):
    """A page of text that anybody may read."""

    @login_not_required
    @require_safe
    def view(request: HttpRequest) -> HttpResponse:
        limits = {
            "idle_minutes": settings.SESSION_IDLE_MINUTES,
            "session_hours": settings.SESSION_COOKIE_AGE // 3600,
        }
        return render(request, template, {"PUBLISHER": settings.PUBLISHER, **limits})

    return view


@login_not_required
@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """Where pages without our frame (the administration) look for it."""
    return HttpResponsePermanentRedirect(static("img/favicon.svg"))


aide = _public("ror/aide.html")
mentions_legales = _public("ror/mentions_legales.html")
donnees_personnelles = _public("ror/donnees_personnelles.html")
accessibilite = _public("ror/accessibilite.html")
sources = _public("ror/sources.html")


@require_safe
def demo_courrier(request: HttpRequest) -> HttpResponse:
    """Every message the demo sent, newest first. Does not exist outside the demo."""
    if not settings.DEMO:
        raise Http404
    page = Paginator(Email.objects.order_by("-id"), MAILS_PER_PAGE).get_page(request.GET.get("page"))
    mails = [{"mail": mail, "state": _MAIL_STATES.get(mail.status, _MAIL_STATES[STATUS.queued])} for mail in page]
    return render(request, "ror/demo_courrier.html", {"mails": mails, "page": page})


def server_error(request: HttpRequest) -> HttpResponse:
    """500 without the database nor the person: whatever broke may be there."""
    reference = secrets.token_hex(3).upper()
    # With the traceback: Django's own record of it does not know the reference, and the demo does not write it.
    logger.error(
        "500 shown to the person, reference %s, %s %s", reference, request.method, request.path, exc_info=True
    )
    if is_api(request):
        return problem(500, f"Erreur de notre côté, référence {reference}. Réessayez, puis prévenez le support.")
    context = {"SUPPORT": support(), "REGION_NAME": settings.REGION_NAME, "reference": reference}
    return HttpResponse(loader.render_to_string("500.html", context), status=500)
