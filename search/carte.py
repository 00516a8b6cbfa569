"""The map of the results: the page's context, where its tiles may come from, and the data it asks for in one request.

The page lists the same establishments as the map, in words: who does not see the map misses nothing.
"""

import re
from datetime import date
from functools import partial
from urllib.parse import urlsplit

from csp.decorators import csp_update
from django.conf import settings
from django.db.models import F
from django.http import HttpResponse
from django.urls import reverse

from directory.models import Lieu
from nomenclature.models import Commune
from ror.templatetags.ror import date_fr, phone, tel_href
from search import display
from search.criteria import Origin
from search.forms import SearchForm, address
from search.results import Hit, Results, UoHit
from search.zone import Zone

PAGE, FRAGMENT = "search/carte.html", "search/_carte.html"
SHOWN_UOS = 3  # units told in the summary of an establishment
MAX_NAMES = 150  # communes that may be named where there are no tiles
MARGIN = 0.25  # of the extent of the results, named around them
STATUTS = {"ouvert": "Ouvert", "ferme_provisoire": "Fermé", "a_actualiser": "À actualiser"}
_SUBDOMAIN = re.compile(r"^[^.]*\{s\}[^.]*\.")


# --- The page -------------------------------------------------------------------------------------------------------


def context(form: SearchForm, results: Results) -> dict:
    """What `search/_carte.html` reads beside the context of every results page."""
    n_unlocated = sum(not hit.is_located for hit in results.hits)
    has_contours = bool(settings.CONTOURS_FILE)
    sources = [settings.MAP_TILES_ATTRIBUTION if settings.MAP_TILES_URL else ""]
    sources.append(settings.CONTOURS_ATTRIBUTION if has_contours else "")
    return {
        "n_located": len(results.hits) - n_unlocated,
        "n_unlocated": n_unlocated,
        "zone": form.map_zone,
        "data_url": address(form.pairs(without=("vue",)), "search:carte_geojson"),
        "search_url": form.url(without=("zone",)),
        "contours_url": reverse("search:contours") if has_contours else "",
        "tiles_url": settings.MAP_TILES_URL,
        "tiles_max_zoom": settings.MAP_TILES_MAX_ZOOM,
        "attribution": " · ".join(filter(None, sources)),
    }


def tile_source() -> str:
    """The one host tiles may come from, as a CSP source; empty when they are ours or there are none."""
    parts = urlsplit(settings.MAP_TILES_URL)
    return f"{parts.scheme}://{_SUBDOMAIN.sub('*.', parts.netloc)}" if parts.netloc else ""


def allow_tiles(response: HttpResponse) -> HttpResponse:
    """The policy of this page alone lets pictures come from the host of the tiles."""
    source = tile_source()
    return csp_update({"img-src": source})(lambda: response)() if source else response


# --- Its data -------------------------------------------------------------------------------------------------------


def geojson(form: SearchForm, results: Results) -> dict:
    """A FeatureCollection: one point per located establishment, numbered as in the list of the page.

    Beside the points: `origine`, `zone`, `total`, `non_geolocalises` (of those listed) and `communes`, the names to
    write where there are no tiles. Two statements besides the search, whatever the number of establishments.
    """
    rows = [row for row in display.rows(results) if row.hit.latitude is not None]
    located = [row.hit for row in rows]
    feature = partial(_feature, addresses=_addresses([hit.eg_id for hit in located]), origin=form.origin)
    return {
        "type": "FeatureCollection",
        "features": [feature(number, row) for number, row in enumerate(rows, start=1)],
        "origine": _origin(form.origin),
        "zone": form.map_zone,
        "total": results.n_eg,
        "non_geolocalises": len(results.hits) - len(located),
        "communes": _communes(_extent(form, located)),
    }


def _feature(number: int, row: display.Row, *, addresses: dict[int, str], origin: Origin | None) -> dict:
    hit = row.hit
    return {
        "type": "Feature",
        "id": hit.eg_id,
        "geometry": {"type": "Point", "coordinates": [round(hit.longitude, 6), round(hit.latitude, 6)]},
        "properties": {
            "numero": number,
            "nom": hit.name,
            "url": hit.url,
            "adresse": addresses.get(hit.eg_id) or hit.commune,
            "commune": hit.commune,
            "telephone": phone(hit.phone),
            "tel": tel_href(hit.phone),
            "distance": row.distance,
            "duree": _duration(row),
            "fermeture": _closing(hit.closed_until) if hit.is_closed_provisionally else "",
            "intervient": f"Intervient à {origin.label}" if origin and hit.serves_origin else "",
            "n_uo": hit.n_uo,
            "uos": [_uo(uo) for uo in hit.uos[:SHOWN_UOS]],
        },
    }


def _duration(row: display.Row) -> str:
    """« environ 9 minutes », « 9 minutes par la route »; empty when unknown."""
    if not row.duration:
        return ""
    estimated = row.duration_label != "par la route"
    return f"environ {row.duration_words}" if estimated else f"{row.duration_words} {row.duration_label}"


def _uo(uo: UoHit) -> dict:
    return {
        "nom": uo.name,
        "url": uo.url,
        "type": uo.type_label,
        "statut": uo.status,
        "statut_texte": _closing(uo.closed_until) if uo.closed_until else STATUTS[uo.status],
    }


def _closing(until: date | None) -> str:
    return f"Fermé jusqu’au {date_fr(until)}" if until else "Fermé provisoirement"


def _origin(origin: Origin | None) -> dict | None:
    if origin is None or origin.latitude is None:
        return None
    return {"nom": origin.label, "latitude": origin.latitude, "longitude": origin.longitude}


def _addresses(eg_ids: list[int]) -> dict[int, str]:
    """Postal address of each establishment, its main entrance first."""
    lieux = Lieu.objects.filter(entite_geographique__in=eg_ids).order_by("est_principal", "-id")
    return {lieu.entite_geographique_id: ", ".join(lieu.postal_lines) for lieu in lieux}


def _extent(form: SearchForm, located: list[Hit]) -> Zone | None:
    """What the map shows first, and a margin around it."""
    points = [(hit.latitude, hit.longitude) for hit in located]
    if form.origin and form.origin.latitude is not None:
        points.append((form.origin.latitude, form.origin.longitude))
    if form.map_zone:
        south, west, north, east = form.map_zone
    elif points:
        latitudes, longitudes = zip(*points, strict=True)
        south, west, north, east = min(latitudes), min(longitudes), max(latitudes), max(longitudes)
    else:
        return None
    margin = max(0.05, MARGIN * max(north - south, east - west))
    return Zone(south - margin, west - margin, north + margin, east + margin)


def _communes(extent: Zone | None) -> list[list]:
    """[name, latitude, longitude] of the most populated communes there, the largest first."""
    if extent is None:
        return []
    inside = Commune.objects.filter(
        latitude__range=(extent.south, extent.north), longitude__range=(extent.west, extent.east)
    )
    largest_first = inside.order_by(F("population").desc(nulls_last=True), "insee")
    return [list(row) for row in largest_first.values_list("nom_ror", "latitude", "longitude")[:MAX_NAMES]]
