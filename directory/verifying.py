"""« Rien n’a changé »: a person answers that a fiche is still right. It is not a publication: no new version.

From a page, or from the link of a reminder: that one works without login, for one fiche, one person and 30 days.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.urls import reverse

from accounts.models import User
from directory import publishing
from directory.documents import KEY_FIELD, MODELS
from directory.models import EntiteGeographique, Kind, UniteOperationnelle
from directory.permissions import Reader
from journal import models as journal
from ror import clock

SALT = "directory.verifying"
AGAIN = dt.timedelta(minutes=1)  # a second click of the same person within that time is the same click
PARENT = {Kind.EG: "entite_juridique_id", Kind.UO: "entite_geographique_id"}

Fiche = EntiteGeographique | UniteOperationnelle


class LinkRefused(Exception):
    """Why the link of a reminder does not serve, in words for the person; `status` is that of the answer."""

    def __init__(self, words: str, status: int):
        self.status = status
        super().__init__(words)


@dataclass(frozen=True)
class Link:
    """What a link allows: this person, this fiche. `made_at`: the instant of the reminder."""

    kind: Kind
    fiche: Fiche
    user: User
    made_at: dt.datetime

    @property
    def is_done(self) -> bool:
        """Somebody answered for the fiche since the reminder: the link has nothing left to do."""
        return self.fiche.verified_at is not None and self.fiche.verified_at >= self.made_at


# --- The act ---------------------------------------------------------------------------------------------------------


@transaction.atomic
def verify(
    kind: Kind, pk: int, *, by: User, via: str = "page", expected_version: int | None = None, with_units: bool = False
) -> int:
    """Refresh who verified this EG or UO and when; returns how many fiches it changed (0: already done by this
    person a moment ago). `with_units`: also the open units of the EG. `via`: `page` or `mail`, for the journal.

    Raises `PermissionDenied`, `publishing.StaleVersion` when the fiche is not the one that was read.
    """
    editable = {of: MODELS[of].objects.editable_by(Reader.of(by)).open_on(clock.today()) for of in PARENT}
    fiche = editable[kind].filter(pk=pk).first()
    if fiche is None:
        raise PermissionDenied
    eg_id = pk if kind == Kind.EG else fiche.entite_geographique_id
    # Down the tree, as publishing locks: else a publication of this EG and this could wait for each other.
    EntiteGeographique.objects.select_for_update(no_key=True).get(pk=eg_id)
    fiche.refresh_from_db(fields=["version"])
    if expected_version is not None and fiche.version != expected_version:
        raise publishing.StaleVersion(fiche.version)
    changed = _mark(kind, [pk], by=by, via=via)
    if with_units and kind == Kind.EG:
        units = editable[Kind.UO].filter(entite_geographique=pk).values_list("pk", flat=True)
        changed += _mark(Kind.UO, units, by=by, via=via)
    if changed:
        publishing.run_projections([eg_id])
    return changed


def _mark(kind: Kind, ids: Iterable[int], *, by: User, via: str) -> int:
    """One conditional update; a line of the journal for each fiche it changed."""
    now, model = clock.now(), MODELS[kind]
    just_done = Q(verified_by=by, verified_at__gt=now - AGAIN, verified_at__lte=now)
    rows = list(model.objects.filter(pk__in=list(ids)).exclude(just_done).select_for_update(no_key=True))
    model.objects.filter(pk__in=[row.pk for row in rows]).update(verified_at=now, verified_by=by)
    for row in rows:
        journal.write("verify", f"{kind}:{getattr(row, KEY_FIELD[kind])}", by=by, version=row.version, via=via)
    return len(rows)


# --- Whose last word is old ------------------------------------------------------------------------------------------


def stale(kind: Kind, before: dt.datetime):
    """Published and open fiches that nobody changed nor verified since; an EG counts once it has an open unit."""
    found = MODELS[kind].objects.published().open_on(clock.today())
    found = found.filter(Q(verified_at=None) | Q(verified_at__lt=before), updated_at__lt=before)
    if kind == Kind.EG:
        units = UniteOperationnelle.objects.published().open_on(clock.today())
        found = found.filter(pk__in=units.values("entite_geographique"))
    return found


def stale_since() -> dt.datetime:
    """The instant before which a fiche is worth a reminder."""
    return clock.now() - dt.timedelta(days=settings.REMIND_AFTER_DAYS)


# --- The link of a reminder ------------------------------------------------------------------------------------------


def address(kind: Kind, fiche: Fiche, user: User) -> str:
    """The path of the page where this person answers for this fiche without logging in."""
    said = {
        "fiche": str(kind),
        "id": fiche.pk,
        "parent": getattr(fiche, PARENT[kind]),
        "user": user.pk,
        "at": clock.now().timestamp(),
    }
    return reverse("directory:verifier_lien", args=[signing.dumps(said, salt=SALT, compress=True)])


def read(token: str) -> Link:
    """What the link allows now. Raises `LinkRefused`; nothing about the fiche is said before its right is checked."""
    try:
        said = signing.loads(token, salt=SALT)
    except signing.BadSignature as error:
        raise LinkRefused("Ce lien est incomplet\u00a0: ouvrez-le depuis le message, en entier.", 404) from error
    made_at = dt.datetime.fromtimestamp(said["at"], tz=dt.UTC)
    if clock.now() - made_at > dt.timedelta(days=settings.VERIFICATION_LINK_DAYS):
        raise LinkRefused(
            f"Ce lien a plus de {settings.VERIFICATION_LINK_DAYS}\u00a0jours\u00a0: il ne sert plus. "
            "Connectez-vous, ou attendez le prochain rappel.",
            410,
        )
    user = User.objects.filter(pk=said["user"], is_active=True).first()
    kind = Kind(said["fiche"])
    found = MODELS[kind].objects.editable_by(Reader.of(user)) if user else MODELS[kind].objects.none()
    fiche = found.filter(pk=said["id"]).select_related(*_RELATED[kind]).first()
    if fiche is None:
        raise LinkRefused(
            "Vous n’êtes plus référent de cette structure, ou votre compte n’est plus actif\u00a0: le support vous "
            "dira qui s’en charge.",
            403,
        )
    if getattr(fiche, PARENT[kind]) != said["parent"]:
        raise LinkRefused(
            "Cette fiche a changé de structure depuis le message\u00a0: connectez-vous pour la relire d’abord.",
            410,
        )
    if fiche.is_closed_for_good(clock.today()):
        raise LinkRefused("Cette structure a fermé depuis le message\u00a0: il n’y a plus rien à vérifier.", 410)
    if kind == Kind.UO and fiche.unite_sensible:
        raise LinkRefused("Cette fiche ne se lit qu’après connexion.", 403)
    return Link(kind, fiche, user, made_at)


_RELATED = {Kind.EG: ("categorie", "verified_by"), Kind.UO: ("entite_geographique", "type_uo", "verified_by")}
