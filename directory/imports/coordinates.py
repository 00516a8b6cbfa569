"""From what FINESS writes to WGS84 degrees, with the checks that tell a wrong projection from a right one.

Three spellings of the projection were in use (`LAMBERT_93`, `L93_METROPOLE`, `EPSG:2154 RGF93 / Lambert-93`), as many
overseas. Only projections used in France are accepted; with any other the point is left empty, because reading an
overseas pair as Lambert-93 moves it by thousands of kilometres.
"""

import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache

from pyproj import Geod, Transformer

from directory.imports.communes import Communes, Place
from directory.imports.records import Candidates, EgRecord, Projected
from directory.imports.report import REPAIRED, WARNED, Report

# RGF93, RGAF09, RRAF91, RGFG95, RGR92, RGM04, RGSPM06, RGNC, and the WGS84 zones of the overseas territories.
KNOWN_EPSG = {2154, 5490, 4559, 2972, 3313, 2975, 4471, 4467, 3163, 32620, 32621, 32622, 32701, 32738, 32740}
OLD_NAMES = {
    "LAMBERT_93": 2154,
    "L93_METROPOLE": 2154,
    "UTM_N20": 5490,
    "UTM_N21": 32621,
    "UTM_N22": 2972,
    "UTM_S38": 4471,
    "UTM_S40": 2975,
    "UTM_S01": 32701,
}
_EPSG = re.compile(r"EPSG\s*:\s*(\d{4,5})", re.IGNORECASE)
_UTM = re.compile(r"UTM[\s_]*ZONE[\s_]*(\d{1,2})\s*([NS])", re.IGNORECASE)

FAR_KM = 30  # from the centre of its commune; the largest communes of mainland France stay within
FAR_KM_OF = {"973": 200, "987": 2000, "988": 100, "984": 2000}  # communes as large as départements, or archipelagos
ABERRANT_KM = 300  # beyond (and beyond FAR_KM_OF) the point belongs to another territory: left empty
SWAPPED = "coordonnées inversées remises dans l’ordre"
DECIMALS = 6  # of a degree: 0.1 m
_GEOD = Geod(ellps="WGS84")


@lru_cache(maxsize=64)
def epsg_of(projection: str) -> int | None:
    """EPSG code of a projection as FINESS spells it, or None when it is not one we know."""
    text = projection.strip()
    if found := _EPSG.search(text):
        return int(found[1]) if int(found[1]) in KNOWN_EPSG else None
    if text.upper() in OLD_NAMES:
        return OLD_NAMES[text.upper()]
    if "LAMBERT-93" in text.upper():
        return 2154
    if found := _UTM.search(text):
        code = (32600 if found[2].upper() == "N" else 32700) + int(found[1])
        return code if code in KNOWN_EPSG else None
    return None


def parse_source(source: str) -> tuple[str, bool | None]:
    """(projection, reliable) of `sourcecoordet`: level, geocoder, score, base…, projection.

    Score « . » or base ADMIN-EXPRESS: the point is the centre of the commune, hence not reliable. No score: unknown.
    """
    tokens = [token.strip() for token in source.split(",")]
    score = tokens[2] if len(tokens) > 3 else ""
    if score == "." or any(token.upper().startswith("ADMIN") for token in tokens[:-1]):
        return tokens[-1], False
    return tokens[-1], True if score else None


def projected(x: str, y: str, source: str) -> Projected | None:
    """The point of a geolocation line; None when a coordinate is absent, ValueError when it is not a number."""
    if not x or not y:
        return None
    projection, reliable = parse_source(source)
    return Projected(
        float(x.replace(",", ".")), float(y.replace(",", ".")), epsg_of(projection), sys.intern(projection), reliable
    )


def candidates(numbers: Sequence[str | None], score: str | None) -> Candidates | None:
    """What the four numbers of FINESS+ may mean; they are not where their names say, so they are recognised by size.

    `numbers`: coordonneeX, coordonneeY, directionLatitude, directionLongitude. Degrees come first, in the order of
    August 2026 (X longitude, Y latitude), then swapped; Lambert-93 metres only when there are no degrees.
    """
    values = [float(value) if value else None for value in numbers]
    degrees = [value for value in values if value is not None and abs(value) <= 180]
    metres = [value for value in values if value is not None and abs(value) > 1000]
    if len(degrees) == 2:
        one, other = degrees
        pairs = [(lat, lon) for lat, lon in ((other, one), (one, other)) if abs(lat) <= 90]
        # Mainland France leaves no doubt: 41 to 51.6 north, 6 west to 10 east.
        sure = [(lat, lon) for lat, lon in pairs if 41 <= lat <= 51.6 and -6 <= lon <= 10]
        pairs = sure or pairs
    elif len(metres) == 2 and 6_000_000 <= max(metres) <= 7_300_000 and 90_000 <= min(metres) <= 1_300_000:
        lon, lat = _to_degrees(2154).transform(min(metres), max(metres))
        pairs = [(lat, lon)]
    else:
        return None
    reliable = None if not score else float(score) >= 0.5  # below, the BAN itself calls its answer doubtful
    return Candidates([(round(lat, DECIMALS), round(lon, DECIMALS)) for lat, lon in pairs], reliable)


def locate(records: Iterable[EgRecord], communes: Communes, report: Report) -> None:
    """Give each record with a point its `latitude`, `longitude` and `coordonnees_fiables` in `lieu`.

    A record left without them keeps the position the directory has (see upsert_eg).
    """
    by_epsg: dict[int, list[EgRecord]] = defaultdict(list)
    for record in records:
        if isinstance(record.point, Projected):
            if record.point.epsg is None:
                _note(report, record, "projection inconnue, point laissé vide", f"« {record.point.projection} »")
            else:
                by_epsg[record.point.epsg].append(record)
        elif record.point:
            _place(record, record.point.pairs, record.point.reliable, communes, report)
    for epsg, group in by_epsg.items():
        xs, ys = zip(*[_in_order(record, report) for record in group], strict=True)
        longitudes, latitudes = _to_degrees(epsg).transform(xs, ys)
        for record, lat, lon in zip(group, latitudes, longitudes, strict=True):
            _place(record, [(lat, lon)], record.point.reliable, communes, report)


def _place(record: EgRecord, pairs: list[tuple[float, float]], reliable: bool | None, communes, report) -> None:
    """Choose among the readings of the point, and say how far it is from the commune."""
    commune = communes.get(record.lieu.get("commune_id"))
    limit = FAR_KM_OF.get(record.departement, FAR_KM)
    measured = [(km_to(commune, lat, lon), lat, lon) for lat, lon in pairs if is_on_earth(lat, lon)]
    if (not measured or (measured[0][0] or 0) > limit) and isinstance(record.point, Projected):
        measured += _swapped(record.point, commune)
    if not measured:
        _note(report, record, "coordonnées illisibles, point laissé vide", "")
        return
    best = min(measured, key=lambda one: one[0]) if commune and commune.latitude is not None else measured[0]
    distance, lat, lon = best
    if best is not measured[0] and (distance or 0) <= limit:
        report.note(REPAIRED, SWAPPED, where=record.where, finess=record.finess)
    elif best is not measured[0]:
        distance, lat, lon = measured[0]
    if distance is not None and distance > max(limit, ABERRANT_KM):
        detail = f"à {distance:.0f} km du centre de {commune.nom}"
        _note(report, record, "point dans un autre territoire, laissé vide", detail)
        return
    if distance is not None and distance > limit:
        detail = f"à {distance:.0f} km du centre de {commune.nom}"
        _note(report, record, "point loin de sa commune, marqué peu fiable", detail)
        reliable = False
    record.lieu |= {
        "latitude": round(lat, DECIMALS),
        "longitude": round(lon, DECIMALS),
        "coordonnees_fiables": reliable,
    }


def _in_order(record: EgRecord, report: Report) -> tuple[float, float]:
    """(x, y); in Lambert-93 the size alone tells an easting from a northing."""
    point = record.point
    if point.epsg == 2154 and 6_000_000 <= point.x <= 7_300_000 and 90_000 <= point.y <= 1_300_000:
        report.note(REPAIRED, SWAPPED, where=record.where, finess=record.finess)
        point.x, point.y = point.y, point.x
    return point.x, point.y


def _swapped(point: Projected, commune: Place | None) -> list[tuple[float | None, float, float]]:
    lon, lat = _to_degrees(point.epsg).transform(point.y, point.x)
    return [(km_to(commune, lat, lon), lat, lon)] if is_on_earth(lat, lon) else []


def is_on_earth(lat: float, lon: float) -> bool:
    """False for what pyproj answers (infinite) outside a projection."""
    return abs(lat) <= 90 and abs(lon) <= 180


def km_to(commune: Place | None, lat: float, lon: float) -> float | None:
    """Kilometres from the centre of the commune, None when it is not known."""
    if commune is None or commune.latitude is None:
        return None
    return _GEOD.inv(commune.longitude, commune.latitude, lon, lat)[2] / 1000


def _note(report: Report, record: EgRecord, kind: str, detail: str) -> None:
    report.note(WARNED, kind, where=record.where, finess=record.finess, detail=detail)


@cache
def _to_degrees(epsg: int) -> Transformer:
    """Metres to (longitude, latitude). No grid is downloaded: these systems differ from WGS84 by less than a metre."""
    return Transformer.from_crs(epsg, 4326, always_xy=True)
