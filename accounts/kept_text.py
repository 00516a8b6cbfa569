"""A text sent on a session that was over: kept in the new session until its author is back and saves it.

Without JavaScript a form is sent once. The login would answer with its own page, and the text would be gone: it waits
in the session that leads to the login, for the page it was typed on and its author, and for nobody else. The page says
who that is in a signed field: the session that told it is gone, and who logs in next may be another person.
"""

from collections.abc import Callable
from typing import Any

from django.core import signing
from django.http import HttpRequest, HttpResponse

from accounts.models import User

SESSION_KEY = "kept_text"
LONGEST = 300_000  # characters: a fiche is far below
AUTHOR = "auteur"  # the signed field of the page
NOT_KEPT = ("csrfmiddlewaretoken", "autosave", AUTHOR)
_signer = signing.Signer(salt="accounts.kept_text")


def author(user: User) -> str:
    """What the form carries: the same text each time, so that a copy of the form can be compared."""
    return _signer.sign(str(user.pk))


def _read(text: str) -> int | None:
    try:
        return int(_signer.unsign(text))
    except signing.BadSignature:
        return None


def kept_when_the_session_is_over(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """What is posted to this view by nobody is kept; `accounts.middleware` calls it before it asks for the login."""
    view.on_session_over = keep
    return view


def keep(request: HttpRequest) -> str:
    """Keep what was sent; the address to come back to after the login."""
    path = request.path.removesuffix("conflit/")
    fields = {name: values for name, values in request.POST.lists() if name not in NOT_KEPT}
    who = _read(request.POST.get(AUTHOR, ""))
    if who is not None and sum(len(value) for values in fields.values() for value in values) <= LONGEST:
        request.session[SESSION_KEY] = {"path": path, "author": who, "fields": fields}
    return path


def of(request: HttpRequest) -> dict[str, list[str]] | None:
    """The text this person wrote on this page."""
    kept: dict[str, Any] = request.session.get(SESSION_KEY) or {}
    is_hers = kept.get("path") == request.path and kept.get("author") == request.user.pk
    return kept["fields"] if is_hers else None


def forget(request: HttpRequest) -> None:
    """It is saved."""
    request.session.pop(SESSION_KEY, None)
