"""Mistyped words: what they may have meant, what is never corrected, and what nobody may learn from it."""

import threading

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from directory.models import Role
from directory.permissions import Reader
from nomenclature import refreshed
from search import engine, text, vocabulary
from search.criteria import Criteria
from search.text import Form
from search.vocabulary import Vocabulary
from tests.builders import make_commune, make_concept, make_eg, make_type_uo, make_uo, make_user, project

WORDS = {
    "csapa": 40, "evry": 12, "evreux": 3, "appartement": 30, "appartements": 9, "coordination": 25, "kremlin": 4,
    "bicetre": 4, "saint": 50, "denis": 20, "cmp": 60, "cmpp": 20, "psychotherapie": 2, "75010": 8, "75011": 9,
    "orthophoniste": 5, "maison": 20, "raison": 1,
}  # fmt: skip


@pytest.fixture(scope="module")
def known():
    return Vocabulary(WORDS)


def words(near) -> list[str]:
    return [" ".join(one.words) for one in near]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("cspaa", "csapa"),  # two letters swapped
        ("evyr", "evry"),
        ("evri", "evry"),
        ("evrry", "evry"),
        ("evr", ""),  # three letters: too short to be sure
        ("kremiln", "kremlin"),
        ("bicerte", "bicetre"),
        ("appratement", "appartement"),
        ("coordiantoin", "coordination"),  # two mistakes in a long word
        ("cordiantion", "coordination"),
        ("psychothrapie", "psychotherapie"),
        ("saintdenis", "saint denis"),  # a missing space
        ("ortohpho", "orthopho"),  # the beginning of a word still being typed
        ("75012", ""),  # a number close to another is another number
        ("xqzzyw", ""),
    ],
)
def test_the_closest_known_word(known, typed, meant):
    assert next(iter(words(known.near(typed))), "") == meant


def test_letters_swapped_come_before_a_letter_changed_then_the_most_frequent():
    known = Vocabulary({"marie": 1, "mairie": 9, "maire": 5, "marne": 3})
    assert words(known.near("maire")) == ["marie", "mairie"]
    assert words(Vocabulary({"tille": 1, "bille": 8}).near("mille")) == ["bille", "tille"]


def test_a_word_is_known_as_it_is_asked(known):
    assert known.knows(Form(("evr",), is_prefix=True))
    assert not known.knows(Form(("evr",), is_prefix=False))
    assert not known.knows(Form(("zzz",), is_prefix=True))


@pytest.mark.parametrize("typed", ["", "a", "x" * 500, "0" * 12])
def test_anything_can_be_asked(known, typed):
    assert known.near(typed) == []


@pytest.fixture
def _known(known, monkeypatch):
    monkeypatch.setattr(vocabulary, "current", lambda: known)


@pytest.mark.usefixtures("_known")
def test_a_short_sigle_is_a_whole_word():
    assert text.tsquery(vocabulary.read("cmp evry"), "A") == "(('cmp':A)) & (('evry':*A))"
    assert text.tsquery(vocabulary.read("cmq evr"), "A") == "(('cmq':*A)) & (('evr':*A))"


@pytest.mark.usefixtures("_known")
def test_a_very_common_word_begins_the_known_ones_only(monkeypatch):
    monkeypatch.setattr(vocabulary, "_COMMON", 25)
    asked = vocabulary.read("appartement evry")
    assert text.tsquery(asked, "A") == "((('appartement':A | 'appartements':A))) & (('evry':*A))"
    assert text.whole_words(asked, "A") == "(('appartement':A)) & (('evry':A))"
    monkeypatch.setattr(vocabulary, "_FEW", 1)
    assert text.tsquery(vocabulary.read("appartement"), "A") == "(('appartement':*A))"


@pytest.mark.usefixtures("_known")
def test_only_unknown_words_are_corrected():
    corrected = vocabulary.correct(text.groups("csapa evyr"))
    assert text.readings(corrected) == ["csapa evry"]


@pytest.mark.usefixtures("_known")
def test_known_words_need_no_correction():
    assert vocabulary.correct(text.groups("csapa evry")) is None


@pytest.mark.usefixtures("_known")
def test_a_word_close_to_nothing_leaves_no_correction():
    assert vocabulary.correct(text.groups("csapa xqzzyw")) is None
    assert vocabulary.correct(text.groups("csapa xqzzyw"), every=True) is None


@pytest.mark.usefixtures("_known")
def test_every_word_beside_itself():
    corrected = vocabulary.correct(text.groups("raison evry"), every=True)
    assert "maison evry" in text.readings(corrected)
    assert text.readings(corrected)[0] == "raison evry"


# --- In the search -------------------------------------------------------------------------------------------------

PRO = Reader()


@pytest.fixture
def evry():
    make_concept("ror-type-offre|etablissement", "Établissement")
    commune = make_commune("91228", "Évry-Courcouronnes", latitude=48.63, longitude=2.44, codes_postaux=["91000"])
    eg = make_eg(denomination="CSAPA Essonne Accueil", commune=commune, lieu={"localite": "Évry"})
    make_uo(eg=eg, nom="Consultation", type_uo=make_type_uo("CSAPA", "CSAPA").concept.code)
    project(eg)
    return eg


def search(typed: str, reader: Reader = PRO):
    return engine.search(Criteria(text=typed), reader=reader)


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["csapa evry", "c.s.a.p.a. évry", "csapas d’évry", "accueil essonne", "csap"])
def test_the_right_words_are_no_approximation(evry, typed):
    results = search(typed)
    assert [hit.eg_id for hit in results.hits] == [evry.pk]
    assert results.approximate == ""


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["cspaa evry", "csapa evyr", "essonneaccueil", "acueil esonne"])
def test_mistyped_words_find_it_and_say_so(evry, typed):
    results = search(typed)
    assert [hit.eg_id for hit in results.hits] == [evry.pk]
    assert results.approximate == "Aucun résultat exact, voici des résultats approchants"


@pytest.mark.django_db
def test_two_real_words_that_meet_nowhere_are_tried_each_in_turn(evry):
    other = make_eg(denomination="Maison Esonne", categorie=make_concept("TRE_R66|124", "Centre de santé"))
    project(other)
    results = search("csapa esonne")  # « esonne » exists, in another name
    assert [hit.eg_id for hit in results.hits] == [evry.pk]
    assert results.approximate


@pytest.mark.django_db
def test_an_exact_result_is_never_mixed_with_approximate_ones(evry):
    twin = make_eg(denomination="CSAPAS Evri")
    project(twin)
    results = search("evri")
    assert [hit.eg_id for hit in results.hits] == [twin.pk]
    assert not results.approximate


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["glycines", "glyc", "csapa glycines"])
def test_a_word_published_since_the_words_were_read_is_found(evry, typed):
    vocabulary.current()
    later = make_eg(denomination="CSAPA Les Glycines")
    project(later)
    results = search(typed)
    assert [hit.eg_id for hit in results.hits] == [later.pk]
    assert not results.approximate


@pytest.mark.django_db
def test_a_word_nobody_holds_costs_no_search_of_its_own(evry):
    search("csapa evyr")
    with CaptureQueriesContext(connection) as queries:
        assert search("csapa evyr").n_eg == 1
    assert len(queries) == 2  # whether somebody holds it now, and the corrected words
    with CaptureQueriesContext(connection) as queries:
        assert search("xqzzyw").n_eg == 0
    assert len(queries) == 2  # the same, and the words as typed: no other is close


@pytest.mark.django_db
def test_nothing_close_finds_nothing(evry):
    results = search("xqzzyw")
    assert (results.n_eg, results.approximate) == (0, "")


@pytest.mark.django_db
def test_filters_that_leave_nothing_do_not_make_it_approximate(evry):
    make_concept("ror-patientele|E", "Enfant")
    criteria = Criteria(text="csapa", facets={"patientele": frozenset({"E"})})
    results = engine.search(criteria, reader=PRO)
    assert (results.n_eg, results.approximate) == (0, "")


@pytest.mark.django_db
def test_mistyped_words_of_a_list_find_the_units(evry):
    acte = make_concept("TRE_R210|1", "Délivrance de méthadone", value_set="JDV_J16")
    uo = make_uo(eg=evry, nom="Consultation bis", concepts={"actes_specifiques": [acte]})
    project(evry)
    results = search("methdaone")
    assert [one.name for hit in results.hits for one in hit.uos] == [uo.nom]
    assert results.approximate


# --- Confidentiality -------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_words_of_a_sensitive_unit_are_no_words_for_anybody(evry):
    make_uo(eg=evry, nom="Refuge Zygomatique", unite_sensible=True)
    project(evry)
    refreshed.reset_all()
    assert not vocabulary.current().knows(Form(("zygomatique",), is_prefix=True))
    assert vocabulary.current().near("zygomatiqeu") == []
    assert search("zygomatiqeu").n_eg == 0
    assert search("zygomatique").n_eg == 0


@pytest.mark.django_db
def test_who_may_read_a_sensitive_unit_finds_it_by_its_words(evry):
    uo = make_uo(eg=evry, nom="Refuge Zygomatique", unite_sensible=True)
    project(evry)
    reader = Reader.of(make_user(role=Role.REFERENT, eg=evry))
    results = search("zygomatique", reader)
    assert [one.name for hit in results.hits for one in hit.uos] == [uo.nom]
    assert not results.approximate


@pytest.mark.django_db
def test_a_word_kept_from_before_a_unit_became_sensitive_finds_nothing(evry):
    uo = make_uo(eg=evry, nom="Refuge Zygomatique")
    project(evry)
    refreshed.reset_all()
    assert search("zygomatiqeu").n_eg == 1  # the vocabulary is read now
    type(uo).objects.filter(pk=uo.pk).update(unite_sensible=True)
    project(evry)
    results = search("zygomatiqeu")
    assert (results.n_eg, results.approximate) == (0, "")


# --- Kept in the process ---------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_counts_are_of_establishments_and_identifiers_are_no_words(evry):
    project(make_eg(denomination="CSAPA bis"))
    refreshed.reset_all()
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from search_eg where texte @@ 'csapa'")
        [n] = cursor.fetchone()
    [near] = vocabulary.current().near("cspaa")
    assert (near.words, near.count) == (("csapa",), n)
    assert not vocabulary.current().knows(Form((evry.finess,), is_prefix=False))


@pytest.mark.django_db
def test_it_is_read_again_apart_while_the_old_one_serves(monkeypatch):
    old = vocabulary.current()
    go_on, done = threading.Event(), threading.Event()

    def slowly():
        go_on.wait(5)
        vocabulary._kept._value = Vocabulary({"nouveau": 1})
        done.set()

    monkeypatch.setattr(vocabulary._kept, "_renew", slowly)
    monkeypatch.setattr(vocabulary._kept, "_asked_at", float("-inf"))
    assert vocabulary.current() is old
    assert vocabulary.current() is old
    go_on.set()
    assert done.wait(5)
    assert vocabulary.current().knows(Form(("nouveau",), is_prefix=False))


@pytest.mark.django_db
def test_a_failure_to_read_it_again_leaves_the_old_one(monkeypatch, caplog):
    old = vocabulary.current()

    def broken():
        raise RuntimeError("base arrêtée")

    monkeypatch.setattr(vocabulary._kept, "_renew", broken)
    vocabulary.warm()
    for thread in threading.enumerate():
        if thread.name == "vocabulary":
            thread.join(5)
    assert vocabulary.current() is old
    assert "n’a pas pu être lu" in caplog.text


# --- On the page ---------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_page_says_that_the_answer_is_approximate(client, evry):
    client.force_login(make_user())
    page = client.get("/recherche/", {"q": "cspaa"}).text
    assert "Aucun résultat exact, voici des résultats approchants" in page
    assert "Aucun résultat exact" not in client.get("/recherche/", {"q": "csapa"}).text


@pytest.mark.django_db
def test_a_mistyped_word_is_understood_while_typing(client):
    make_concept("TRE_R210|1", "Délivrance de méthadone", value_set="JDV_J16")
    client.force_login(make_user())
    [_, group] = client.get("/recherche/suggestions/quoi/", {"q": "methdaone"}).json()["groups"]
    assert [option["label"] for option in group["options"]] == ["Délivrance de méthadone"]
