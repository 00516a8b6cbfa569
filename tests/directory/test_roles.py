"""Support finds in the administration what its habilitation says, and loses it the same day."""

import datetime as dt

import pytest

from directory.models import Role
from tests.builders import make_eg, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def support(client):
    user = make_user(role=Role.SUPPORT, is_staff=True)
    client.force_login(user)
    return user


def test_support_reads_fiches_and_keeps_regional_lists(client, support):
    assert client.get("/admin/directory/entitegeographique/").status_code == 200
    assert client.get("/admin/nomenclature/synonyme/add/").status_code == 200
    assert client.get("/admin/journal/entry/").status_code == 200


@pytest.mark.parametrize("path", ["accounts/user/", "directory/habilitation/add/", "post_office/email/"])
def test_support_does_not_touch_accounts_rights_or_mail(client, support, path):
    assert client.get(f"/admin/{path}").status_code == 403


def test_an_ended_role_opens_nothing(client, support):
    support.habilitations.update(valid_to=dt.date(2021, 1, 1))
    assert client.get("/admin/directory/entitegeographique/").status_code == 403


def test_a_referent_on_staff_by_mistake_finds_nothing(client):

    client.force_login(make_user(role=Role.REFERENT, eg=make_eg(), is_staff=True))
    assert client.get("/admin/directory/entitegeographique/").status_code == 403


def test_support_without_staff_does_not_enter(client):
    client.force_login(make_user(role=Role.SUPPORT))
    assert client.get("/admin/directory/entitegeographique/").status_code in (302, 403)
