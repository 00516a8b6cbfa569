"""Rights given and taken back, by who may."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from directory import habilitations
from directory.habilitations import Right
from directory.models import Habilitation, Role
from directory.permissions import Reader, referents_of
from journal.models import Entry
from tests.builders import make_departement, make_habilitation, make_user
from tests.directory.people.sending import support_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"role": "referent"}, "porte sur une structure : dites laquelle"),
        ({"role": "referent", "departement": "75"}, "pas sur un département"),
        ({"role": "regulation", "eg": "EG"}, "ou sur toute la région"),
        ({"role": "lecteur", "eg": "EG", "ej": "EJ"}, "un seul périmètre"),
        ({"role": "referent", "eg": "EG", "valid_to": "2019-01-01"}, "La fin vient avant le début"),
        ({"role": "administrateur"}, "Un administrateur seul donne ce rôle"),
    ],
)
def test_the_admin_says_why_a_right_is_refused(client, support, eg, data, said):
    make_departement("75")
    names = {"EG": eg.pk, "EJ": eg.entite_juridique_id}
    values = {name: names.get(value, value) for name, value in data.items()}
    posted = {"user": make_user().pk, "valid_from": "2025-01-01"} | values
    page = client.post("/admin/directory/habilitation/add/", posted).content.decode()
    assert said in page
    assert "is violated" not in page
    assert not Habilitation.objects.exclude(user=support).exists()


def test_the_admin_gives_and_ends_a_right_with_its_journal_lines(client, support, eg):
    user = make_user()
    posted = {"user": user.pk, "role": "referent", "eg": eg.pk, "valid_from": "2025-01-01"}
    client.post("/admin/directory/habilitation/add/", posted)
    row = user.habilitations.get()
    page = f"/admin/directory/habilitation/{row.pk}/"
    client.post(f"{page}change/", {"valid_from": "2025-01-01", "valid_to": "2025-06-30"})
    row.refresh_from_db()
    assert row.valid_to == dt.date(2025, 6, 30)
    actions = set(Entry.objects.filter(target=f"habilitation:{row.pk}").values_list("action", flat=True))
    assert actions == {"add_habilitation", "change_habilitation"}


def test_taking_a_right_back_counts_at_the_next_request(client, support, eg):
    person, hers = make_user(role=Role.REFERENT, eg=eg), Client()
    hers.force_login(person)
    row = person.habilitations.get()
    assert eg.pk in Reader.of(person).own_eg_ids
    page = reverse("admin:directory_habilitation_retirer", args=[row.pk])
    back = reverse("admin:directory_habilitation_referents", args=[eg.pk])
    assert "C’est immédiat" in client.get(page, {"retour": back}).content.decode()
    assert eg.pk in Reader.of(person).own_eg_ids
    assert client.post(page, {"retour": back})["Location"] == back
    assert eg.pk not in Reader.of(person).own_eg_ids
    assert not referents_of(eg).exists()
    assert Entry.objects.get(action="revoke_habilitation").author == support
    assert "déjà terminé" in client.post(page, follow=True).content.decode()


def test_the_way_back_stays_on_the_site(client, support, eg):
    row = make_habilitation(make_user(), eg=eg)
    page = reverse("admin:directory_habilitation_retirer", args=[row.pk])
    assert "ailleurs" not in client.post(page, {"retour": "https://ailleurs.example/"})["Location"]


def test_support_of_a_departement_takes_back_its_own_only(client, eg):
    row = make_habilitation(make_user(), eg=eg)
    client.force_login(support_of("93"))
    page = reverse("admin:directory_habilitation_retirer", args=[row.pk])
    assert client.get(page).status_code == 404
    assert client.post(page).status_code == 404
    client.force_login(support_of("75"))
    assert client.post(page).status_code == 302
    row.refresh_from_db()
    assert row.revoked_at


def test_support_does_not_take_an_administrator_down(client, support):
    row = make_user(role=Role.ADMINISTRATEUR).habilitations.get()
    assert client.post(reverse("admin:directory_habilitation_retirer", args=[row.pk])).status_code == 403
    row.refresh_from_db()
    assert row.revoked_at is None


def test_the_services_refuse_who_may_not(eg):
    for by in (make_user(), support_of("93")):
        with pytest.raises(habilitations.PermissionDenied):
            habilitations.grant(user=make_user(), right=Right(Role.REFERENT, eg=eg), by=by)
    with pytest.raises(habilitations.PermissionDenied):
        support = make_user(role=Role.SUPPORT)
        habilitations.grant(user=make_user(), right=Right(Role.ADMINISTRATEUR), by=support)
