"""What the settings of the search may get wrong."""

from pathlib import Path

from django.conf import settings
from django.core.checks import Warning as CheckWarning


def contours_file(app_configs, **kwargs) -> list[CheckWarning]:
    """The map goes on without its outlines: a warning, not an error."""
    name = settings.CONTOURS_FILE
    if not name or Path(name).is_file():
        return []
    return [CheckWarning(f"CONTOURS_FILE : « {name} » n’est pas un fichier.", id="search.W001")]
