"""Fixtures of every test. Services are real: `ror.settings.test` starts PostgreSQL and Valkey if no URL is given."""

import os
import shutil
from collections.abc import Iterator

import pytest
from django.core.cache import caches
from django.utils import timezone
from redis import Redis

from nomenclature import refreshed
from ror.middleware import NewDayMiddleware

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright's sync API runs a loop in the test's thread

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
NO_CHROMIUM = "Pas de Chromium : apt-get update && apt-get install -y chromium"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "browser: drives a real Chromium")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without Chromium the browser tests are skipped, and the last lines say so; under CI they run, and fail."""
    if CHROMIUM or os.environ.get("CI"):
        return
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason=NO_CHROMIUM))


def pytest_terminal_summary(terminalreporter) -> None:
    skipped = [report for report in terminalreporter.stats.get("skipped", []) if NO_CHROMIUM in str(report.longrepr)]
    if skipped:
        terminalreporter.section("TESTS DE NAVIGATEUR NON JOUÉS", sep="!", red=True, bold=True)
        terminalreporter.line(f"{len(skipped)} test(s). {NO_CHROMIUM}")


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict) -> dict:
    if not CHROMIUM:
        pytest.fail(NO_CHROMIUM)
    quiet = "--no-sandbox --disable-gpu --disable-dev-shm-usage --disable-background-networking"
    quiet += " --disable-component-update --disable-sync --no-first-run"
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": quiet.split()}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict) -> dict:
    return {**browser_context_args, "locale": "fr-FR", "timezone_id": "Europe/Paris"}


@pytest.fixture
def page(page) -> Iterator[object]:
    """Playwright's page, which also refuses what a strict page never does: to call elsewhere, or to break its CSP."""
    faults: list[str] = []

    def on_request(request) -> None:
        if not request.url.startswith(("http://localhost", "http://127.0.0.1", "data:", "blob:", "about:")):
            faults.append(f"appel externe : {request.url}")

    def on_console(message) -> None:
        if "Content Security Policy" in message.text or "Content-Security-Policy" in message.text:
            faults.append(message.text)

    page.on("request", on_request)
    page.on("console", on_console)
    page.on("pageerror", lambda error: faults.append(f"erreur JavaScript : {error}"))
    yield page
    assert not faults, "\n".join(faults)


@pytest.fixture
def valkey(settings) -> Iterator[Redis]:
    """The tests' Redis database (each test process has its own), empty before and after."""
    with Redis.from_url(settings.REDIS_URL) as client:
        client.flushdb()
        yield client
        client.flushdb()


@pytest.fixture(autouse=True)
def _fresh_lists() -> None:
    """Each test has its own nomenclature, communes and modèles: what the process keeps of them is forgotten first."""
    refreshed.reset_all()


@pytest.fixture(autouse=True)
def _the_day_has_begun(monkeypatch) -> None:
    """What is due today was published by an earlier request; a test that moves the clock asks again."""
    monkeypatch.setattr(NewDayMiddleware, "day", timezone.localdate())


@pytest.fixture(autouse=True)
def _counters_forgotten(request) -> Iterator[None]:
    """Failed logins are counted in the table of the cache, which is no model: nothing empties it after a test that
    commits, and the logins of the next ones would be refused."""
    marker = request.node.get_closest_marker("django_db")
    commits = bool(marker and marker.kwargs.get("transaction"))
    if commits:
        request.getfixturevalue("transactional_db")
    yield
    if commits:
        caches["default"].clear()
