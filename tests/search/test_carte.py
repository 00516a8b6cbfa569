"""The map of the results: its page, its data, its outlines, what it costs, and from whom a picture may come."""

import json
import os
import re

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.test import override_settings

from search import carte, checks, zone
from tests import builders as b

pytestmark = pytest.mark.django_db

PAGE, DATA, CONTOURS = "/recherche/", "/recherche/carte.geojson", "/recherche/contours.geojson"
QUESTION = {"ou": "75110", "code": "ror-type-uo|ACT"}
PARIS = (48.8762, 2.3590)
DATA_QUERIES = 6  # session, user with her rights; the search, in two; addresses; names of communes
PAGE_QUERIES = 4  # those of the list


@pytest.fixture(autouse=True)
def lists():
    b.make_concept("ror-type-offre|etablissement", "Établissement")
    b.make_type_uo("ACT", "ACT hors les murs")
    b.make_commune()


def make_hit(name="ACT Les Glycines (fictif)", *, north=0.0, located=True, **uo):
    """An EG so many degrees north of Paris 10, or without a position, with one UO; indexed."""
    position = {"latitude": PARIS[0] + north, "longitude": PARIS[1]} if located else {"latitude": None}
    position.setdefault("longitude", None)
    eg = b.make_eg(denomination=name, lieu=position)
    unit = b.make_uo(eg=eg, type_uo="ACT", **{"nom": f"UO de {name}"} | uo)
    b.project(eg)
    return eg, unit


def data(client, **more):
    response = client.get(DATA, QUESTION | more)
    assert response.status_code == 200, response.content[:300]
    return json.loads(response.content)


def names(answer):
    return [feature["properties"]["nom"] for feature in answer["features"]]


# --- The data -----------------------------------------------------------------------------------------------------


def test_the_data_say_where_each_establishment_is_and_sum_it_up(reader):
    eg, unit = make_hit(north=0.05, age_min=18)
    b.make_contact(eg, telecoms=[("1", "0102030411")])
    b.project(eg)
    answer = data(reader)
    [feature] = answer["features"]
    assert feature["id"] == eg.pk
    assert feature["geometry"] == {"type": "Point", "coordinates": [2.359, 48.9262]}
    said = feature["properties"]
    assert said["numero"] == 1
    assert said["url"] == eg.get_absolute_url()
    assert said["adresse"] == "12 rue de Paradis, 75010 Paris 10e Arrondissement"
    assert said["telephone"].replace("\u00a0", " ") == "01 02 03 04 11"
    assert said["tel"] == "tel:+33102030411"
    assert said["distance"] == "6\u00a0km"
    assert said["duree"].startswith("environ ")
    assert said["n_uo"] == 1
    assert [(uo["nom"], uo["type"]) for uo in said["uos"]] == [(unit.nom, "ACT hors les murs")]
    assert answer["origine"] == {"nom": "Paris 10", "latitude": PARIS[0], "longitude": PARIS[1]}
    assert (answer["total"], answer["non_geolocalises"]) == (1, 0)


def test_an_establishment_without_a_position_is_counted_and_not_drawn(reader):
    make_hit("Sans position (fictif)", located=False)
    make_hit("Avec position (fictif)")
    answer = data(reader)
    assert names(answer) == ["Avec position (fictif)"]
    assert (answer["total"], answer["non_geolocalises"]) == (2, 1)


def test_numbers_follow_the_list_of_the_page(reader):
    for name, north in (("Loin", 0.3), ("Près", 0.01), ("Milieu", 0.1)):
        make_hit(name, north=north)
    make_hit("Nulle part", located=False)
    answer = data(reader)
    assert [(f["properties"]["numero"], f["properties"]["nom"]) for f in answer["features"]] == [
        (1, "Près"),
        (2, "Milieu"),
        (3, "Loin"),
    ]
    page = reader.get(PAGE, QUESTION | {"vue": "carte"}).content.decode()
    rows = re.findall(r'<li id="eg-(\d+)" data-eg.*?<span class="ror-pin" aria-hidden="true">(\d+)<', page, re.DOTALL)
    assert rows == [(str(f["id"]), str(f["properties"]["numero"])) for f in answer["features"]]
    assert page.index("Loin") < page.index("1 établissement non géolocalisé") < page.index("Nulle part")


def test_the_map_stops_where_the_list_does(reader, settings):
    settings.RESULTS_MAX = 3
    for number in range(5):
        make_hit(f"ACT {number}", north=number / 100)
    answer = data(reader)
    assert len(answer["features"]) == 3
    assert answer["total"] == 5
    text = reader.get(PAGE, QUESTION | {"vue": "carte"}).content.decode()
    assert "Les 3 premiers établissements sur 5" in text


def test_the_communes_around_are_named_the_largest_first(reader):
    make_hit(north=0.05)
    b.make_commune("93066", "Saint-Denis", latitude=48.93, longitude=2.36, population=113_000)
    b.make_commune("93001", "Aubervilliers", latitude=48.91, longitude=2.38, population=90_000)
    b.make_commune("77186", "Fontainebleau", latitude=48.40, longitude=2.70, population=15_000)
    assert [name for name, _, _ in data(reader)["communes"]] == ["Saint-Denis", "Aubervilliers", "Paris 10"]


def test_without_any_position_the_data_are_empty_and_valid(reader):
    make_hit(located=False)
    answer = json.loads(reader.get(DATA, {"q": "glycines"}).content)
    assert answer["features"] == answer["communes"] == []
    assert answer["origine"] is None


@pytest.mark.parametrize("query", [{}, {"ou": "75110"}, {"q": "x" * 201}, {"q": "act", "zone": "nimporte"}])
def test_a_question_that_is_none_gets_400_and_a_sentence(reader, query):
    response = reader.get(DATA, query)
    assert response.status_code == 400
    assert "incomplète" in response.json()["message"]


@pytest.mark.parametrize("rows", [1, 12])
def test_the_data_cost_the_same_whatever_the_number_of_establishments(reader, rows, django_assert_num_queries):
    for number in range(rows):
        make_hit(f"ACT {number}", north=number / 100)
    data(reader)
    with django_assert_num_queries(DATA_QUERIES):
        data(reader)
    with django_assert_num_queries(PAGE_QUERIES):
        reader.get(PAGE, QUESTION | {"vue": "carte"})


# --- Who reads ----------------------------------------------------------------------------------------------------


def test_the_data_need_a_login(client):
    assert client.get(DATA, QUESTION).status_code == 302
    assert client.get(DATA, QUESTION, headers={"Accept": "application/json"}).status_code == 401
    assert client.get(CONTOURS).status_code == 302


def test_levels_hold_on_the_map(client):
    eg, _ = make_hit("ACT Les Glycines (fictif)")
    b.make_contact(eg, niveau=3, telecoms=[("1", "0639980001")])
    b.make_uo(eg=eg, type_uo="ACT", nom="Refuge secret", unite_sensible=True)
    b.project(eg)
    client.force_login(b.make_user())
    seen = client.get(DATA, QUESTION)
    assert "0639980001" not in seen.content.decode().replace("\\u00a0", "")
    assert "Refuge secret" not in seen.content.decode()
    client.force_login(b.make_user(role="regulation"))
    [feature] = data(client)["features"]
    assert feature["properties"]["tel"] == "tel:0639980001"
    assert "Refuge secret" in [uo["nom"] for uo in feature["properties"]["uos"]]


def test_the_data_are_kept_nowhere(reader):
    make_hit()
    assert "no-store" in reader.get(DATA, QUESTION)["Cache-Control"]
    assert "private" in reader.get(DATA, QUESTION)["Cache-Control"]


# --- The page -----------------------------------------------------------------------------------------------------


def test_list_and_map_are_two_views_of_one_address(reader):
    make_hit()
    listed = reader.get(PAGE, QUESTION).content.decode()
    assert 'href="/recherche/?ou=75110&amp;code=ror-type-uo%7CACT&amp;vue=carte"' in listed
    shown = reader.get(PAGE, QUESTION | {"vue": "carte"}).content.decode()
    assert 'href="/recherche/?ou=75110&amp;code=ror-type-uo%7CACT"' in shown
    assert 'data-url="/recherche/carte.geojson?ou=75110&amp;code=ror-type-uo%7CACT"' in shown
    assert '<input type="hidden" name="vue" value="carte">' in shown  # a new search stays on the map
    assert shown.index('class="ror-map-list"') < shown.index("data-carte")  # the list comes first


def test_the_fragment_of_the_map_has_the_list_the_map_and_what_stands_elsewhere(reader):
    make_hit()
    response = reader.get(PAGE, QUESTION | {"vue": "carte"}, headers={"HX-Request": "true"})
    body = response.content.decode()
    assert "<html" not in body
    for part in ("hx-swap-oob", 'id="carte-fond" hx-preserve="true"', "ror-map-list"):
        assert part in body
    assert response["HX-Push-Url"].endswith("&vue=carte")


def test_nothing_found_still_shows_the_map_and_the_ways_out(reader):
    body = reader.get(PAGE, QUESTION | {"vue": "carte", "zone": "48.1,2.1,48.2,2.2"}).content.decode()
    assert "Aucun établissement ne correspond" in body
    assert "Chercher hors de la zone de la carte" in body
    assert "data-carte" in body


def test_a_question_that_is_wrong_keeps_the_view(reader):
    body = reader.get(PAGE, {"ou": "75110", "q": "", "vue": "carte"}).content.decode()
    assert '<input type="hidden" name="vue" value="carte">' in body
    assert "Exemples" in body


# --- The zone -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("48.8,2.2,48.95,2.5", "48.8,2.2,48.95,2.5"),
        ("48.812345, 2.2,48.95,2.5", "48.8123,2.2,48.95,2.5"),
        ("-0.00001,-180,90,180", "0.0,-180.0,90.0,180.0"),
    ],
)
def test_a_zone_has_one_address(typed, kept):
    assert str(zone.parse(typed)) == kept
    assert zone.parse(kept) == zone.parse(typed)


@pytest.mark.parametrize(
    "typed",
    ["1,2,3", "1,2,3,4,5", "a,b,c,d", "49,2,48,3", "48,3,49,2", "48,2,48.00001,3", "nan,2,49,3", "48,2,inf,3",
     "48,2,91,3", "48,-181,49,3", "1e999,2,3,4", "9" * 400 + ",2,3,4"],
)  # fmt: skip
def test_what_is_no_zone_is_refused(typed):
    with pytest.raises(ValidationError, match="La zone de la carte s’écrit"):
        zone.ZoneField().clean(typed)


def test_a_wrong_zone_is_said_under_the_place_and_a_long_one_gets_its_short_address(reader):
    body = reader.get(PAGE, QUESTION | {"zone": "49,2,48,3"}).content.decode()
    assert "La zone de la carte s’écrit" in body
    assert 'aria-describedby="recherche-lieu-erreur"' in body
    response = reader.get(PAGE, QUESTION | {"zone": "48.800001,2.2,49,2.5", "vue": "carte"})
    assert response.status_code == 302
    assert "zone=48.8%2C2.2%2C49.0%2C2.5&vue=carte" in response["Location"]
    assert reader.get(response["Location"]).status_code == 200


def test_the_zone_keeps_what_stands_in_it_and_is_a_chip_one_removes(reader):
    make_hit("Dedans (fictif)", north=0.01)
    make_hit("Dehors (fictif)", north=0.5)
    make_hit("Nulle part (fictif)", located=False)
    inside = {"zone": "48.8,2.2,48.95,2.5"}
    assert names(data(reader, **inside)) == ["Dedans (fictif)"]
    assert data(reader, **inside)["zone"] == [48.8, 2.2, 48.95, 2.5]
    for view in ({}, {"vue": "carte"}):
        body = reader.get(PAGE, QUESTION | inside | view).content.decode()
        assert "Dedans (fictif)" in body
        assert "Dehors (fictif)" not in body
        assert "Nulle part (fictif)" not in body
        assert 'aria-label="Retirer la zone de la carte"' in body
        assert 'name="zone" value="48.8,2.2,48.95,2.5"' in body  # a filter keeps it


# --- Outlines -----------------------------------------------------------------------------------------------------


def test_outlines_are_served_when_the_settings_name_them(reader, settings, tmp_path):
    make_hit()
    assert reader.get(CONTOURS).status_code == 404
    assert 'data-contours=""' in reader.get(PAGE, QUESTION | {"vue": "carte"}).content.decode()
    path = tmp_path / "contours.geojson"
    path.write_text('{"type": "FeatureCollection", "features": []}')
    settings.CONTOURS_FILE = str(path)
    response = reader.get(CONTOURS)
    assert response.json()["features"] == []
    assert response["Content-Type"] == "application/geo+json"
    assert "max-age=86400" in response["Cache-Control"]
    again = {"If-Modified-Since": response["Last-Modified"]}
    assert reader.get(CONTOURS, headers=again).status_code == 304
    os.utime(path, (2_000_000_000, 2_000_000_000))
    assert reader.get(CONTOURS, headers=again).status_code == 200
    assert f'data-contours="{CONTOURS}"' in reader.get(PAGE, QUESTION | {"vue": "carte"}).content.decode()


@pytest.mark.parametrize("name", ["/nulle/part.geojson", "."])
def test_outlines_that_are_not_there_are_404_and_a_warning_of_check(reader, settings, name):
    settings.CONTOURS_FILE = name
    assert reader.get(CONTOURS).status_code == 404
    assert [warning.id for warning in checks.contours_file(None)] == ["search.W001"]
    settings.CONTOURS_FILE = ""
    assert checks.contours_file(None) == []


# --- Pictures from elsewhere --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tiles", "source"),
    [
        ("https://data.geopf.fr/wmts?TILEMATRIX={z}", "https://data.geopf.fr"),
        ("https://{s}.tuiles.exemple.fr:8443/{z}/{x}/{y}.png", "https://*.tuiles.exemple.fr:8443"),
        ("/tuiles/{z}/{x}/{y}.png", ""),
        ("", ""),
    ],
)
def test_the_policy_names_the_host_of_the_tiles_alone(settings, tiles, source):
    settings.MAP_TILES_URL = tiles
    assert carte.tile_source() == source


def test_the_map_alone_may_show_the_pictures_of_that_host(reader, settings):
    make_hit()
    settings.MAP_TILES_URL = "https://data.geopf.fr/wmts?TILEMATRIX={z}&TILEROW={y}&TILECOL={x}"
    shown = reader.get(PAGE, QUESTION | {"vue": "carte"})["Content-Security-Policy"]
    listed = reader.get(PAGE, QUESTION)["Content-Security-Policy"]
    assert "img-src 'self' data: https://data.geopf.fr;" in f"{shown};"
    assert "geopf" not in listed
    assert shown.replace(" https://data.geopf.fr", "") == listed


@pytest.mark.filterwarnings("ignore")
def test_the_libraries_pass_the_storage_that_hashes_names(settings, tmp_path):
    """As in production: a file that names another one which is missing stops `collectstatic`."""
    storages = settings.STORAGES | {
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
    }
    with override_settings(STATIC_ROOT=tmp_path, STORAGES=storages):
        call_command("collectstatic", interactive=False, verbosity=0)
    manifest = json.loads((tmp_path / "staticfiles.json").read_text())["paths"]
    wanted = {"js_lib_leaflet/leaflet.js", "js_lib_leaflet/leaflet.css", "js/carte.js", "css/map.css"}
    wanted |= {"leaflet-markercluster/leaflet.markercluster-src.js", "leaflet-markercluster/MarkerCluster.css"}
    assert wanted <= manifest.keys()
    assert not [name for name in manifest if "leaflet.markercluster.js" in name or "leaflet-src" in name]
