"""What is new in a saved search since the last look: a mail, or nothing.

Only what its owner may see on that day; the mail itself names public units alone, whoever reads it.
"""

import datetime as dt
from dataclasses import dataclass

from django.core import signing
from django.db import transaction
from django.db.models import Q
from django.urls import reverse

from accounts.models import User
from directory.models import UniteOperationnelle
from directory.permissions import Reader
from journal import models as journal
from journal import outbox
from restitutions import questions
from restitutions.models import Alerte, RechercheEnregistree
from ror import clock
from search import engine

SALT = "restitutions.recherches"
LISTED = 30  # lines of a mail
WEEK = dt.timedelta(days=7)


@dataclass(frozen=True)
class Line:
    """Something that matches: a unit of an establishment, or an establishment without unit."""

    name: str
    of: str
    place: str
    url: str


@dataclass(frozen=True)
class Found:
    """What a search finds now, by key: « uo:11-123 », « eg:12 »."""

    lines: dict[str, Line]
    n_eg: int
    is_capped: bool


def matching(query: str, reader: Reader) -> Found | None:
    """None when the search asks nothing any more (a code that went). Near matches are no match."""
    form = questions.read(query)
    if not form.is_answerable:
        return None
    results = engine.search_all(form.criteria(), reader=reader)
    if results.approximate:
        return Found({}, 0, is_capped=False)
    lines = {}
    for hit in results.hits:
        for uo in hit.uos:
            lines[f"uo:{_cle(uo.url)}"] = Line(uo.name, hit.name, hit.commune, uo.url)
        if not hit.uos:
            lines[f"eg:{hit.eg_id}"] = Line(hit.name, "", hit.commune, hit.url)
    return Found(lines, results.n_eg, results.is_capped)


def _cle(url: str) -> str:
    return url.rstrip("/").rpartition("/")[2]


def remember(recherche: RechercheEnregistree, found: Found) -> None:
    """This is what is known from today on. Does not save."""
    recherche.known, recherche.n_found, recherche.checked_on = sorted(found.lines), found.n_eg, clock.today()


def send_all() -> int:
    """Look at the searches due today; returns how many mails were written. Safe to call again, and by several."""
    ids = list(_due(clock.today()).values_list("pk", flat=True))
    return sum(_send(pk) for pk in ids)


def _due(today: dt.date):
    """A day, or a week, after the last look; a day the clock of the server missed is caught up."""
    daily = Q(alerte=Alerte.QUOTIDIENNE) & (Q(checked_on=None) | Q(checked_on__lt=today))
    weekly = Q(alerte=Alerte.HEBDOMADAIRE) & (Q(checked_on=None) | Q(checked_on__lte=today - WEEK))
    return RechercheEnregistree.objects.filter(daily | weekly, user__is_active=True).order_by("pk")


@transaction.atomic
def _send(pk: int) -> int:
    """One search: the mail, what is known and the line of the journal together. A rival run finds nothing due."""
    today = clock.today()
    locked = _due(today).filter(pk=pk).select_related("user").select_for_update(of=("self",), skip_locked=True)
    recherche = locked.first()
    if recherche is None:
        return 0
    reader = Reader.of(recherche.user)
    found = matching(recherche.query, reader)
    if found is None or found.is_capped:  # nothing to compare: the list of searches says so
        recherche.checked_on, recherche.n_found = today, found.n_eg if found else None
        recherche.save(update_fields=["checked_on", "n_found"])
        return 0
    new = [key for key in found.lines if key not in set(recherche.known)]
    remember(recherche, found)
    recherche.save(update_fields=["known", "n_found", "checked_on"])
    return _tell(recherche, [(key, found.lines[key]) for key in new]) if new else 0


def _tell(recherche: RechercheEnregistree, new: list[tuple[str, Line]]) -> int:
    reserved = _sensitive([key for key, _ in new])
    public = [line for key, line in new if key not in reserved]
    written = outbox.add(
        f"recherche:{recherche.pk}:{clock.today().isoformat()}",
        to=[recherche.user],
        subject="Une nouvelle réponse à votre recherche" if len(new) == 1 else f"{len(new)} nouvelles réponses",
        template="restitutions/mail/alerte.txt",
        context={
            "recherche": recherche,
            "lines": public[:LISTED],
            "n_more": max(0, len(public) - LISTED),
            "n_reserved": len(reserved),
            "search_path": f"{reverse('search:results')}?{recherche.query}",
            "stop_path": reverse("restitutions:desabonner", args=[token(recherche)]),
        },
    )
    if written:
        journal.write(
            "send_alert", f"recherche:{recherche.pk}", by=User.objects.system(), user=recherche.user_id, n=len(new)
        )
    return written


def _sensitive(keys: list[str]) -> set[str]:
    """Keys of the units no mail may name. What is no longer there is not named either."""
    units = {key.removeprefix("uo:").replace("-", "/", 1): key for key in keys if key.startswith("uo:")}
    public = UniteOperationnelle.objects.published().filter(identifiant__in=units, unite_sensible=False)
    named = set(public.values_list("identifiant", flat=True))
    return {key for identifiant, key in units.items() if identifiant not in named}


# --- The link that stops an alert ------------------------------------------------------------------------------------


def token(recherche: RechercheEnregistree) -> str:
    """Signed and without end: it only ever stops one alert."""
    return signing.dumps(recherche.pk, salt=SALT)


def read_token(text: str) -> int | None:
    """The search it names, or None when it was not made here."""
    try:
        return signing.loads(text, salt=SALT)
    except signing.BadSignature:
        return None
