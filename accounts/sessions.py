"""Sessions in PostgreSQL that know their owner and when they opened: two limits, and an end that is immediate.

Idle: `SESSION_IDLE_MINUTES` without a request. Absolute: `SESSION_COOKIE_AGE` from the login, whatever the activity.
Time here is the server's, not `ror.clock`: the demo's moved clock must neither open nor close a session.
"""

import datetime as dt
import re

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.db import connection
from django.http import HttpRequest
from django.utils import timezone

from ror.database import planned_once

STARTED = "started_at"  # keys of the session's data
DEVICE = "device"
SEEN_EVERY = dt.timedelta(minutes=1)  # one write a minute at most tells that somebody is there
IDLE, ABSOLUTE, ENDED = "inactivite", "duree", "fin"
_OPEN = "SELECT {} FROM accounts_session WHERE session_key = %s AND expire_date > %s"


class SessionStore(DatabaseStore):
    """Django's database store over our model; `row` is what was read, so that the limits cost no query."""

    row = None

    @classmethod
    def get_model_class(cls):
        from accounts.models import Session  # noqa: PLC0415 - the engine is loaded before the models

        return Session

    def _get_session_from_db(self):
        """Django's own look-up, in SQL: every request makes it, and building it cost more than running it."""
        fields = [field.attname for field in self.model._meta.concrete_fields]
        with planned_once(connection) as cursor:
            cursor.execute(_OPEN.format(", ".join(fields)), [self.session_key, timezone.now()])
            row = cursor.fetchone()
        self.row = self.model.from_db(connection.alias, fields, row) if row else None
        if self.row is None:
            self._session_key = None
        return self.row

    def create_model_instance(self, data: dict):
        """The row to write. A save is an activity; the start is the login's."""
        row = super().create_model_instance(data)
        row.user_id = data.get(SESSION_KEY)
        row.device = data.get(DEVICE, "")
        if STARTED in data:
            row.started_at = dt.datetime.fromisoformat(data[STARTED])
            row.expire_date = min(row.expire_date, row.started_at + absolute_limit())
        return row


def idle_limit() -> dt.timedelta:
    return dt.timedelta(minutes=settings.SESSION_IDLE_MINUTES)


def absolute_limit() -> dt.timedelta:
    return dt.timedelta(seconds=settings.SESSION_COOKIE_AGE)


def start(request: HttpRequest) -> None:
    """At each login: the absolute limit counts from here."""
    request.session[STARTED] = timezone.now().isoformat()
    request.session[DEVICE] = device(request.headers.get("User-Agent", "") if hasattr(request, "headers") else "")


def over(session: SessionStore) -> str:
    """Why a session that was read may serve no more (IDLE, ABSOLUTE), or an empty string."""
    now, row = timezone.now(), session.row
    if row is None:  # opened by this very request
        return ""
    if now >= row.started_at + absolute_limit():
        return ABSOLUTE
    return IDLE if now >= row.seen_at + idle_limit() else ""


def touch(session: SessionStore) -> None:
    """Note that the person is there. An update of one column: it can neither revive nor overwrite a session."""
    row, now = session.row, timezone.now()
    if row is not None and now - row.seen_at >= SEEN_EVERY:
        session.model.objects.filter(pk=row.pk).update(seen_at=now)


def open_sessions(user):
    """Those that still serve, the last used first."""
    now = timezone.now()
    found = user.sessions_ouvertes.filter(started_at__gt=now - absolute_limit(), seen_at__gt=now - idle_limit())
    return found.order_by("-seen_at")


def end_all(user, *, but: str | None = None) -> int:
    """End the sessions of this person, except the one of key `but`; effective at their next request. How many."""
    return user.sessions_ouvertes.exclude(pk=but or "").delete()[0]


_BROWSERS = (
    ("Edge", r"Edg[eA]?/"),
    ("Opera", r"OPR/"),
    ("Firefox", r"Firefox/|FxiOS/"),
    ("Chrome", r"Chrome/|CriOS/"),
    ("Safari", r"Safari/"),
)
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("macOS", "Mac OS X|Macintosh"),
    ("Linux", "Linux"),
)


def device(user_agent: str) -> str:
    """« Firefox sur Windows »: enough to recognise one's own; the whole signature and the address are not kept."""
    browser = next((name for name, sign in _BROWSERS if re.search(sign, user_agent)), "Navigateur inconnu")
    system = next((name for name, sign in _SYSTEMS if re.search(sign, user_agent)), "")
    return f"{browser} sur {system}" if system else browser
