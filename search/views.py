"""HTTP of the search: the results page, its export, the two lists of suggestions."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from directory.permissions import Reader
from nomenclature.text import normalise
from ror import clock
from ror.htmx import render_page_or_partial, wants_fragment
from search import adresses, carte, display, engine, exports, places, rayon, sans_resultat, suggestions, vocabulary
from search.forms import SearchForm
from search.text import groups as words_of
from search.text import readings

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
    # The map shows in one page all that a list shows.
    per_page = settings.RESULTS_MAX if form.is_map else None
    reader = Reader.of(request.user)
    found = engine.search(form.criteria(), reader=reader, page=form.page_number, per_page=per_page)
    if found.found_nothing and form.page_number == 1 and not form.concept:
        sans_resultat.count(form.text)
    context = display.context(form, found, is_fragment=is_fragment) | {
        "may_extract": reader.may_extract,
        "proposal": rayon.proposal(form, found, reader=reader),
    }
    if form.is_map:
        page = render_page_or_partial(request, carte.PAGE, carte.FRAGMENT, context | carte.context(form, found))
        response = carte.allow_tiles(page)
    else:
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
    """Communes for `q`, being typed. `adresses`: it may be an address, which another address of ours tells."""
    text = _typed(request)
    return _json(suggestions_json(places.suggest_ou(text), kind="ou"), adresses=places.may_be_address(text))


@require_safe
def suggestions_adresse(request: HttpRequest) -> JsonResponse:
    """Addresses for `q`, asked apart: the communes never wait for that service, and nothing is kept of the text."""
    text = _typed(request)
    try:
        found = adresses.suggest(text) if places.may_be_address(text) else []
    except adresses.Unavailable:
        found = []
    groups = [places.adresse_group(found, text)] if found else []
    response = JsonResponse({"groups": suggestions_json(groups, kind="adresse")})
    patch_cache_control(response, private=True, no_store=True)
    return response


@require_safe
def suggestions_quoi(request: HttpRequest) -> JsonResponse:
    """Where to look for `q`, then concepts by dimension, for the scope `dans`."""
    text, dans = _typed(request), request.GET.get("dans", "tout")
    if not text:
        return _json([])
    found = suggestions.suggest_quoi(text, dans) or _close_suggestions(text, dans)
    return _json([_scopes(text), *suggestions_json(found, kind="code")])


def _close_suggestions(text: str, dans: str) -> list[suggestions.Group]:
    """For a mistyped text: those of its closest reading that has some."""
    corrected = vocabulary.correct(words_of(text)) or []
    found = (suggestions.suggest_quoi(reading, dans) for reading in readings(corrected) if reading)
    return next(filter(None, found), [])


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


def _json(groups: list[dict], **more: bool) -> JsonResponse:
    """Private and short-lived: the lists are the same for everyone, the portal is not public. `more`: what is true."""
    response = JsonResponse({"groups": groups} | {name: value for name, value in more.items() if value})
    patch_cache_control(response, private=True, max_age=CACHE_SECONDS)
    return response
