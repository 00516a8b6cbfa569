"""Who asks: a machine with a token (OAuth 2, client credentials), or a person with her session."""

import base64
import binascii
from dataclasses import dataclass

from allauth.core.internal import ratelimit
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control
from django.views.decorators.csrf import csrf_exempt
from oauth2_provider.contrib.rest_framework import OAuth2Authentication
from oauth2_provider.views import TokenView
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from api.models import Client
from api.problems import problem
from directory.permissions import Reader

SCOPE = "lecture"
TOO_MANY = "Trop d’essais pour ce client ou depuis cette adresse. Attendez cinq minutes avant de recommencer."


@dataclass(frozen=True)
class Machine:
    """`request.user` of a request that shows a token: a client, never an account (docs/decisions/0016)."""

    client: Client

    is_authenticated = True
    is_anonymous = False
    is_active = True
    is_staff = False
    is_superuser = False
    pk = None

    def __str__(self) -> str:
        return str(self.client)


class BearerAuthentication(OAuth2Authentication):
    """One query: the token with its client. A revoked client is refused like a wrong token."""

    www_authenticate_realm = "ror"

    def authenticate(self, request: Request) -> tuple[Machine, object] | None:
        if not request.headers.get("Authorization", "").lower().startswith("bearer "):
            return None  # a person, whose session is asked next
        found = super().authenticate(request._request)  # REST framework would parse the body first: 415
        if found is None or found[1].application is None:
            return None
        return Machine(found[1].application), found[1]


class HasScope(BasePermission):
    """A token must be one for reading; a session has no scope."""

    message = "Ce jeton ne permet pas de lire le répertoire."

    def has_permission(self, request: Request, view) -> bool:
        return request.auth is None or request.auth.is_valid([SCOPE])


def reader_of(request: Request) -> Reader:
    """Rights of who asks, machine or person."""
    if isinstance(request.user, Machine):
        return request.user.client.reader
    return Reader.of(request.user)


# --- Tokens ---------------------------------------------------------------------------------------------------------


_token = TokenView.as_view()  # the toolkit's own, which answers as RFC 6749 says


@csrf_exempt  # a program sends it, with its own credentials and no cookie
@login_not_required
def token(request: HttpRequest) -> HttpResponse:
    """`POST /api/oauth/token/`: a token of an hour for a client; failures are counted like failed logins."""
    usage = ratelimit.consume(
        request,
        app="api",
        action="token",
        config={"token": settings.API_TOKEN_FAILURES},
        key=_client_id(request),
    )
    if not usage:
        response: HttpResponse = problem(429, TOO_MANY)
        response["Retry-After"] = "300"
    else:
        response = _token(request)
        if response.status_code == 200:
            usage.rollback()
    patch_cache_control(response, no_store=True)
    return response


def _client_id(request: HttpRequest) -> str:
    """The client a request says it comes from, in its header or in its form; cut, it is only a key."""
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(value, validate=True).decode().partition(":")[0][:255]
        except (binascii.Error, UnicodeDecodeError):
            return ""
    return request.POST.get("client_id", "")[:255]
