"""What the templates of the results page read: links and words made from a form and its results, no rule of search."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.conf import settings

from search import routing, suggestions
from search.criteria import Dans, Sort
from search.facets import FACETS
from search.forms import CARTE, SearchForm, address, describe
from search.results import Facet, Hit, Results

SHOWN_VALUES = 8  # values of a facet before « Voir les N autres »
_AROUND = 2  # page numbers on each side of the current one
NBSP = "\u00a0"
DURATIONS = {  # the legend of the list
    routing.ESTIMATED: "durées estimées d’après la distance",
    routing.BY_ROAD: "durées par la route",
    "": "durées par la route, ou estimées",
}


@dataclass(frozen=True)
class Chip:
    """A criterion and the address without it. `remove`: what the × says; `action`: what stands there instead."""

    label: str
    remove: str
    url: str
    icon: str = ""
    is_filter: bool = False
    action: str = ""


@dataclass(frozen=True)
class Row:
    """An establishment as the table shows it."""

    hit: Hit
    distance: str
    duration: str
    duration_words: str
    duration_label: str  # « estimée » or « par la route »


@dataclass(frozen=True)
class FacetView:
    """A facet: the values seen, chosen ones included; how many others there are, and where they are all seen.

    When all are seen, `others_url` leads back to the first ones. A facet of few values has no address.
    """

    facet: Facet
    shown: list
    n_others: int
    others_url: str


@dataclass(frozen=True)
class PageLink:
    """A number of the pager; `number` 0 is the gap between two."""

    number: int
    url: str
    is_current: bool


def chips(form: SearchForm) -> list[Chip]:
    found = describe(form)
    result = []
    if form.origin:
        result.append(_place_chip(form, form.origin.label))
    label = f"{found['prefix']} : {found['label']}"
    result.append(
        Chip(label, f"Retirer le critère {found['label']}", form.url(without=("q", "code", "dans")), "search")
    )
    for facet in FACETS:
        for code, value in form.facets.get(facet.key, {}).items():
            url = form.url_without_value(facet.key, code)
            result.append(Chip(value, f"Retirer le filtre {value}", url, is_filter=True))
    for names, words in form.filtres.labels:
        result.append(Chip(words, f"Retirer le filtre {words}", form.url(without=names), "clock", is_filter=True))
    if form.rayon_km:
        label, url = f"À moins de {form.rayon_km}{NBSP}km", form.url(without=("rayon",))
        result.append(Chip(label, "Retirer la limite de distance", url, is_filter=True))
    if form.map_zone:
        url = form.url(without=("zone",))
        result.append(Chip("Zone de la carte", "Retirer la zone de la carte", url, "map", is_filter=True))
    return result


def _place_chip(form: SearchForm, name: str) -> Chip:
    if form.understood:
        action = f"chercher « {form.cleaned_data['q']} » comme un nom"
        return Chip(f"Lieu compris : {form.understood.label}", "", form.without_place_url, "place", action=action)
    label = form.place.label if form.place else name
    return Chip(label, f"Retirer le lieu {name}", form.without_place_url, "place")


def rows(results: Results) -> list[Row]:
    return list(map(_row, results.hits, routing.durations(results.criteria.origin, results.hits)))


def _row(hit: Hit, duration: routing.Duration | None) -> Row:
    if duration is None:
        return Row(hit, "", "", "", "")
    text, words = routing.clock_text(duration.minutes), routing.words(duration.minutes)
    return Row(hit, distance_text(hit.distance_km), text, words, duration.label)


def distance_text(distance_km: float) -> str:
    """« 7 km », whole kilometres as in the portal; « < 1 km » below one."""
    return f"{round(distance_km)}{NBSP}km" if distance_km >= 1 else f"<{NBSP}1{NBSP}km"


def facets(form: SearchForm, results: Results) -> list[FacetView]:
    """A facet without any value is not shown."""
    return [_facet_view(form, facet) for facet in results.facets if facet.values]


def _facet_view(form: SearchForm, facet: Facet) -> FacetView:
    if facet.n_values <= SHOWN_VALUES + 1:
        return FacetView(facet, facet.values, 0, "")
    if form.cleaned_data["toutes"] == facet.key:
        return FacetView(facet, facet.values, 0, form.url(without=("toutes",)))
    chosen = [value for value in facet.values[SHOWN_VALUES:] if value.is_selected]
    shown = facet.values[:SHOWN_VALUES] + chosen
    return FacetView(facet, shown, facet.n_values - len(shown), form.url(toutes=facet.key))


def pages(form: SearchForm, results: Results) -> list[PageLink]:
    """First, last, and the neighbours of the current page."""
    links: list[PageLink] = []
    for number in range(1, results.n_pages + 1):
        if number in (1, results.n_pages) or abs(number - results.page) <= _AROUND:
            links.append(PageLink(number, page_url(form, number), number == results.page))
        elif links[-1].number:
            links.append(PageLink(0, "", False))
    return links


def page_url(form: SearchForm, number: int) -> str:
    return form.url(page=str(number)) if number > 1 else form.url()


def ways_out(form: SearchForm) -> list[tuple[str, str]]:
    """(words, address) of what to try when nothing matches, the nearest first. The place filters nothing out."""
    links = []
    if form.facets:
        n = sum(map(len, form.facets.values()))
        links.append((f"Retirer les {n} filtres" if n > 1 else "Retirer le filtre", form.url(without=("facettes",))))
    if form.map_zone:
        links.append(("Chercher hors de la zone de la carte", form.url(without=("zone",))))
    text = form.concept.label if form.concept else form.cleaned_data["q"]
    if form.concept or form.dans_value != Dans.TOUT:
        url = form.url(without=("code", "dans", "facettes"), q=text[:200])
        links.append(("Chercher ces mots dans tout le ROR", url))
    if not form.concept:
        links += _near(form, text)
    return links


def _near(form: SearchForm, text: str) -> list[tuple[str, str]]:
    """Concepts whose label is close to what was typed."""
    groups = suggestions.suggest_quoi(text, "tout", limit=2)
    options = [option for group in groups for option in group.options][:3]
    return [
        (f"Chercher « {option.label} »", form.url(without=("q", "dans", "facettes"), code=option.value))
        for option in options
    ]


def context(form: SearchForm, results: Results, *, is_fragment: bool) -> dict:
    """The context of `search/_results.html`, and of the page around it."""
    place = form.origin
    by_distance = form.sort == Sort.DISTANCE and place is not None
    lines = rows(results)
    known_by = routing.legend(row.duration_label for row in lines)  # empty: told on each line
    return {
        "form": form,
        "results": results,
        "rows": lines,
        "known_by": known_by,
        "chips": chips(form),
        "facets": facets(form, results),
        "filtres": form.filtres,
        "n_filters": sum(map(len, form.facets.values())) + len(form.filtres.labels),
        "hidden": form.pairs(without=("facettes",)),
        "pages": pages(form, results),
        "previous_url": page_url(form, results.page - 1) if results.page > 1 else "",
        "next_url": page_url(form, results.page + 1) if results.page < results.n_pages else "",
        "place": place,
        "durations": DURATIONS[known_by],
        "quoi": describe(form)["quoi"],
        "by_distance": by_distance,
        "distance_url": form.url(tri=Sort.DISTANCE.value if form.understood else ""),
        "pertinence_url": form.url(tri=Sort.PERTINENCE.value),
        "export_url": address(form.pairs(), "search:export"),
        "query": urlencode(form.pairs()),
        "list_url": form.url(vue=""),
        "map_url": form.url(vue=CARTE),
        "is_map": form.is_map,
        "without_filters_url": form.url(without=("facettes",)),
        "reset_url": address([]),
        "ways_out": [] if results.n_eg else ways_out(form),
        "max_results": settings.RESULTS_MAX,
        "is_fragment": is_fragment,
    }
