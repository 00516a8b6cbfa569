"""How far to look: a radius is never imposed, it is proposed from where the answers are."""

from dataclasses import dataclass, replace

from directory.permissions import Reader
from search import engine
from search.criteria import Sort
from search.forms import RADII, SearchForm
from search.results import Results

NBSP = "\u00a0"
FEW = 5  # establishments below which a radius is too short
MANY = 45  # establishments, three pages, above which the nearest are enough
NEAREST = 15  # those a proposed radius must hold


@dataclass(frozen=True)
class Proposal:
    """`why` and the link after it: « Peu de réponses dans ce rayon : » « élargir à 20 km »."""

    why: str
    label: str
    url: str


def proposal(form: SearchForm, results: Results, *, reader: Reader) -> Proposal | None:
    """A shorter radius when there are too many answers, a longer one when there are too few, or nothing to say.

    Costs one small search when a radius leaves few answers, nothing otherwise.
    """
    if not form.origin or form.origin.latitude is None:
        return None
    if form.rayon_km:
        return _wider(form, reader) if results.n_eg < FEW else None
    return _narrower(form, results)


def _narrower(form: SearchForm, results: Results) -> Proposal | None:
    """The first radius that holds the nearest page of answers, as long as it is short of the others."""
    nearest = [hit.distance_km for hit in results.hits[:NEAREST]]
    if results.n_eg <= MANY or results.page > 1 or form.sort != Sort.DISTANCE or None in nearest:
        return None
    km = _first_beyond(nearest[-1])
    return km and Proposal(f"Beaucoup de réponses{NBSP}:", f"limiter à {km}{NBSP}km", form.url(rayon=str(km)))


def _wider(form: SearchForm, reader: Reader) -> Proposal | None:
    """The first radius that holds enough of the answers there are, or none at all when they are farther."""
    asked = replace(form.criteria(), rayon_km=None, sort=Sort.DISTANCE)
    there = engine.search(asked, reader=reader, per_page=FEW, with_facets=False)
    distances = [hit.distance_km for hit in there.hits if hit.distance_km is not None]
    if there.n_eg == 0:
        return None
    km = _first_beyond(max(distances[-1], form.rayon_km + 1)) if distances else None
    why = f"Peu de réponses dans ce rayon{NBSP}:"
    if not km:
        return Proposal(why, "chercher à toute distance", form.url(without=("rayon",)))
    return Proposal(why, f"élargir à {km}{NBSP}km", form.url(rayon=str(km)))


def _first_beyond(distance_km: float) -> int | None:
    return next((km for km in RADII if km >= distance_km), None)
