"""`manage.py import_finess FICHIER…` : see docs/import-finess.md."""

import datetime as dt
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from directory.imports import finess
from directory.imports.progress import Progress
from directory.imports.records import FileRefused
from directory.imports.report import EXAMPLES_SHOWN, EXAMPLES_STORED


class Command(BaseCommand):
    help = (
        "Importe des fichiers FINESS : cs1100507, cs1100502, cs1100501 (CSV) et FINESS+ « structures » (JSON). "
        "Le format est reconnu d’après le contenu. Tout ou rien ; relancer le même fichier ne change rien."
    )

    def add_arguments(self, parser):
        parser.add_argument("files", nargs="+", type=Path, metavar="FICHIER")
        parser.add_argument("--dry-run", action="store_true", help="montre le compte rendu sans rien enregistrer")
        parser.add_argument("--departements", default="", metavar="75,92", help="ne prend que ces départements")
        parser.add_argument("--par", metavar="COURRIEL", help="auteur de l’import (par défaut, le compte système)")
        parser.add_argument(
            "--date",
            type=dt.date.fromisoformat,
            metavar="AAAA-MM-JJ",
            help="date d’un fichier dont la première ligne est perdue",
        )

    def handle(self, *args, **options):
        try:
            outcome = finess.run(
                options["files"],
                by=self._author(options["par"]),
                dry_run=options["dry_run"],
                departements=options["departements"].split(","),
                date=options["date"],
                progress=Progress(self.stderr),
            )
        except FileRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        examples = EXAMPLES_STORED if options["verbosity"] > 1 else EXAMPLES_SHOWN
        for index, report in enumerate(outcome.reports):
            self.stdout.write(report.as_text(examples=examples))
            if outcome.run_ids:
                self.stdout.write(f"  Compte rendu conservé : import {outcome.run_ids[index]}")
        if options["dry_run"]:
            self.stdout.write("Essai à blanc : rien n’a été enregistré.")

    @staticmethod
    def _author(email: str | None) -> User:
        if not email:
            return User.objects.system()
        author = User.objects.filter(email__iexact=email).first()
        if author is None:
            raise CommandError(f"Aucun compte n’a l’adresse {email}.")
        return author
