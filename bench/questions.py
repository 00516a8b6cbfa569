"""What is asked: concepts, places and filters drawn by a seeded rule; the words typed in the two boxes."""

import random
from dataclasses import dataclass

from django.conf import settings
from django.db import connection

from nomenclature.models import Commune, Concept
from search.facets import FACETS

SEED = 2026
ASKED = ("ror-type-uo", "TRE_R210", "ror-filiere")  # types d'UO, actes, filières
TYPED_WHERE = "7 75 750 7501 75010 e ev evr evry l le|saint d|st denis|kremlin|paris 1|69003|lyon 3"
TYPED_WHAT = "a ap appa appartement csa csapa camsp tele psy autisme|appartement de coo|psy ado|dentiste handicap"


@dataclass(frozen=True)
class Question:
    """One search; `n_uo`: UO that carry its concept; `facets`: code by key."""

    concept: Concept
    commune: Commune
    facets: dict[str, str]
    n_uo: int

    @property
    def params(self) -> dict:
        return {"ou": self.commune.insee, "code": self.concept.key, **self.facets}


def typed(text: str) -> list[str]:
    """Words parted by spaces in the first field, whole texts in the others."""
    first, *others = text.split("|")
    return [*first.split(), *others]


def mix(*, national: bool) -> list[Question]:
    """40 questions: half by use, half evenly among the concepts used; one in eight with two facets."""
    draw = random.Random(SEED)  # noqa: S311 - a repeatable draw
    concepts, used = _used()
    places = communes(national=national)
    by_use = draw.choices(concepts, [used[concept.pk] for concept in concepts], k=20)
    found = []
    for rank, concept in enumerate(by_use + draw.choices(concepts, k=20)):
        facets = _facets_of(concept) if rank % 8 == 0 else {}
        found.append(Question(concept, draw.choice(places), facets, used[concept.pk]))
    return found


def frequent(*, national: bool) -> list[Question]:
    """The eight concepts that most UO carry."""
    draw = random.Random(SEED)  # noqa: S311 - a repeatable draw
    concepts, used = _used()
    places = communes(national=national)
    return [Question(concept, draw.choice(places), {}, used[concept.pk]) for concept in concepts[:8]]


def communes(*, national: bool) -> list[Commune]:
    """Towns of more than 20,000 people, of the country or of the region."""
    towns = Commune.objects.filter(population__gt=20_000, latitude__isnull=False).order_by("insee")
    return list(towns if national else towns.filter(departement__region=settings.REGION_CODE))


def _used() -> tuple[list[Concept], dict[int, int]]:
    """Concepts of the three lists that some UO carry, the most frequent first, and how many carry each."""
    with connection.cursor() as cursor:
        cursor.execute("select c, count(*) from (select unnest(concepts) as c from search_offre) u group by c")
        used = dict(cursor.fetchall())
    concepts = Concept.objects.filter(pk__in=used, system__code__in=ASKED).select_related("system")
    return sorted(concepts, key=lambda concept: (-used[concept.pk], concept.pk)), used


def _facets_of(concept: Concept) -> dict[str, str]:
    """The values that its UO hold most often, of « Patientèles » and of « Modes de prise en charge »."""
    systems = {facet.key: facet.system for facet in FACETS if facet.key in ("patientele", "mode")}
    found = {}
    with connection.cursor() as cursor:
        for key, system in systems.items():
            cursor.execute(
                """select c.code from (select unnest(facettes) as f from search_offre
                  where concepts @> array[%s]::int[] limit 100000) u join nomenclature_concept c on c.id = u.f
                  join nomenclature_codesystem s on s.id = c.system_id and s.code = %s
                group by c.code order by count(*) desc, c.code limit 1""",
                [concept.pk, system],
            )
            row = cursor.fetchone()
            if row:
                found[key] = row[0]
    return found
