"""What is measured: the whole request, middleware, session and rights included, by Django's test client."""

import random

from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import User
from bench import cpu, floor
from nomenclature.models import Commune, Concept
from ror import clock

SEED = 2026
TYPED_WHERE = [
    "7",
    "75",
    "750",
    "7501",
    "75010",
    "e",
    "ev",
    "evr",
    "evry",
    "saint d",
    "st denis",
    "kremlin",
    "paris 1",
]
TYPED_WHAT = [
    "a",
    "ap",
    "appa",
    "appartement",
    "appartement de coo",
    "csa",
    "csapa",
    "camsp",
    "tele",
    "psy",
    "autisme",
]


def questions() -> list[dict]:
    """40 questions, drawn by a seeded rule: half by use, half evenly among the concepts used, some with two facets."""
    draw = random.Random(SEED)  # noqa: S311 - a repeatable draw
    with connection.cursor() as cursor:
        cursor.execute(
            "select c, count(*) from (select unnest(concepts) as c from search_offre) u group by c order by 2 desc, 1"
        )
        used = dict(cursor.fetchall())
    asked = Concept.objects.filter(
        pk__in=used, system__code__in=["ror-type-uo", "TRE_R210", "ror-filiere"]
    ).select_related("system")
    concepts = sorted(asked, key=lambda concept: (-used[concept.pk], concept.pk))
    communes = list(Commune.objects.filter(departement__region="11", population__gt=20_000).order_by("insee"))
    by_use = draw.choices(concepts, [used[concept.pk] for concept in concepts], k=20)
    found = []
    for rank, concept in enumerate(by_use + draw.choices(concepts, k=20)):
        facets = {"patientele": "A", "type_offre": "etablissement"} if rank % 8 == 0 else {}
        found.append({"concept": concept, "commune": draw.choice(communes), "facets": facets, "n": used[concept.pk]})
    return found


def _params(question: dict) -> dict:
    concept = question["concept"]
    return {"ou": question["commune"].insee, "code": concept.key, **question["facets"]}


def _get(client: Client, url: str, params: dict):
    """The request, at the address the page itself would have (a first visit may be redirected to it)."""
    moved = client.get(url, params)
    if moved.status_code == 302:
        url, params = moved["Location"], {}

    def work():
        response = client.get(url, params)
        body = b"".join(response.streaming_content) if response.streaming else response.content
        if response.status_code != 200 or not body:
            raise RuntimeError(f"{url} {params}: {response.status_code}")

    return work


def run() -> dict[str, float]:
    """Every figure, keys with their unit."""
    client = Client(HTTP_HOST="localhost")
    client.force_login(User.objects.get(email="pro@demo.ror"))
    asked = questions()
    figures: dict[str, float] = {
        "questions": len(asked),
        "uo_matched_median": cpu.quantile([q["n"] for q in asked], 0.5),
    }
    figures["uo_matched_max"] = max(q["n"] for q in asked)

    pages = cpu.series([_get(client, reverse("search:results"), _params(q)) for q in asked])
    figures |= _summary("page", pages)
    frequent = sorted(asked, key=lambda q: -q["n"])[:8]
    hot = cpu.series([_get(client, reverse("search:results"), _params(q)) for q in frequent])
    figures["page_frequent_cpu_ms"] = sum(s.cpu for s in hot) / len(hot)

    plain = [q for q in asked if not q["facets"]]
    today = clock.today()
    floors = cpu.series([lambda q=q: floor.page(_floor_params(q, today)) for q in plain])
    same = [page for page, q in zip(pages, asked, strict=True) if not q["facets"]]
    figures["sql_floor_cpu_ms"] = sum(s.cpu for s in floors) / len(floors)
    figures["page_ratio_sql"] = sum(s.cpu for s in same) / sum(s.cpu for s in floors)

    where = [_get(client, reverse("search:suggestions_ou"), {"q": typed}) for typed in TYPED_WHERE]
    what = [_get(client, reverse("search:suggestions_quoi"), {"q": typed, "dans": "tout"}) for typed in TYPED_WHAT]
    figures |= _summary("suggest_request", cpu.series(where + what))
    figures |= _suggest_in_the_view()

    exports = [_get(client, reverse("search:export"), _params(q)) for q in frequent[:4]]
    figures |= _summary("export_200", cpu.series(exports, rounds=2))
    return {key: round(value, 3) for key, value in figures.items()}


def _suggest_in_the_view() -> dict[str, float]:
    """The work of the view itself, without session and rights: the part this project writes."""
    from search import places, suggestions  # noqa: PLC0415 - their indexes are built on the first call

    works = [lambda t=typed: places.suggest_ou(t) for typed in TYPED_WHERE]
    works += [lambda t=typed: suggestions.suggest_quoi(t) for typed in TYPED_WHAT]
    samples = cpu.series(works)
    return {
        "suggest_cpu_ms": cpu.quantile([s.cpu for s in samples], 0.5),
        "suggest_p95_cpu_ms": cpu.quantile([s.cpu for s in samples], 0.95),
    }


def _floor_params(question: dict, today) -> dict:
    commune = question["commune"]
    return {
        "concept": question["concept"].pk,
        "latitude": commune.latitude,
        "longitude": commune.longitude,
        "today": today,
    }


def _summary(name: str, samples: list[cpu.Sample]) -> dict[str, float]:
    return {
        f"{name}_cpu_ms": sum(s.cpu for s in samples) / len(samples),
        f"{name}_python_cpu_ms": sum(s.python for s in samples) / len(samples),
        f"{name}_database_cpu_ms": sum(s.database for s in samples) / len(samples),
        f"{name}_p50_ms": cpu.quantile([s.wall for s in samples], 0.5),
        f"{name}_p95_ms": cpu.quantile([s.wall for s in samples], 0.95),
    }
