"""A link to a selection: signed, compressed, for seven days, and nothing of it is stored.

It holds keys of fiches and nothing else: no note, no name, nobody. Who opens it sees what his own rights show, so
there is nothing to revoke. Sensitive units are left out: their key alone would say that they exist.
"""

import datetime as dt

from django.core import signing

from restitutions.selection.contents import MAX_LINES, Ref, parse

SALT = "restitutions.selection"
LIFE = dt.timedelta(days=7)


class LinkOver(Exception):
    """The link was right, and is too old."""


class LinkUnknown(Exception):
    """No link of ours: cut short, altered, made up."""


def make(refs: list[Ref]) -> str:
    """The token of these fiches, for an address."""
    return signing.dumps(" ".join(f"{kind}/{cle}" for kind, cle in refs), salt=SALT, compress=True)


def read(token: str) -> list[Ref]:
    """Its fiches. Raises LinkOver or LinkUnknown."""
    try:
        text = signing.loads(token, salt=SALT, max_age=LIFE)
    except signing.SignatureExpired as error:
        raise LinkOver from error
    except signing.BadSignature as error:
        raise LinkUnknown from error
    return [ref for part in text.split()[:MAX_LINES] if (ref := parse(part))]
