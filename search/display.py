"""What the templates of the results page read: links and words made from a form and its results, no rule of search."""

from dataclasses import dataclass

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from search import routing, suggestions
from search.engine import Dans, Facet, Hit, Results, Sort
from search.facets import FACETS
from search.forms import SearchForm, address, describe

SHOWN_VALUES = 8  # values of a facet before « Voir les N autres »
_AROUND = 2  # page numbers on each side of the current one
NBSP = "\u00a0"


@dataclass(frozen=True)
class Chip:
    """A criterion and the address without it. `remove`: what the × says."""

    label: str
    remove: str
    url: str
    icon: str = ""
    is_filter: bool = False


@dataclass(frozen=True)
class Row:
    """An establishment as the table shows it."""

    hit: Hit
    distance: str
    duration: str
    duration_words: str


@dataclass(frozen=True)
class FacetView:
    """A facet: the values always seen, and those under « Voir les N autres »; a chosen value is always seen."""

    facet: Facet
    shown: list
    others: list


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
        label = form.place.label if form.place else form.origin.label
        result.append(Chip(label, f"Retirer le lieu {form.origin.label}", form.url(without=("ou",)), "place"))
    label = f"{found['prefix']} : {found['label']}"
    result.append(
        Chip(label, f"Retirer le critère {found['label']}", form.url(without=("q", "code", "dans")), "search")
    )
    for facet in FACETS:
        for code, value in form.facets.get(facet.key, {}).items():
            url = form.url_without_value(facet.key, code)
            result.append(Chip(value, f"Retirer le filtre {value}", url, is_filter=True))
    return result


def rows(results: Results) -> list[Row]:
    return [_row(hit) for hit in results.hits]


def _row(hit: Hit) -> Row:
    if hit.distance_km is None:
        return Row(hit, "", "", "")
    duration = routing.minutes(hit.distance_km)
    return Row(hit, distance_text(hit.distance_km), routing.clock_text(duration), routing.words(duration))


def distance_text(distance_km: float) -> str:
    """« 7 km », whole kilometres as in the portal; « < 1 km » below one."""
    return f"{round(distance_km)}{NBSP}km" if distance_km >= 1 else f"<{NBSP}1{NBSP}km"


def facets(results: Results) -> list[FacetView]:
    """A facet without any value is not shown."""
    views = []
    for facet in results.facets:
        shown, others = facet.values[:SHOWN_VALUES], []
        for value in facet.values[SHOWN_VALUES:]:
            (shown if value.is_selected else others).append(value)
        if len(others) == 1:
            shown, others = facet.values, []
        if facet.values:
            views.append(FacetView(facet, shown, others))
    return views


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
    table = {"rows": rows(results), "place": place, "by_distance": by_distance}
    return {
        "form": form,
        "results": results,
        "table": _drawn("search/table.html", table) if results.n_eg else "",
        "chips": chips(form),
        "facets": _drawn("search/facets.html", {"facets": facets(results)}),
        "n_filters": sum(map(len, form.facets.values())),
        "hidden": form.pairs(without=("facettes",)),
        "pages": pages(form, results),
        "previous_url": page_url(form, results.page - 1) if results.page > 1 else "",
        "next_url": page_url(form, results.page + 1) if results.page < results.n_pages else "",
        "place": place,
        "quoi": describe(form)["quoi"],
        "by_distance": by_distance,
        "distance_url": form.url(tri=""),
        "pertinence_url": form.url(tri=Sort.PERTINENCE.value),
        "export_url": address(form.pairs(), "search:export"),
        "without_filters_url": form.url(without=("facettes",)),
        "reset_url": address([]),
        "ways_out": [] if results.n_eg else ways_out(form),
        "max_results": settings.RESULTS_MAX,
        "is_fragment": is_fragment,
    }


def _drawn(template: str, context: dict) -> SafeString:
    """A Jinja2 partial; it escapes everything, and Django must not do it twice."""
    return mark_safe(render_to_string(template, context, using="jinja2"))  # noqa: S308
