"""Projections of three epochs and of overseas, swapped and far points."""

import pytest

from directory.imports import coordinates

from .lines import PARIS_10, address, ege, et, geo, pmej, position


@pytest.mark.parametrize(
    ("projection", "epsg"),
    [
        ("LAMBERT_93", 2154),
        ("L93_METROPOLE", 2154),
        ("EPSG:2154 RGF93 / Lambert-93 (Métropole)", 2154),
        ("EPSG:5490 RGAF09/UTM Zone 20N (Antilles)", 5490),
        ("UTM_N20", 5490),
        ("EPSG:2972", 2972),
        ("UTM_N22", 2972),
        ("UTM_N21", 32621),
        ("EPSG:2975", 2975),
        ("UTM_S40", 2975),
        ("EPSG:4471", 4471),
        ("UTM_S38", 4471),
        ("WGS84/UTM zone 21N", 32621),
        ("WGS84/UTM zone 1S", 32701),
        ("EPSG:27700", None),
        ("UTM zone 33N", None),
        ("NTF_LAMBERT_2", None),
        ("", None),
    ],
)
def test_projection_spellings(projection, epsg):
    assert coordinates.epsg_of(projection) == epsg


@pytest.mark.parametrize(
    ("source", "reliable"),
    [
        ("1,ATLASANTE,100,IGN,BD_ADRESSE,V2.2,LAMBERT_93", True),
        ("1,ATLASANTE,96,BAN,L93_METROPOLE", True),
        ("4,ATLASANTE,.,ADMIN-EXPRESS-2023,L93_METROPOLE", False),  # centre of the commune
        ("4,ATLASANTE,80,ADMIN-EXPRESS-2023,L93_METROPOLE", False),
        (",,,,,,LAMBERT_93", None),
    ],
)
def test_what_the_source_says_of_the_precision(load, folder, eg, source, reliable):
    load(folder.csv(et(), geo(source=source)))
    assert eg().lieux.get().coordonnees_fiables is reliable


def test_control_point_of_the_ign():
    point = coordinates.projected("870215.7", "6571590.5", "1,ATLASANTE,96,BAN,L93_METROPOLE")
    lon, lat = coordinates._to_degrees(point.epsg).transform(point.x, point.y)
    assert (lat, lon) == pytest.approx((46.222745, 5.208596), abs=1e-6)


def test_metropolitan_and_overseas_points_in_one_file(load, folder, eg):
    basse_terre = {"commune": "105", "departement": "9A", "ligneacheminement": "97100 BASSE TERRE"}
    load(
        folder.csv(
            et(),
            et(nofinesset="970100012", **basse_terre),
            geo(),
            geo("636500", "1769200", "2,ATLASANTE,96,BAN,EPSG:5490 RGAF09/UTM Zone 20N (Antilles)", "970100012"),
        )
    )
    paris, island = eg().lieux.get(), eg("970100012").lieux.get()
    assert (paris.latitude, paris.longitude) == pytest.approx((48.8717, 2.3538), abs=0.01)
    assert (island.latitude, island.longitude) == pytest.approx((15.9985, -61.7233), abs=0.02)
    assert island.commune_id == "97105"


def test_overseas_pair_declared_as_lambert_is_left_empty(load, folder, eg, remarks):
    report = load(folder.csv(et(), geo("636500", "1769200", "2,X,96,BAN,LAMBERT_93")))
    assert eg().lieux.get().latitude is None
    assert remarks(report) == {"point dans un autre territoire, laissé vide": 1}


def test_unknown_projection_is_left_empty_and_told(load, folder, eg, remarks):
    report = load(folder.csv(et(), geo(source="1,X,96,BAN,NTF_LAMBERT_2")))
    assert eg().lieux.get().latitude is None
    assert remarks(report) == {"projection inconnue, point laissé vide": 1}


def test_source_cut_by_semicolons(load, folder, eg):
    cut = "geolocalisation;750011728;652600.0;6863700.0;1;ATLASANTE;100;IGN;BD_ADRESSE;V2.2;LAMBERT_93"
    load(folder.csv(et(), cut))
    assert eg().lieux.get().latitude == pytest.approx(48.8717, abs=0.01)


def test_source_cut_by_semicolons_with_a_date(load, folder, eg):
    cut = "geolocalisation;750011728;652600.0;6863700.0;1;ATLASANTE;96;BAN;L93_METROPOLE;2025-09-04"
    load(folder.csv(et(), cut))
    assert eg().lieux.get().coordonnees_fiables is True


@pytest.mark.parametrize("commune", ["110", "999"])
def test_swapped_lambert_pair_is_put_in_order(load, folder, eg, remarks, commune):
    report = load(folder.csv(et(commune=commune), geo(PARIS_10[1], PARIS_10[0])))
    assert eg().lieux.get().latitude == pytest.approx(48.8717, abs=0.01)
    assert remarks(report)["coordonnées inversées remises dans l’ordre"] == 1


def test_swapped_utm_pair_is_put_in_order(load, folder, eg, remarks):
    cells = {"commune": "105", "departement": "9A", "ligneacheminement": "97100 BASSE TERRE"}
    report = load(folder.csv(et(**cells), geo("1769200", "636500", "2,X,96,BAN,UTM_N20")))
    assert eg().lieux.get().latitude == pytest.approx(15.9985, abs=0.02)
    assert remarks(report) == {"coordonnées inversées remises dans l’ordre": 1}


def test_point_far_from_its_commune_is_kept_but_not_reliable(load, folder, eg, remarks):
    report = load(folder.csv(et(), geo("677000", "6835000")))  # Melun way, 40 km
    lieu = eg().lieux.get()
    assert lieu.latitude == pytest.approx(48.61, abs=0.05)
    assert lieu.coordonnees_fiables is False
    assert remarks(report) == {"point loin de sa commune, marqué peu fiable": 1}


@pytest.mark.parametrize(("x", "y"), [("", ""), ("x", "6863700.0"), ("nan", "nan"), ("1e400", "5")])
def test_absent_or_unreadable_coordinates_give_no_point(load, folder, eg, x, y):
    load(folder.csv(et(), geo(x, y)))
    assert eg().lieux.get().latitude is None


def test_two_different_points_are_told_and_not_trusted(load, folder, eg, remarks):
    report = load(folder.csv(et(), geo(date="2024-01-01"), geo("652700.0", date="2025-01-01")))
    lieu = eg().lieux.get()
    assert lieu.coordonnees_fiables is False
    assert lieu.longitude == pytest.approx(2.355, abs=0.001)
    assert remarks(report) == {"plusieurs points pour un établissement": 1}


def test_a_file_without_points_leaves_those_we_have(load, folder, eg):
    load(folder.csv(et(), geo()))
    report = load(folder.csv(et(), date="2026-06-01"))
    assert eg().lieux.get().latitude == pytest.approx(48.8717, abs=0.01)
    assert report.counts["eg"]["unchanged"] == 1


def test_the_point_goes_when_the_commune_changes_without_a_new_one(load, folder, eg):
    load(folder.csv(et(), geo()))
    load(folder.csv(et(commune="288", departement="77", ligneacheminement="77000 MELUN"), date="2026-06-01"))
    lieu = eg().lieux.get()
    assert (lieu.commune_id, lieu.latitude, lieu.coordonnees_fiables) == ("77288", None, None)


@pytest.mark.parametrize(
    "numbers",
    [
        ("2.353827", "48.871703", "6863713.61", "652602.14"),  # August 2026
        ("48.871703", "2.353827", "6863713.61", "652602.14"),  # a few records
        ("6863713.61", "652602.14", "48.871703", "2.353827"),  # March 2026
        ("6863713.61", "652602.14", None, None),  # metres only
    ],
)
def test_finess_plus_numbers_are_recognised_by_size(load, folder, eg, numbers):
    load(folder.json(pmej(ege(adresse=[address(coordonneesGeographique=position(*numbers))]))))
    lieu = eg().lieux.get()
    assert (lieu.latitude, lieu.longitude) == pytest.approx((48.871703, 2.353827), abs=1e-4)
    assert lieu.coordonnees_fiables is True


@pytest.mark.parametrize("numbers", [("55.45", "-20.93"), ("-20.93", "55.45")])
def test_finess_plus_overseas_order_is_told_by_the_commune(load, folder, eg, numbers):
    where = address(cogCommune="97411", codePostal="97400", coordonneesGeographique=position(*numbers))
    load(folder.json(pmej(ege(adresse=[where]))))
    assert eg().lieux.get().latitude == -20.93


@pytest.mark.parametrize("numbers", [("truc", "1"), ("1", None), ("500", "600")])
def test_finess_plus_numbers_that_mean_nothing(load, folder, eg, remarks, numbers):
    report = load(folder.json(pmej(ege(adresse=[address(coordonneesGeographique=position(*numbers))]))))
    assert eg().lieux.get().latitude is None
    assert remarks(report) == {"coordonnées illisibles, point laissé vide": 1}
