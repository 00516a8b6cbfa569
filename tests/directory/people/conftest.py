"""Support in front of the administration, and an establishment."""

import pytest

from directory.models import Role
from tests.builders import make_eg, make_user


@pytest.fixture
def support(client):
    user = make_user("support@exemple.fr", role=Role.SUPPORT, is_staff=True)
    client.force_login(user)
    return user


@pytest.fixture
def eg():
    return make_eg(denomination="CSAPA Les Mésanges")
