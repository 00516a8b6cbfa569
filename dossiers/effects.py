"""What a validated dossier does to the directory, on its day and once."""

import logging

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from directory import checks, documents, publishing
from directory.display.history import told_problems
from directory.documents import KEY_FIELD, MODELS, Document
from directory.merge import at_effect
from directory.models import FicheVersion, Kind
from dossiers import locking, messages
from dossiers.models import Dossier, DraftFiche, Statut
from journal import models as journal
from ror import clock

logger = logging.getLogger(__name__)

ADVISORY_LOCK = 0x726F7231  # « ror1 »: one process at a time applies what is due


class CannotPublish(Exception):
    """A fiche breaks a rule of the directory; `reasons` in words, nothing was written."""

    def __init__(self, reasons: list[str]):
        self.reasons = reasons
        super().__init__("\n".join(reasons))


def apply_due() -> list[int]:
    """Publish every validated dossier whose day has come, in order; returns the ids published.

    One transaction each, under an advisory lock; called by beat and by each process before its first answer of a day:
    running it twice, or in two places at once, publishes nothing twice. A dossier that fails its checks is set aside
    (`blocked`) and support is told: the following ones go on.
    """
    done = []
    while (pk := _next_due()) is not None:
        if _apply_one(pk):
            done.append(pk)
    return done


def _next_due() -> int | None:
    return Dossier.objects.due(clock.today()).values_list("pk", flat=True).first()


@transaction.atomic(durable=True)
def _apply_one(pk: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [ADVISORY_LOCK])
    dossier = locking.locked(Dossier, pk)
    if not Dossier.objects.due(clock.today()).filter(pk=pk).exists():
        return False  # another process did it while we waited
    system = User.objects.system()
    try:
        with transaction.atomic():
            publish(dossier, by=system)
    except CannotPublish as error:
        _set_aside(dossier, error, by=system)
        return False
    return True


def publish_if_due(dossier: Dossier, *, by) -> None:
    """At validation, in its transaction: an empty date d'effet, or one that is reached, publishes at once (the message
    of the validation says so). What is due before it on the same establishment goes first: `apply_due` does both.
    """
    if dossier.date_effet and dossier.date_effet > clock.today():
        return
    before = Dossier.objects.due(clock.today()).filter(eg=dossier.eg_id).values_list("pk", flat=True).first()
    if before == dossier.pk:
        publish(dossier, by=by, tells=False)


def publish(dossier: Dossier, *, by, tells: bool = True) -> list[FicheVersion]:
    """Publish the accepted documents of a validated dossier (EG first, then its UO) and close it, in the caller's
    transaction. Raises `CannotPublish`."""
    versions = []
    for draft in DraftFiche.objects.filter(dossier=dossier).order_by("position", "pk"):
        if draft.accepted is not None and draft.accepted != draft.reference:
            versions.append(_publish_fiche(dossier, draft, by=by))
    advanced = locking.advance(
        Dossier,
        dossier.pk,
        version=dossier.version,
        status=Statut.PUBLIE,
        published_at=timezone.now(),
        updated_at=timezone.now(),
        last_action="publish",
        last_by=by,
    )
    assert advanced, "the caller holds the lock of the dossier"
    before = dossier.version
    dossier.refresh_from_db()
    journal.write(
        "dossier_publish",
        dossier.reference,
        by=by,
        **{"from": Statut.VALIDE, "to": Statut.PUBLIE, "version": before},
        fiches=[f"{version.kind}:{version.key}:v{version.number}" for version in versions],
    )
    if tells:
        messages.tell(dossier, "publish", version=before, by=by)
    return versions


def _publish_fiche(dossier: Dossier, draft: DraftFiche, *, by) -> FicheVersion:
    """Put the accepted lines on the live fiche as it is now; what FINESS or a référent changed since is kept."""
    kind, document = Kind(draft.kind), draft.accepted
    live = _live(kind, draft.key)
    if live is not None and draft.reference is not None:
        merge = at_effect(kind, draft.reference, live, draft.accepted)
        document = merge.document
        if merge.clashes:
            journal.write(
                "dossier_live_kept",
                dossier.reference,
                by=by,
                fiche=draft.key,
                lines=[clash.address for clash in merge.clashes],
            )
    try:
        return publishing.publish(kind, document, by=by, origin=dossier.reference)
    except checks.DocumentInvalid as invalid:
        raise CannotPublish(
            [f"{draft.name}, {told}" for told in told_problems(invalid.problems, document)]
        ) from invalid
    except documents.UnknownReference as unknown:
        raise CannotPublish([f"{draft.name}, inconnu dans ce ROR\u00a0: {unknown}"]) from unknown


def _live(kind: Kind, key: str) -> Document | None:
    pk = MODELS[kind]._default_manager.filter(**{KEY_FIELD[kind]: key}).values_list("pk", flat=True).first()
    return documents.to_document(kind, pk) if pk else None


def _set_aside(dossier: Dossier, error: CannotPublish, *, by) -> None:
    """It cannot be published today: support decides; the establishment keeps its live fiches."""
    before = dossier.version
    locking.advance(
        Dossier,
        dossier.pk,
        version=before,
        blocked=str(error),
        updated_at=timezone.now(),
        last_action="blocked",
        last_by=by,
    )
    dossier.refresh_from_db()
    journal.write("dossier_blocked", dossier.reference, by=by, reason=str(error), version=before)
    messages.tell(dossier, "blocked", version=before, by=by)
    logger.warning("dossier %s could not be published: set aside", dossier.pk)
