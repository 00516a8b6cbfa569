"""What was looked for in vain: counted without writing on a page that is read, without anything about a person."""

import datetime as dt
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.cache import caches
from django.urls import reverse

from directory.models import Role
from nomenclature.models import Synonyme
from ror import clock
from search import sans_resultat
from search.sans_resultat import RechercheSansResultat
from search.tasks import store_searches_without_result
from tests.builders import make_concept, make_eg, make_user, project

pytestmark = pytest.mark.django_db
CHANGELIST = "admin:search_recherchesansresultat_changelist"


@pytest.fixture(autouse=True)
def _no_counters():
    caches["redis"].clear()
    yield
    caches["redis"].clear()


def stored() -> dict[str, int]:
    store_searches_without_result()
    return dict(RechercheSansResultat.objects.values_list("texte", "nombre"))


@pytest.mark.parametrize(
    ("typed", "counted"),
    [
        ("Désintox’", "desintox"),
        ("C.M.P.P. St-Denis", "cmpp saint denis"),
        ("csapa 75010", "csapa 75010"),
        ("nadia.b@exemple.fr", ""),
        ("dr martin 06 12 34 56 78", ""),
        ("0612345678", ""),
        ("750011728", ""),
        ("2 85 05 78 006 084 36", ""),
        ("https://exemple.fr/x", ""),
        ("www.exemple.fr", ""),
        ("mot " * 40, ""),
        ("  ’ ! ", ""),
        ("", ""),
    ],
)
def test_what_is_counted(typed, counted):
    assert sans_resultat.countable(typed) == counted


def test_counters_move_to_the_table_once_and_add_up():
    for typed in ("Désintox", "desintox", "seringues"):
        sans_resultat.count(typed)
    assert stored() == {"desintox": 2, "seringues": 1}
    assert stored() == {"desintox": 2, "seringues": 1}
    sans_resultat.count("DÉSINTOX")
    assert stored() == {"desintox": 3, "seringues": 1}


def test_each_day_has_its_own_line(settings):
    for day in (14, 15):
        settings.ROR_TODAY = dt.date(2026, 6, day)
        sans_resultat.count("désintox")
    stored()
    days = RechercheSansResultat.objects.values_list("jour", "nombre").order_by("jour")
    assert list(days) == [(dt.date(2026, 6, 14), 1), (dt.date(2026, 6, 15), 1)]


def test_old_lines_go():
    old = clock.today() - dt.timedelta(days=sans_resultat.KEPT_DAYS)
    RechercheSansResultat.objects.create(jour=old, texte="garde", nombre=1)
    RechercheSansResultat.objects.create(jour=old - dt.timedelta(days=1), texte="oublie", nombre=1)
    assert stored() == {"garde": 1}


def test_counters_of_a_run_that_was_cut_are_taken_up(monkeypatch):
    sans_resultat.count("désintox")

    def cut(*args):
        raise RuntimeError("arrêt")

    with monkeypatch.context() as patched:
        patched.setattr(sans_resultat, "_add", cut)
        with pytest.raises(RuntimeError):
            sans_resultat.store()
    assert stored() == {"desintox": 1}


def test_nobody_fills_the_memory_of_a_day(monkeypatch):
    monkeypatch.setattr(sans_resultat, "MAX_TEXTS", 2)
    for typed in ("un mot", "deux", "trois", "deux"):
        sans_resultat.count(typed)
    assert stored() == {"un mot": 1, "deux": 2}


def test_without_redis_nothing_is_counted_and_nothing_fails(monkeypatch):
    from redis.exceptions import ConnectionError as Down  # noqa: PLC0415

    def down():
        raise Down("arrêté")

    monkeypatch.setattr(sans_resultat, "_redis", down)
    sans_resultat.count("désintox")


# --- On the page ----------------------------------------------------------------------------------------------------


@pytest.fixture
def person(client):
    project(make_eg(denomination="CSAPA Essonne"))
    client.force_login(make_user())
    return client


@pytest.mark.parametrize(
    ("asked", "counted"),
    [
        ({"q": "désintox"}, {"desintox": 1}),
        ({"q": "csapa"}, {}),
        ({"q": "cspaa"}, {}),  # what is close was shown
        ({"q": "désintox", "page": "2"}, {}),
        ({"q": "nadia.b@exemple.fr"}, {}),
        ({"q": "csapa", "patientele": "E"}, {}),  # it is the filter that found nothing
    ],
)
def test_the_page_counts_what_finds_nothing(person, asked, counted):
    make_concept("ror-patientele|E", "Enfant")
    assert person.get("/recherche/", asked).status_code == 200
    assert stored() == counted


def test_a_page_that_is_read_writes_nothing(person, django_assert_num_queries):
    person.get("/recherche/", {"q": "désintox"})
    assert not RechercheSansResultat.objects.exists()


# --- The list of support --------------------------------------------------------------------------------------------


@pytest.fixture
def support(client):
    client.force_login(make_user(role=Role.SUPPORT, is_staff=True))
    return client


def lines(response) -> list[tuple[str, int]]:
    return [(row.texte, row.n_periode) for row in response.context["cl"].result_list]


@pytest.fixture
def _counted():
    today = clock.today()
    for days, texte, nombre in ((0, "desintox", 2), (3, "desintox", 5), (60, "desintox", 10), (20, "seringues", 9)):
        RechercheSansResultat.objects.create(jour=today - dt.timedelta(days=days), texte=texte, nombre=nombre)


@pytest.mark.usefixtures("_counted")
@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ({}, [("seringues", 9), ("desintox", 7)]),
        ({"jours": "7"}, [("desintox", 7)]),
        ({"jours": "180"}, [("desintox", 17), ("seringues", 9)]),
        ({"jours": "n’importe"}, [("seringues", 9), ("desintox", 7)]),
        ({"q": "sering"}, [("seringues", 9)]),
        ({"lexique": "present"}, []),
    ],
)
def test_one_line_a_text_with_the_searches_of_the_period(support, asked, shown):
    response = support.get(reverse(CHANGELIST), asked)
    assert response.status_code == 200
    assert lines(response) == shown


@pytest.mark.usefixtures("_counted")
def test_one_click_leads_to_the_synonym_with_its_word(support):
    page = support.get(reverse(CHANGELIST)).text
    link = page.partition("Créer un synonyme")[0].rpartition('href="')[2].partition('"')[0]
    assert parse_qs(urlsplit(link).query) == {"texte": ["seringues"]}
    form = support.get(link.replace("&amp;", "&"))
    assert form.context["adminform"].form.initial["texte"] == "seringues"


@pytest.mark.usefixtures("_counted")
def test_a_word_that_has_its_synonym_is_told_apart(support):
    Synonyme.objects.create(texte="Désintox", concept=make_concept("ror-type-uo|CSAPA", "CSAPA"))
    assert "Déjà au lexique" in support.get(reverse(CHANGELIST)).text
    assert lines(support.get(reverse(CHANGELIST), {"lexique": "absent"})) == [("seringues", 9)]


def test_nobody_else_reads_it(client):
    for user in (make_user(), make_user(role=Role.REFERENT, eg=make_eg()), make_user(is_staff=True)):
        client.force_login(user)
        assert client.get(reverse(CHANGELIST)).status_code in (302, 403)


@pytest.mark.usefixtures("_counted")
def test_nothing_can_be_changed_there(support):
    row = RechercheSansResultat.objects.first()
    for action in ("change", "delete"):
        url = reverse(f"admin:search_recherchesansresultat_{action}", args=[row.pk])
        assert support.post(url, {"nombre": 0}).status_code in (302, 403)
    assert support.post(reverse("admin:search_recherchesansresultat_add"), {}).status_code == 403
    assert RechercheSansResultat.objects.count() == 4
