"""« Rien n’a changé »: the button of a fiche, and the page behind the link of a reminder."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from directory import verifying
from directory.display import verification as display
from directory.documents import MODELS
from directory.models import Kind
from directory.permissions import Reader
from directory.publishing import StaleVersion
from directory.verifying import Fiche, Link, LinkRefused


class VerifyForm(forms.Form):
    """`version`: the one the person has before her eyes; `unites`: the open units of the EG too."""

    version = forms.IntegerField(min_value=1)
    unites = forms.BooleanField(required=False)


def named(kind: Kind, cle: str, user) -> Fiche:
    """The fiche whose key is `cle` as this person may read it, or 404."""
    found = MODELS[kind].objects.visible_to(Reader.of(user))
    if kind == Kind.UO:
        if "-" not in cle:
            raise Http404
        return get_object_or_404(found, identifiant=cle.replace("-", "/", 1))
    return get_object_or_404(found, Q(finess=cle) | Q(idnat_struct=cle))


def _on(kind: Kind):
    """The view of one kind: verify, then back where one was."""

    @require_POST
    def view(request: HttpRequest, cle: str) -> HttpResponse:
        fiche = named(kind, cle, request.user)
        if not MODELS[kind].objects.editable_by(Reader.of(request.user)).filter(pk=fiche.pk).exists():
            raise PermissionDenied
        form = VerifyForm(request.POST)
        if not form.is_valid():
            messages.error(
                request, "La demande est incomplète\u00a0: rien n’a été vérifié. Recommencez depuis la fiche."
            )
            return redirect(fiche)
        try:
            changed = verifying.verify(
                kind,
                fiche.pk,
                by=request.user,
                expected_version=form.cleaned_data["version"],
                with_units=form.cleaned_data["unites"],
            )
        except StaleVersion as stale:
            messages.warning(
                request,
                f"La fiche a changé entre-temps, elle en est à la version\u00a0{stale.current}\u00a0: relisez-la "
                "avant de dire que rien n’a changé.",
            )
            return redirect(fiche)
        messages.success(request, display.told(changed))
        return redirect(_next(request) or fiche)

    return view


eg, uo = _on(Kind.EG), _on(Kind.UO)


def _next(request: HttpRequest) -> str:
    """A page of ours to go back to, or nothing."""
    asked = request.POST.get("suivant", "")
    is_ours = url_has_allowed_host_and_scheme(asked, allowed_hosts=None, require_https=request.is_secure())
    return asked if is_ours else ""


# --- The link of a reminder ------------------------------------------------------------------------------------------


@never_cache
@login_not_required  # the signed token is the right, for one fiche and one act
@require_http_methods(["GET", "HEAD", "POST"])
def link(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows the fiche and one button, and changes nothing: mail scanners follow links. POST verifies."""
    try:
        found = verifying.read(token)
    except LinkRefused as refused:
        return _page(request, {"refusal": str(refused)}, status=refused.status)
    if request.method == "POST" and not found.is_done:
        return _verify(request, found)
    return _page(request, {"link": found, "fiche": display.public(found.kind, found.fiche)})


def _verify(request: HttpRequest, found: Link) -> HttpResponse:
    form = VerifyForm(request.POST)
    shown = {"link": found, "fiche": display.public(found.kind, found.fiche)}
    if not form.is_valid():
        return _page(request, shown, status=400)
    try:
        version = form.cleaned_data["version"]
        verifying.verify(found.kind, found.fiche.pk, by=found.user, via="mail", expected_version=version)
    except StaleVersion:
        return _page(request, shown | {"is_stale": True}, status=409)
    except PermissionDenied:  # the right ended between the two reads
        refusal = "Vous n’êtes plus référent de cette structure\u00a0: rien n’a été enregistré."
        return _page(request, {"refusal": refusal}, status=403)
    return redirect(request.path)


def _page(request: HttpRequest, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    known = {"refusal": "", "link": None, "fiche": None, "is_stale": False}
    response = render(request, "directory/verifier_lien.html", known | context, status=status)
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
