"""Pages of the history of a fiche, and going back."""

import copy
import datetime as dt
import re

from django.urls import reverse

from directory import publishing
from directory.documents import to_document
from tests import builders as b

TODAY = dt.date(2025, 9, 17)


def publish(kind, pk, *, by=None, origin="direct", **changes):
    """A new version with these fields of its document changed, or `change(document)`."""
    document = copy.deepcopy(to_document(kind, pk))
    change = changes.pop("change", None)
    document |= changes
    if change:
        change(document)
    return publishing.publish(kind, document, by=by or b.make_user(), origin=origin)


def page(kind, cle, **query):
    return reverse(f"directory:{kind}_historique", args=[cle], query=query)


def restoring(kind, cle, number):
    return reverse(f"directory:{kind}_retablir", args=[cle, number])


def text(response, status=200) -> str:
    """What the page says, without markup."""
    assert response.status_code == status
    bare = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"\s+", " ", bare).replace("&#x27;", "'")


def read(client, user, url, status=200) -> str:
    client.force_login(user)
    return text(client.get(url), status)


def go_back(client, user, kind, cle, number, expected, **more):
    client.force_login(user)
    return client.post(restoring(kind, cle, number), {"version": expected}, **more)
