"""Right before fast: the engine's answers against the brute force, for three readers and two days."""

import datetime as dt
import random
from collections.abc import Iterator
from dataclasses import dataclass

from django.test.utils import override_settings

from bench.brute import Answer, Directory, Question, Who
from directory.permissions import Reader
from nomenclature.models import Commune
from ror import clock
from search import engine
from search.criteria import Criteria, Origin

QUESTIONS, SEED = 200, 4
LATER = 45  # days: by then some establishments and units have closed or opened
FACETS = ("patientele", "activite", "mode", "type_uo", "type_offre")


@dataclass(frozen=True)
class Checked:
    """How many answers were compared, and what differs, in words."""

    checked: int
    wrong: list[str]


def check(*, questions: int = QUESTIONS) -> Checked:
    """Each question for three readers on two days; a page and its counts are one answer."""
    directory, today = Directory(), clock.today()
    days = (today, today + dt.timedelta(days=LATER))
    asked = []
    for question in _questions(directory, questions):
        readers = list(_readers(directory, question))
        asked.append((question, readers, directory.answers(question, [who for _, _, who in readers], days)))
    # After all of one day's questions the other's: what the engine keeps of a day is tried too.
    checked, wrong = 0, []
    for day in days:
        with override_settings(ROR_TODAY=day):
            for question, readers, expected in asked:
                for name, reader, who in readers:
                    checked += 1
                    given = _given(question, reader)
                    if given != expected[who, day]:
                        wrong.append(f"{day} {name} {question}: {_difference(expected[who, day], given)}")
    return Checked(checked, wrong)


def _questions(directory: Directory, count: int) -> Iterator[Question]:
    """By a seeded rule: half by use, a quarter evenly, a quarter among what sensitive UO carry; 4 in 10 narrowed."""
    draw = random.Random(SEED)  # noqa: S311 - a repeatable draw
    used = sorted(directory.carrying, key=lambda concept: (-len(directory.carrying[concept]), concept))
    hidden = sorted(c for c, units in directory.carrying.items() if any(unit.sensitive for unit in units))
    communes = list(Commune.objects.filter(latitude__isnull=False).order_by("insee"))
    weights = [commune.population or 0 for commune in communes]
    for rank in range(count):
        if rank % 4 == 3 and hidden:
            concept = draw.choice(hidden)
        elif rank % 4 == 2:
            concept = draw.choice(used)
        else:
            concept = draw.choices(used, [len(directory.carrying[concept]) for concept in used])[0]
        [commune] = draw.choices(communes, weights)
        facets = {}
        if rank % 10 in (1, 4, 6, 8):
            unit = draw.choice(directory.carrying[concept])
            values = sorted(unit.values)
            for facet, code in draw.sample(values, min(len(values), 1 + rank % 10 // 5)):
                facets[facet] = facets.get(facet, frozenset()) | {code}
        yield Question(concept, (commune.latitude, commune.longitude), facets)


def _readers(directory: Directory, question: Question) -> Iterator[tuple[str, Reader, Who]]:
    """A professional, the référent of a sensitive UO (one that matches when there is one), the régulation."""
    hidden = [unit.eg_id for unit in directory.carrying[question.concept] if unit.sensitive]
    hidden = hidden or [unit.eg_id for unit in directory.units if unit.sensitive] or [0]
    own = frozenset({min(hidden)})
    yield "professionnel", Reader(), Who()
    yield "référent", Reader(own_eg_ids=own), Who(own_eg_ids=own)
    yield "régulation", Reader(sees_all=True), Who(sees_all=True)


def _given(question: Question, reader: Reader) -> Answer:
    """The engine's answer in the same words; a chosen value that nothing holds any more is no count."""
    latitude, longitude = question.origin
    origin = Origin(latitude, longitude, "")
    results = engine.search(Criteria(origin=origin, concept=question.concept, facets=question.facets), reader=reader)
    return Answer(
        results.n_eg,
        results.n_uo,
        [(hit.eg_id, hit.distance_km and round(hit.distance_km, 2), hit.n_uo) for hit in results.hits[:15]],
        {facet.key: {v.code: v.count for v in facet.values if v.count} for facet in results.facets},
    )


def _difference(expected: Answer, given: Answer) -> str:
    for name in ("n_eg", "n_uo", "first"):
        if getattr(expected, name) != getattr(given, name):
            return f"{name} attendu {getattr(expected, name)}, donné {getattr(given, name)}"
    facets = sorted(
        k for k in expected.counts.keys() | given.counts.keys() if expected.counts.get(k) != given.counts.get(k)
    )
    return f"facettes {facets}: attendu {expected.counts.get(facets[0])}, donné {given.counts.get(facets[0])}"
