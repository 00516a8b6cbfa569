"""The frame is tested with Redis away: nothing here may need it."""

import pytest

from tests.builders import make_user


@pytest.fixture(autouse=True)
def _redis_is_away(settings):
    redis = settings.CACHES["redis"] | {"LOCATION": "redis://127.0.0.1:1/0"}
    settings.CACHES = settings.CACHES | {"redis": redis}


@pytest.fixture
def person(db):
    return make_user("nadia@exemple.fr", fonction="assistante sociale")
