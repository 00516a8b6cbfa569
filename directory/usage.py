"""The codes a category of EG or a type d’UO carries most: what a form proposes after those of its modèle.

Counted once a day and kept in the cache that may be lost. Sensitive UO are never counted: what others are proposed
must tell nothing of them.
"""

from collections.abc import Iterable

from django.core.cache import caches
from django.db.models import Count, F, Q

from directory.models import ActiviteOperationnelle, EntiteGeographique, Kind, UniteOperationnelle
from nomenclature.models import Concept

CACHE = "redis"
ONE_DAY = 24 * 3600
SHOWN = 12
LEAST = 3  # below, a code is the choice of one structure rather than a habit


def most_used(kind: Kind, field: str, key: str) -> tuple[str, ...]:
    """Keys of the concepts of `field`, most used first, by the fiches of that type d’UO or category (`key`).

    At most one query a day and pair.
    """
    name = f"usage:{kind}:{field}:{key}"
    found = caches[CACHE].get(name)
    if found is None:
        found = _count(Kind(kind), field, key)
        caches[CACHE].set(name, found, ONE_DAY)
    return found


def _count(kind: Kind, field: str, key: str) -> tuple[str, ...]:
    system, _, code = key.partition("|")
    # A subquery: the plan then looks the key up once.
    of_key = Concept.objects.filter(system__code=system, code=code).values("pk")
    if field == "activites":
        rows = ActiviteOperationnelle.objects.filter(unite__type_uo__in=of_key, unite__unite_sensible=False)
        return _keys(rows.filter(unite__version__gt=0).values(concept=F("activite")))
    if kind == Kind.UO:
        rows = UniteOperationnelle.objects.published().filter(type_uo__in=of_key, unite_sensible=False)
    else:
        rows = EntiteGeographique.objects.published().filter(categorie__in=of_key)
    return _keys(rows.filter(~Q(**{field: None})).values(concept=F(field)))


def _keys(rows: Iterable) -> tuple[str, ...]:
    counted = rows.annotate(n=Count("pk", distinct=True)).filter(n__gte=LEAST).order_by("-n", "concept")
    ids = [row["concept"] for row in counted[:SHOWN]]
    keys = {
        pk: f"{system}|{code}"
        for pk, system, code in Concept.objects.filter(pk__in=ids).values_list("pk", "system__code", "code")
    }
    return tuple(keys[pk] for pk in ids)
