"""Inviting: the account, the right and the mail in one page."""

import pytest
from django.urls import reverse
from post_office.models import Email

from accounts.models import User
from directory import habilitations
from directory.models import Habilitation, Role
from directory.permissions import Reader
from journal.models import Entry
from tests.builders import make_commune, make_departement, make_eg, make_user
from tests.directory.people.sending import INVITE, STRUCTURES, form, support_of

pytestmark = pytest.mark.django_db


def test_one_page_makes_the_account_the_right_and_the_mail(client, support, eg):
    assert f'value="{eg.cle}"' in client.get(f"{INVITE}?structure={eg.cle}").content.decode()
    response = client.post(INVITE, form(eg), follow=True)
    assert "Invitation envoyée à ana@exemple.fr" in response.content.decode()
    user = User.objects.get(email="ana@exemple.fr")
    assert not user.is_active
    assert user.habilitations.get().eg == eg
    assert "comme référent de CSAPA Les Mésanges" in Email.objects.get().message
    assert Entry.objects.get(action="add_habilitation").author == support
    page = client.get(reverse("admin:directory_habilitation_referents", args=[eg.pk])).content.decode()
    assert "Invitation en attente" in page
    assert "Aucun référent en activité" in page


def test_an_account_that_is_open_gets_the_right_and_a_message_without_a_link(client, support, eg):
    user = make_user("ana@exemple.fr", first_name="Anaïs")
    page = client.post(INVITE, form(eg, email="Ana@Exemple.fr"), follow=True).content.decode()
    assert "avait déjà un compte" in page
    message = Email.objects.get().message
    assert "/invitation/" not in message
    assert eg.get_absolute_url() in message
    user.refresh_from_db()
    assert user.first_name == "Anaïs"
    assert eg.pk in Reader.of(user).own_eg_ids


def test_inviting_twice_sends_a_new_link_and_gives_one_right(client, support, eg):
    client.post(INVITE, form(eg))
    client.post(INVITE, form(eg))
    assert User.objects.get(email="ana@exemple.fr").habilitations.count() == 1
    assert Email.objects.count() == 2


def test_a_closed_account_is_not_invited(client, support, eg):
    make_user("ana@exemple.fr", is_active=False)
    page = client.post(INVITE, form(eg)).content.decode()
    assert "Ce compte est fermé" in page
    assert "éducatrice" in page
    assert not Habilitation.objects.filter(eg=eg).exists()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"structure": "999999999"}, "Aucune structure de ce nom ou de ce numéro"),
        ({"structure": ""}, "porte sur une structure : dites laquelle"),
        ({"structure": "", "departement": "75"}, "pas sur un département"),
        ({"departement": "75"}, "un seul périmètre"),
        ({"role": "regulation"}, "porte sur un département, ou sur toute la région"),
        ({"valid_to": "2024-12-31"}, "La fin vient avant le début"),
        ({"valid_from": "hier"}, "Saisissez une date valide"),
        ({"email": "ana"}, "adresse"),
        ({"email": ""}, "obligatoire"),
        ({"role": "support"}, "Sélectionnez un choix valide"),  # an administrator alone makes support
        ({"structure": "\x00"}, "nul"),
    ],
)
def test_what_is_refused_is_said_and_the_text_is_kept(client, support, eg, more, said):
    make_departement("75")
    page = client.post(INVITE, form(eg) | more).content.decode()
    assert said in page
    assert "éducatrice" in page
    assert not User.objects.filter(email="ana@exemple.fr").exists()
    assert not Email.objects.exists()


def test_an_administrator_makes_support_who_enters_the_administration(client):
    admin = make_user(role=Role.ADMINISTRATEUR, is_staff=True)
    client.force_login(admin)
    client.post(INVITE, form(role="support"))
    made = User.objects.get(email="ana@exemple.fr")
    assert made.is_staff
    right = made.habilitations.get()
    assert habilitations.revoke(right.pk, by=admin)
    made.refresh_from_db()
    assert not made.is_staff


def test_support_of_a_departement_invites_for_its_establishments(client, eg):
    client.force_login(support_of("75"))
    assert client.post(INVITE, form(eg)).status_code == 302
    elsewhere = make_eg(commune=make_commune("93001", "Aubervilliers"))
    for refused in (form(elsewhere), form(eg.entite_juridique), form(role="lecteur")):
        page = client.post(INVITE, refused | {"email": "bob@exemple.fr"})
        assert "Nommez un établissement de votre territoire" in page.content.decode()
    assert not User.objects.filter(email="bob@exemple.fr").exists()


@pytest.mark.parametrize("path", [INVITE, STRUCTURES, "/admin/directory/habilitation/referents/1/"])
def test_the_pages_are_support_s(client, path):
    client.force_login(make_user(role=Role.REGULATION, is_staff=True))
    assert client.get(path).status_code == 403
    client.force_login(make_user())
    assert client.get(path).status_code == 302
