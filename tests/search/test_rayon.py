"""The radius: never imposed, proposed from where the answers are."""

import pytest
from django.utils.datastructures import MultiValueDict

from directory.permissions import Reader
from search import display, engine, rayon
from search.forms import SearchForm
from tests.builders import make_commune, make_concept, make_eg, make_type_uo, make_uo, project

pytestmark = pytest.mark.django_db
READER = Reader()


@pytest.fixture
def places_at():
    """Establishments of one type, that many kilometres north of Paris 10."""
    make_commune()
    make_concept("ror-type-offre|etablissement", "Établissement")

    def make(*distances: float):
        egs = []
        for km in distances:
            lieu = {"latitude": 48.8762 + km / 111.2, "longitude": 2.3590}
            egs.append(make_eg(denomination=f"À {km} km", lieu=lieu))
            make_uo(eg=egs[-1], type_uo=make_type_uo("CSAPA").concept.code)
        project(*egs)

    return make


def ask(**asked):
    form = SearchForm(MultiValueDict({name: [value] for name, value in asked.items()}))
    assert form.is_answerable, form.errors
    results = engine.search(form.criteria(), reader=READER)
    return form, results, rayon.proposal(form, results, reader=READER)


def test_many_answers_propose_the_radius_of_the_nearest_page(places_at, monkeypatch):
    monkeypatch.setattr(rayon, "MANY", 3)
    monkeypatch.setattr(rayon, "NEAREST", 3)
    places_at(1, 3, 7, 30, 90)
    form, results, proposed = ask(ou="75110", code="ror-type-uo|CSAPA")
    assert results.n_eg == 5  # nothing is cut by default
    assert (proposed.why, proposed.label) == ("Beaucoup de réponses\u00a0:", "limiter à 10\u00a0km")
    assert proposed.url == form.url(rayon="10")


def test_a_radius_keeps_what_is_within_it_and_says_so(places_at):
    places_at(1, 3, 7, 9, 9.5, 30)
    form, results, proposed = ask(ou="75110", code="ror-type-uo|CSAPA", rayon="10")
    assert results.n_eg == 5
    assert proposed is None
    chip = next(chip for chip in display.chips(form) if "km" in chip.label)
    assert (chip.label, chip.url) == ("À moins de 10\u00a0km", form.url(without=("rayon",)))
    assert "rayon=10" in form.canonical_url


@pytest.mark.parametrize(
    ("distances", "label", "asked"),
    [
        ((1, 7, 12, 15, 18), "élargir à 20\u00a0km", "rayon=20"),
        ((1, 45), "élargir à 50\u00a0km", "rayon=50"),
        ((150, 300), "chercher à toute distance", ""),
    ],
)
def test_few_answers_propose_the_radius_that_holds_enough(places_at, distances, label, asked):
    places_at(*distances)
    _, _, proposed = ask(ou="75110", code="ror-type-uo|CSAPA", rayon="10")
    assert (proposed.why, proposed.label) == ("Peu de réponses dans ce rayon\u00a0:", label)
    assert asked in proposed.url
    assert asked or "rayon" not in proposed.url


def test_nothing_anywhere_proposes_nothing(places_at):
    make_type_uo("CSAPA")
    _, results, proposed = ask(ou="75110", code="ror-type-uo|CSAPA", rayon="10")
    assert (results.n_eg, proposed) == (0, None)


@pytest.mark.parametrize("asked", [{"rayon": "7"}, {"rayon": "x"}, {"rayon": ""}])
def test_another_value_is_no_radius(places_at, asked):
    places_at(1, 200)
    form, results, _ = ask(ou="75110", code="ror-type-uo|CSAPA", **asked)
    assert (results.n_eg, form.rayon_km) == (2, 0)
    assert "rayon" not in form.canonical_url


def test_without_a_place_there_is_no_radius(places_at):
    places_at(1, 200)
    form, results, proposed = ask(code="ror-type-uo|CSAPA", rayon="10")
    assert (results.n_eg, form.rayon_km, proposed) == (2, 0, None)
