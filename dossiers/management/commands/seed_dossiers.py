"""A dossier in each state, on the invented structures of the demo."""

from django.core.management.base import BaseCommand

from dossiers import demo


class Command(BaseCommand):
    """Does nothing where dossiers are already there."""

    help = "Crée un dossier dans chaque état, sur les établissements inventés de la démonstration."

    def handle(self, **options: object) -> None:
        self.stdout.write(f"  {demo.seed()} dossiers")
