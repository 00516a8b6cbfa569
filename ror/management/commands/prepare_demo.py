"""Bring the demo's database to what `script/demo` serves: schema, lists, communes, structures, accounts."""

import hashlib
import json
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from threading import Event, Thread

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

LONG = 2  # seconds, after which a step tells that it is still at work
MARK = "ror_demo"  # a table of one row: it says whether the first loading went to its end, and of what


class Command(BaseCommand):
    """Idempotent. A first loading that was cut short is wiped and made again: half a demo is never served."""

    help = "Prépare la base de démonstration (appelée par script/demo)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--reset", action="store_true", help="vide d’abord la base")
        parser.add_argument("--finess", nargs="+", type=Path, default=[], help="fichiers FINESS à importer")

    def handle(self, *, reset: bool, finess: list[Path], **options: object) -> None:
        if not settings.DEMO:
            raise CommandError("Cette commande ne sert qu’à la démonstration.")
        mark = read_mark()
        if reset or (mark and not mark.get("ready")):
            self.wipe(mark, reset=reset)
            mark = None
        if mark and bool(finess) != (mark["data"] == "finess"):
            if finess:
                raise CommandError(
                    "La base contient déjà les établissements inventés. Pour importer un vrai fichier à leur place, "
                    "ajoutez --reset (tout ce qui a été saisi dans la démonstration sera effacé)."
                )
            self.stdout.write("  (la base contient l’import FINESS ; --reset pour les établissements inventés)")
        if not mark and is_empty():
            write_mark(ready=False)
        self.load(mark or {}, finess)

    def wipe(self, mark: dict | None, *, reset: bool) -> None:
        """Drop everything, on the embedded server or where this command made everything itself."""
        if not mark and not settings.DATABASES["default"]["HOST"].startswith(str(embedded_home())) and not is_empty():
            raise CommandError("--reset ne vide pas une base donnée par DATABASE_URL qu’il n’a pas remplie lui-même.")
        self.stdout.write("→ base vidée" if reset else "→ premier chargement interrompu : je le recommence")
        with connection.cursor() as cursor:
            cursor.execute("drop schema public cascade")
            cursor.execute("create schema public")

    def load(self, mark: dict, finess: list[Path]) -> None:
        with self.step("schéma de la base"):
            call_command("migrate", verbosity=0, interactive=False)
            call_command("createcachetable", verbosity=0)
        lists = fingerprint(settings.FIXTURES)
        if mark.get("lists") != lists:
            with self.step("nomenclatures et communes"):
                report = StringIO()  # two hundred lines, of interest to who runs the command by hand
                call_command("load_nomenclature", str(settings.FIXTURES / "nomenclature"), stdout=report)
                self.stdout.write("  " + report.getvalue().split("\n", 1)[0])
        if finess:
            with self.step("import FINESS"):
                call_command("import_finess", *map(str, finess), stdout=self.stdout)
        if not mark:
            with self.step("comptes de démonstration" if finess else "établissements inventés et comptes"):
                call_command("seed_demo", *(["--comptes-seuls"] if finess else ["--scale=petit"]), stdout=self.stdout)
        if not finess and mark.get("data") != "finess":
            with self.step("dossiers collaboratifs"):
                call_command("seed_dossiers", stdout=self.stdout)
        write_mark(ready=True, data="finess" if finess else mark.get("data", "petit"), lists=lists)

    @contextmanager
    def step(self, label: str) -> Iterator[None]:
        """Name a step, tell every few seconds that it lives, and how long it took."""
        started, over = time.monotonic(), Event()

        def tell() -> None:
            while not over.wait(LONG):
                self.stdout.write(f"    … {time.monotonic() - started:.0f} s")
                self.stdout.flush()

        self.stdout.write(f"→ {label}")
        self.stdout.flush()
        ticker = Thread(target=tell, daemon=True)
        ticker.start()
        try:
            yield
        finally:
            over.set()
            ticker.join()
        self.stdout.write(f"  fait en {time.monotonic() - started:.1f} s".replace(".", ","))


def embedded_home() -> Path:
    """Where the embedded server's socket is, under the data directory."""
    from ror.embedded import DATA  # noqa: PLC0415 - only the demo's settings may load it

    return DATA.resolve()


def is_empty() -> bool:
    """Nothing was ever migrated here."""
    return "django_migrations" not in connection.introspection.table_names()


def read_mark() -> dict | None:
    if MARK not in connection.introspection.table_names():
        return None
    with connection.cursor() as cursor:
        cursor.execute(f"select state from {MARK}")  # noqa: S608 - a constant
        return json.loads(cursor.fetchone()[0])


def write_mark(**state: object) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"create table if not exists {MARK} (state text not null)")
        cursor.execute(f"delete from {MARK}")  # noqa: S608
        cursor.execute(f"insert into {MARK} values (%s)", [json.dumps(state)])  # noqa: S608


def fingerprint(folder: Path) -> str:
    """Of the content of every file under `folder`: a new version of the lists is loaded at the next start."""
    digest = hashlib.sha256()
    for file in sorted(folder.rglob("*.csv")):
        digest.update(file.relative_to(folder).as_posix().encode() + file.read_bytes())
    return digest.hexdigest()
