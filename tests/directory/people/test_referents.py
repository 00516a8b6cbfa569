"""Référents of a structure, and the structures that are short of them."""

import pytest
from django.urls import reverse

from accounts.models import User
from directory.models import Role
from tests.builders import make_commune, make_eg, make_habilitation, make_user
from tests.directory.people.sending import STRUCTURES, support_of

pytestmark = pytest.mark.django_db


def test_a_person_counts_once_and_an_invited_one_not_yet(client, support, eg):
    both = make_user(role=Role.REFERENT, eg=eg)
    make_habilitation(both, ej=eg.entite_juridique)
    make_habilitation(User.objects.create_user("x@exemple.fr", None, is_active=False), eg=eg)
    page = client.get(reverse("admin:directory_habilitation_referents", args=[eg.pk])).content.decode()
    assert "Un seul référent en activité" in page
    make_habilitation(make_user(), eg=eg)
    page = client.get(reverse("admin:directory_habilitation_referents", args=[eg.pk])).content.decode()
    assert "recommandées" not in page


def test_the_list_of_structures_short_of_referents(client, support, eg):
    make_habilitation(make_user(), eg=eg)
    well = make_eg(denomination="Bien tenu")
    make_habilitation(make_user(), eg=well)
    make_habilitation(make_user(), ej=well.entite_juridique)
    make_eg(denomination="Personne", commune=make_commune("93001", "Aubervilliers"))
    page = client.get(STRUCTURES).content.decode()
    assert "CSAPA Les Mésanges" in page
    assert "Personne" in page
    assert "Bien tenu" not in page
    assert "2\u00a0établissements" in page
    assert "CSAPA Les Mésanges" not in client.get(f"{STRUCTURES}?aucun=1").content.decode()
    assert "Personne" not in client.get(f"{STRUCTURES}?departement=75").content.decode()
    assert client.get(f"{STRUCTURES}?departement=zzz&page=x").status_code == 200


def test_support_of_a_departement_sees_its_structures(client, eg):
    client.force_login(support_of("93"))
    assert "Mésanges" not in client.get(STRUCTURES).content.decode()
    assert client.get(reverse("admin:directory_habilitation_referents", args=[eg.pk])).status_code == 404


@pytest.mark.parametrize("rows", [1, 15])
def test_the_list_of_structures_costs_the_same(client, support, rows, django_assert_num_queries):
    for _ in range(rows):
        make_eg()
    client.get("/aide/")
    with django_assert_num_queries(5):  # session, user with her rights; count, rows; départements
        assert client.get(STRUCTURES).status_code == 200


@pytest.mark.parametrize("rows", [1, 8])
def test_the_page_of_referents_costs_the_same(client, support, eg, rows, django_assert_num_queries):
    for _ in range(rows):
        make_habilitation(make_user(), eg=eg)
    client.get("/aide/")
    with django_assert_num_queries(6):  # session, user with her rights; EG; rights, invitations; requests
        assert client.get(reverse("admin:directory_habilitation_referents", args=[eg.pk])).status_code == 200
