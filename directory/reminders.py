"""Reminders to the référents whose fiches nobody verified for long: one mail a person, a link a fiche.

What was sent is a line of the journal; a fiche is not told again to the same person before `REMIND_EVERY_DAYS`.
"""

import datetime as dt
from collections import defaultdict

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from directory import verifying
from directory.documents import KEY_FIELD
from directory.models import EntiteGeographique, Habilitation, Kind, Role
from directory.verifying import Fiche
from journal import models as journal
from journal import outbox
from journal.models import Entry
from ror import clock

ACTION = "remind_verification"
LISTED = 30  # fiches in one mail, the oldest first; the others come with the next one

Old = tuple[Kind, Fiche]


def send_all() -> int:
    """Write the mails that are due; returns how many. Safe to call again: the journal says what was told."""
    told = _told_since(clock.today() - dt.timedelta(days=settings.REMIND_EVERY_DAYS))
    answering = _etablissements_by_user()
    by_eg = _old_by_eg(set().union(*answering.values()))
    sent = 0
    for user, eg_ids in answering.items():
        fiches = [old for eg_id in eg_ids for old in by_eg.get(eg_id, ()) if _key(old) not in told[user.pk]]
        if fiches:
            sent += _send(user, sorted(fiches, key=_last_word))
    return sent


def _etablissements_by_user() -> dict[User, set[int]]:
    """EG each référent answers for today, directly or through an EJ; two queries."""
    rows = Habilitation.objects.active(clock.today()).filter(role=Role.REFERENT).select_related("user")
    rows = list(rows.order_by("user", "pk"))
    under: dict[int, list[int]] = defaultdict(list)
    pairs = EntiteGeographique.objects.filter(entite_juridique__in={row.ej_id for row in rows if row.ej_id})
    for ej_id, eg_id in pairs.values_list("entite_juridique", "pk"):
        under[ej_id].append(eg_id)
    found: dict[User, set[int]] = defaultdict(set)
    for row in rows:
        found[row.user].update([row.eg_id] if row.eg_id else under[row.ej_id])
    return found


def _old_by_eg(ids: set[int]) -> dict[int, list[Old]]:
    """Fiches worth a reminder, by establishment; two queries."""
    before = verifying.stale_since()
    found: dict[int, list[Old]] = defaultdict(list)
    for eg in verifying.stale(Kind.EG, before).filter(pk__in=ids):
        found[eg.pk].append((Kind.EG, eg))
    units = verifying.stale(Kind.UO, before).filter(entite_geographique__in=ids)
    for uo in units.select_related("entite_geographique"):
        found[uo.entite_geographique_id].append((Kind.UO, uo))
    return found


def _told_since(day: dt.date) -> dict[int, set[str]]:
    """Keys of the fiches told to each person after that day; one query. A line carries the day of `ror.clock`, which
    is not always that of the journal."""
    found: dict[int, set[str]] = defaultdict(set)
    written = timezone.now() - dt.timedelta(days=settings.REMIND_EVERY_DAYS)
    for detail in Entry.objects.filter(at__gte=written, action=ACTION).values_list("detail", flat=True):
        if detail["day"] > day.isoformat():
            found[detail["user"]].update(detail["fiches"])
    return found


@transaction.atomic
def _send(user: User, fiches: list[Old]) -> int:
    """One mail and its line of the journal. A rival run of the same day has written the same key: nothing is sent."""
    listed = fiches[:LISTED]
    # The name of a sensitive unit leaves by no mail, nor does a link that opens without login.
    open_ones = [(kind, fiche) for kind, fiche in listed if kind == Kind.EG or not fiche.unite_sensible]
    written = outbox.add(
        f"verifier:{user.pk}:{clock.today().isoformat()}",
        to=[user],
        subject=_subject(len(fiches)),
        template="directory/mail/rappel.txt",
        context={
            "fiches": [_told(kind, fiche, user) for kind, fiche in open_ones],
            "n_reserved": len(listed) - len(open_ones),
            "n_more": len(fiches) - len(listed),
            "months": round(settings.REMIND_AFTER_DAYS / 30),
            "link_days": settings.VERIFICATION_LINK_DAYS,
        },
    )
    if written:
        system = User.objects.system()
        keys = [_key(old) for old in listed]
        day = clock.today().isoformat()
        journal.write(ACTION, f"user:{user.pk}", by=system, user=user.pk, day=day, fiches=keys)
    return written


def _subject(count: int) -> str:
    return "Une fiche à vérifier" if count == 1 else f"{count} fiches à vérifier"


def _told(kind: Kind, fiche: Fiche, user: User) -> dict[str, object]:
    return {
        "name": fiche.nom if kind == Kind.UO else fiche.display_name,
        "of": fiche.entite_geographique.display_name if kind == Kind.UO else "",
        "last": _last_word((kind, fiche)),
        "path": verifying.address(kind, fiche, user),
    }


def _key(old: Old) -> str:
    kind, fiche = old
    return f"{kind}:{getattr(fiche, KEY_FIELD[kind])}"


def _last_word(old: Old) -> dt.datetime:
    fiche = old[1]
    return max(fiche.updated_at, fiche.verified_at or fiche.updated_at)
