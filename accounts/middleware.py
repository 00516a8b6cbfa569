"""What each request of a person goes through: limits of the session, login, second factor."""

from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import resolve_url
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme

from accounts import sessions

SESSION_OVER = "Votre session est terminée. Connectez-vous de nouveau."
NO_SECOND_FACTOR = "Activez d’abord votre second facteur."
# What a person without her compulsory second factor may still open.
WITHOUT_SECOND_FACTOR = {"mfa_activate_totp", "account_reauthenticate", "account_logout", "favicon"}


def wants_data(request: HttpRequest) -> bool:
    """Asked by a script (htmx, fetch), which must read a status, not the HTML of another page."""
    headers = request.headers
    return (
        headers.get("HX-Request") == "true"
        or headers.get("X-Requested-With") == "XMLHttpRequest"
        or "application/json" in headers.get("Accept", "")
    )


class SessionLimitsMiddleware:
    """Ends a session that is too old or idle for too long; `request.session_end` says why, for the login page.

    A request a page makes by itself (header `X-Background: 1`) is not an activity of the person.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.session_end = ""
        if SESSION_KEY in request.session:
            request.session_end = sessions.over(request.session)
            if request.session_end:
                request.session.flush()
                request.user = AnonymousUser()
            elif request.headers.get("X-Background") != "1":
                sessions.touch(request.session)
        elif settings.SESSION_COOKIE_NAME in request.COOKIES and request.session.session_key is None:
            request.session_end = sessions.ENDED  # by its owner elsewhere, by support, or forgotten since
        return self.get_response(request)


class LoginMiddleware(LoginRequiredMiddleware):
    """Every page but the public ones asks for a login: 401 in JSON for a script, the login page for a person."""

    def handle_no_permission(self, request: HttpRequest, view_func) -> HttpResponse:
        query = {"next": _address_to_come_back_to(request)}
        keep = getattr(view_func, "on_session_over", None)
        if keep and request.method == "POST" and not wants_data(request):
            query["next"] = keep(request)  # what was typed waits for its author (`accounts.kept_text`)
        if request.session_end:
            query["fin"] = request.session_end
        login = f"{resolve_url(settings.LOGIN_URL)}?{urlencode(query, safe='/')}"
        if wants_data(request):
            response = JsonResponse({"erreur": "session", "message": SESSION_OVER, "connexion": login}, status=401)
            patch_vary_headers(response, ["HX-Request", "X-Requested-With", "Accept"])
            return response
        return HttpResponseRedirect(login)


def _address_to_come_back_to(request: HttpRequest) -> str:
    """The page asked for; for what was sent, the page it was sent from: a POST cannot be opened again."""
    if request.method in ("GET", "HEAD"):
        return request.get_full_path()
    referer = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(referer, {request.get_host()}):
        return settings.LOGIN_REDIRECT_URL
    parts = urlsplit(referer)
    return parts.path + (f"?{parts.query}" if parts.query else "")


class SecondFactorMiddleware:
    """Sends who must have a second factor, and has none, to its activation. What it reads came with the user."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view_func, view_args, view_kwargs) -> HttpResponse | None:
        user = request.user
        if not user.is_authenticated or not user.lacks_second_factor or _opens_without(request, view_func):
            return None
        activation = reverse("mfa_activate_totp")
        if wants_data(request):
            data = {"erreur": "second_facteur", "message": NO_SECOND_FACTOR, "activation": activation}
            return JsonResponse(data, status=403)
        return HttpResponseRedirect(activation)


def _opens_without(request: HttpRequest, view_func) -> bool:
    """Public pages, activation, logout. REST framework says « not our login » of views that are not public (`cls`)."""
    public = not getattr(view_func, "login_required", True) and not hasattr(view_func, "cls")
    return public or request.resolver_match.view_name in WITHOUT_SECOND_FACTOR
