"""What the home page counts and lists."""

import datetime as dt
from typing import TypedDict

from django.core.cache import caches
from django.db.models import Count, Q

from directory.models import EntiteGeographique, UniteOperationnelle
from directory.permissions import Reader
from nomenclature.text import normalise
from ror import clock

CACHE_SECONDS = 60
MY_STRUCTURES_MAX = 12
_NAME = ("pk", "nom_operationnel", "denomination")


class Figures(TypedDict):
    etablissements: int
    unites: int


class Structure(TypedDict):
    name: str
    url: str
    place: str
    n_uo: int
    updated: dt.datetime


def described() -> Figures:
    """Open establishments with at least one published UO, and these UO, without the sensitive ones: same for everyone.

    Kept 60 s in the cache that may be lost: when Redis is away, it is counted again (one statement).
    """
    cache, key = caches["redis"], f"figures-{clock.today():%Y%m%d}"
    found = cache.get(key)
    if found is None:
        found = (
            UniteOperationnelle.objects.published()
            .open_on(clock.today())
            .filter(unite_sensible=False, entite_geographique__version__gt=0)
            .aggregate(unites=Count("pk"), etablissements=Count("entite_geographique", distinct=True))
        )
        cache.set(key, found, CACHE_SECONDS)
    return found


def my_structures(reader: Reader) -> list[Structure]:
    """The first establishments this person answers for, by name; empty for who is no référent. Five queries."""
    if not reader.own_eg_ids:
        return []
    mine = EntiteGeographique.objects.published().filter(pk__in=reader.own_eg_ids)
    names = {pk: normalise(everyday or official) for pk, everyday, official in mine.values_list(*_NAME)}
    first = sorted(names, key=lambda pk: (names[pk], pk))[:MY_STRUCTURES_MAX]
    found = (
        EntiteGeographique.objects.filter(pk__in=first)
        .with_display()
        .annotate(n_uo=Count("unites", filter=Q(unites__version__gt=0)))
    )
    return [
        {
            "name": eg.display_name,
            "url": eg.get_absolute_url(),
            "place": _place(eg),
            "n_uo": eg.n_uo,
            "updated": eg.updated_at,
        }
        for eg in sorted(found, key=lambda eg: first.index(eg.pk))
    ]


def _place(eg: EntiteGeographique) -> str:
    """Commune of the main entrance, the way the ROR shows it; empty when unknown."""
    lieu = eg.lieu_principal
    return str(lieu.commune) if lieu and lieu.commune else ""
