"""What a validated dossier does to the directory, on its day and once."""

import contextlib
import logging

from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

from accounts.models import User
from directory import checks, documents, publishing
from directory.display.history import told_problems
from directory.documents import KEY_FIELD, MODELS, Document
from directory.merge import at_effect
from directory.models import EntiteGeographique, FicheVersion, Kind
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
    (`blocked`) with those that were built on it, and support is told: the others go on.
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
        _set_aside(dossier, str(error), by=system)
    except (OperationalError, InterfaceError):  # the database stops, or two transactions met: it is tried again
        raise
    except Exception:  # a fault of ours in one dossier must not keep all those that come after it
        logger.exception("dossier %s could not be published", dossier.pk)
        _set_aside(dossier, "Une erreur technique a empêché la publication : l’exploitant est prévenu.", by=system)
    else:
        return True
    set_followers_aside(dossier, by=system)
    return False


def publish_or_rehearse(dossier: Dossier, *, by) -> None:
    """At validation, in its transaction: an empty date d'effet, or one that is reached, publishes at once (the message
    of the validation says so). What is due before it on the same establishment goes first: `apply_due` does both.

    A later one is rehearsed, so that what cannot be published is said now. Raises `CannotPublish`.
    """
    if dossier.date_effet and dossier.date_effet > clock.today():
        _rehearse(dossier, by=by)
        return
    before = Dossier.objects.due(clock.today()).filter(eg=dossier.eg_id).values_list("pk", flat=True).first()
    if before == dossier.pk:
        publish(dossier, by=by, tells=False)
    else:
        transaction.on_commit(apply_due, robust=True)


class _Rehearsed(Exception):
    """Undoes a rehearsal."""


def _rehearse(dossier: Dossier, *, by) -> None:
    """Publish it for the time of a savepoint, after those that wait before it on the same establishment."""
    waiting = Dossier.objects.filter(eg=dossier.eg_id, status=Statut.VALIDE, blocked="").exclude(pk=dossier.pk)
    try:
        with transaction.atomic():
            for one in waiting.order_by("decided_at", "pk"):
                with contextlib.suppress(CannotPublish):  # it will be told on its day
                    _publish_fiches(one, by=by)
            _publish_fiches(dossier, by=by)
            raise _Rehearsed
    except _Rehearsed:
        return


def publish(dossier: Dossier, *, by, tells: bool = True) -> list[FicheVersion]:
    """Publish the accepted documents of a validated dossier (EG first, then its UO) and close it, in the caller's
    transaction. Raises `CannotPublish`."""
    versions = _publish_fiches(dossier, by=by)
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


def _publish_fiches(dossier: Dossier, *, by) -> list[FicheVersion]:
    # As publishing locks, and before the live fiches are read: what is corrected meanwhile would be overwritten.
    locking.locked(EntiteGeographique, dossier.eg_id)
    return [_publish_fiche(dossier, draft, by=by) for draft in _accepted(dossier)]


def _accepted(dossier: Dossier) -> list[DraftFiche]:
    """The fiches it changes, in the order they are published."""
    drafts = DraftFiche.objects.filter(dossier=dossier, accepted__isnull=False).order_by("position", "pk")
    return [draft for draft in drafts if draft.accepted != draft.reference]


def _publish_fiche(dossier: Dossier, draft: DraftFiche, *, by) -> FicheVersion:
    """Put the accepted lines on the live fiche as it is now; what FINESS or a référent changed since is kept."""
    kind, document = Kind(draft.kind), draft.accepted
    live = _live(kind, draft.key)
    if kind == Kind.UO and live is not None and live["entite_geographique"] != dossier.eg.idnat_struct:
        raise CannotPublish([f"{draft.name} est rattachée maintenant à un autre établissement."])
    if live is None and draft.reference is not None:
        raise CannotPublish([f"{draft.name} n’est pas publiée : le dossier qui la crée ne l’est pas."])
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


def set_followers_aside(dossier: Dossier, *, by) -> None:
    """Set aside what was validated after this dossier on the same fiches, when it will not be published as it is.

    Their lines were decided against its own: on the live fiche as it stays, some would be taken for older than what it
    says and dropped.
    """
    changed = {draft.key for draft in _accepted(dossier)}
    after = Dossier.objects.filter(
        eg=dossier.eg_id, status=Statut.VALIDE, blocked="", decided_at__gt=dossier.decided_at
    )
    for pk in after.order_by("pk").values_list("pk", flat=True):
        follower = locking.locked(Dossier, pk)
        if changed & {draft.key for draft in _accepted(follower)}:
            reason = f"Il part du dossier n° {dossier.numero}, qui n’a pas été publié : validez d’abord celui-là."
            _set_aside(follower, reason, by=by)


def _set_aside(dossier: Dossier, reason: str, *, by) -> None:
    """It cannot be published today: support decides; the establishment keeps its live fiches."""
    before = dossier.version
    locking.advance(
        Dossier,
        dossier.pk,
        version=before,
        blocked=reason,
        updated_at=timezone.now(),
        last_action="blocked",
        last_by=by,
    )
    dossier.refresh_from_db()
    journal.write("dossier_blocked", dossier.reference, by=by, reason=reason, version=before)
    messages.tell(dossier, "blocked", version=before, by=by)
    logger.warning("dossier %s could not be published: set aside", dossier.pk)
