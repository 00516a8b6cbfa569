"""`script/backup [FICHIER]`: the whole database in one file."""

from argparse import ArgumentParser
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from ror import backup


class Command(BaseCommand):
    help = "Sauvegarde toute la base dans un fichier (pg_dump, format « custom »)."
    requires_system_checks = []  # a base that is ill must be saved too

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "file", nargs="?", type=Path, metavar="FICHIER", help="défaut : ror-AAAA-MM-JJ-HHMMSS.dump"
        )

    def handle(self, *, file: Path | None, **options: object) -> None:
        file = file or Path(f"ror-{timezone.localtime():%Y-%m-%d-%H%M%S}.dump")
        try:
            size = backup.save(backup.Server.of(settings.DATABASES["default"]), file)
        except backup.BackupError as error:
            raise CommandError(str(error)) from error
        megabytes = f"{size / 1e6:.1f}".replace(".", ",")
        self.stdout.write(f"{file} : {megabytes} Mo. Il contient des données personnelles : chiffrez-le.")
