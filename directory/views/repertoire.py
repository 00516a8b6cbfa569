"""`/repertoire/`: every establishment, filtered, fifty a page, and the same list as an Excel file."""

from django.db.models import Q
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from directory import exports
from directory.filters import RepertoireFilter
from directory.listing import for_listing, page_of
from directory.models import EntiteGeographique, EntiteJuridique
from directory.permissions import Reader
from ror import clock
from ror.htmx import render_page_or_partial


def _filterset(request: HttpRequest, reader: Reader) -> RepertoireFilter:
    found = EntiteGeographique.objects.visible_to(reader)
    return RepertoireFilter(request.GET, queryset=found, reader=reader, today=clock.today())


@require_safe
def repertoire(request: HttpRequest) -> HttpResponse:
    """The list. A filter that cannot be read shows its error and no row."""
    reader, today = Reader.of(request.user), clock.today()
    filterset = _filterset(request, reader)
    is_valid = filterset.form.is_valid()
    found = filterset.qs if is_valid else EntiteGeographique.objects.none()
    page, rows = page_of(found, request.GET.get("page"), reader=reader, today=today)
    context = {
        "form": filterset.form,
        "criteria": _chips(request, filterset) if is_valid else [],
        "page": page,
        "rows": rows,
        "query": _without(request, "page"),
        "n_mine": len(reader.own_eg_ids),
        "export_max": exports.MAX_ROWS,
    }
    return render_page_or_partial(request, "directory/repertoire.html", "directory/_repertoire_rows.html", context)


def _without(request: HttpRequest, *names: str) -> str:
    """The query string without these parameters nor empty ones, ready to be followed by `&page=2`."""
    kept = request.GET.copy()
    for name in [*names, *(key for key, value in request.GET.items() if not value)]:
        kept.pop(name, None)
    return kept.urlencode()


def _chips(request: HttpRequest, filterset: RepertoireFilter) -> list[dict[str, str]]:
    """What is filtered on, each with the address of the same list without it."""
    chips = []
    for name, label, value in filterset.criteria():
        words = _ej_name(value) if name == "ej" else value
        query = _without(request, name, "page")
        chips.append({"label": label, "value": words, "url": f"{reverse('directory:repertoire')}?{query}"})
    return chips


def _ej_name(cle: str) -> str:
    """The name of the EJ whose FINESS or idNat_Struct was asked for, else what was asked."""
    found = EntiteJuridique.objects.published().filter(Q(finess=cle) | Q(idnat_struct=cle))
    return found.values_list("raison_sociale", flat=True).first() or cle


@never_cache
@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """The filtered list, all pages, as Excel."""
    reader, today = Reader.of(request.user), clock.today()
    filterset = _filterset(request, reader)
    if not filterset.form.is_valid():
        return redirect(f"{reverse('directory:repertoire')}?{request.GET.urlencode()}")
    rows = for_listing(filterset.qs, reader=reader, today=today)
    criteria = [(label, value) for _, label, value in filterset.criteria()]
    file = exports.workbook(rows, criteria=criteria, today=today)
    name = f"repertoire-ror-{today:%Y-%m-%d}.xlsx"
    return FileResponse(file, as_attachment=True, filename=name, content_type=exports.CONTENT_TYPE)
