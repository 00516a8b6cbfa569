"""Each test has its own nomenclature and communes: the suggestions kept in the process are forgotten first."""

import pytest

from search import places, suggestions


@pytest.fixture(autouse=True)
def _fresh_suggestions():
    suggestions.reset()
    places.reset()
    yield
    suggestions.reset()
    places.reset()
