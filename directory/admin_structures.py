"""The pages of support on the tree, under `/admin/` and in our frame: create, close and reopen, move a UO.

Each is shown to support alone, and only for the fiches of its territory: the others do not exist here (404).
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from directory import checks, closing, structures
from directory.checks import DocumentInvalid
from directory.closing import Triple
from directory.display import structures as display
from directory.display.history import told_problems
from directory.documents import Document, UnknownReference, to_document
from directory.models import EntiteJuridique, Kind
from directory.models.common import Fiche
from directory.permissions import Reader
from directory.publishing import StaleVersion
from directory.restoring import unknown_reference
from directory.structures import Moved
from directory.structures_forms import ClosingForm, MoveForm, NewEG, NewEJ

METHODS = ["GET", "HEAD", "POST"]
MOVED = "Entre-temps, quelque chose a changé\u00a0: rien n’a été fait. Relisez ce qui suit, puis confirmez."


class SupportPages:
    """For the ModelAdmin of a kind of fiche: its pages, and the buttons that lead to them."""

    kind: Kind
    change_form_template = "admin/directory/fiche_change_form.html"

    def get_urls(self) -> list:
        name = self.opts.model_name
        own = [
            path(f"{route}/", self.admin_site.admin_view(view), name=f"directory_{name}_{page}")
            for route, page, view in pages(self.kind)
        ]
        return own + super().get_urls()


def pages(kind: Kind) -> Iterable[tuple[str, str, Callable[..., HttpResponse]]]:
    """(route, name, view) of the pages of a kind."""
    yield "<int:pk>/fermer", "fermer", _closing_page(kind)
    if kind == Kind.EJ:
        yield "creer", "creer", create_ej
        yield "<int:pk>/creer-etablissement", "creer_eg", create_eg
    if kind == Kind.UO:
        yield "<int:pk>/deplacer", "deplacer", move


def _support(request: HttpRequest) -> Reader:
    reader = Reader.of(request.user)
    if not reader.is_support:
        raise PermissionDenied
    return reader


def _mine(request: HttpRequest, kind: Kind, pk: int) -> Fiche:
    """A fiche this support changes, or 404."""
    _support(request)
    found = structures.supported(kind, request.user)
    return get_object_or_404(found.select_related("entite_geographique") if kind == Kind.UO else found, pk=pk)


# --- Creating --------------------------------------------------------------------------------------------------------


@never_cache
@require_http_methods(METHODS)
def create_ej(request: HttpRequest) -> HttpResponse:
    """A new legal entity, by support of the whole region."""
    if _support(request).support_departements:
        raise PermissionDenied
    form = NewEJ(request.POST or None)
    if request.method == "POST" and form.is_valid():
        made = _made(form, lambda: structures.create_ej(form.document(), by=request.user))
        if made:
            messages.success(request, f"Entité juridique créée\u00a0: {made.display_name}.")
            return redirect(made)
    return _creation(request, form, title="Créer une entité juridique", parent=None)


@never_cache
@require_http_methods(METHODS)
def create_eg(request: HttpRequest, pk: int) -> HttpResponse:
    """A new establishment under an EJ; its commune must be in the territory of this support."""
    reader = _support(request)
    ej = get_object_or_404(EntiteJuridique.objects.visible_to(reader), pk=pk)
    form = NewEG(request.POST or None, ej=ej)
    if request.method == "POST" and form.is_valid():
        if reader.supports(form.commune.departement_id):
            address = {"lieu": form.address(), "commune": form.commune}
            made = _made(form, lambda: structures.create_eg(ej, form.document(), by=request.user, **address))
            if made:
                messages.success(request, f"Établissement créé\u00a0: {made.display_name}. Donnez-lui des référents.")
                return redirect(made)
        else:
            form.add_error("localite", "Cette commune n’est pas de votre territoire.")
    return _creation(request, form, title="Créer un établissement", parent=ej)


def _made(form, create: Callable[[], Fiche]) -> Fiche | None:
    """The new fiche, or None with what forbids it said in the form."""
    try:
        return create()
    except DocumentInvalid as invalid:
        for problem in invalid.problems:
            form.add_error(problem.address if problem.address in form.fields else None, problem.message)
    except UnknownReference as unknown:
        form.add_error(None, unknown_reference(unknown).message)
    return None


def _creation(request: HttpRequest, form, **context: Any) -> HttpResponse:
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "directory/support_creer.html", {"form": form, **context}, status=status)


# --- Closing and reopening -------------------------------------------------------------------------------------------


def _closing_page(kind: Kind) -> Callable[..., HttpResponse]:
    """GET asks, then shows what would close; POST does what was shown."""

    @never_cache
    @require_http_methods(METHODS)
    def view(request: HttpRequest, pk: int) -> HttpResponse:
        fiche = _mine(request, kind, pk)
        if request.method == "POST":
            form = ClosingForm(request.POST, fiche=fiche)
            return _close(request, kind, fiche, form) if form.is_valid() else _closing(request, kind, fiche, form, 422)
        asked = request.GET if "type_fermeture" in request.GET else None
        names = ("type_fermeture", "date_fermeture", "date_reouverture")
        initial = dict(zip(names, closing.triple(fiche), strict=True))
        return _closing(request, kind, fiche, ClosingForm(asked, fiche=fiche, initial=initial))

    return view


def _closing(
    request: HttpRequest, kind: Kind, fiche: Fiche, form: ClosingForm, status: int = 200, *told: str
) -> HttpResponse:
    """The form, and what would follow once it can be read."""
    plan, problems = None, [one for one in told if one != MOVED]
    if form.is_bound and form.is_valid():
        plan = structures.plan_closing(kind, fiche, form.triple())
        problems += _forbidden(kind, fiche, form.triple())
    context = {
        "fiche": fiche,
        "title": display.name(kind, fiche),
        "form": form,
        "plan": plan and display.closing(kind, fiche, plan),
        "problems": problems,
        "moved": MOVED if MOVED in told else "",
    }
    return render(request, "directory/support_fermer.html", context, status=status)


def _forbidden(kind: Kind, fiche: Fiche, after: Triple) -> list[str]:
    """What publishing would refuse, said before anybody confirms."""
    live = to_document(kind, fiche.pk)
    document = structures.with_closing(live, after)
    return told_problems(checks.problems(kind, document, live), document)


def _close(request: HttpRequest, kind: Kind, fiche: Fiche, form: ClosingForm) -> HttpResponse:
    try:
        structures.close(kind, fiche.pk, form.triple(), seen=request.POST.get("seen", ""), by=request.user)
    except (Moved, StaleVersion):
        fiche.refresh_from_db()
        return _closing(request, kind, fiche, form, 409, MOVED)
    except DocumentInvalid as invalid:
        document = to_document(kind, fiche.pk)
        return _closing(request, kind, fiche, form, 422, *told_problems(invalid.problems, document))
    messages.success(request, display.closed(display.name(kind, fiche), form.triple()))
    return redirect(fiche)


# --- Moving a UO -----------------------------------------------------------------------------------------------------


@never_cache
@require_http_methods(METHODS)
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """GET asks where, then shows what it would do; POST does what was shown."""
    uo = _mine(request, Kind.UO, pk)
    asked = request.POST if request.method == "POST" else request.GET if "vers" in request.GET else None
    form = MoveForm(asked, uo=uo, among=structures.supported(Kind.EG, request.user))
    if request.method != "POST" or not form.is_valid():
        return _moving(request, uo, form, 422 if request.method == "POST" else 200)
    try:
        structures.move_uo(uo.pk, form.target.pk, seen=request.POST.get("seen", ""), by=request.user)
    except (Moved, StaleVersion):
        return _moving(request, _mine(request, Kind.UO, pk), form, 409, MOVED)
    except DocumentInvalid as invalid:
        return _moving(request, uo, form, 422, *_told(uo, invalid))
    there = form.target.display_name
    messages.success(request, f"{uo.nom} est maintenant dans {there}. Son identifiant n’a pas changé.")
    return redirect(uo)


def _told(uo: Fiche, invalid: DocumentInvalid) -> list[str]:
    document: Document = to_document(Kind.UO, uo.pk)
    return told_problems(invalid.problems, document)


def _moving(request: HttpRequest, uo: Fiche, form: MoveForm, status: int = 200, *told: str) -> HttpResponse:
    plan, problems = None, [one for one in told if one != MOVED]
    if form.is_bound and form.is_valid():
        plan = structures.plan_move(uo, form.target)
    context = {
        "fiche": uo,
        "form": form,
        "target": form.target,
        "plan": plan,
        "places": plan and display.places(plan, form.target),
        "problems": problems,
        "moved": MOVED if MOVED in told else "",
    }
    return render(request, "directory/support_deplacer.html", context, status=status)
