"""Middleware of the project itself."""

from collections.abc import Callable

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
