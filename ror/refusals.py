"""What Django refuses before or around a view: a page of ours for people, « problem details » for programs."""

from django.http import HttpRequest, HttpResponse
from django.views import defaults

from api.problems import is_api, problem


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return problem(400) if is_api(request) else defaults.bad_request(request, exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return problem(403) if is_api(request) else defaults.permission_denied(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return problem(404) if is_api(request) else defaults.page_not_found(request, exception)
