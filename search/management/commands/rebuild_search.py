"""Rebuild the index tables of the search from the directory."""

import time

from django.core.management.base import BaseCommand

from search import index


class Command(BaseCommand):
    help = "Reconstruit les tables de recherche à partir du répertoire."

    def handle(self, *args, **options):
        start = time.monotonic()
        for table, rows in index.rebuild().items():
            self.stdout.write(f"{table} : {rows} lignes")
        self.stdout.write(f"Terminé en {time.monotonic() - start:.1f} s.")
