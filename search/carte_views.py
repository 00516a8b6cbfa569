"""HTTP of the map: its data and its outlines."""

from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import last_modified, require_safe

from directory.permissions import Reader
from search import carte, engine
from search.forms import SearchForm

CONTENT_TYPE = "application/geo+json"
CONTOURS_SECONDS = 24 * 3600
SHORT = {"ensure_ascii": False, "separators": (",", ":")}
INCOMPLETE = "Cette recherche est incomplète : reprenez-la depuis la page."


@require_safe
def geojson(request: HttpRequest) -> HttpResponse:
    """Up to 200 establishments of the search, at the level of the reader; 400 when nothing can be asked."""
    form = SearchForm(request.GET)
    if not form.is_answerable:
        response = JsonResponse({"message": INCOMPLETE}, status=400)
    else:
        found = engine.search_all(form.criteria(), reader=Reader.of(request.user))
        response = JsonResponse(carte.geojson(form, found), content_type=CONTENT_TYPE, json_dumps_params=SHORT)
    patch_cache_control(response, private=True, no_store=True)
    return response


def _contours() -> Path | None:
    path = Path(settings.CONTOURS_FILE)
    return path if path.is_file() else None


def _contours_changed(request: HttpRequest) -> datetime | None:
    """Instant of the file, to the second as HTTP says it; None when there is none."""
    path = _contours()
    return datetime.fromtimestamp(path.stat().st_mtime, UTC).replace(microsecond=0) if path else None


@require_safe
@last_modified(_contours_changed)
def contours(request: HttpRequest) -> HttpResponse:
    """The file of outlines named in the settings."""
    path = _contours()
    if path is None:
        raise Http404("Les réglages ne nomment aucun fichier de contours.")
    response = HttpResponse(path.read_bytes(), content_type=CONTENT_TYPE)
    patch_cache_control(response, private=True, max_age=CONTOURS_SECONDS)
    return response
