"""A text sent on a session that was over: kept in the new session until its author is back and saves it.

Without JavaScript a form is sent once. The login would answer with its own page, and the text would be gone: it waits
in the session that leads to the login, for the page it was typed on, and nowhere else.
"""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

SESSION_KEY = "dossiers_kept_text"
LONGEST = 300_000  # characters: a fiche is far below; nobody fills the table of sessions without an account
NOT_KEPT = ("csrfmiddlewaretoken", "autosave")


def kept_when_the_session_is_over(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """What is posted to this view by nobody is kept; `accounts.middleware` calls it before it asks for the login."""
    view.on_session_over = keep
    return view


def keep(request: HttpRequest) -> str:
    """Keep what was sent; the address to come back to after the login."""
    path = request.path.removesuffix("conflit/")
    fields = {name: values for name, values in request.POST.lists() if name not in NOT_KEPT}
    if sum(len(value) for values in fields.values() for value in values) <= LONGEST:
        request.session[SESSION_KEY] = {"path": path, "fields": fields}
    return path


def of(request: HttpRequest) -> dict[str, list[str]] | None:
    """The text kept for this page."""
    kept: dict[str, Any] = request.session.get(SESSION_KEY) or {}
    return kept["fields"] if kept.get("path") == request.path else None


def forget(request: HttpRequest) -> None:
    """It is saved."""
    request.session.pop(SESSION_KEY, None)
