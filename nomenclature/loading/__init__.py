"""Loading of lists: a folder of our CSV tables, or of the JSON collected from the ANS terminologies."""

from pathlib import Path

from django.apps import apps
from django.db import DataError, IntegrityError, connection, transaction

from nomenclature.loading import csv_files, json_files, tables, usage
from nomenclature.loading.concepts import ConceptWriter
from nomenclature.loading.report import Report
from nomenclature.loading.rows import Bundle, LoadingError

__all__ = ["LoadingError", "Report", "load"]

_LOCK = 7_305_201  # advisory lock: one load at a time


def load(path: Path, *, dry_run: bool = False, overwrite_regional: bool = False) -> Report:
    """Load the lists of a folder, all or nothing; a second run changes nothing.

    The folder holds our CSV tables (its `regional` sub-folder is read too), or TRE_*.json / JDV_*.json.
    Raises `LoadingError` (file and line in the message) when something cannot be read or resolved.

    - A system whose table (TRE) is in the folder is what the table says: codes are added, relabelled, reinstated;
      those marked deprecated, and those absent from the table, are retired. Nothing is ever deleted.
    - A value set (JDV) in the folder has exactly the members the folder gives; leaving a value set retires no concept.
    - JSON only: a system has no table in the folder, but its codes come in value sets with their labels. When a
      single value set, in the folder and in the database together, has members of that system and words them all, it
      stands for the table (relabels, reinstates, retires what it lacks). Otherwise it only creates the codes nobody
      knows, and a different wording is kept with the membership.
    - Systems and value sets that are not in the folder are left alone.
    - Regional lists (`ror-…`, their details, territoires de santé) belong to the region, who edits them in the
      administration: only what is missing is added, unless `overwrite_regional`. Synonymes are added, never removed.
    """
    bundle = read(path)
    try:
        return _load(bundle, dry_run=dry_run, overwrite_regional=overwrite_regional)
    except (DataError, IntegrityError) as error:
        raise LoadingError(f"{path} : une valeur est refusée par la base ({error}).") from error


def _load(bundle: Bundle, *, dry_run: bool, overwrite_regional: bool) -> Report:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        report = Report(dry_run=dry_run, read=bundle.size())
        ConceptWriter(bundle, report, overwrite_regional=overwrite_regional).apply()
        tables.apply(bundle, report, overwrite_regional=overwrite_regional)
        if report.has_changes:
            refresh_statistics()
        report.fiches = usage.count_fiches(report.changed.keys())
        if dry_run:
            transaction.set_rollback(True)
    return report


def refresh_statistics() -> None:
    """The next statements (fiches touched, search text, an import right after) need the sizes of the tables."""
    models = apps.get_app_config("nomenclature").get_models(include_auto_created=True)
    names = ", ".join(connection.ops.quote_name(model._meta.db_table) for model in models)
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {names}")


def read(path: Path) -> Bundle:
    """The content of a folder, by the format of what it holds."""
    if not path.is_dir():
        raise LoadingError(f"{path} : dossier introuvable.")
    is_csv = any(path.glob("*.csv")) or any(path.glob("regional/*.csv"))
    bundle = csv_files.read(path) if is_csv else json_files.read(path)
    if not bundle.size():
        raise LoadingError(f"{path} : aucune liste à charger (TRE_*.csv, TRE_*.json, JDV_*.json…).")
    return bundle
