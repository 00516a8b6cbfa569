"""The FINESS import: several files, one transaction, one report and one `ImportRun` per file."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.db import connection, reset_queries, transaction
from django.db.models import Max
from django.utils import timezone

from directory.imports.communes import departement_of
from directory.imports.lists import Lists
from directory.imports.progress import Progress
from directory.imports.records import EG, EJ, EgRecord, EjRecord, FileRefused, Record, Source, Survey
from directory.imports.report import WARNED, Report
from directory.imports.sources import open_source
from directory.imports.statistics import Statistics
from directory.imports.upsert_eg import EgWriter
from directory.imports.upsert_ej import EjWriter, Writing
from directory.models import EntiteGeographique, ImportRun
from directory.publishing import run_projections
from directory.querysets import closed_for_good_on
from journal import models as journal
from nomenclature.models import Departement
from ror import clock

BATCH = 1000
FAMILIES = {EJ: ("cs1100501", "finess-plus"), EG: ("cs1100507", "cs1100502", "finess-plus")}
LOCK = "import_finess"


@dataclass
class Job:
    """One file on its way."""

    path: Path
    source: Source
    report: Report
    survey: Survey


@dataclass
class Outcome:
    """What is told to the person who launched the import."""

    reports: list[Report] = field(default_factory=list)
    run_ids: list[int] = field(default_factory=list)


class DryRun(Exception):
    """Takes everything back once the report is known."""


def run(
    paths: Sequence[Path],
    *,
    by,
    dry_run: bool = False,
    departements: Iterable[str] = (),
    date: dt.date | None = None,
    progress: Progress | None = None,
    batch: int = BATCH,
) -> Outcome:
    """Import these files, EJ first then by date. All or nothing; with `dry_run`, nothing but the reports.

    `departements`: INSEE or FINESS codes; an EJ elsewhere is kept when an EG that is kept belongs to it. `date`
    replaces that of a file whose first line is lost. Raises `FileRefused`.
    """
    outcome = Outcome()
    try:
        with transaction.atomic():
            _lock()
            _spare_the_triggers()
            lists = Lists()
            jobs = _survey(paths, lists, _departements(departements), date)
            statistics = Statistics()
            for job in jobs:
                writing = Writing(lists, job.survey, job.report, by, clock.today(), statistics)
                outcome.reports.append(job.report)
                outcome.run_ids.append(_import(job, writing, progress=progress or Progress(), batch=batch))
            statistics.finish()
            with connection.cursor() as cursor:  # also in a dry run: deferred rules have their say
                cursor.execute("set constraints all immediate")
            if dry_run:
                raise DryRun
    except DryRun:
        outcome.run_ids = []
    return outcome


def _lock() -> None:
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(hashtext(%s))", [LOCK])
        if not cursor.fetchone()[0]:
            raise FileRefused("Un autre import FINESS est en cours : attendez qu’il se termine.")


def _spare_the_triggers() -> None:
    """Give `pgtrigger.ignore` an (empty) value for this transaction.

    When it has none, each row trigger catches an exception, and each exception walks the whole queue of deferred
    triggers: the square of the number of rows.
    """
    with connection.cursor() as cursor:
        cursor.execute("select set_config('pgtrigger.ignore', '{}', true)")


def _departements(codes: Iterable[str]) -> set[str]:
    found = {departement_of(code.strip().upper()) for code in codes if code.strip()}
    unknown = found - set(Departement.objects.filter(code__in=found).values_list("code", flat=True))
    if unknown:
        raise FileRefused(f"Départements inconnus : {', '.join(sorted(unknown))}.")
    return found


def _survey(paths: Sequence[Path], lists: Lists, departements: set[str], date: dt.date | None) -> list[Job]:
    """First reading of every file; EJ of the kept EG of one file are wanted in all."""
    jobs = []
    for path in paths:
        report = Report(file_name=path.name, label="")
        source = open_source(path, lists, report, departements)
        survey = source.survey()
        if not survey.total:
            raise FileRefused(f"{path} ne contient aucun enregistrement.")
        if date and not source.declared_date:
            survey.date = date
        report.facts["Date du fichier"] = f"{survey.date:%d/%m/%Y}" if survey.date else "inconnue"
        jobs.append(Job(path, source, report, survey))
    wanted = set().union(*(job.survey.wanted_ej for job in jobs))
    for job in jobs:
        job.survey.wanted_ej = wanted
    jobs.sort(key=lambda job: (EG in job.source.describes, job.survey.date or dt.date.min))
    return jobs


def _refuse_older(job: Job) -> None:
    """A file older than the last one of its family would bring back what has changed since."""
    for family in sorted(job.source.describes):
        done = ImportRun.objects.filter(source__in=FAMILIES[family], finished_at__isnull=False)
        latest = done.aggregate(latest=Max("file_date"))["latest"]
        if latest and job.survey.date and job.survey.date < latest:
            last = done.filter(file_date=latest).first()
            raise FileRefused(
                f"{job.path} date du {job.survey.date:%d/%m/%Y} : un fichier plus récent, du {latest:%d/%m/%Y}, "
                f"a déjà été importé (import {last.pk}, {last.file_name}). Rien n’a été changé."
            )


def _import(job: Job, writing: Writing, *, progress: Progress, batch: int) -> int:
    """Write one file; returns the id of its `ImportRun`."""
    _refuse_older(job)
    started = ImportRun.objects.create(
        source=job.source.name, file_name=job.path.name[:255], file_date=job.survey.date, author=writing.by
    )
    writing.origin = f"import:{started.pk}"
    departements = _write_all(job, writing, progress, batch)
    if EG in job.source.describes and not job.source.damaged:
        _note_absent(job, departements)
    started.finished_at = timezone.now()
    started.report = job.report.as_dict()
    started.save(update_fields=["finished_at", "report"])
    journal.write(
        "import", f"import:{started.pk}", by=writing.by, file=started.file_name, counts=started.report["counts"]
    )
    return started.pk


def _write_all(job: Job, writing: Writing, progress: Progress, size: int) -> set[str]:
    """Batches of records, then what had to wait; returns the départements met."""
    ej_writer = EjWriter(writing)
    eg_writer = EgWriter(writing, ej_writer)
    ejs: list[EjRecord] = []
    egs: list[EgRecord] = []
    departements: set[str] = set()
    progress.start(job.path.name, job.survey.total)

    def flush() -> None:
        touched = ej_writer.write(ejs) | eg_writer.write(egs)
        run_projections(sorted(touched))
        writing.statistics.wrote(len(touched) + len(ejs))
        progress.advance(len(ejs) + len(egs))
        ejs.clear()
        egs.clear()
        if settings.DEBUG:
            reset_queries()  # Django keeps every statement then: megabytes each

    record: Record
    for record in job.source.records(job.survey):
        if isinstance(record, EjRecord):
            ejs.append(record)
        else:
            egs.append(record)
            departements.add(record.departement)
        if len(ejs) + len(egs) >= size:
            flush()
    flush()
    touched = eg_writer.finish(size)
    touched |= ej_writer.finish(describes_eg=EG in job.source.describes)
    run_projections(sorted(touched))
    progress.done()
    return departements


def _note_absent(job: Job, departements: set[str]) -> None:
    """EG open in the ROR, in the départements of the file, that it does not name: counted, never closed for that."""
    expected = (
        EntiteGeographique.objects.filter(
            finess__isnull=False, lieux__est_principal=True, lieux__commune__departement__in=departements
        )
        .exclude(closed_for_good_on(clock.today()))
        .values_list("finess", "denomination")
    )
    for finess, denomination in expected.order_by("finess").iterator(chunk_size=2000):
        if finess not in job.survey:
            job.report.note(WARNED, "absents du fichier, laissés ouverts", finess=finess, detail=denomination)
