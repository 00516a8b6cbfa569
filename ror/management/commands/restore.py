"""`script/restore FICHIER [--ecraser]`: put a backup back, all of it or nothing."""

from argparse import ArgumentParser
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db.migrations.loader import MigrationLoader

from ror import backup

NEWER = """\
Cette sauvegarde vient d’une version plus récente du ROR : {name} et {more} autre(s) migration(s) manquent ici.
Installez cette version-là, puis recommencez. La base n’a pas été touchée."""


class Command(BaseCommand):
    help = "Restaure une sauvegarde faite par script/backup, en une transaction."
    requires_system_checks = []  # the base may be empty or ill

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FICHIER")
        parser.add_argument("--ecraser", action="store_true", help="remplace tout ce que contient une base non vide")

    def handle(self, *, file: Path, ecraser: bool, **options: object) -> None:
        if not file.is_file():
            raise CommandError(f"Fichier introuvable : {file}")
        try:
            server = backup.Server.of(settings.DATABASES["default"])
            saved = backup.migrations_in(server, file)
            known = migrations_of_this_version()
            if saved - known:
                app, name = min(saved - known)
                raise CommandError(NEWER.format(name=f"{app}.{name}", more=len(saved - known) - 1))
            backup.restore(server, file, overwrite=ecraser)
            waiting = backup.waiting_mails(server)
        except backup.BackupError as error:
            raise CommandError(str(error)) from error
        self.report(file, len(known - saved), waiting)

    def report(self, file: Path, missing: int, waiting: int) -> None:
        """What was done, and what remains to be done by hand."""
        self.stdout.write(f"{file} est restauré.")
        if missing:
            self.stdout.write(
                f"Son schéma est plus ancien : {missing} migration(s) à passer par « manage.py migrate »."
            )
        if waiting:
            self.stdout.write(
                f"{waiting} courriel(s) en attente partiront dès que « worker » tournera ; certains sont peut-être "
                "déjà partis depuis la sauvegarde : voyez l’administration avant de le relancer."
            )
        self.stdout.write("Relancez web, worker et beat : ils gardent en mémoire des numéros de l’ancienne base.")


def migrations_of_this_version() -> backup.Migrations:
    """Those on disk, and those that a squashed one stands for."""
    disk = MigrationLoader(None).disk_migrations
    return frozenset(disk) | {one for migration in disk.values() for one in migration.replaces}
