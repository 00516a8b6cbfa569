"""Steps of the référents: send, take back, abandon. A refusal is told on the dossier's page, 409; nothing is done."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from dossiers import permissions, workflow
from dossiers.forms import SubmitForm, VersionForm
from dossiers.models import Dossier
from dossiers.resending import is_unchanged
from dossiers.views.access import on_a_dossier
from dossiers.views.dossier import Refusal, refused_lines, render_dossier

SENT = "Dossier envoyé en validation. Vous serez prévenu de la décision du support par message."
TAKEN_BACK = "Dossier repris : vous pouvez de nouveau le modifier."
ABANDONED = "Dossier abandonné. Les fiches publiées n’ont pas changé."


@on_a_dossier
@require_POST
def envoyer(request: HttpRequest, dossier: Dossier) -> HttpResponse:
    """Send it; one that was sent back and did not change asks to confirm (409: nothing is done)."""
    form = SubmitForm(request.POST)
    if not form.is_valid():
        if "version" in form.errors:
            return _stale(request, dossier)
        return render_dossier(request, dossier, status=422, submit_form=form)
    version, date_effet = form.cleaned_data["version"], form.cleaned_data["date_effet"]
    if not form.cleaned_data["confirme"] and permissions.writes(request.user, dossier) and is_unchanged(dossier):
        context = {"dossier": dossier, "eg": dossier.eg, "refused": refused_lines(dossier), "form": form}
        return render(request, "dossiers/renvoyer.html", context, status=409)
    return _move(request, dossier, "submit", SENT, submit_form=form, version=version, date_effet=date_effet)


@on_a_dossier
@require_POST
def reprendre(request: HttpRequest, dossier: Dossier) -> HttpResponse:
    form = VersionForm(request.POST)
    if not form.is_valid():
        return _stale(request, dossier)
    return _move(request, dossier, "withdraw", TAKEN_BACK, version=form.cleaned_data["version"])


@on_a_dossier
@require_http_methods(["GET", "HEAD", "POST"])
def abandonner(request: HttpRequest, dossier: Dossier) -> HttpResponse:
    """GET asks to confirm; POST does it."""
    if not permissions.writes(request.user, dossier):
        raise PermissionDenied
    if request.method == "POST":
        form = VersionForm(request.POST)
        if not form.is_valid():
            return _stale(request, dossier)
        return _move(request, dossier, "abandon", ABANDONED, version=form.cleaned_data["version"])
    can = "abandon" in workflow.possible(request.user, dossier)
    form = VersionForm(initial={"version": dossier.version})
    return render(
        request, "dossiers/abandonner.html", {"dossier": dossier, "eg": dossier.eg, "form": form, "can": can}
    )


def _move(request: HttpRequest, dossier: Dossier, action: str, done: str, *, version: int, **more) -> HttpResponse:
    form = more.pop("submit_form", None)
    try:
        workflow.move(action, dossier.pk, version=version, by=request.user, **more)
    except workflow.TransitionRefused as refused:
        dossier.refresh_from_db()
        refusal = Refusal(refused.message, refused.reasons)
        return render_dossier(request, dossier, status=409, refusal=refusal, submit_form=form)
    messages.success(request, done)
    return redirect(dossier)


def _stale(request: HttpRequest, dossier: Dossier) -> HttpResponse:
    """A form without its version: made by hand, or by an older page."""
    refusal = Refusal("Cette page n’est plus à jour : relisez le dossier, puis recommencez.")
    return render_dossier(request, dossier, status=422, refusal=refusal)
