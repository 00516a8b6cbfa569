"""The whole demo in one transaction: accounts, showcase, mass, rights, index. Interrupted, it leaves nothing."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from directory import publishing
from directory.models import (
    Contact,
    EntiteGeographique,
    EntiteJuridique,
    Kind,
    Telecommunication,
    UniteOperationnelle,
)
from directory.models.unites import SEQUENCE
from journal import models as journal
from ror import clock

from . import accounts, act, load
from .encode import ORIGIN
from .numbers import Numbers
from .showcase import OISEAUX, Showcase
from .world import load_world

_LOCK = 7_305_202  # advisory lock: one seeding at a time
OLD = "CMPP des Saules (fictif)"  # last checked more than eleven months ago, like the mock-up
NEVER_VERIFIED = ("PCO TND du Lys (fictif)", "Équipe mobile Les Frênes (fictif)")


@dataclass(frozen=True)
class Scale:
    """`eg`: establishments, showcase included. `blocks`: parts invented by several processes (1: by this one)."""

    eg: int
    blocks: int = 1
    national: bool = False


SCALES = {"petit": Scale(600), "idf": Scale(20_000, blocks=4), "national": Scale(110_000, blocks=20, national=True)}


@dataclass(frozen=True)
class Seeded:
    """How many fiches are there after the seeding."""

    ej: int
    eg: int
    uo: int


def is_seeded() -> bool:
    return EntiteJuridique.objects.filter(raison_sociale=OISEAUX).exists()


@transaction.atomic
def seed(scale: Scale, *, say: Callable[[str], None] = lambda _: None) -> Seeded | None:
    """Invent establishments and all that hangs on them; None, and nothing done, when it was done before."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", [_LOCK])
    if is_seeded():
        return None
    say(f"Comptes : {accounts.create_accounts()} créés")
    today, numbers, world = clock.today(), Numbers(lane=0, lanes=scale.blocks + 1), load_world(national=scale.national)
    say("Structures des formations…")
    counts = _publish_showcase(Showcase(world, today=today, numbers=numbers, first_offre=_first_offre()))
    say(f"  {counts[Kind.EG]} établissements, {counts[Kind.UO]} unités opérationnelles")
    say("Établissements inventés…")
    left = scale.eg - counts[Kind.EG]
    mass = load.write(load.mass_of(world, today=today, first_offre=_first_offre(), eg=left, blocks=scale.blocks), say)
    say(f"Habilitations : {accounts.grant_rights()} accordées")
    accounts.people_who_wait()
    say("Index de la recherche…")
    load.project(say, whole=scale.blocks > 1)
    total = {str(kind): counts[kind] + mass[kind] for kind in Kind}
    journal.write("seed", "demo", by=User.objects.get(email=accounts.AUTHOR), **total)
    load.analyze()
    return Seeded(**total)


def _first_offre() -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"select nextval('{SEQUENCE}')")
        return cursor.fetchone()[0]


def _publish_showcase(showcase: Showcase) -> dict[Kind, int]:
    """Through the same door as anything a person publishes: référents for their structures, support for the rest."""
    authors = User.objects.in_bulk([accounts.AUTHOR, "referent@demo.ror"], field_name="email")
    support, referent = authors[accounts.AUTHOR], authors["referent@demo.ror"]
    counts: dict[Kind, int] = dict.fromkeys(Kind, 0)
    last_offre = None
    trainings = ((kind, document, referent) for kind, document in showcase.documents())
    acts = ((kind, document, support) for kind, document in act.documents(showcase))
    for kind, document, author in chain(trainings, acts):
        publishing.publish(kind, document, by=author, origin=ORIGIN)
        counts[kind] += 1
        if kind == Kind.UO:
            last_offre = int(document["identifiant"].partition("/")[2])
    with connection.cursor() as cursor:
        cursor.execute("select setval(%s, %s)", [SEQUENCE, last_offre])
    _backdate(referent)
    return counts


def _backdate(verifier: User) -> None:
    """The showcase was described a year and a half ago and checked last week, but for what the mock-ups show old."""
    now = timezone.now()
    first, recent, old = (now - dt.timedelta(days=days) for days in (550, 9, 340))
    for model in (EntiteJuridique, EntiteGeographique, UniteOperationnelle):
        model.objects.update(created_at=first, published_at=first, updated_at=recent)
    for model, name in ((EntiteGeographique, "denomination"), (UniteOperationnelle, "nom")):
        rows = model.objects.exclude(**{f"{name}__in": NEVER_VERIFIED})
        rows.update(verified_at=recent, verified_by=verifier)
    EntiteGeographique.objects.filter(denomination=OLD).update(updated_at=old, verified_at=old)
    UniteOperationnelle.objects.filter(entite_geographique__denomination=OLD).update(updated_at=old, verified_at=old)
    contacts = Contact.objects.filter(unite__entite_geographique__denomination=OLD)
    Telecommunication.objects.filter(contact__in=contacts).update(created_at=first, updated_at=old)
    contacts.update(created_at=first, updated_at=old)
