"""What REST framework refuses, told as `api.problems` tells it."""

from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

from api.problems import CONTENT_TYPE, body

WRONG = "Un paramètre est incorrect : voyez « erreurs »."


def handler(error: Exception, context: dict) -> Response | None:
    """REST framework's hook. What it does not know is for `handler500`."""
    response = exception_handler(error, context)
    if response is None:
        return None
    detail, errors = "", None
    if isinstance(error, exceptions.ValidationError):
        detail, errors = WRONG, _messages(error.detail)
    elif isinstance(error, exceptions.PermissionDenied) and error.detail != error.default_detail:
        detail = str(error.detail)  # a message of ours
    response.data = body(response.status_code, detail, errors)
    response.content_type = CONTENT_TYPE
    return response


def _messages(detail: dict | list) -> dict[str, list[str]]:
    """{parameter: [messages]}; a wrong element of a list is told under its list."""
    if isinstance(detail, list):
        return {"demande": [str(one) for one in detail]}
    return {name: _flat(found) for name, found in detail.items()}


def _flat(found: object) -> list[str]:
    if isinstance(found, dict):
        return [text for one in found.values() for text in _flat(one)]
    if isinstance(found, list):
        return [text for one in found for text in _flat(one)]
    return [str(found)]
