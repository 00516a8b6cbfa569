"""Extractions: who may, what is in the file, its life whatever happens to workers, and its download."""

import csv
import dataclasses
import datetime as dt
import io
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import openpyxl
import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from directory.models import Role
from directory.permissions import Reader
from journal.models import Entry
from nomenclature import refreshed
from restitutions import questions, tasks
from restitutions.extractions import matching, rows, services, writing
from restitutions.models import Etat, Extraction, Format, Perimetre
from ror import clock
from search import engine, labels
from tests import builders as b
from tests.restitutions.processes import environment

pytestmark = pytest.mark.django_db
LIST = "/extractions/"
NEW = "/extractions/nouvelle/"
LIST_QUERIES = 4  # session and user, habilitations, the rows; the dossiers counted in the frame


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.EXTRACTIONS_DIR = tmp_path / "extractions"
    return settings.EXTRACTIONS_DIR


@pytest.fixture(autouse=True)
def _lists():
    refreshed.reset_all()
    b.make_concept("ror-patientele|A", "Adultes")
    b.make_concept("ror-type-offre|etablissement", "Établissement")
    yield
    refreshed.reset_all()


@pytest.fixture(autouse=True)
def _no_worker(monkeypatch):
    """The hint of the queue is heard by nobody: the row alone counts."""
    hints = []
    monkeypatch.setattr(tasks.make_extraction, "delay", hints.append)
    return hints


@pytest.fixture
def support():
    return b.make_user(role=Role.SUPPORT)


@pytest.fixture
def offer():
    """Two establishments of Paris, one of Essonne; a sensitive unit and an establishment without unit."""
    evry = b.make_commune("91228", "Évry", latitude=48.62, longitude=2.44, codes_postaux=["91000"])
    alpha, beta, gamma, empty = (
        b.make_eg(denomination=name, commune=commune)
        for name, commune in (("Alpha", None), ("Bêta", None), ("Gamma", evry), ("Sans unité", evry))
    )
    b.make_contact(alpha, telecoms=[("1", "0102030401")])
    b.make_contact(alpha, niveau=3, telecoms=[("1", "0102030499")])
    b.make_uo(eg=alpha, nom="CSAPA un", age_min=18)
    b.make_uo(eg=beta, nom="=CSAPA deux", type_uo="CSAPA")
    b.make_uo(eg=beta, nom="Refuge caché", unite_sensible=True)
    b.make_uo(eg=gamma, nom="CAMSP", type_uo="CAMSP")
    with transaction.atomic():
        b.project(alpha, beta, gamma, empty)
    return {"alpha": alpha, "beta": beta, "gamma": gamma, "empty": empty}


def ask(by, **attrs):
    return services.ask(by=by, **{"perimetre": Perimetre.TOUT, "file_format": Format.XLSX} | attrs)


def made(by, **attrs):
    extraction = ask(by, **attrs)
    assert services.run(extraction.pk)
    extraction.refresh_from_db()
    return extraction


def lines(extraction):
    """{(établissement, UO): {column: value}} of a ready file."""
    assert extraction.etat == Etat.PRETE, extraction.reason
    if extraction.format == Format.CSV:
        found = list(csv.DictReader(io.StringIO(extraction.path.read_text("utf-8-sig")), delimiter=";"))
    else:
        head, *cells = openpyxl.load_workbook(extraction.path)["Offre"].iter_rows(values_only=True)
        found = [dict(zip(head, row, strict=True)) for row in cells]
    return {(row["Établissement"], row["Nom de l’UO"] or None): row for row in found}


def units(extraction):
    return sorted(unit for _, unit in lines(extraction) if unit)


# --- Who may ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.ADMINISTRATEUR, Role.REGULATION])
def test_those_entitled(client, role):
    user = b.make_user(role=role)
    assert Reader.of(user).may_extract
    client.force_login(user)
    assert client.get(LIST).status_code == client.get(NEW).status_code == 200


def test_the_others_are_refused(client):
    for user in (b.make_user(role=Role.LECTEUR), b.make_user(role=Role.REFERENT, eg=b.make_eg())):
        client.force_login(user)
        assert client.get(LIST).status_code == client.get(NEW).status_code == 403
        assert client.post(NEW, {"perimetre": "tout", "format": "csv"}).status_code == 403
        with pytest.raises(PermissionDenied):
            ask(user)
    assert not Extraction.objects.exists()


def test_a_region_opens_it_to_another_role(settings):
    user = b.make_user(role=Role.LECTEUR)
    settings.EXTRACTION_ROLES = [Role.LECTEUR]
    assert Reader.of(user).may_extract


def test_one_at_a_time(client, support, _no_worker, django_capture_on_commit_callbacks):
    client.force_login(support)
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(NEW, {"perimetre": "tout", "format": "csv"}).status_code == 302
    answer = client.post(NEW, {"perimetre": "tout", "format": "csv"}, follow=True)
    assert "Une extraction est déjà en préparation" in answer.content.decode()
    assert [str(Extraction.objects.get().pk)] == _no_worker
    with pytest.raises(services.Busy):
        ask(support)
    ask(b.make_user(role=Role.SUPPORT))  # another person does not wait for her


def test_each_step_is_in_the_journal(support, offer):
    extraction = made(support)
    services.take_away(extraction, by=support).close()
    entries = Entry.objects.filter(target=extraction.reference).order_by("pk")
    assert [(entry.action, entry.author) for entry in entries] == [
        ("extraction_asked", support),
        ("extraction_ready", support),
        ("extraction_taken", support),
    ]


# --- What is in the file ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("file_format", Format)
def test_the_whole_directory(offer, settings, file_format):
    settings.SITE_URL = "https://ror.test"
    reader = b.make_user(
        role=Role.SUPPORT, departement=b.make_departement("93")
    )  # nothing more than a professional here
    found = lines(made(reader, file_format=file_format))
    assert list(found) == [
        ("Alpha", "CSAPA un"),
        ("Bêta", "'=CSAPA deux" if file_format == Format.CSV else "=CSAPA deux"),
        ("Gamma", "CAMSP"),
        ("Sans unité", None),
    ]
    row = found["Alpha", "CSAPA un"]
    eg = offer["alpha"]
    uo = eg.unites.get()
    text = file_format == Format.CSV
    assert row | {"Mise à jour le": None, "Activités opérationnelles": None} == {
        "FINESS géographique": eg.finess,
        "SIRET": "" if text else None,
        "Établissement": "Alpha",
        "Catégorie": "CSAPA",
        "FINESS juridique": eg.entite_juridique.finess,
        "Entité juridique": eg.entite_juridique.raison_sociale,
        "Adresse": "12 rue de Paradis",
        "Code postal": "75010",
        "Commune": "Paris 10",
        "Code INSEE": "75110",
        "Département": "75",
        "Latitude": "48.8762" if text else 48.8762,
        "Longitude": "2.359" if text else 2.359,
        "Téléphone": "01 02 03 04 01",
        "Identifiant de l’UO": uo.identifiant,
        "Nom de l’UO": "CSAPA un",
        "Type d’UO": "CSAPA",
        "Mode de prise en charge": "Accueil individuel ou collectif",
        "Activités opérationnelles": None,
        "Patientèle": "Adultes",
        "Statut": "Ouvert",
        "Téléphone de l’UO": "" if text else None,
        "Mise à jour le": None,
        "Confidentialité": "" if text else None,
        "Fiche": f"https://ror.test{uo.get_absolute_url()}",
    }
    day = timezone.localdate(uo.updated_at)
    assert row["Mise à jour le"] == (day.isoformat() if text else dt.datetime(day.year, day.month, day.day))


def test_activities_are_named(support):
    uo = b.make_uo()
    b.make_activite(uo, "TRE_R211|448", "Coordination")
    b.make_activite(uo, "TRE_R211|449", "Accompagnement")
    b.project(uo.entite_geographique)
    [row] = lines(made(support)).values()
    assert row["Activités opérationnelles"] == "Accompagnement | Coordination"


def test_one_departement(support, offer):
    paris = made(support, perimetre=Perimetre.DEPARTEMENT, departement=b.make_departement("75"))
    assert {eg for eg, _ in lines(paris)} == {"Alpha", "Bêta"} and paris.words == "Paris (75)"


def test_levels_are_those_of_the_requester(offer):
    everywhere = lines(made(b.make_user(role=Role.REGULATION)))
    assert everywhere["Bêta", "Refuge caché"]["Confidentialité"] == "unité sensible"
    assert everywhere["Alpha", "CSAPA un"]["Téléphone"] == "01 02 03 04 01"
    here = lines(made(b.make_user(role=Role.REGULATION, departement=b.make_departement("75"))))
    assert ("Bêta", "Refuge caché") in here
    away = made(b.make_user(role=Role.REGULATION, departement=b.make_departement("91")))
    assert ("Bêta", "Refuge caché") not in lines(away)
    assert "Refuge" not in str(lines(away))


def test_level_3_numbers(support):
    eg = b.make_eg()
    b.make_contact(eg, niveau=3, telecoms=[("1", "0102030499")])
    b.make_uo(eg=eg, nom="Une")
    b.project(eg)
    [row] = lines(made(support)).values()
    assert row["Téléphone"] == "01 02 03 04 99"
    [row] = lines(made(b.make_user(role=Role.SUPPORT, departement=b.make_departement("93")))).values()
    assert row["Téléphone"] is None


def test_what_is_closed_for_good_is_not_there_and_the_clock_decides(support, settings):
    eg = b.make_eg(denomination="Ferme demain", type_fermeture="DEF", date_fermeture=dt.date(2026, 12, 1))
    b.make_uo(eg=eg, nom="Une")
    b.project(eg)
    settings.ROR_TODAY = dt.date(2026, 11, 30)
    assert units(made(support)) == ["Une"]
    settings.ROR_TODAY = dt.date(2026, 12, 1)
    assert lines(made(support)) == {}


def test_a_unit_made_sensitive_while_the_file_is_written_is_left_out(offer, django_assert_num_queries):
    reader, today = Reader(may_extract=True), clock.today()
    keys = matching.of_directory(reader=reader, today=today)
    unit = offer["alpha"].unites.get()
    with connection.cursor() as cursor:
        cursor.execute("update search_offre set sensible = true where uo_id = %s", [unit.pk])
    found = list(rows.lines(keys, reader=reader, today=today, tell=lambda done: None))
    assert len(found) == len(keys) - 1 and "CSAPA un" not in str(found)


@pytest.mark.parametrize(
    "query",
    [
        "q=csapa",
        "q=bêta",
        "q=gamma&dans=noms",
        "q=csapa&dans=types_uo",
        "q=csapa&patientele=A",
        "code=ror-type-uo|CSAPA",
        "code=ror-type-uo|CAMSP&ou=91228",
        "q=refuge",
        "q=sans unite",
        "q=csapa&zone=48.8,2.3,48.9,2.4",
        "q=introuvable",
        "q=gamam",
    ],
)
@pytest.mark.parametrize("sees_all", [False, True])
def test_a_search_extracts_what_its_page_finds(offer, query, sees_all):
    form = questions.read(query)
    assert form.is_answerable, form.errors
    same_as_the_page(form.criteria(), sees_all)


@pytest.mark.parametrize(
    "more",
    [
        {"age_days": (7305.0, 7305.0)},
        {"age_days": (365.0, 365.0)},
        {"ouvert": dt.datetime(2026, 11, 23, 10, 0, tzinfo=dt.UTC)},
        {"ouvert": dt.date(2026, 11, 23)},
        {"rayon_km": 5.0},
    ],
)
@pytest.mark.parametrize("sees_all", [False, True])
def test_filters_hold_in_an_extraction(offer, more, sees_all):
    unit = offer["alpha"].unites.get()
    b.make_horaire(unit, 1, "09:00", "12:30")
    with transaction.atomic():
        b.project(offer["alpha"])
    for query in ("q=csapa&ou=75110", "code=ror-type-uo|CSAPA&ou=75110"):
        form = questions.read(query)
        assert form.is_answerable, form.errors
        same_as_the_page(dataclasses.replace(form.criteria(), **more), sees_all)


def same_as_the_page(criteria, sees_all):
    reader = Reader(sees_all=sees_all, may_extract=True)
    results = engine.search_all(criteria, reader=reader)
    on_the_page = {(hit.name, uo.name) for hit in results.hits for uo in hit.uos}
    on_the_page |= {(hit.name, None) for hit in results.hits if not hit.uos}
    keys = matching.of_search(criteria, reader=reader, today=clock.today())
    written = rows.lines(keys, reader=reader, today=clock.today(), tell=lambda done: None)
    assert {(row[2], row[15]) for row in written} == on_the_page


def test_the_first_sheet_says_what_it_is(support, offer):
    extraction = made(support, perimetre=Perimetre.RECHERCHE, query="q=csapa")
    sheet = openpyxl.load_workbook(extraction.path)["Critères"]
    found = dict(sheet.iter_rows(values_only=True))
    assert found["Contenu"] == "«\u00a0csapa\u00a0»"
    assert "régulation" in found["Coordonnées"] and support.email not in str(found)


@pytest.mark.parametrize("number", [1, 12])
def test_lines_cost_the_same_whatever_their_number(number, django_assert_num_queries):
    for _ in range(number):
        b.project(b.make_uo().entite_geographique)
    reader, today = Reader(may_extract=True), clock.today()
    labels.get()  # what this process reads once
    with django_assert_num_queries(6):  # keys; one chunk: its transaction (2), its settings, establishments, units
        keys = matching.of_directory(reader=reader, today=today)
        assert len(list(rows.lines(keys, reader=reader, today=today, tell=lambda done: None))) == number


def test_it_goes_chunk_by_chunk_and_says_how_far(offer, support, monkeypatch):
    monkeypatch.setattr(rows, "CHUNK", 2)
    told = []
    keys = matching.of_directory(reader=Reader(sees_all=True), today=clock.today())
    list(rows.lines(keys, reader=Reader(sees_all=True), today=clock.today(), tell=told.append))
    assert told == [2, 4, 5]


# --- Its life --------------------------------------------------------------------------------------------------------


def test_ready_file_is_whole_signed_and_its_owners_alone(support, offer, folder):
    extraction = made(support)
    assert extraction.path.parent == folder and extraction.size == extraction.path.stat().st_size
    assert extraction.path.stat().st_mode & 0o077 == 0 and folder.stat().st_mode & 0o077 == 0
    assert extraction.n_done == extraction.n_total == 5
    assert extraction.expires_at - extraction.finished_at == dt.timedelta(days=7)
    assert len(extraction.sha256) == 64
    assert [path.name for path in folder.iterdir()] == [extraction.file]


def test_the_sweep_makes_what_the_queue_forgot(support, offer):
    extraction = ask(support)
    assert tasks.sweep_extractions() == 1
    extraction.refresh_from_db()
    assert extraction.etat == Etat.PRETE
    assert tasks.sweep_extractions() == 0


def test_asked_twice_made_once(support, offer):
    extraction = made(support)
    assert not services.run(extraction.pk)
    assert not tasks.make_extraction(str(extraction.pk))


def test_a_fault_leaves_no_half_file_and_is_tried_again(support, offer, folder, monkeypatch):
    extraction = ask(support)

    def breaks(*args, **kwargs):
        yield ["une ligne"] + [None] * 24
        raise OSError("disque plein")

    with monkeypatch.context() as broken:
        broken.setattr(rows, "lines", breaks)
        with pytest.raises(OSError, match="disque plein"):
            services.run(extraction.pk)
    assert list(folder.iterdir()) == []
    extraction.refresh_from_db()
    assert extraction.etat == Etat.EN_COURS
    assert services.sweep() == 1
    extraction.refresh_from_db()
    assert (extraction.etat, extraction.attempt) == (Etat.PRETE, 2)


def test_a_dead_worker_is_replaced_and_given_up_after_three(support, offer, folder):
    extraction = ask(support)
    for attempt in (1, 2, 3):
        taken = services._take(extraction.pk)
        assert taken.attempt == attempt and services.sweep() == 0  # it is alive
        (folder / f"{extraction.pk}-{attempt}.xlsx.partiel").parent.mkdir(exist_ok=True)
        (folder / f"{extraction.pk}-{attempt}.xlsx.partiel").write_bytes(b"PK")
        long_ago = timezone.now() - services.SILENCE
        Extraction.objects.update(alive_at=long_ago)
        if attempt < 3:
            Extraction.objects.filter(alive_at=long_ago).update(etat=Etat.EN_ATTENTE)
    assert services.sweep() == 0
    extraction.refresh_from_db()
    assert extraction.etat == Etat.ECHOUEE and "trois essais" in extraction.reason
    assert list(folder.iterdir()) == []  # what it left is swept


def test_a_worker_that_comes_back_too_late_changes_nothing(support, offer, folder, monkeypatch):
    extraction = ask(support)
    real = rows.lines

    def slow(keys, **kwargs):
        yield from real(keys, **kwargs)
        Extraction.objects.update(etat=Etat.EN_ATTENTE)  # the sweep thought it dead…
        monkeypatch.setattr(rows, "lines", real)
        assert services.run(extraction.pk)  # … and another one did the work

    monkeypatch.setattr(rows, "lines", slow)
    assert not services.run(extraction.pk)
    extraction.refresh_from_db()
    assert (extraction.etat, extraction.attempt, extraction.file) == (Etat.PRETE, 2, f"{extraction.pk}-2.xlsx")
    assert [path.name for path in folder.iterdir()] == [extraction.file]


def test_rights_lost_before_it_is_made(support, offer):
    extraction = ask(support)
    support.habilitations.update(revoked_at=timezone.now())
    assert services.run(extraction.pk)
    extraction.refresh_from_db()
    assert extraction.etat == Etat.ECHOUEE and "droits" in extraction.reason


def test_it_expires_and_its_file_goes(client, support, offer, folder):
    extraction = made(support)
    (folder / "notes.txt").write_text("d’un autre")
    Extraction.objects.update(expires_at=timezone.now())
    with pytest.raises(services.Refused) as refused:
        services.take_away(Extraction.objects.get(), by=support)
    assert refused.value.status == 410
    services.sweep()
    extraction.refresh_from_db()
    assert extraction.etat == Etat.EXPIREE
    assert [path.name for path in folder.iterdir()] == ["notes.txt"]
    client.force_login(support)
    assert "Expirée" in client.get(LIST).content.decode()


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"etat": Etat.PRETE}, "extraction_ready_has_its_file"),
        ({"etat": "autre"}, "extraction_etat_known"),
        ({"query": "q=x"}, "extraction_of_a_search_holds_it"),
        ({"perimetre": Perimetre.DEPARTEMENT}, "extraction_of_a_departement_names_it"),
    ],
)
def test_the_database_refuses_what_makes_no_sense(support, changes, constraint):
    extraction = ask(support)
    with pytest.raises(IntegrityError, match=constraint):
        Extraction.objects.filter(pk=extraction.pk).update(**changes)


@pytest.mark.django_db(transaction=True)
def test_two_workers_make_it_once(offer, support):
    extraction = ask(support)

    def work(_):
        try:
            return services.run(extraction.pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(work, range(2))) == [False, True]
    extraction.refresh_from_db()
    assert (extraction.etat, extraction.attempt) == (Etat.PRETE, 1)


SLOW = """
import sys, time
import django
django.setup()
from restitutions.extractions import rows, services
real = rows.lines
def slow(*args, **kwargs):
    for line in real(*args, **kwargs):
        print("une ligne", flush=True)
        yield line
        time.sleep(60)
rows.lines = slow
services.run(sys.argv[1])
"""


@pytest.mark.django_db(transaction=True)
def test_kill_9_in_the_middle_serves_no_half_file(client, support, offer, folder):
    extraction = ask(support)
    command = [sys.executable, "-c", SLOW, str(extraction.pk)]
    with subprocess.Popen(
        command, env=environment(), cwd=settings.BASE_DIR, stdout=subprocess.PIPE, start_new_session=True
    ) as worker:
        assert worker.stdout.readline() == b"une ligne\n"
        worker.kill()
    [half] = folder.iterdir()
    assert half.name.endswith(writing.PASSING)
    client.force_login(support)
    address = reverse("restitutions:extraction_telecharger", args=[extraction.pk])
    assert client.post(address).status_code == 410
    assert services.sweep() == 0  # it may still be alive
    Extraction.objects.update(alive_at=timezone.now() - services.SILENCE)
    assert services.sweep() == 1
    assert lines(Extraction.objects.get())
    assert b"".join(client.post(address).streaming_content)
    services.sweep()
    assert [path.name for path in folder.iterdir()] == [f"{extraction.pk}-2.xlsx"]


# --- Taking it away --------------------------------------------------------------------------------------------------


def test_download(client, support, offer):
    extraction = made(support)
    client.force_login(support)
    response = client.post(reverse("restitutions:extraction_telecharger", args=[extraction.pk]))
    assert b"".join(response.streaming_content) == extraction.path.read_bytes()
    assert response["Content-Disposition"] == f'attachment; filename="{extraction.filename}"'
    assert "no-store" in response["Cache-Control"] and "spreadsheetml" in response["Content-Type"]
    assert extraction.sha256 in client.get(LIST).content.decode()


def test_download_is_for_its_requester(client, support, offer):
    extraction = made(support)
    address = reverse("restitutions:extraction_telecharger", args=[extraction.pk])
    boss = b.make_user(role=Role.ADMINISTRATEUR)
    client.force_login(boss)
    assert client.post(address).status_code == 404
    assert extraction.words not in client.get(LIST).content.decode().split("</header>")[2]
    with pytest.raises(PermissionDenied):
        services.take_away(extraction, by=boss)
    client.force_login(support)
    assert client.get(address).status_code == 405


def _fewer_rights(user):
    user.habilitations.update(departement=b.make_departement("75"))


def _none(user):
    user.habilitations.update(revoked_at=timezone.now())


@pytest.mark.parametrize("shrink", [_fewer_rights, _none])
def test_rights_that_shrank_since_close_the_file(client, support, offer, shrink):
    extraction = made(support)
    shrink(support)
    client.force_login(support)
    response = client.post(reverse("restitutions:extraction_telecharger", args=[extraction.pk]))
    assert response.status_code == 403 and "droits ont changé" in response.content.decode()
    assert not Entry.objects.filter(action="extraction_taken").exists()


def test_rights_that_grew_do_not(offer):
    user = b.make_user(role=Role.REGULATION, departement=b.make_departement("75"))
    extraction = made(user)
    b.make_habilitation(user, Role.REGULATION)
    services.take_away(extraction, by=user).close()


def test_a_file_that_is_not_there_any_more_is_said_so(client, support, offer):
    extraction = made(support)
    extraction.path.unlink()
    client.force_login(support)
    response = client.post(reverse("restitutions:extraction_telecharger", args=[extraction.pk]))
    assert response.status_code == 410 and "a disparu" in response.content.decode()


# --- Pages -----------------------------------------------------------------------------------------------------------


def test_the_form_offers_the_search_it_comes_from(client, support, offer):
    client.force_login(support)
    page = client.get(NEW, {"q": "csapa", "patientele": "A", "vue": "liste"}).content.decode()
    assert "La recherche\u00a0: «\u00a0csapa\u00a0», Adultes" in page
    answer = client.post(NEW, {"perimetre": "recherche", "format": "csv", "recherche": "q=csapa&patientele=A&page=3"})
    assert answer.status_code == 302
    assert Extraction.objects.get().query == "q=csapa&patientele=A"
    assert "La recherche" not in client.get(NEW).content.decode()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"perimetre": "departement", "format": "csv"}, "Choisissez le département à extraire."),
        (
            {"perimetre": "departement", "departement": "zz", "format": "csv"},
            "Ce département n’est pas dans la liste.",
        ),
        ({"perimetre": "recherche", "format": "csv", "recherche": "q="}, "Choix"),
        ({"format": "csv"}, "Choisissez ce que le fichier contient."),
        ({"perimetre": "tout"}, "Choisissez un format."),
        ({"perimetre": "\x00", "format": "\x00", "recherche": "\x00" * 3000}, "ror-error"),
    ],
)
def test_a_wrong_form_says_why(client, support, data, words):
    client.force_login(support)
    response = client.post(NEW, data)
    assert response.status_code == 422
    assert words.lower() in response.content.decode().lower()
    assert not Extraction.objects.exists()


def test_the_list_asks_for_itself_only_while_something_is_made(client, support, offer):
    client.force_login(support)
    extraction = ask(support)
    page = client.get(LIST).content.decode()
    assert 'hx-trigger="every 2s"' in page and '{"X-Background": "1"}' in page and "En attente" in page
    services.run(extraction.pk)
    fragment = client.get(LIST, headers={"HX-Request": "true"}).content.decode()
    assert "hx-trigger" not in fragment and "Prête" in fragment and "<h1" not in fragment
    assert 'id="extractions-annonce" hx-swap-oob' in fragment


def test_the_results_page_offers_it_to_those_entitled_beyond_200(client, support, settings):
    settings.RESULTS_MAX = 1
    for name in ("CSAPA un", "CSAPA deux"):
        eg = b.make_eg(denomination=name)
        b.make_uo(eg=eg)
        b.project(eg)
    for user, offered in ((support, True), (b.make_user(), False)):
        client.force_login(user)
        page = client.get("/recherche/", {"q": "csapa"}).content.decode()
        assert "s’arrête aux" in page and ("Extraction complète" in page) is offered
    settings.RESULTS_MAX = 200
    client.force_login(support)
    assert "Extraction complète" not in client.get("/recherche/", {"q": "csapa"}).content.decode()


@pytest.mark.parametrize("number", [1, 15])
def test_the_list_costs_the_same_whatever_its_length(client, support, number, django_assert_num_queries):
    for _ in range(number):
        ask(support)
        Extraction.objects.update(etat=Etat.ECHOUEE)
    client.force_login(support)
    client.get(LIST)
    with django_assert_num_queries(LIST_QUERIES):
        client.get(LIST)
