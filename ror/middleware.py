"""Middleware of the project itself."""

from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse

from ror import health

PROBES = {"/sante/": health.liveness, "/pret/": health.readiness}


class HealthMiddleware:
    """Answers the probes before any other layer: they call by address, over plain HTTP, without our host name."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        probe = PROBES.get(request.path_info, self.get_response)
        return probe(request)


class NullCharacterMiddleware:
    """400 for a null character in the path or a cookie: PostgreSQL refuses it, and a look-up would answer 500.

    Forms refuse it by themselves in what they read, next to the field.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        read = [request.path_info, *request.COOKIES.values()]
        if request.path_info.startswith("/admin/"):  # its look-ups read the query without a form
            read += request.GET.values()
        if any("\x00" in text for text in read):
            raise BadRequest("null character")
        return self.get_response(request)
