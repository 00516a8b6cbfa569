"""HTTP of « Ma sélection »: the page, its changes, the sheets, the workbook, the link."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from directory.models import Niveau
from directory.permissions import Reader
from restitutions.selection import contents, display, exports, links, loading, sheets
from restitutions.selection.forms import CHOICES, NotesForm, PrintForm
from ror import clock
from ror.htmx import wants_fragment

PAGE = "restitutions:selection"
NOTES_KEPT = "Vos notes sont enregistrées pour cette session."


@never_cache
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The lines, their notes, and what can be done with them."""
    return _page(request, contents.of(request))


def _page(
    request: HttpRequest, selection: contents.Selection, notes: NotesForm | None = None, *, status: int = 200
) -> HttpResponse:
    found = loading.load(selection.refs, reader=Reader.of(request.user))
    rows = display.rows(selection.lines, found, clock.now(), notes)
    context = {
        "selection": selection,
        "rows": rows,
        "errors": [row for row in rows if row.error],
        "n_missing": sum(not row.is_available for row in rows),
        "max_lines": contents.MAX_LINES,
        "max_note": contents.MAX_NOTE,
    }
    return render(request, "restitutions/selection.html", context, status=status)


# --- Changes ---------------------------------------------------------------------------------------------------------


@require_POST
def ajouter(request: HttpRequest) -> HttpResponse:
    """Put aside the fiches `f`, then back where one was."""
    refs = [contents.parse(text) for text in request.POST.getlist("f")]
    outcome = contents.add(request.session, refs, reader=Reader.of(request.user))
    return _answer(request, display.told(outcome), is_good=not (outcome.refused or outcome.unknown))


@require_POST
def retirer(request: HttpRequest) -> HttpResponse:
    """Take away the lines `f`. From the page of the selection the notes come along, and are kept."""
    _keep_notes(request)
    refs = [contents.parse(text) for text in request.POST.getlist("f")]
    n = contents.remove(request.session, refs)
    return _answer(request, "Retiré de votre sélection." if n else "Ce n’était plus dans votre sélection.")


def _answer(request: HttpRequest, text: str, *, is_good: bool = True) -> HttpResponse:
    """For a script, the count, the bar of the results, or the button of the fiche; else the page one comes from."""
    if not wants_fragment(request):
        (messages.success if is_good else messages.warning)(request, text)
        return redirect(_next(request))
    ref = contents.parse(request.POST.get("f", "")) if request.POST.get("vue") == "fiche" else None
    context = {"text": text, "is_good": is_good, "fiche_url": ref.address if ref else ""}
    return render(request, "restitutions/_change.html", context)


def _next(request: HttpRequest) -> str:
    """A page of ours to go back to; the selection when nothing better is said."""
    asked = request.POST.get("suivant", "")
    is_ours = url_has_allowed_host_and_scheme(asked, allowed_hosts=None, require_https=request.is_secure())
    return asked if is_ours else reverse(PAGE)


def _keep_notes(request: HttpRequest) -> NotesForm:
    notes = NotesForm(contents.of(request).lines, request.POST)
    if notes.good:
        contents.write_notes(request.session, notes.good)
    return notes


# Where a button of the page leads, once the notes are kept.
_THEN = {
    "personne": ("restitutions:selection_imprimer", "pour=personne"),
    "collegue": ("restitutions:selection_imprimer", "pour=collegue"),
    "partager": ("restitutions:selection_partager", ""),
    "vider": ("restitutions:selection_vider", ""),
}


@never_cache
@require_POST
def notes(request: HttpRequest) -> HttpResponse:
    """Keep the notes, then go where the button says. A note too long is shown again, the others are kept."""
    form = _keep_notes(request)
    if wants_fragment(request):
        return render(request, "restitutions/_notes_told.html", {"n_errors": len(form.errors), "now": clock.now()})
    if form.errors:
        return _page(request, contents.of(request), form, status=422)
    then = request.POST.get("puis", "")
    if then in _THEN:
        name, query = _THEN[then]
        return HttpResponseRedirect(reverse(name) + (f"?{query}" if query else ""))
    messages.success(request, NOTES_KEPT)
    return redirect(PAGE)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def vider(request: HttpRequest) -> HttpResponse:
    """Ask, then forget everything."""
    if request.method == "POST":
        contents.empty(request.session)
        messages.success(request, "Votre sélection est vide.")
        return redirect(PAGE)
    return render(request, "restitutions/vider.html", {"selection": contents.of(request)})


# --- Paper and file --------------------------------------------------------------------------------------------------


@never_cache
@require_safe
def imprimer(request: HttpRequest) -> HttpResponse:
    """The sheet, for a person or for a colleague. The boxes are in the address: nothing is kept of them."""
    selection, reader = contents.of(request), Reader.of(request.user)
    found = loading.load(selection.refs, reader=reader)
    form = PrintForm(request.GET)
    options = form.options()
    lines = [found[ref] for ref in selection.refs if ref in found]
    context: dict[str, Any] = {
        "options": options,
        "sheet": sheets.sheet(selection.lines, found, options, now=clock.now()),
        "choices": CHOICES,
        "boxes": _boxes(form, options, selection, lines),
        "today": clock.today(),
        "author": request.user,
    }
    return render(request, "restitutions/imprimer.html", context)


def _boxes(form: PrintForm, options: sheets.Options, selection: contents.Selection, lines: list) -> list:
    """The boxes that have something to add to this sheet."""
    has_sensitive = any(one.is_sensitive for one in lines)
    reads_3 = any(one.level == Niveau.REGULATION for one in lines)
    names = [
        ("contacts", options.is_for_a_person),
        ("niveau3", not options.is_for_a_person and reads_3),
        ("sensibles", has_sensitive),
        ("notes", selection.has_notes),
    ]
    return [form[name] for name, is_useful in names if is_useful]


@never_cache
@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """The workbook; the notes are in it when asked for (`notes=on`)."""
    selection = contents.of(request)
    found = loading.load(selection.refs, reader=Reader.of(request.user))
    site = request.build_absolute_uri("/").removesuffix("/")
    content = exports.workbook(selection.lines, found, site=site, with_notes=request.GET.get("notes") == "on")
    response = HttpResponse(content, content_type=exports.CONTENT_TYPE)
    response["Content-Disposition"] = f'attachment; filename="ror-selection-{clock.today():%Y-%m-%d}.xlsx"'
    return response


# --- Link ------------------------------------------------------------------------------------------------------------


@never_cache
@require_safe
def partager(request: HttpRequest) -> HttpResponse:
    """The address to give to a colleague. Nothing is written: the link is its own memory."""
    selection = contents.of(request)
    found = loading.load(selection.refs, reader=Reader.of(request.user))
    shared = [ref for ref in selection.refs if ref in found and not found[ref].is_sensitive]
    url = reverse("restitutions:selection_partage", args=[links.make(shared)]) if shared else ""
    context = {
        "url": request.build_absolute_uri(url) if url else "",
        "n": len(shared),
        "n_sensitive": sum(one.is_sensitive for one in map(found.get, selection.refs) if one),
        "until": timezone.localtime() + links.LIFE,
    }
    return render(request, "restitutions/partager.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def partage(request: HttpRequest, token: str) -> HttpResponse:
    """A selection received: read with one's own rights; POST copies it into one's own."""
    try:
        refs = links.read(token)
    except links.LinkOver:
        return render(request, "restitutions/partage_refuse.html", {"is_over": True}, status=410)
    except links.LinkUnknown:
        return render(request, "restitutions/partage_refuse.html", {"is_over": False}, status=404)
    reader = Reader.of(request.user)
    found = loading.load(refs, reader=reader)
    if request.method == "POST":
        there = [ref for ref in refs if ref in found]
        outcome = contents.add(request.session, there, reader=reader)
        (messages.warning if outcome.refused else messages.success)(request, display.told(outcome))
        return redirect(PAGE)
    rows = display.rows([contents.Line(ref) for ref in refs], found, clock.now())
    context = {"rows": rows, "n_missing": sum(not row.is_available for row in rows), "days": links.LIFE.days}
    return render(request, "restitutions/partage.html", context)
