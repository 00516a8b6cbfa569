"""What is measured: the whole request, middleware, session and rights included, by Django's test client."""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounts.models import User
from bench import cpu, questions
from bench.floor import Floor
from bench.questions import Question
from directory import documents, publishing
from directory.models import Kind, UniteOperationnelle
from directory.permissions import Reader
from restitutions.extractions import matching, rows, writing
from ror import clock

LINES = 100_000  # of the extract


def client_of(email: str) -> Client:
    """Somebody of the demo, logged in."""
    client = Client(HTTP_HOST="localhost")
    client.force_login(User.objects.get(email=email))
    return client


def pages(*, national: bool) -> dict[str, float]:
    """The results page for a mix of questions, for the most frequent concepts, and for the régulation."""
    client, regulation = client_of("pro@demo.ror"), client_of("regulation@demo.ror")
    asked, frequent = questions.mix(national=national), questions.frequent(national=national)
    samples = cpu.series([_results(client, question) for question in asked])
    plain = [n for n, question in enumerate(asked) if not question.facets]
    floor = Floor.read()
    floors = cpu.series([lambda q=asked[n]: floor.page(q) for n in plain])
    figures = {
        "questions": len(asked),
        "uo_matched_median": cpu.quantile([question.n_uo for question in asked], 0.5),
        "uo_matched_max": max(question.n_uo for question in asked),
        **_summary("page", samples),
        **_summary("page_frequent", cpu.series([_results(client, question) for question in frequent])),
        "page_two_facets_cpu_ms": _mean([s.cpu for s, q in zip(samples, asked, strict=True) if q.facets]),
        "sql_floor_cpu_ms": _mean([sample.cpu for sample in floors]),
        "sql_floor_database_cpu_ms": _mean([sample.database for sample in floors]),
        "page_ratio_sql": sum(samples[n].cpu for n in plain) / sum(sample.cpu for sample in floors),
        **_summary("page_regulation", cpu.series([_results(regulation, question) for question in asked], rounds=2)),
    }
    exports = [_get(client, reverse("search:export"), question.params) for question in frequent[:4]]
    return figures | _summary("export_200", cpu.series(exports, rounds=2))


def suggestions() -> dict[str, float]:
    """Per keystroke, both boxes: the whole request, then the view's own work, without session and rights."""
    from search import places, suggestions  # noqa: PLC0415 - their indexes are built on the first call

    client = client_of("pro@demo.ror")
    where, what = questions.typed(questions.TYPED_WHERE), questions.typed(questions.TYPED_WHAT)
    requests = [_get(client, reverse("search:suggestions_ou"), {"q": text}) for text in where]
    requests += [_get(client, reverse("search:suggestions_quoi"), {"q": text, "dans": "tout"}) for text in what]
    works = [lambda text=text: places.suggest_ou(text) for text in where]
    works += [lambda text=text: suggestions.suggest_quoi(text) for text in what]
    own = [sample.cpu for sample in cpu.series(works)]
    return {
        **_summary("suggest_request", cpu.series(requests)),
        "suggest_cpu_ms": cpu.quantile(own, 0.5),
        "suggest_p95_cpu_ms": cpu.quantile(own, 0.95),
    }


def publications() -> dict[str, float]:
    """One changed UO published through the door of everybody, index refreshed, then undone."""
    by = User.objects.get(email="support@demo.ror")
    published = UniteOperationnelle.objects.filter(version__gt=0).order_by("pk")
    step = max(1, published.count() // 20)
    works = [_publication(pk, by) for pk in published.values_list("pk", flat=True)[::step][:20]]
    return _summary("publish", cpu.series(works))


def _publication(pk: int, by: User) -> Callable[[], None]:
    document = documents.to_document(Kind.UO, pk)
    document["complements"] += " Changé par le banc de mesure."

    def work() -> None:
        with transaction.atomic():
            publishing.publish(Kind.UO, document, by=by, origin="bench")
            transaction.set_rollback(True)

    return work


def extract() -> dict[str, float]:
    """The workbook of the first 100,000 lines of the directory, streamed to nowhere."""
    reader, today = Reader(may_extract=True), clock.today()
    found: dict[str, float] = {}

    def work() -> None:
        before, most = _resident_mb(), 0.0
        keys = matching.of_directory(reader=reader, today=today)
        del keys.eg[LINES:], keys.uo[LINES:]
        lines = rows.lines(keys, reader=reader, today=today, tell=lambda done: None)
        with Path(os.devnull).open("wb") as nowhere:
            for number, piece in enumerate(writing.xlsx([("Banc de mesure", "")], lines)):
                nowhere.write(piece)
                if number % 50 == 0:
                    most = max(most, _resident_mb())
        found.update(extract_lines=len(keys), extract_100k_memory_mb=max(most, _resident_mb()) - before)

    sample = cpu.measure(work, cpu.backend())
    return found | {
        "extract_100k_cpu_s": sample.cpu / 1000,
        "extract_100k_database_cpu_s": sample.database / 1000,
        "extract_100k_s": sample.wall / 1000,
    }


def addresses(client: Client, asked: list[Question]) -> list[str]:
    """Of the results pages, as the page itself would have them: a first visit may be redirected to it."""
    found = []
    for question in asked:
        answer = client.get(reverse("search:results"), question.params)
        found.append(answer["Location"] if answer.status_code == 302 else answer.wsgi_request.get_full_path())
    return found


def _results(client: Client, question: Question) -> Callable[[], None]:
    return _get(client, reverse("search:results"), question.params)


def _get(client: Client, url: str, params: dict) -> Callable[[], None]:
    moved = client.get(url, params)
    if moved.status_code == 302:
        url, params = moved["Location"], {}

    def work() -> None:
        response = client.get(url, params)
        body = b"".join(response.streaming_content) if response.streaming else response.content
        if response.status_code != 200 or not body:
            raise RuntimeError(f"{url} {params}: {response.status_code}")

    return work


def _resident_mb() -> float:
    with suppress(OSError):
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
    return 0.0


def _mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else 0.0


def _summary(name: str, samples: list[cpu.Sample]) -> dict[str, float]:
    return {
        f"{name}_cpu_ms": _mean([sample.cpu for sample in samples]),
        f"{name}_python_cpu_ms": _mean([sample.python for sample in samples]),
        f"{name}_database_cpu_ms": _mean([sample.database for sample in samples]),
        f"{name}_p50_ms": cpu.quantile([sample.wall for sample in samples], 0.5),
        f"{name}_p95_ms": cpu.quantile([sample.wall for sample in samples], 0.95),
    }
