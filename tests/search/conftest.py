"""Each test has its own nomenclature and communes: what the process keeps of them is forgotten first."""

import pytest

from nomenclature import refreshed


@pytest.fixture(autouse=True)
def _fresh_lists():
    refreshed.reset_all()
    yield
    refreshed.reset_all()
