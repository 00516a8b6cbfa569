"""Filters that are no facet: opening hours, age, a part of the map, a distance; and the facet « Accueil »."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from directory import planning
from directory.documents import to_documents
from directory.models import Kind
from directory.permissions import Reader
from search import engine, index, ouverture
from search.criteria import Criteria, Origin, Sort
from search.filtres import Filtres
from search.zone import Zone
from tests import builders as b

pytestmark = pytest.mark.django_db
PRO = Reader()
PARIS = ZoneInfo("Europe/Paris")
PARIS_10 = Origin(48.87613, 2.36072, "Paris 10", "75110")
WEDNESDAY = dt.datetime(2025, 9, 17, 10, 30, tzinfo=PARIS)


@pytest.fixture
def concept():
    b.make_concept("ror-type-offre|etablissement", "Établissement")
    for code in ("sans_rdv", "teleconsultation", "accessible"):
        b.make_concept(f"ror-accueil|{code}", code)
    return b.make_type_uo("CSAPA").concept


def unit(name: str, *, eg: dict | None = None, slots=(), **attrs):
    uo = b.make_uo(eg=b.make_eg(denomination=name, **eg or {}), **attrs)
    for jour, debut, fin, *others in slots:
        b.make_horaire(uo, jour, debut, fin, **(others[0] if others else {}))
    return uo


def names(**asked) -> set[str]:
    index.rebuild()
    return {hit.name for hit in engine.search(Criteria(sort=Sort.PERTINENCE, **asked), reader=PRO).hits}


def test_open_at_an_instant_and_on_a_day(concept):
    unit("Mercredi matin", slots=[(3, "09:00", "12:00")])
    unit("Jeudi", slots=[(4, "09:00", "12:00")])
    unit("Sans horaires")
    unit(
        "Fermé provisoirement", slots=[(3, "09:00", "12:00")], type_fermeture="PRO", date_fermeture=dt.date(2025, 9, 1)
    )
    asked = {"concept": concept.pk}
    assert names(**asked, ouvert=WEDNESDAY) == {"Mercredi matin"}
    assert names(**asked, ouvert=WEDNESDAY.replace(hour=12)) == set()
    assert names(**asked, ouvert=dt.date(2025, 9, 18)) == {"Jeudi"}
    assert names(**asked, ouvert=dt.date(2025, 9, 19)) == set()


def test_the_time_is_that_of_the_place(concept):
    reunion = b.make_commune("97411", "Saint-Denis", departement=b.make_departement("974"))
    unit("À La Réunion", eg={"commune": reunion}, slots=[(3, "11:00", "13:00")])
    unit("À Paris", slots=[(3, "11:00", "13:00")])
    assert names(concept=concept.pk, ouvert=WEDNESDAY) == {"À La Réunion"}  # 12:30 there, 10:30 here


def test_the_index_reads_back_the_hours_that_the_page_shows(concept):
    """Dated slots, closures, kinds, holidays: what is kept answers like the document, all year."""
    uo = unit(
        "Tout à la fois",
        ouvert_jours_feries=True,
        slots=[
            (1, "08:30", "12:00"),
            (1, "14:00", "23:59", {"type_plage": b.make_concept("TRE_R252|06", value_set="JDV_J41")}),
            (
                None,
                None,
                None,
                {
                    "date_debut": dt.date(2025, 8, 4),
                    "date_fin": dt.date(2025, 8, 17),
                    "type_plage": b.make_concept("TRE_R252|08", value_set="JDV_J41"),
                },
            ),
            (6, "10:00", "11:00", {"date_debut": dt.date(2025, 9, 1), "date_fin": dt.date(2025, 9, 30)}),
        ],
    )
    index.refresh([uo.entite_geographique_id])
    [text] = [row.texte for row in index_rows()]
    kept, shown = ouverture.read(text), planning.of_document(to_documents(Kind.UO, [uo.pk])[uo.pk], departement="75")
    for number in range(366):
        day = dt.date(2025, 1, 1) + dt.timedelta(days=number)
        assert planning.day_of(kept, day).slots == planning.day_of(shown, day).slots


def index_rows():
    from search.models import SearchPlanning  # noqa: PLC0415

    return SearchPlanning.objects.all()


def test_the_same_hours_are_kept_once(concept):
    for name in ("A", "B", "C"):
        unit(name, slots=[(1, "09:00", "12:00")])
    unit("D", slots=[(1, "09:00", "12:30")])
    index.rebuild()
    assert len(index_rows()) == 2


def test_ages_that_meet_the_one_asked_for(concept):
    unit("Enfants", age_min=0, age_max=6)
    unit("Dès 18 ans", age_min=18)
    unit("Nourrissons", age_min=0, age_max=18, age_min_unite="mo", age_max_unite="mo")
    unit("Ne dit rien")
    asked = {"concept": concept.pk}
    assert names(**asked, age_days=Filtres(age=6).age_days) == {"Enfants"}
    assert names(**asked, age_days=Filtres(age=7).age_days) == set()
    assert names(**asked, age_days=Filtres(age=40).age_days) == {"Dès 18 ans"}
    assert names(**asked, age_days=Filtres(age=3, unite="mois").age_days) == {"Enfants", "Nourrissons"}


def test_a_part_of_the_map_and_a_distance(concept):
    unit("Ici", eg={"lieu": {"latitude": 48.87, "longitude": 2.36}})
    unit("Plus loin", eg={"lieu": {"latitude": 48.95, "longitude": 2.36}})
    unit("Nulle part", eg={"lieu": {"latitude": None, "longitude": None}})
    asked = {"concept": concept.pk}
    assert names(**asked, zone=Zone(48.8, 2.3, 48.9, 2.4)) == {"Ici"}
    assert names(**asked, origin=PARIS_10, rayon_km=5) == {"Ici"}
    assert names(**asked, origin=PARIS_10, rayon_km=12) == {"Ici", "Plus loin"}
    assert names(text="ici", zone=Zone(48.8, 2.3, 48.9, 2.4)) == {"Ici"}
    assert names(text="plus loin", zone=Zone(48.8, 2.3, 48.9, 2.4)) == set()


def test_what_the_fiche_says_of_access_is_counted_and_every_value_chosen_is_asked_for(concept):
    sans_rdv = b.make_concept("TRE_R338|06", value_set="JDV_J226")
    teleconsultation = b.make_concept("TRE_R210|0988", value_set="JDV_J16")
    accessible = {"accessibilite": b.make_concept("TRE_R202|5", value_set="JDV_J50")}
    unit("Sans RDV", concepts={"modalites_accueil": [sans_rdv]})
    unit("À distance", concepts={"actes_specifiques": [teleconsultation]}, eg=accessible)
    unit(
        "Les deux",
        slots=[(1, "09:00", "12:00", {"type_plage": b.make_concept("TRE_R252|06", value_set="JDV_J41")})],
        concepts={"actes_specifiques": [teleconsultation]},
    )
    asked = {"concept": concept.pk}
    assert names(**asked, facets={"accueil": {"sans_rdv"}}) == {"Sans RDV", "Les deux"}
    assert names(**asked, facets={"accueil": {"sans_rdv", "teleconsultation"}}) == {"Les deux"}
    assert names(**asked, facets={"accueil": {"accessible"}}) == {"À distance"}
    for facets in ({"accueil": {"teleconsultation"}}, {"accueil": {"teleconsultation"}, "mode": {"54"}}):
        results = engine.search(Criteria(**asked, facets=facets, sort=Sort.PERTINENCE), reader=PRO)
        [counts] = [{v.code: v.count for v in f.values} for f in results.facets if f.key == "accueil"]
        assert counts == {"teleconsultation": 2, "sans_rdv": 1, "accessible": 1}


def get(client, **asked):
    client.force_login(b.make_user())
    return client.get("/recherche/", {"q": "maison"} | asked, follow=True)


def test_the_page_keeps_and_takes_away_each_filter(client, concept):
    unit("Maison", age_min=0, age_max=6, slots=[(3, "09:00", "12:00")])
    index.rebuild()
    page = get(client, age="6", age_unite="ans", ouvert_le="2025-09-17").content.decode()
    assert "Âge : 6 ans" in page and "Ouvert le" in page and "Maison" in page
    assert 'value="2025-09-17"' in page and 'value="6"' in page
    assert "/recherche/?q=maison&amp;age=6" in page  # without the day


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"age": "abc"}, "nombre entier"),
        ({"age": "121"}, "nombre entier"),
        ({"age": "241", "age_unite": "mois"}, "nombre entier"),
        ({"age": "-1"}, "nombre entier"),
        ({"ouvert_le": "31/02/2026"}, "jour/mois/année"),
    ],
)
def test_a_filter_that_says_nothing_is_told(client, concept, asked, words):
    page = get(client, **asked)
    assert page.status_code == 200
    assert words in page.content.decode()


def test_now_is_the_clock(client, concept, monkeypatch):
    unit("Maison", slots=[(3, "09:00", "12:00")])
    index.rebuild()
    monkeypatch.setattr("ror.clock.now", lambda: WEDNESDAY)
    assert "Maison" in get(client, ouvert="maintenant").content.decode().partition("<main")[2]
    monkeypatch.setattr("ror.clock.now", lambda: WEDNESDAY.replace(hour=20))
    assert "1 établissement" not in get(client, ouvert="maintenant").content.decode()
