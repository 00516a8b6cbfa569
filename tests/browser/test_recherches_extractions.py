"""Saving a search, and an extraction made by a real worker on the real broker, in a real browser."""

import io
import subprocess
import sys
from collections.abc import Iterator

import openpyxl
import pytest
from django.db import transaction
from playwright.sync_api import Page, expect

from directory.models import Role
from restitutions.models import Etat, Extraction, RechercheEnregistree
from tests.browser.visiting import log_in
from tests.builders import make_commune, make_concept, make_eg, make_uo, make_user, project
from tests.restitutions.processes import environment

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PATIENCE = 30_000  # ms, for the worker to start


@pytest.fixture
def offer():
    make_concept("ror-type-offre|etablissement", "Établissement")
    make_concept("ror-patientele|A", "Adulte")
    make_commune(population=84_000)
    etablissements = [make_eg(denomination=f"CSAPA {number} (fictif)") for number in range(3)]
    for eg in etablissements:
        make_uo(eg=eg, age_min=18)
    with transaction.atomic():
        project(*etablissements)


@pytest.fixture
def visit(page: Page, live_server, client, offer):
    """`visit(user, path)`: the page, as that person sees it."""

    def open_as(user, path: str) -> Page:
        log_in(page, live_server, client, user)
        page.set_default_timeout(10_000)
        page.goto(live_server.url + path)
        return page

    return open_as


@pytest.fixture
def worker(transactional_db, valkey, settings, tmp_path) -> Iterator[subprocess.Popen]:
    """`celery worker` on the test database, the test broker and the same folder as the site."""
    settings.EXTRACTIONS_DIR = tmp_path / "extractions"
    command = [sys.executable, *"-m celery -A ror worker --queues celery --concurrency 1 --loglevel INFO".split()]
    with (tmp_path / "worker.log").open("w") as log:
        process = subprocess.Popen(
            command, env=environment(), cwd=settings.BASE_DIR, stdout=log, stderr=log, start_new_session=True
        )
        yield process
        process.terminate()
        process.wait(30)


def test_a_search_is_saved_found_again_and_run(visit):
    user = make_user()
    page = visit(user, "/recherche/?ou=75110&q=csapa")
    expect(page.locator("h1")).to_contain_text("3")
    page.get_by_role("link", name="Enregistrer cette recherche").click()
    page.get_by_label("Nom de la recherche").fill("CSAPA du 10e")
    page.get_by_label("Chaque semaine").check()
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_role("heading", name="Mes recherches")).to_be_visible()
    expect(page.get_by_text("Chaque semaine")).to_be_visible()
    assert RechercheEnregistree.objects.get().user == user
    page.get_by_role("link", name="ROR", exact=False).first.click()
    page.get_by_role("link", name="CSAPA du 10e").click()
    assert page.url.endswith("/recherche/?ou=75110&q=csapa")
    expect(page.locator("h1")).to_contain_text("3")


def test_an_extraction_is_asked_made_by_a_worker_and_taken(visit, worker):
    page = visit(make_user(role=Role.SUPPORT), "/extractions/nouvelle/?q=csapa")
    page.get_by_label("La recherche").check()
    page.get_by_role("button", name="Préparer le fichier").click()
    expect(page.get_by_role("heading", name="Mes extractions")).to_be_visible()
    ready = page.get_by_role("button", name="Télécharger")
    expect(ready).to_be_visible(timeout=PATIENCE)  # the page asked by itself
    with page.expect_download() as waiting:
        ready.click()
    extraction = Extraction.objects.get()
    assert extraction.etat == Etat.PRETE and waiting.value.suggested_filename == extraction.filename
    content = io.BytesIO(waiting.value.path().read_bytes())
    assert openpyxl.load_workbook(content)["Offre"].max_row == 4
