"""One URL serves the page and its htmx fragment."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers


def wants_fragment(request: HttpRequest) -> bool:
    """True for an htmx swap; false for a full page, and when htmx restores its history (it then needs the frame)."""
    headers = request.headers
    return headers.get("HX-Request") == "true" and headers.get("HX-History-Restore-Request") != "true"


def render_page_or_partial(request: HttpRequest, page: str, partial: str, context: dict) -> HttpResponse:
    """Render `partial` for htmx and `page` otherwise, and say so to caches with `Vary: HX-Request`.

    The fragment template gets the same context, `only` included: a page includes it with the same names. It is one of
    Django or of Jinja2, whichever has that name.
    """
    response = render(request, partial if wants_fragment(request) else page, context)
    patch_vary_headers(response, ["HX-Request"])
    return response
