"""`load_nomenclature FOLDER [--dry-run] [--regional]`: national and regional lists, then the search text they feed."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from directory import publishing
from directory.models import EntiteGeographique
from directory.querysets import eg_ids_touched_by
from nomenclature.loading import LoadingError, Report, load


def touched(report: Report) -> list[int]:
    """EG whose search rows this load changed: those that carry a reworded concept; all when a filière was changed,
    for the index holds the filières of each UO."""
    if report.tables.get("Filières"):
        return list(EntiteGeographique.objects.published().order_by("pk").values_list("pk", flat=True))
    return eg_ids_touched_by(report.text_changed)


class Command(BaseCommand):
    help = "Charge les nomenclatures d’un dossier (nos CSV, ou les JSON TRE_*/JDV_* de l’ANS) et dit ce qui change."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", metavar="DOSSIER", type=Path, help="dossier à charger")
        parser.add_argument("--dry-run", action="store_true", help="dit ce qui changerait, n’enregistre rien")
        parser.add_argument(
            "--regional",
            action="store_true",
            help="réécrit aussi les listes régionales, que l’administration a pu modifier (sans cette option, "
            "seul ce qui manque est ajouté)",
        )

    def handle(self, *args: Any, path: Path, dry_run: bool, regional: bool, **options: Any) -> None:
        try:
            with transaction.atomic():  # the lists and the search text change together
                report = load(path, dry_run=dry_run, overwrite_regional=regional)
                eg_ids = [] if dry_run else touched(report)
                if eg_ids:
                    publishing.run_projections(eg_ids)
        except LoadingError as error:
            raise CommandError(str(error)) from error
        for line in report.lines():
            self.stdout.write(line)
        if eg_ids:
            self.stdout.write(f"Texte de recherche rafraîchi pour {len(eg_ids)} établissement(s).")
