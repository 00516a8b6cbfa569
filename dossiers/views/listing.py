"""`/dossiers/`, and opening one."""

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from directory.models import EntiteGeographique
from directory.permissions import Reader
from dossiers import drafts, listing
from dossiers.models import Dossier
from ror import clock

CHOICES = 20  # establishments offered before one types


@never_cache
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Mine, by what they wait for."""
    asked = request.GET.get("filtre", "")
    filtre = listing.Filtre(asked) if asked in list(listing.Filtre) else listing.Filtre.OUVERTS
    reader, text = Reader.of(request.user), request.GET.get("q", "")[:100]
    found = listing.listing(reader, request.user, filtre=filtre, text=text, number=request.GET.get("page"))
    can_open = reader.is_support or bool(reader.own_eg_ids)
    context = {"found": found, "can_open": can_open, "n_dossiers": listing.n_open(reader)}
    return render(request, "dossiers/index.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ouvrir(request: HttpRequest) -> HttpResponse:
    """GET: choose an establishment among those one answers for, or confirm the one named. POST: open it."""
    reader = Reader.of(request.user)
    editable = EntiteGeographique.objects.editable_by(reader).open_on(clock.today())
    cle = (request.POST if request.method == "POST" else request.GET).get("eg", "").replace("\x00", "")[:40]
    eg = get_object_or_404(editable, Q(finess=cle) | Q(idnat_struct=cle)) if cle else None
    if request.method == "POST" and eg:
        return _open(request, eg)
    text = request.GET.get("q", "").strip()[:100]
    context = {"eg": eg, "text": text, "choices": [], "is_support": reader.is_support}
    if eg:
        context["open"] = Dossier.objects.open().filter(eg=eg).first()
    elif text or not reader.is_support:
        context["choices"] = listing.establishments(editable, text)[: CHOICES + 1]
    return render(request, "dossiers/ouvrir.html", context)


def _open(request: HttpRequest, eg: EntiteGeographique) -> HttpResponse:
    """Open the dossier, or lead to the one that is open already."""
    try:
        dossier = drafts.open_dossier(eg, by=request.user)
    except drafts.DossierAlreadyOpen as already:
        messages.info(request, f"Un dossier y est déjà ouvert\u00a0: le n°\u00a0{already.dossier.numero}.")
        return redirect(already.dossier)
    messages.success(request, "Dossier ouvert. Rien n’est public tant que le support ne l’a pas validé.")
    return redirect(dossier)
