"""Support finds in the administration what its habilitation says, and loses it the same day."""

import datetime as dt

import pytest

from directory.authentication import AuthenticationBackend
from directory.models import EntiteGeographique, EntiteJuridique, Role, UniteOperationnelle
from directory.permissions import Reader
from tests.builders import make_contact, make_departement, make_eg, make_habilitation, make_uo, make_user

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


def test_support_does_not_read_the_mail(client, support):
    assert client.get("/admin/post_office/email/").status_code == 403


def test_support_creates_accounts_and_gives_rights_but_does_not_raise_anybody(client, support):
    assert client.get("/admin/accounts/user/add/").status_code == 200
    assert client.get("/admin/directory/habilitation/add/").status_code == 200
    professional, boss = make_user(), make_user(is_staff=True, is_superuser=True)
    page = client.get(f"/admin/accounts/user/{professional.pk}/change/").content.decode()
    assert "is_active" in page and "is_superuser" not in page and "is_staff" not in page
    form = {"email": "nouvelle@exemple.fr", "is_active": "on", "is_superuser": "on", "is_staff": "on"}
    assert client.post(f"/admin/accounts/user/{professional.pk}/change/", form).status_code == 302
    professional.refresh_from_db()
    assert (professional.email, professional.is_superuser, professional.is_staff) == (
        "nouvelle@exemple.fr",
        False,
        False,
    )
    assert client.post(f"/admin/accounts/user/{boss.pk}/change/", {"email": "pris@exemple.fr"}).status_code == 403
    assert client.get(f"/admin/accounts/user/{boss.pk}/password/").status_code == 403


def test_an_ended_role_opens_nothing(client, support):
    support.habilitations.update(valid_to=dt.date(2021, 1, 1))
    assert client.get("/admin/directory/entitegeographique/").status_code == 403


def test_a_referent_on_staff_by_mistake_finds_nothing(client):

    client.force_login(make_user(role=Role.REFERENT, eg=make_eg(), is_staff=True))
    assert client.get("/admin/directory/entitegeographique/").status_code == 403


def test_support_without_staff_does_not_enter(client):
    client.force_login(make_user(role=Role.SUPPORT))
    assert client.get("/admin/directory/entitegeographique/").status_code in (302, 403)


def test_support_reads_the_contacts_under_a_fiche(client, support):
    eg = make_eg()
    make_contact(eg, niveau=3, nom="Astreinte", telecoms=[("2", "0102030411")])
    content = client.get(f"/admin/directory/entitegeographique/{eg.pk}/change/").content.decode()
    assert "0102030411" in content
    assert "rue de Paradis" in content


def test_support_of_one_departement_does_not_read_the_others_there(client):
    client.force_login(make_user(role=Role.SUPPORT, departement=make_departement("75"), is_staff=True))
    assert client.get("/admin/directory/uniteoperationnelle/").status_code == 403
    assert client.get("/admin/journal/entry/").status_code == 403
    assert client.get("/admin/nomenclature/synonyme/add/").status_code == 200


@pytest.mark.parametrize(
    ("role", "departement", "can_edit"),
    [
        (Role.SUPPORT, None, True),
        (Role.SUPPORT, "75", True),
        (Role.SUPPORT, "93", False),
        (Role.REGULATION, "75", False),
        (Role.REGULATION, None, False),
    ],
)
def test_support_changes_fiches_of_its_territory_alone(role, departement, can_edit):
    uo = make_uo()
    user = make_user(role=role, departement=departement and make_departement(departement))
    make_habilitation(user, Role.REGULATION)  # reading everything is not changing everything
    reader = Reader.of(user)
    assert EntiteGeographique.objects.editable_by(reader).exists() is can_edit
    assert UniteOperationnelle.objects.editable_by(reader).filter(pk=uo.pk).exists() is can_edit
    assert EntiteJuridique.objects.editable_by(reader).exists() is (can_edit and departement is None)


def test_a_request_finds_its_person_with_the_rights_that_would_be_asked(django_assert_num_queries):
    user, day = make_user(role=Role.REFERENT, eg=make_eg()), dt.date(2020, 12, 31)
    make_habilitation(user, Role.REGULATION, departement=make_departement("93"))
    for ended in ({"valid_to": day}, {"valid_from": dt.date(2999, 1, 1)}, {"revoked_at": dt.datetime.now(dt.UTC)}):
        make_habilitation(user, Role.SUPPORT, **ended)
    with django_assert_num_queries(1):
        found = AuthenticationBackend().get_user(user.pk)
    with django_assert_num_queries(0):
        reader = Reader.of(found)
    assert reader == Reader.of(user) and reader.departements == {"93"} and len(reader.own_eg_ids) == 1
    assert not found.has_sensitive_role and not found.has_totp


def test_a_right_that_ends_today_is_gone_tomorrow(settings):
    user = make_user()
    make_habilitation(user, Role.SUPPORT, valid_to=dt.date(2025, 9, 17))
    settings.ROR_TODAY = dt.date(2025, 9, 17)
    assert AuthenticationBackend().get_user(user.pk).has_sensitive_role
    settings.ROR_TODAY = dt.date(2025, 9, 18)
    assert not AuthenticationBackend().get_user(user.pk).has_sensitive_role


def test_nobody_is_found_who_may_not_log_in():
    assert AuthenticationBackend().get_user(0) is None
    assert AuthenticationBackend().get_user(make_user(is_active=False).pk) is None
