"""The short way of the search against the one pass it stands for, and its counts under writes and days."""

import datetime as dt
import random
import threading

import pytest
from django.db import connection, transaction

from directory.models import EntiteGeographique, LieuDeLOffre, UniteOperationnelle
from directory.permissions import Reader
from ror import clock
from search import concept, engine, index, pairs, tasks
from search.criteria import Criteria, Origin, Sort
from tests.builders import make_commune, make_concept, make_eg, make_lieu, make_type_uo, make_uo

TODAY = dt.date(2025, 9, 17)
PARIS_10 = Origin(48.87613, 2.36072, "Paris 10", "75110")
PRO = Reader()
TYPES = ("TYPE-A", "TYPE-B", "TYPE-C")


def make_world(rng: random.Random, n: int = 14) -> list[int]:
    """Establishments with one to three UO: several places, none, closed, closing, opening later, sensitive."""
    make_concept("ror-type-offre|etablissement", "Établissement")
    make_concept("ror-patientele|E", "Enfant")
    make_concept("ror-patientele|A", "Adulte")
    make_concept("ror-accueil|teleconsultation", "Téléconsultation")
    modes = [make_concept(f"TRE_R213|{code}", value_set="JDV_J19") for code in ("46", "54")]
    teleconsultation = make_concept("TRE_R210|0988", value_set="JDV_J16")
    served = make_commune("75110", "Paris 10")
    egs = []
    for rank in range(n):
        located = rng.random() > 0.15
        at = (
            {"latitude": 48 + rng.random(), "longitude": 2 + rng.random()}
            if located
            else dict.fromkeys(("latitude", "longitude"))
        )
        eg = make_eg(
            denomination=rng.choice(["Lys", "Érable", "Chêne"]) + f" {rank % 3}",
            lieu=at,
            publish=False,
            date_ouverture=rng.choice([None, dt.date(2020, 1, 1), TODAY + dt.timedelta(days=1)]),
        )
        annexe = make_lieu(eg, latitude=48 + rng.random(), longitude=2 + rng.random())
        for _ in range(rng.randint(1, 3)):
            closing = rng.choice([None, None, None, TODAY, TODAY + dt.timedelta(days=1), dt.date(2024, 1, 1)])
            uo = make_uo(
                eg=eg,
                type_uo=rng.choice(TYPES),
                publish=False,
                age_min=rng.choice([None, 0, 20]),
                unite_sensible=rng.random() < 0.1,
                mode_prise_en_charge=rng.choice(modes),
                concepts={
                    "zones_intervention": [served] if rng.random() < 0.2 else [],
                    "actes_specifiques": [teleconsultation] if rng.random() < 0.5 else [],
                },
                **({"type_fermeture": "DEF", "date_fermeture": closing} if closing else {}),
            )
            if rng.random() < 0.3:
                LieuDeLOffre.objects.create(unite=uo, lieu_uid=annexe.uid)
        egs.append(eg.pk)
    EntiteGeographique.objects.update(version=1)
    UniteOperationnelle.objects.update(version=1)
    return egs


def shape(results):
    return (
        results.n_eg,
        results.n_uo,
        [
            (hit.eg_id, hit.n_uo, hit.distance_km, hit.serves_origin, [uo.url for uo in hit.uos])
            for hit in results.hits
        ],
        [(facet.key, [(v.code, v.count, v.is_selected) for v in facet.values]) for facet in results.facets],
    )


@pytest.fixture
def one_pass(monkeypatch):
    """Calls a search with the short way closed."""

    def ask(*args, **kwargs):
        with monkeypatch.context() as patch:
            patch.setattr(engine, "_is_usual_order", lambda criteria: False)
            return engine.search(*args, **kwargs)

    return ask


@pytest.fixture
def short_ways(monkeypatch):
    """How many searches took the short way."""
    taken = []
    page = concept.ConceptSearch.page
    monkeypatch.setattr(concept.ConceptSearch, "page", lambda *a, **k: taken.append(1) or page(*a, **k))
    return taken


FILTERS = (
    {},
    {"patientele": {"E"}},
    {"patientele": {"E", "A"}},
    {"type_offre": {"etablissement"}},
    {"patientele": {"E"}, "mode": {"46"}},
    {"patientele": {"A"}, "mode": {"46", "54"}, "accueil": {"teleconsultation"}},
    {"accueil": {"teleconsultation"}, "type_uo": {"TYPE-A"}},
    {"mode": {"inconnu"}, "patientele": {"E"}},
)


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("walks", [True, False])
def test_both_ways_answer_the_same(seed, walks, settings, monkeypatch, one_pass, short_ways):
    settings.ROR_TODAY = TODAY
    make_world(random.Random(seed))
    index.rebuild()
    monkeypatch.setattr(concept, "WALK_FROM", -1 if walks else 1e9)
    for key in TYPES:
        pk = make_type_uo(key).concept.pk
        for origin, sort in ((PARIS_10, Sort.DISTANCE), (None, Sort.PERTINENCE)):
            for facets in FILTERS:
                for day in (TODAY, TODAY + dt.timedelta(days=1), TODAY + dt.timedelta(days=500)):
                    settings.ROR_TODAY = day
                    asked = Criteria(origin=origin, concept=pk, facets=facets, sort=sort)
                    for page in (1, 2):
                        found = engine.search(asked, reader=PRO, page=page, per_page=3)
                        assert shape(found) == shape(one_pass(asked, reader=PRO, page=page, per_page=3))
    assert short_ways


@pytest.mark.django_db
def test_before_the_day_it_was_written_the_index_is_read_in_one_pass(settings, one_pass, short_ways):
    settings.ROR_TODAY = TODAY
    make_world(random.Random(9))
    index.rebuild()
    settings.ROR_TODAY = TODAY - dt.timedelta(days=400)
    asked = Criteria(origin=PARIS_10, concept=make_type_uo("TYPE-A").concept.pk)
    assert shape(engine.search(asked, reader=PRO)) == shape(one_pass(asked, reader=PRO))
    assert not short_ways


@pytest.mark.django_db
def test_who_has_more_rights_takes_the_one_pass(settings, short_ways):
    settings.ROR_TODAY = TODAY
    make_world(random.Random(9))
    index.rebuild()
    for reader in (Reader(sees_all=True), Reader(departements=frozenset(["75"])), Reader(own_eg_ids=frozenset([1]))):
        engine.search(Criteria(concept=make_type_uo("TYPE-A").concept.pk, sort=Sort.PERTINENCE), reader=reader)
    assert not short_ways


def counts() -> list[tuple]:
    """What is kept for today and the days before, then what changes on each later day."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select concept_id, avec, f, greatest(des, %(today)s) as des, sum(n) from (
              select concept_id, avec, f, n, %(today)s as des from search_cofacette
              union all select concept_id, avec, f, n, %(today)s from search_cofacette_delta
              union all select k.*, des
              from search_cofacette_prevue, unnest(concepts, avecs, valeurs, nombres) k (concept_id, avec, f, n)) k
            group by concept_id, avec, f, greatest(des, %(today)s) having sum(n) <> 0
            order by concept_id, avec, f, des""",
            {"today": clock.today()},
        )
        return cursor.fetchall()


@pytest.mark.django_db
def test_writing_a_few_gives_the_counts_and_places_of_writing_all(settings):
    settings.ROR_TODAY = TODAY
    rng = random.Random(3)
    egs = make_world(rng)

    def places():
        with connection.cursor() as cursor:
            cursor.execute("select to_jsonb(l) - 'id' from search_lieu l order by eg_id, pos::text")
            return cursor.fetchall()

    for few in (egs[:5], egs[3:9], egs[9:], egs[:1]):
        index.refresh(few)
        UniteOperationnelle.objects.filter(entite_geographique__in=few[:1]).update(age_min=rng.choice([None, 30]))
        index.refresh(few[:1])
    incremental = counts(), places()
    assert incremental[0]
    index.rebuild()
    assert (counts(), places()) == incremental


@pytest.mark.django_db
def test_folding_changes_no_count(settings):
    settings.ROR_TODAY = TODAY
    egs = make_world(random.Random(4))
    index.refresh(egs[:7])
    tasks.fold_pair_counts()
    index.refresh(egs)
    UniteOperationnelle.objects.filter(entite_geographique=egs[0]).update(version=0)
    index.refresh(egs[:1])
    before = counts()
    assert tasks.fold_pair_counts()
    assert counts() == before
    assert tasks.fold_pair_counts() == 0
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from search_cofacette where n <= 0")
        assert cursor.fetchone() == (0,)


@pytest.mark.django_db
def test_a_day_that_passes_leaves_the_counts_of_a_rebuild(settings, one_pass, short_ways):
    """Writes before and after the day, folded or not; before the day of the folding the counts are not believed."""
    settings.ROR_TODAY = TODAY
    egs = make_world(random.Random(7), n=20)
    index.rebuild()
    later = len({row[3] for row in counts()})
    assert later > 1, "something opens or closes later"
    settings.ROR_TODAY = TODAY + dt.timedelta(days=1)
    passed = counts()
    UniteOperationnelle.objects.filter(entite_geographique__in=egs[:4]).update(age_min=30)
    index.refresh(egs[:6])
    incremental = counts()
    assert incremental != passed
    assert tasks.fold_pair_counts()
    assert counts() == incremental
    index.rebuild()
    assert counts() == incremental
    asked = Criteria(origin=PARIS_10, concept=make_type_uo("TYPE-A").concept.pk)
    settings.ROR_TODAY = TODAY
    assert shape(engine.search(asked, reader=PRO)) == shape(one_pass(asked, reader=PRO))
    assert not short_ways


@pytest.mark.django_db
def test_a_machine_whose_clock_is_late_counts_nothing_twice(settings):
    """It publishes what opens or closes on the day that another machine has folded already."""
    settings.ROR_TODAY = TODAY
    egs = make_world(random.Random(7), n=20)
    index.rebuild()
    settings.ROR_TODAY = TODAY + dt.timedelta(days=1)
    assert tasks.fold_pair_counts()
    settings.ROR_TODAY = TODAY
    index.refresh(egs)
    settings.ROR_TODAY = TODAY + dt.timedelta(days=1)
    late = counts()
    index.rebuild()
    assert counts() == late


@pytest.mark.django_db(transaction=True)
def test_publications_at_the_same_time_leave_exact_counts(settings):
    """Writers on the same establishments and on others, while counts are folded: as if written one by one."""
    settings.ROR_TODAY = TODAY
    egs = make_world(random.Random(5), n=6)
    index.rebuild()
    failures = []

    def write(seed: int) -> None:
        rng = random.Random(seed)
        try:
            for _ in range(12):
                some = sorted(rng.sample(egs, 2))
                with transaction.atomic():
                    with connection.cursor() as cursor:
                        cursor.execute(
                            "select 1 from directory_entitegeographique where id = any(%s) order by id for update",
                            [some],
                        )
                    units = UniteOperationnelle.objects.filter(entite_geographique__in=some)
                    units.update(age_min=rng.choice([None, 0, 20]))
                    index.refresh(some)
                if rng.random() < 0.5:
                    tasks.fold_pair_counts()
        except Exception as error:  # noqa: BLE001 - told below, in the thread of the test
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    concurrent = counts()
    index.rebuild()
    assert counts() == concurrent


@pytest.mark.django_db
def test_a_sensitive_unit_counts_for_nothing(settings):
    settings.ROR_TODAY = TODAY
    make_world(random.Random(6), n=4)
    UniteOperationnelle.objects.update(unite_sensible=True)
    index.rebuild()
    assert counts() == []
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from search_lieu")
        assert cursor.fetchone() == (0,)
    assert not pairs.read(connection.cursor(), list(EntiteGeographique.objects.values_list("pk", flat=True)), TODAY)
