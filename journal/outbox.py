"""Outgoing messages: rows of the caller's transaction. They leave after it, and only if it holds; never alone.

post_office sends, retries and keeps them. What is ours: a key per message, so that a replay writes none twice, and a
Message-ID made of that key, so that a mail the worker sent just before dying is the same one when it leaves again.
"""

import hashlib
import re
from collections.abc import Iterable

from django.conf import settings
from django.db import connection
from django.template.loader import render_to_string
from post_office.models import STATUS, Email
from post_office.signals import email_queued

from journal.models import Message


def body(template: str, context: dict) -> str:
    """The text of a message. What a template leaves out leaves no hole: one empty line between paragraphs."""
    return re.sub(r"\n{3,}", "\n\n", render_to_string(template, context))


def add(key: str, *, to: Iterable, subject: str, template: str, context: dict) -> int:
    """Write one message per person, each in an envelope of its own; returns how many are new.

    `key` names the event (`dossier:12:submit:3`): the same key and address again writes nothing. `to`: users or
    addresses; inactive users are left out. `template`: plain text (`{% extends "journal/message.txt" %}`), rendered
    with `context`, `SITE_URL` and what a signature needs; `person` is the user, or None for an address.
    """
    written = []
    for person, address in _people(to):
        message = _claim(key, address)
        if message is None:
            continue
        frame = {"SITE_URL": settings.SITE_URL, "REGION_NAME": settings.REGION_NAME, "SUPPORT": settings.SUPPORT}
        email = Email.objects.create(
            from_email=settings.DEFAULT_FROM_EMAIL,
            to=[address],
            subject=f"{settings.ACCOUNT_EMAIL_SUBJECT_PREFIX}{' '.join(subject.split())}",
            message=body(template, {**frame, **context, "person": person}),
            message_id=message_id(key, address),
            status=STATUS.queued,
        )
        Message.objects.filter(pk=message).update(email_id=email.pk)
        written.append(email)
    if written:
        email_queued.send(sender=Email, emails=written)  # a nudge after the commit; the sweep sends what was left
    return len(written)


def message_id(key: str, address: str) -> str:
    """The same for each sending of one message, and it tells nothing of the person."""
    digest = hashlib.sha256(f"{key} {address}".encode()).hexdigest()[:32]
    return f"<{digest}@{settings.DEFAULT_FROM_EMAIL.rstrip('>').rpartition('@')[2]}>"


def _people(to: Iterable) -> Iterable[tuple[object | None, str]]:
    """(user or None, address), each address once, in order."""
    found: dict[str, object | None] = {}
    for one in to:
        if isinstance(one, str):
            found.setdefault(one.lower(), None)
        elif one.is_active:
            found.setdefault(one.email, one)
    return [(person, address) for address, person in found.items()]


def _claim(key: str, address: str) -> int | None:
    """The id of a new row, or None when this message is already written (`on conflict` waits for a rival writer)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into journal_message (key, recipient, created_at) values (%s, %s, now()) "
            "on conflict (key, recipient) do nothing returning id",
            [key, address],
        )
        row = cursor.fetchone()
    return row and row[0]
