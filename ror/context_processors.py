"""What every page's frame shows."""

import re
from functools import partial

from django.conf import settings
from django.http import HttpRequest

from directory.permissions import Reader
from dossiers import listing
from restitutions.selection import contents

_BEFORE_HOUR = re.compile(r"(?<=\d) (?=h\b)")


def frame(request: HttpRequest) -> dict:
    """Region, support block, whether this is the demo, and `section`: the first segment of the path, for the menu.

    `ma_selection`: what this session put aside, read when a template shows it.
    `n_dossiers`: open dossiers of the reader, counted on the home page and those of the dossiers alone: no other pays.
    """
    section = request.path.strip("/").partition("/")[0]
    return {
        "REGION_NAME": settings.REGION_NAME,
        "SUPPORT": support(),
        "DEMO": settings.DEMO,
        "n_dossiers": partial(_n_dossiers, request) if section == "dossiers" else None,
        "section": section,
        "ma_selection": partial(contents.of, request),
    }


def _n_dossiers(request: HttpRequest) -> int:
    """Called by the template that shows it, unless its view said the figure."""
    return listing.n_open(Reader.of(request.user)) if request.user.is_authenticated else 0


def support() -> dict[str, str]:
    """`settings.SUPPORT` ready to show: « 8 h » never breaks between two lines."""
    return settings.SUPPORT | {"hours": _BEFORE_HOUR.sub("\u00a0", settings.SUPPORT["hours"])}
