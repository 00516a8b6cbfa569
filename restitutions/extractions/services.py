"""The life of an extraction: asked for, taken by a worker, ready, taken away, deleted.

    en_attente → en_cours → prete → expiree
         ↑          │ └──→ echouee
         └──────────┘ its worker died: another one starts again

Each step is one conditional update. The queue is only a hint: `sweep` reads the rows and forgets nothing.
"""

import datetime as dt
import logging
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from directory.permissions import Reader
from journal import models as journal
from nomenclature.models import Departement
from restitutions import questions
from restitutions.extractions import matching, rights, rows, writing
from restitutions.models import Etat, Extraction, Format, Perimetre
from restitutions.models.extractions import OPEN
from ror import clock
from ror.templatetags.ror import date_fr

logger = logging.getLogger(__name__)

MAX_ATTEMPTS = 3
SILENCE = dt.timedelta(minutes=5)  # a worker that said nothing for that long is dead: it speaks every 2,000 lines
NOT_ENTITLED = "Vos droits ne permettent plus d’extraction."


class Busy(Exception):
    """This person already has an extraction waiting or being made."""


class Refused(Exception):
    """Why a file is not given or not made, in words for the person; `status` is that of the answer."""

    def __init__(self, words: str, status: int = 403):
        self.status = status
        super().__init__(words)


class Superseded(Exception):
    """Another worker took the extraction meanwhile: this one changes nothing any more."""


# --- Asking ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def ask(
    *, by: User, perimetre: str, file_format: str, departement: Departement | None = None, query: str = ""
) -> Extraction:
    """A new extraction in the queue. Raises PermissionDenied, Busy; Refused for a search that asks nothing."""
    if not Reader.of(by).may_extract:
        raise PermissionDenied
    try:
        with transaction.atomic():
            extraction = Extraction.objects.create(
                requester=by,
                perimetre=perimetre,
                departement=departement if perimetre == Perimetre.DEPARTEMENT else None,
                query=query if perimetre == Perimetre.RECHERCHE else "",
                words=_words(perimetre, departement, query),
                format=file_format,
            )
    except IntegrityError as error:
        if "one_open_extraction_per_person" in str(error):
            raise Busy from error
        raise
    journal.write("extraction_asked", extraction.reference, by=by, contenu=extraction.words, format=file_format)
    return extraction


def _words(perimetre: str, departement: Departement | None, query: str) -> str:
    if perimetre == Perimetre.DEPARTEMENT and departement:
        return f"{departement.nom} ({departement.code})"
    if perimetre != Perimetre.RECHERCHE:
        return Perimetre.TOUT.label
    form = questions.read(query)
    if not form.is_answerable:
        raise Refused("Cette recherche ne se lit plus\u00a0: refaites-la.", 400)
    return questions.in_words(form)


# --- Making ----------------------------------------------------------------------------------------------------------


def run(pk: UUID | str) -> bool:
    """Make the file of a waiting extraction; False when there is nothing to do. Safe to call again, and by several."""
    taken = _take(pk)
    if taken is None:
        return False
    try:
        _make(taken)
    except Superseded:
        logger.warning("Extraction %s\u00a0: reprise entre-temps par un autre processus", pk)
        return False
    except Refused as refused:
        _fail(taken, str(refused))
    except BaseException:
        _give_back(taken)
        raise
    return True


def _take(pk: UUID | str) -> Extraction | None:
    now = timezone.now()
    waiting = Extraction.objects.filter(pk=pk, etat=Etat.EN_ATTENTE)
    taken = waiting.update(etat=Etat.EN_COURS, attempt=F("attempt") + 1, alive_at=now, n_done=0, n_total=None)
    return Extraction.objects.select_related("requester", "departement").get(pk=pk) if taken else None


def _mine(extraction: Extraction):
    """The row, as long as the worker that took it is still the one."""
    return Extraction.objects.filter(pk=extraction.pk, etat=Etat.EN_COURS, attempt=extraction.attempt)


def _make(extraction: Extraction) -> None:
    reader, today = Reader.of(extraction.requester), clock.today()
    if not extraction.requester.is_active or not reader.may_extract:
        raise Refused(NOT_ENTITLED)
    keys = _keys(extraction, reader, today)
    _tell(extraction, 0, n_total=len(keys))
    lines = rows.lines(keys, reader=reader, today=today, tell=lambda done: _tell(extraction, done))
    extraction.file = f"{extraction.pk}-{extraction.attempt}.{extraction.format}"
    if extraction.format == Format.CSV:
        pieces = writing.as_csv(lines)
    else:
        pieces = writing.xlsx(_about(extraction, reader), lines)
    written = writing.save(extraction.path, pieces)
    now = timezone.now()
    with transaction.atomic():
        kept = _mine(extraction).update(
            etat=Etat.PRETE,
            file=extraction.file,
            size=written.size,
            sha256=written.sha256,
            rights=rights.snapshot(reader),
            n_done=len(keys),
            finished_at=now,
            expires_at=now + dt.timedelta(days=settings.EXTRACTION_DAYS),
        )
        if kept:
            journal.write(
                "extraction_ready",
                extraction.reference,
                by=extraction.requester,
                lignes=len(keys),
                octets=written.size,
            )
    if not kept:
        extraction.path.unlink(missing_ok=True)
        raise Superseded


def _keys(extraction: Extraction, reader: Reader, today: dt.date) -> matching.Keys:
    if extraction.perimetre != Perimetre.RECHERCHE:
        return matching.of_directory(reader=reader, today=today, departement=extraction.departement_id)
    form = questions.read(extraction.query)
    if not form.is_answerable:
        raise Refused("Cette recherche ne se lit plus\u00a0: refaites-la.", 400)
    return matching.of_search(form.criteria(), reader=reader, today=today)


def _about(extraction: Extraction, reader: Reader) -> list[tuple[str, str]]:
    level = "professionnels et régulation, selon vos droits" if reader.has_more_rights else "professionnels"
    return [
        ("Extraction du ROR", settings.REGION_NAME),
        ("Contenu", extraction.words),
        ("Fait le", date_fr(clock.now(), "heure")),
        ("Une ligne", "par UO\u00a0; un établissement sans UO visible a la sienne"),
        ("Coordonnées", f"Niveau de confidentialité\u00a0: {level}. Ne pas diffuser au public."),
    ]


def _tell(extraction: Extraction, done: int, **changes: int) -> None:
    """The worker is alive, and this far. Raises Superseded."""
    if not _mine(extraction).update(n_done=done, alive_at=timezone.now(), **changes):
        raise Superseded


@transaction.atomic
def _fail(extraction: Extraction, reason: str) -> None:
    if _mine(extraction).update(etat=Etat.ECHOUEE, reason=reason[:300], finished_at=timezone.now()):
        journal.write("extraction_failed", extraction.reference, by=extraction.requester, motif=reason)


def _give_back(extraction: Extraction) -> None:
    """What went wrong is for the log; the next sweep tries again, or gives up."""
    _mine(extraction).update(alive_at=timezone.now() - SILENCE)


# --- Taking away -----------------------------------------------------------------------------------------------------


@transaction.atomic
def take_away(extraction: Extraction, *, by: User) -> BinaryIO:
    """The open file, for its requester alone and while he may still read all of it. Raises Refused.

    What is open stays readable when a sweep deletes the file meanwhile.
    """
    if extraction.requester_id != by.pk:
        raise PermissionDenied
    if not rights.covers(Reader.of(by), extraction.rights or rights.snapshot(Reader(sees_all=True))):
        raise Refused(
            "Vos droits ont changé depuis cette extraction\u00a0: ce fichier ne vous est plus donné. Refaites-la."
        )
    if extraction.etat != Etat.PRETE or extraction.expires_at <= timezone.now():
        raise Refused("Ce fichier n’est plus gardé\u00a0: refaites l’extraction.", 410)
    try:
        file = extraction.path.open("rb")
    except FileNotFoundError:
        logger.exception("Extraction %s\u00a0: fichier absent", extraction.pk)
        raise Refused("Ce fichier a disparu\u00a0: refaites l’extraction.", 410) from None
    journal.write("extraction_taken", extraction.reference, by=by, octets=extraction.size)
    return file


# --- The periodic task -----------------------------------------------------------------------------------------------


def sweep() -> int:
    """Start again what a dead worker left, delete what is over, make what waits; how many files were made."""
    now = timezone.now()
    silent = Extraction.objects.filter(etat=Etat.EN_COURS, alive_at__lte=now - SILENCE)
    given_up = silent.filter(attempt__gte=MAX_ATTEMPTS)
    reason = "La préparation n’a pas abouti après trois essais\u00a0: le support en est averti par le journal."
    for pk in list(given_up.values_list("pk", flat=True)):
        with transaction.atomic():
            if given_up.filter(pk=pk).update(etat=Etat.ECHOUEE, reason=reason, finished_at=now):
                journal.write("extraction_failed", f"extraction:{pk}", by=User.objects.system(), motif=reason)
    silent.update(etat=Etat.EN_ATTENTE)
    _expire(now)
    waiting = Extraction.objects.filter(etat=Etat.EN_ATTENTE).order_by("created_at").values_list("pk", flat=True)
    return sum(run(pk) for pk in list(waiting))


def _expire(now: dt.datetime) -> None:
    """Rows first, then every file no row answers for: a crash between the two is caught up by the next sweep."""
    over = Extraction.objects.filter(etat=Etat.PRETE, expires_at__lte=now)
    over.update(etat=Etat.EXPIREE)
    folder = Path(settings.EXTRACTIONS_DIR)
    if not folder.is_dir():
        return
    kept = set(Extraction.objects.filter(etat=Etat.PRETE).values_list("file", flat=True))
    working = {str(pk) for pk in Extraction.objects.filter(etat__in=OPEN).values_list("pk", flat=True)}
    for path in folder.iterdir():
        is_ours = path.suffix in (".csv", ".xlsx", writing.PASSING)
        if is_ours and path.name not in kept and path.name[:36] not in working:
            with suppress(FileNotFoundError):
                path.unlink()
