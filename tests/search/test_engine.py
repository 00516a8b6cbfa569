"""The engine: right establishments, right order, exact counts, and nothing to the wrong reader."""

import datetime as dt

import pytest
from django.db import connection
from geopy.distance import geodesic

from directory import publishing
from directory.models import Role
from directory.permissions import Reader
from nomenclature.text import normalise
from search import engine, geo, index
from search.criteria import Criteria, Dans, Origin, Sort
from tests import builders as b

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("facet_values")]

PARIS_10 = Origin(48.87613, 2.36072, "Paris 10", "75110")
PRO = Reader()
REGULATION = Reader(sees_all=True)


@pytest.fixture
def act():
    return b.make_type_uo("94-59-hlm", "ACT hors les murs").concept


def place(km_north: float) -> dict:
    """Attributes of a lieu that many km north of Paris 10."""
    return {"latitude": PARIS_10.latitude + km_north / 111.2, "longitude": PARIS_10.longitude}


def unit(name: str, km: float | None = 0, **attrs):
    lieu = place(km) if km is not None else {"latitude": None, "longitude": None}
    eg = b.make_eg(denomination=name, lieu=lieu)
    uo = b.make_uo(eg=eg, type_uo=attrs.pop("type_uo", "94-59-hlm"), **attrs)
    return eg, uo


def names(results):
    return [hit.name for hit in results.hits]


def facet(results, key):
    [found] = [f for f in results.facets if f.key == key]
    return {value.code: value.count for value in found.values}


def test_nearest_first_then_those_without_position(act):
    egs = [unit("Loin", 20)[0], unit("Sans position", None)[0], unit("Près", 1)[0]]
    b.project(*egs)
    results = engine.search(Criteria(origin=PARIS_10, concept=act.pk), reader=PRO)
    assert names(results) == ["Près", "Loin", "Sans position"]
    assert (results.n_eg, results.n_uo) == (3, 3)
    assert results.hits[2].distance_km is None
    assert not results.hits[2].is_located


def test_distances_are_those_of_geopy(act):
    eg = b.make_eg(lieu={"latitude": 48.8035, "longitude": 2.1266})
    b.make_uo(eg=eg, type_uo="94-59-hlm")
    b.project(eg)
    [hit] = engine.search(Criteria(origin=PARIS_10, concept=act.pk), reader=PRO).hits
    reference = geodesic((PARIS_10.latitude, PARIS_10.longitude), (48.8035, 2.1266)).km
    assert hit.distance_km == pytest.approx(reference, rel=0.001)


def test_equal_distances_are_ordered_by_name_then_id(act):
    egs = [unit(name, 3)[0] for name in ("Zoé", "Élan", "Abri")]
    b.project(*egs)
    assert names(engine.search(Criteria(origin=PARIS_10, concept=act.pk), reader=PRO)) == ["Abri", "Élan", "Zoé"]


def test_an_establishment_shows_only_its_matching_units(act):
    eg, _ = unit("Les Glycines")
    b.make_uo(eg=eg, type_uo="CSAPA")
    b.project(eg)
    [hit] = engine.search(Criteria(concept=act.pk), reader=PRO).hits
    assert [uo.type_label for uo in hit.uos] == ["ACT hors les murs"]
    assert hit.n_uo == 1


def test_facets_are_counted_over_the_whole_match_each_without_its_own_filter(act):
    children, adults, both = (
        unit("Enfants", age_min=0, age_max=6),
        unit("Adultes", age_min=18),
        unit("Tous", age_min=0, age_max=99),
    )
    b.make_activite(both[1], "TRE_R211|340", "Coordination plan de soins")
    b.project(children[0], adults[0], both[0])
    everything = engine.search(Criteria(concept=act.pk), reader=PRO)
    assert facet(everything, "patientele") == {"E": 2, "A": 2}
    assert facet(everything, "type_offre") == {"etablissement": 3}
    assert facet(everything, "activite") == {"340": 1}
    only_children = engine.search(Criteria(concept=act.pk, facets={"patientele": frozenset("E")}), reader=PRO)
    assert sorted(names(only_children)) == ["Enfants", "Tous"]
    assert facet(only_children, "patientele") == {"E": 2, "A": 2}
    assert facet(only_children, "type_offre") == {"etablissement": 2}
    either = engine.search(Criteria(concept=act.pk, facets={"patientele": frozenset("EA")}), reader=PRO)
    assert either.n_eg == 3
    across = {"patientele": frozenset("E"), "activite": frozenset({"340"})}
    assert names(engine.search(Criteria(concept=act.pk, facets=across), reader=PRO)) == ["Tous"]


def test_a_selected_value_without_result_stays_in_its_facet(act):
    b.project(unit("Adultes", age_min=18)[0])
    results = engine.search(Criteria(concept=act.pk, facets={"patientele": frozenset("E")}), reader=PRO)
    assert results.n_eg == 0
    assert facet(results, "patientele") == {"E": 0, "A": 1}


def test_filters_must_meet_on_one_unit(act):
    """Two units of one establishment, each with half of what is asked, are not an answer."""
    eg, _ = unit("Moitiés", age_min=0, age_max=6)
    adult = b.make_uo(eg=eg, type_uo="94-59-hlm", age_min=18)
    b.make_activite(adult, "TRE_R211|340")
    b.project(eg)
    both = {"patientele": frozenset("E"), "activite": frozenset({"340"})}
    assert engine.search(Criteria(concept=act.pk, facets=both), reader=PRO).n_eg == 0


@pytest.fixture
def sensitive(act):
    eg, uo = unit("Refuge", unite_sensible=True, nom="Abri Sirocco", age_min=18)
    b.make_contact(uo, niveau=3, telecoms=[("2", "0199000003")])
    b.project(eg)
    return eg, uo


def test_a_sensitive_unit_is_neither_found_nor_counted(act, sensitive):
    results = engine.search(Criteria(concept=act.pk), reader=PRO)
    assert (results.n_eg, results.n_uo, facet(results, "patientele")) == (0, 0, {})
    by_name = engine.search(Criteria(text="sirocco"), reader=PRO)
    assert by_name.n_eg == 0


@pytest.mark.parametrize("rights", ["all", "own", "departement"])
def test_a_sensitive_unit_is_shown_to_those_who_may_see_it(act, sensitive, rights):
    eg, uo = sensitive
    reader = {
        "all": REGULATION,
        "own": Reader(own_eg_ids=frozenset({eg.pk})),
        "departement": Reader(departements=frozenset({"75"})),
    }[rights]
    [hit] = engine.search(Criteria(concept=act.pk), reader=reader).hits
    assert [found.phone for found in hit.uos] == ["0199000003"]
    assert [found.name for found in engine.search(Criteria(text="sirocco"), reader=reader).hits[0].uos] == [uo.nom]


def test_other_rights_do_not_open_a_sensitive_unit(act, sensitive):
    other = Reader(own_eg_ids=frozenset({sensitive[0].pk + 1}), departements=frozenset({"93"}))
    assert engine.search(Criteria(concept=act.pk), reader=other).n_eg == 0
    assert engine.search(Criteria(text="sirocco"), reader=other).n_eg == 0


def test_phones_follow_the_level_of_the_reader(act):
    eg, uo = unit("Niveaux")
    b.make_contact(eg, niveau=3, telecoms=[("2", "0199000003")])
    b.make_contact(uo, niveau=2, telecoms=[("2", "0199000009", 3)])
    b.project(eg)
    [hit] = engine.search(Criteria(concept=act.pk), reader=PRO).hits
    assert (hit.phone, hit.uos[0].phone) == ("", "")
    [hit] = engine.search(Criteria(concept=act.pk), reader=REGULATION).hits
    assert (hit.phone, hit.uos[0].phone) == ("0199000003", "0199000009")


def test_closings_and_openings_take_effect_on_their_day_without_any_write(act, settings):
    closing = unit("Ferme demain", type_fermeture="DEF", date_fermeture=dt.date(2026, 6, 2))[0]
    opening = unit("Ouvre demain")[0]
    type(opening).objects.filter(pk=opening.pk).update(date_ouverture=dt.date(2026, 6, 2))
    pause = unit(
        "Pause", type_fermeture="PRO", date_fermeture=dt.date(2026, 6, 2), date_reouverture=dt.date(2026, 6, 9)
    )[0]
    b.project(closing, opening, pause)
    criteria = Criteria(concept=act.pk)
    settings.ROR_TODAY = dt.date(2026, 6, 1)
    assert names(engine.search(criteria, reader=PRO)) == ["Ferme demain", "Pause"]
    settings.ROR_TODAY = dt.date(2026, 6, 2)
    results = engine.search(criteria, reader=PRO)
    assert names(results) == ["Ouvre demain", "Pause"]
    assert results.hits[1].uos[0].status == "ferme_provisoire"
    assert results.hits[1].uos[0].closed_until == dt.date(2026, 6, 9)
    settings.ROR_TODAY = dt.date(2026, 6, 9)
    assert engine.search(criteria, reader=PRO).hits[1].uos[0].status != "ferme_provisoire"


def test_an_old_description_is_to_be_refreshed(act, settings):
    eg, uo = unit("Ancien")
    type(uo).objects.filter(pk=uo.pk).update(updated_at=dt.datetime(2024, 1, 1, tzinfo=dt.UTC))
    b.project(eg)
    [hit] = engine.search(Criteria(concept=act.pk), reader=PRO).hits
    assert hit.uos[0].status == "a_actualiser"


@pytest.mark.parametrize("typed", ["glycines", "les glycin", "GLYCINES paris", "75010 glycines"])
def test_a_name_is_found_and_an_establishment_without_unit_too(typed):
    eg = b.make_eg(denomination="ACT Les Glycines")
    b.project(eg)
    results = engine.search(Criteria(text=typed), reader=PRO)
    assert names(results) == ["ACT Les Glycines"]
    assert (results.n_eg, results.n_uo, results.hits[0].is_described) == (1, 0, False)


@pytest.mark.parametrize("typed", ["", "'", "&|!:*", "a' | 'b", "\\", "%", "é" * 200, "🙂"])
def test_nothing_that_can_be_typed_breaks_the_engine(typed):
    assert engine.search(Criteria(text=typed), reader=PRO).n_eg == 0


def test_typing_a_type_finds_its_units_only_where_it_is_meant(act):
    eg, _ = unit("Les Glycines")
    b.project(eg)
    for dans, expected in ((Dans.TOUT, 1), (Dans.TYPES_UO, 1), (Dans.ACTES, 0), (Dans.NOMS, 0)):
        assert engine.search(Criteria(text="hors les murs", dans=dans), reader=PRO).n_eg == expected


def test_the_list_stops_at_its_limit_and_totals_do_not(act, settings):
    settings.RESULTS_MAX, settings.RESULTS_PER_PAGE = 4, 3
    b.project(*[unit(f"EG {rank}", rank)[0] for rank in range(6)])
    first = engine.search(Criteria(origin=PARIS_10, concept=act.pk), reader=PRO)
    last = engine.search(Criteria(origin=PARIS_10, concept=act.pk), reader=PRO, page=99)
    assert (first.n_eg, first.n_pages, first.is_capped) == (6, 2, True)
    assert names(first) + names(last) == ["EG 0", "EG 1", "EG 2", "EG 3"]
    assert names(engine.search_all(Criteria(origin=PARIS_10, concept=act.pk), reader=PRO)) == names(first) + names(
        last
    )


def test_pertinence_puts_first_the_team_that_serves_the_commune(act):
    near = unit("Près", 1)[0]
    mobile = unit("Équipe mobile", 40, concepts={"zones_intervention": [b.make_commune()]})[0]
    b.project(near, mobile)
    by_distance = engine.search(Criteria(origin=PARIS_10, concept=act.pk), reader=PRO)
    by_score = engine.search(Criteria(origin=PARIS_10, concept=act.pk, sort=Sort.PERTINENCE), reader=PRO)
    assert names(by_distance) == ["Près", "Équipe mobile"]
    assert names(by_score) == ["Équipe mobile", "Près"]
    assert by_distance.hits[1].serves_origin


def test_rebuilding_gives_the_rows_that_publishing_wrote(act, django_assert_num_queries):
    def rows():
        with connection.cursor() as cursor:
            cursor.execute("select to_jsonb(o) from search_offre o order by uo_id")
            offres = cursor.fetchall()
            cursor.execute("select to_jsonb(e) from search_eg e order by eg_id")
            return offres, cursor.fetchall()

    for rank in range(3):
        _, uo = unit(f"EG {rank}", rank, age_min=3, age_max=20)
        b.make_contact(uo, niveau=1, telecoms=[("2", "0199000001")])
        b.make_activite(uo)
        publishing.publish_many("uo", [uo.pk], by=b.make_user(), origin="test")
    incremental = rows()
    assert len(incremental[0]) == 3
    index.rebuild()
    assert rows() == incremental
    engine.search(Criteria(concept=act.pk), reader=PRO)  # reads the labels once for all
    with django_assert_num_queries(1):
        engine.search(Criteria(concept=act.pk), reader=PRO)
    with django_assert_num_queries(2):
        engine.search(Criteria(concept=act.pk, origin=PARIS_10), reader=PRO)


def test_a_reader_with_an_ended_role_reads_like_everybody(act, sensitive):
    eg, _ = sensitive
    user = b.make_user(role=Role.REFERENT, eg=eg)
    assert engine.search(Criteria(concept=act.pk), reader=Reader.of(user)).n_eg == 1
    user.habilitations.update(valid_to=dt.date(2021, 1, 1))
    assert engine.search(Criteria(concept=act.pk), reader=Reader.of(user)).n_eg == 0


@pytest.mark.parametrize(
    "text",
    [
        "Saint-Denis",
        "St Denis",
        "Ste-Geneviève",
        "L’Haÿ-les-Roses",
        "Œuvre d'Ægidius",
        "C.S.A.P.A. (n° 2)",
        "Lits d’accueil médicalisés (L.A.M.)",
        "C.M.P.P",
        "J.-M. Charcot",
        "M. L. Dupont",
        "a.b.cd",
        "   ",
        "Straße",
        "Île",
    ],
)
def test_sql_and_python_compare_texts_in_the_same_form(text):
    with connection.cursor() as cursor:
        cursor.execute("select search_norm(%s)", [text])
        assert cursor.fetchone()[0] == normalise(text)


def test_sql_and_python_place_a_point_alike():
    with connection.cursor() as cursor:
        cursor.execute(
            "select cube(array[%s, %s, %s]::float8[]) <-> search_ecef(48.87613, 2.36072)", geo.ecef(48.87613, 2.36072)
        )
        assert cursor.fetchone()[0] < 0.001


def test_a_unit_described_as_open_in_a_closed_establishment_is_not_found():
    eg = b.make_eg(type_fermeture="DEF", date_fermeture=dt.date(2020, 1, 1))
    uo = b.make_uo(eg=eg)
    b.project(eg)
    assert not engine.search(Criteria(concept=uo.type_uo_id), reader=PRO).hits


def test_words_of_the_name_itself_come_before_words_that_begin_so():
    """« aurore 93 »: the 93 of the name wins over postal codes that begin with 93."""
    named = b.make_eg(denomination="ACT AURORE 93")
    commune = b.make_commune("93001", "Aubervilliers", codes_postaux=["93300"], latitude=48.91, longitude=2.38)
    others = [b.make_eg(denomination=f"AURORE {word}", commune=commune) for word in ("Maison", "Relais", "Accueil")]
    b.project(named, *others)
    results = engine.search(Criteria(text="aurore 93", dans=Dans.NOMS, sort=Sort.PERTINENCE), reader=PRO)
    assert results.n_eg == 4
    assert names(results)[0] == "ACT AURORE 93"


def test_an_establishment_found_thanks_to_one_unit_brings_that_unit_only(act):
    eg, _ = unit("Hôpital du Parc", nom="Équipe mobile")
    b.make_uo(eg=eg, type_uo="SP", nom="Soins palliatifs")
    b.make_uo(eg=eg, type_uo="MAT", nom="Maternité")
    b.project(eg)
    by_unit = engine.search(Criteria(text="soins palliatifs"), reader=PRO)
    assert [uo.name for uo in by_unit.hits[0].uos] == ["Soins palliatifs"]
    assert [uo.name for uo in engine.search(Criteria(text="palliatifs parc"), reader=PRO).hits[0].uos] == [
        "Soins palliatifs"
    ]
    by_name = engine.search(Criteria(text="hopital du parc"), reader=PRO)
    assert by_name.n_uo == 3


def test_a_sensitive_unit_is_found_by_its_name_and_its_town_for_who_may_see_it(sensitive):
    assert engine.search(Criteria(text="sirocco paris"), reader=REGULATION).n_uo == 1
    assert engine.search(Criteria(text="sirocco paris"), reader=PRO).n_eg == 0
