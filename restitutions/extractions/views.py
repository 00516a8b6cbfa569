"""HTTP of the extractions: my list and its progress, a new one, the file."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import patch_cache_control
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from directory.permissions import Reader
from directory.workbook import CONTENT_TYPE
from nomenclature.models import Departement
from restitutions import questions, tasks
from restitutions.extractions import services
from restitutions.extractions.forms import ExtractionForm
from restitutions.models import Etat, Extraction, Format
from ror.htmx import render_page_or_partial, wants_fragment
from search.forms import SearchForm

SHOWN = 30
TYPES = {Format.XLSX: CONTENT_TYPE, Format.CSV: "text/csv; charset=utf-8"}
PAGE = "restitutions:extractions"


def _entitled(request: HttpRequest) -> None:
    if not Reader.of(request.user).may_extract:
        raise PermissionDenied


@never_cache
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """My extractions, the latest first. While one is being made, the list asks for itself again."""
    _entitled(request)
    rows = list(Extraction.objects.filter(requester=request.user)[:SHOWN])
    context = {
        "rows": rows,
        "open": next((row for row in rows if row.is_open), None),
        "is_fragment": wants_fragment(request),
        "Etat": Etat,
    }
    return render_page_or_partial(request, "restitutions/extractions.html", "restitutions/_extractions.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def nouvelle(request: HttpRequest) -> HttpResponse:
    """Choose what to extract; the parameters of a search may come with the address."""
    _entitled(request)
    form = _form(request)
    if request.method != "POST" or not form.is_valid():
        status = 200 if request.method != "POST" else 422
        return render(request, "restitutions/extraction_nouvelle.html", {"form": form}, status=status)
    found = form.cleaned_data
    try:
        extraction = services.ask(
            by=request.user,
            perimetre=found["perimetre"],
            departement=found["departement"],
            query=form.query,
            file_format=found["format"],
        )
    except services.Busy:
        messages.warning(request, "Une extraction est déjà en préparation\u00a0: attendez qu’elle soit prête.")
        return redirect(PAGE)
    # A hint: when the broker is away, the periodic task finds the row.
    transaction.on_commit(lambda: tasks.make_extraction.delay(str(extraction.pk)), robust=True)
    return redirect(PAGE)


def _form(request: HttpRequest) -> ExtractionForm:
    departements = Departement.objects.order_by("code")
    if request.method == "POST":
        search = questions.read(request.POST.get("recherche", "")[:2000])
        return ExtractionForm(request.POST, query=_canonical(search), departements=departements)
    return ExtractionForm(query=_canonical(SearchForm(request.GET)), departements=departements)


def _canonical(search: SearchForm) -> str:
    return questions.canonical(search, without=("vue", "tri")) if search.is_answerable else ""


@never_cache
@require_POST
def telecharger(request: HttpRequest, pk: str) -> HttpResponse:
    """The file, for its requester while his rights hold. A POST: it writes a line of the journal."""
    extraction = get_object_or_404(Extraction, pk=pk, requester=request.user)
    try:
        file = services.take_away(extraction, by=request.user)
    except services.Refused as refused:
        context = {"refusal": str(refused), "may_extract": Reader.of(request.user).may_extract}
        return render(request, "restitutions/extraction_refusee.html", context, status=refused.status)
    response = FileResponse(
        file, as_attachment=True, filename=extraction.filename, content_type=TYPES[Format(extraction.format)]
    )
    patch_cache_control(response, private=True, no_store=True)
    return response
