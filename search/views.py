"""HTTP of the search: the results page, its export, the two lists of suggestions."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from directory.permissions import Reader
from nomenclature.text import normalise
from ror import clock
from ror.htmx import render_page_or_partial, wants_fragment
from search import display, engine, exports, places, suggestions
from search.forms import SearchForm

MAX_TYPED = 100  # characters of a text being typed that are looked at
CACHE_SECONDS = 60
# First group under « Quoi ? »: the typed text itself, and where to look for it.
SCOPES = (
    ("tout", "tout le ROR"),
    ("types_uo", "les types d’UO"),
    ("actes", "les actes spécifiques"),
    ("noms", "les noms"),
)


@require_safe
def results(request: HttpRequest) -> HttpResponse:
    """The form with its help, its errors, or the answer. A full page moves to the address worth sharing."""
    form = SearchForm(request.GET)
    if not form.is_answerable:
        return render(request, "search/results.html", {"form": form, "results": None})
    is_fragment = wants_fragment(request)
    if not is_fragment and not form.is_tidy:
        return HttpResponseRedirect(form.canonical_url)
    found = engine.search(form.criteria(), reader=Reader.of(request.user), page=form.page_number)
    context = display.context(form, found, is_fragment=is_fragment)
    response = render_page_or_partial(request, "search/results.html", "search/_results.html", context)
    if is_fragment:
        response["HX-Push-Url"] = form.canonical_url
    return response


@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """The whole list, up to 200 establishments, as a workbook."""
    form = SearchForm(request.GET)
    if not form.is_answerable:
        return render(request, "search/results.html", {"form": form, "results": None}, status=400)
    reader = Reader.of(request.user)
    found = engine.search_all(form.criteria(), reader=reader)
    site = request.build_absolute_uri("/").removesuffix("/")
    content = exports.workbook(form, found, reader=reader, site=site)
    response = HttpResponse(content, content_type=exports.CONTENT_TYPE)
    response["Content-Disposition"] = f'attachment; filename="ror-recherche-{clock.today():%Y-%m-%d}.xlsx"'
    patch_cache_control(response, private=True, no_store=True)
    return response


@require_safe
def suggestions_ou(request: HttpRequest) -> JsonResponse:
    """Communes for `q`, being typed."""
    return _json(suggestions_json(places.suggest_ou(_typed(request)), kind="ou"))


@require_safe
def suggestions_quoi(request: HttpRequest) -> JsonResponse:
    """Where to look for `q`, then concepts by dimension, for the scope `dans`."""
    text, dans = _typed(request), request.GET.get("dans", "tout")
    if not text:
        return _json([])
    return _json([_scopes(text), *suggestions_json(suggestions.suggest_quoi(text, dans), kind="code")])


def _typed(request: HttpRequest) -> str:
    """What is being typed, cut; empty when it holds no letter and no digit."""
    text = request.GET.get("q", "").strip()[:MAX_TYPED]
    return text if normalise(text) else ""


def _scopes(text: str) -> dict:
    options = [
        {"value": value, "label": f"dans {where}", "segments": [["dans ", False], [where, True]]}
        for value, where in SCOPES
    ]
    return {"title": f"Rechercher «\u00a0{text}\u00a0»", "kind": "dans", "options": options}


def suggestions_json(groups: list[suggestions.Group], *, kind: str) -> list[dict]:
    """Groups as combobox.js reads them; `kind` says which field a choice fills."""
    return [
        {
            "title": group.title,
            "kind": kind,
            "options": [{"value": o.value, "label": o.label, "segments": o.segments} for o in group.options],
        }
        for group in groups
    ]


def _json(groups: list[dict]) -> JsonResponse:
    """Private and short-lived: the lists are the same for everyone, the portal is not public."""
    response = JsonResponse({"groups": groups})
    patch_cache_control(response, private=True, max_age=CACHE_SECONDS)
    return response
