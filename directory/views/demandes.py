"""« Demander l’accès » from a fiche, and support's answer."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from directory import demandes, habilitations, referents
from directory.models import DemandeAcces, DemandeStatus, EntiteGeographique
from directory.people_forms import AccessRequestForm, RefusalForm
from directory.permissions import Reader
from directory.views.fiches import by_key

LIST = "admin:directory_demandeacces_changelist"


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, cle: str) -> HttpResponse:
    """A professional asks to describe an establishment. Who answers for it already has nothing to ask."""
    reader = Reader.of(request.user)
    eg = by_key(EntiteGeographique.objects.visible_to(reader), cle)
    if eg.cle != cle:
        return redirect("directory:demander_acces", eg.cle, permanent=True)
    waiting = DemandeAcces.objects.filter(user=request.user, eg=eg, status=DemandeStatus.EN_ATTENTE).first()
    has_it = reader.is_support or eg.pk in reader.own_eg_ids
    form = AccessRequestForm(request.POST or None, initial={"fonction": request.user.fonction})
    why_not = "" if has_it or waiting else demandes.why_not(eg, request.user)
    if request.method == "POST" and not (has_it or waiting or why_not) and form.is_valid():
        try:
            demandes.ask(eg, by=request.user, **form.cleaned_data)
        except demandes.NotAskable as refused:  # answered since
            why_not = str(refused)
        except demandes.AlreadyAsked:
            messages.info(request, "Votre demande était déjà envoyée.")
            return redirect(eg)
        else:
            messages.success(request, "Votre demande est envoyée\u00a0: le support vous répondra par message.")
            return redirect(eg)
    context = {"eg": eg, "form": form, "waiting": waiting, "has_it": has_it, "why_not": why_not}
    status = 409 if request.method == "POST" and why_not else 200
    return render(request, "directory/people/demander.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Support's page for one request, in the administration: accept, or refuse with a reason."""
    reader = Reader.of(request.user)
    if not reader.is_support:
        raise PermissionDenied
    every = DemandeAcces.objects.select_related("user", "eg__entite_juridique", "decided_by")
    found = habilitations.territory(every, reader, "eg__")
    demande = get_object_or_404(found, pk=pk)
    form = RefusalForm(request.POST if request.POST.get("decision") == "refuser" else None)
    if request.method == "POST" and _answered(request, demande, form):
        return redirect(LIST)
    lines = referents.of(demande.eg)
    context = {"demande": demande, "eg": demande.eg, "form": form, "lines": lines}
    context |= {"is_open": demande.status == DemandeStatus.EN_ATTENTE, "number": referents.number_active(lines)}
    return render(request, "directory/people/decider.html", context)


def _answered(request: HttpRequest, demande: DemandeAcces, form: RefusalForm) -> bool:
    """Carry out what was clicked; False when the page must be shown again (no reason, unknown button)."""
    decision = request.POST.get("decision")
    try:
        if decision == "accepter":
            demandes.accept(demande.pk, by=request.user)
            messages.success(request, f"{demande.user} est à présent référent de {demande.eg.display_name}.")
        elif decision == "refuser" and form.is_valid():
            demandes.refuse(demande.pk, by=request.user, reason=form.cleaned_data["reason"])
            messages.success(request, f"Demande refusée : {demande.user} reçoit votre motif.")
        else:
            return False
    except demandes.AlreadyDecided as already:
        done = already.demande
        messages.warning(request, f"{done.decided_by} a déjà répondu : demande {done.get_status_display()}.")
    return True
