"""What people say on a dossier, and who is on it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from dossiers import presence, remarks
from dossiers.forms import RemarkForm
from dossiers.models import Dossier, DraftFiche, Remarque
from dossiers.views.access import MAX_ID, fiche_of, on_a_dossier
from dossiers.views.dossier import render_dossier
from ror.typed import small_number


@on_a_dossier
@require_POST
def remarque(request: HttpRequest, dossier: Dossier) -> HttpResponse:
    fiche = _fiche(request, dossier)
    form = RemarkForm(request.POST, draft=fiche)
    if not form.is_valid():
        return render_dossier(request, dossier, status=422, remark_form=form)
    address = form.cleaned_data.get("address", "")
    remarks.add(dossier, text=form.cleaned_data["text"], by=request.user, fiche=fiche, address=address)
    messages.success(request, "Remarque publiée.")
    return _back(request, dossier)


@on_a_dossier
@require_POST
def resoudre(request: HttpRequest, dossier: Dossier, remarque: int) -> HttpResponse:
    """Mark a remark as resolved; a second click changes nothing."""
    if remarque <= MAX_ID:
        found = get_object_or_404(Remarque, dossier=dossier, pk=remarque)
        remarks.resolve(found, by=request.user)
    return _back(request, dossier)


@on_a_dossier
@require_POST
def presents(request: HttpRequest, dossier: Dossier) -> HttpResponse:
    """I am here; who else is? A fragment, called by the open page every half minute."""
    presence.here(dossier, user=request.user, fiche=_fiche(request, dossier))
    return render(request, "dossiers/_presence.html", {"others": presence.others(dossier, user=request.user)})


def _fiche(request: HttpRequest, dossier: Dossier) -> DraftFiche | None:
    """The fiche of the dossier that is posted, if one is."""
    number = small_number(request.POST.get("fiche"), digits=18)
    return None if number is None else fiche_of(dossier, number)


def _back(request: HttpRequest, dossier: Dossier) -> HttpResponse:
    """To the page the form was on, when it is one of ours."""
    after = request.POST.get("retour", "")
    is_ours = url_has_allowed_host_and_scheme(after, {request.get_host()}, require_https=request.is_secure())
    return redirect(f"{after}#remarques" if is_ours else f"{dossier.get_absolute_url()}#remarques")
