"""The data set: the seed command at the scale asked, in a database of its own, kept between runs."""

from pathlib import Path

from django.core.management import call_command
from django.db import connection

from directory.models import EntiteGeographique

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures" / "nomenclature"


def load(scale: str, *, again: bool) -> None:
    """Migrate, then load the nomenclature and the invented establishments unless they are there."""
    if again:
        call_command("flush", interactive=False, verbosity=0)
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    if not EntiteGeographique.objects.exists():
        call_command("load_nomenclature", str(FIXTURES))
        call_command("seed_demo", scale=scale)
    with connection.cursor() as cursor:
        cursor.execute("vacuum analyze")  # the state autovacuum would leave some minutes later
