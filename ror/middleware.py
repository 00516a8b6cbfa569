"""Middleware of the project itself."""

import datetime as dt
import logging
from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.db import Error
from django.http import HttpRequest, HttpResponse

from dossiers import effects
from ror import clock, health

logger = logging.getLogger(__name__)

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


class NewDayMiddleware:
    """What takes effect today is public before this process gives its first answer of the day, whatever beat does.

    The one write no reader causes (design §4): it would happen without the request. A failure is for the next request
    to try again, and never for this one to tell.
    """

    day: dt.date | None = None  # of the process: the last one for which this was done

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if self.day != clock.today():
            try:
                effects.apply_due()
                type(self).day = clock.today()
            except Error:  # the database restarts: the next request tries again
                logger.exception("what is due today could not be published")
            except Exception:  # a fault of ours in one dossier must not close the portal; beat tries again
                logger.exception("what is due today could not be published")
                type(self).day = clock.today()
        return self.get_response(request)
