"""What every page's frame shows."""

from django.conf import settings
from django.http import HttpRequest


def frame(request: HttpRequest) -> dict:
    """Region, support block and whether this is the demo."""
    return {"REGION_NAME": settings.REGION_NAME, "SUPPORT": settings.SUPPORT, "DEMO": settings.DEMO}
