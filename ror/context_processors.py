"""What every page's frame shows."""

import re

from django.conf import settings
from django.http import HttpRequest

_BEFORE_HOUR = re.compile(r"(?<=\d) (?=h\b)")


def frame(request: HttpRequest) -> dict:
    """Region, support block, whether this is the demo, and `section`: the first segment of the path, for the menu.

    `n_dossiers`: open dossiers of the reader; the pages that count them say how many, the others nothing.
    """
    return {
        "REGION_NAME": settings.REGION_NAME,
        "SUPPORT": support(),
        "DEMO": settings.DEMO,
        "n_dossiers": None,
        "section": request.path.strip("/").partition("/")[0],
    }


def support() -> dict[str, str]:
    """`settings.SUPPORT` ready to show: « 8 h » never breaks between two lines."""
    return settings.SUPPORT | {"hours": _BEFORE_HOUR.sub("\u00a0", settings.SUPPORT["hours"])}
