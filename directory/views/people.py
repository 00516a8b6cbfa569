"""Support and the people of the structures: inviting, référents of an establishment, taking a right back.

Under `/admin/` (`directory.admin_habilitations` mounts them behind its login), in our frame.
"""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.invitations import InvitationRefused
from directory import habilitations, naming, referents
from directory.habilitations import Right
from directory.invitations import invite as send_invitation
from directory.models import DemandeAcces, DemandeStatus, EntiteGeographique, Habilitation
from directory.people_forms import TEXT_MAX, InvitationForm
from directory.permissions import Reader
from nomenclature.choices import segments
from nomenclature.models import Departement
from ror import clock

PER_PAGE = 50
SUGGESTIONS = 12
INDEX = "admin:directory_habilitation_changelist"


def _support(request: HttpRequest) -> Reader:
    reader = Reader.of(request.user)
    if not reader.is_support:
        raise PermissionDenied
    return reader


@require_http_methods(["GET", "HEAD", "POST"])
def invite(request: HttpRequest) -> HttpResponse:
    """« Inviter une personne »: one page for the account, its right and the mail. `?structure=` fills the number."""
    _support(request)
    initial = {"structure": request.GET.get("structure", "")[:30]}
    form = InvitationForm(request.POST or None, by=request.user, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            user, invited = send_invitation(form.person, form.right, by=request.user)
        except InvitationRefused as refused:
            form.add_error("email", str(refused))
        else:
            sent = f"Invitation envoyée à {user.email}" if invited else f"{user} avait déjà un compte : message envoyé"
            messages.success(request, f"{sent}, {form.right.words}.")
            eg = form.right.eg
            return redirect("admin:directory_habilitation_referents", eg.pk) if eg else redirect(INDEX)
    return render(request, "directory/people/inviter.html", {"form": form})


@never_cache
@require_safe
def suggestions(request: HttpRequest) -> JsonResponse:
    """Structures whose name holds what is typed, for « Structure » of an invitation: those of the reader's territory.
    The kind « ou » fills the field without sending the form (`combobox.js`)."""
    reader = _support(request)
    text = request.GET.get("q", "")[:TEXT_MAX]
    found = naming.by_name(text, reader, limit=SUGGESTIONS)
    options = [
        {"value": one.structure.cle, "label": one.structure.display_name, "segments": segments(one.label, text)}
        for one in found
    ]
    return JsonResponse({"groups": [{"title": "Structures", "kind": "ou", "options": options}] if options else []})


@require_safe
def referents_of(request: HttpRequest, pk: int) -> HttpResponse:
    """« Référents » of an establishment: who, since when, until when, who is invited; a warning under two."""
    reader = _support(request)
    found = habilitations.territory(EntiteGeographique.objects.published(), reader)
    eg = get_object_or_404(found.select_related("entite_juridique"), pk=pk)
    lines = referents.of(eg)
    context = {
        "eg": eg,
        "lines": lines,
        "number": referents.number_active(lines),
        "enough": referents.ENOUGH,
        "whole_region": not reader.support_departements,
        "waiting": DemandeAcces.objects.filter(eg=eg, status=DemandeStatus.EN_ATTENTE).select_related("user"),
    }
    return render(request, "directory/people/referents.html", context)


@require_safe
def structures(request: HttpRequest) -> HttpResponse:
    """Establishments open today with fewer than two référents, by département."""
    reader = _support(request)
    found = habilitations.territory(EntiteGeographique.objects.published().open_on(clock.today()), reader)
    departements = Departement.objects.order_by("code")
    code = request.GET.get("departement", "")
    if code:
        found = found.filter(lieux__est_principal=True, lieux__commune__departement=code[:3])
    rows = referents.counted(found).filter(referents__lt=referents.ENOUGH)
    nobody = request.GET.get("aucun") == "1"
    if nobody:
        rows = rows.filter(referents=0)
    rows = rows.select_related("categorie", "entite_juridique").order_by("denomination", "pk")
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "departements": departements, "departement": code, "nobody": nobody}
    return render(request, "directory/people/structures.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """« Retirer »: a page that asks, then the right is over, at the minute."""
    reader = _support(request)
    row = get_object_or_404(Habilitation.objects.select_related("user", "ej", "eg", "departement"), pk=pk)
    right = Right(row.role, ej=row.ej, eg=row.eg, departement=row.departement)
    if not habilitations.may_manage(reader, right):
        raise Http404
    back = request.POST.get("retour") or request.GET.get("retour", "")
    if not url_has_allowed_host_and_scheme(back, None):
        back = ""
    if request.method == "POST":
        taken = habilitations.revoke(row.pk, by=request.user)
        messages.success(request, "L’accès est retiré." if taken else "Cet accès était déjà terminé.")
        return redirect(back or INDEX)
    return render(request, "directory/people/retirer.html", {"row": row, "words": right.words, "back": back})
