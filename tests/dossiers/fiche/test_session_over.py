"""A session that ends while a fiche is typed: nothing is lost, nothing is shown to another."""

import pytest
from django.urls import reverse

from accounts import kept_text
from accounts.models import Session
from directory.models import Role
from tests.builders import make_user
from tests.dossiers.builders import draft_of, edit
from tests.dossiers.fiche.sending import TYPED, autosave, fresh, sent, texte, url

pytestmark = pytest.mark.django_db


def test_a_text_sent_on_a_session_that_is_over_comes_back_after_the_login(structure, camille, draft):
    data = sent(draft, conditions_accueil=TYPED)
    Session.objects.all().delete()
    answer = camille.post(url(draft), data)
    assert answer.status_code == 302 and answer.url.startswith("/connexion/")
    assert f"next={url(draft)}" in answer.url
    assert fresh(draft).version == draft.version
    camille.force_login(structure.camille)
    page = texte(camille.get(url(draft)))
    assert TYPED in page and "voici votre texte" in page
    assert fresh(draft).version == draft.version, "shown, not saved"
    assert camille.post(url(draft), data).status_code == 302
    assert "voici votre texte" not in texte(camille.get(url(draft)))


def test_a_text_kept_for_one_page_is_not_shown_on_another(structure, camille, dossier, draft):
    data = sent(draft, conditions_accueil=TYPED)
    Session.objects.all().delete()
    camille.post(url(draft), data)
    camille.force_login(structure.camille)
    assert TYPED not in texte(camille.get(url(draft_of(dossier, "eg"))))


def test_a_text_too_long_to_be_a_fiche_is_not_kept(structure, camille, draft):
    Session.objects.all().delete()
    author = kept_text.author(structure.camille)
    camille.post(url(draft), {"conditions_accueil": "x" * 400_000, "auteur": author})
    camille.force_login(structure.camille)
    assert "voici votre texte" not in texte(camille.get(url(draft)))


def test_a_text_kept_for_its_author_is_not_shown_to_who_logs_in_next(structure, camille, draft):
    data = sent(draft, conditions_accueil=TYPED)
    Session.objects.all().delete()
    camille.post(url(draft), data)
    camille.force_login(structure.karim)
    page = texte(camille.get(url(draft)))
    assert TYPED not in page and "voici votre texte" not in page


@pytest.mark.parametrize("author", ["", "1:signe-ailleurs", "camille"])
def test_a_text_that_no_page_of_ours_signed_is_not_kept(structure, camille, draft, author):
    data = sent(draft, conditions_accueil=TYPED) | {"auteur": author}
    camille.cookies.clear()
    assert camille.post(url(draft), data).status_code == 302
    assert not Session.objects.filter(user=None).exists(), "nobody fills the table of sessions without an account"


@pytest.mark.parametrize("name", ["fiche", "conflit"])
def test_the_pages_that_hold_a_text_say_whose_it_is(structure, camille, draft, name):
    data = sent(draft, conditions_accueil=TYPED)
    edit(draft, structure.karim, finalise=False, conditions_accueil="Autre chose.")
    page = camille.get(url(draft)) if name == "fiche" else camille.post(url(draft), data)
    assert page.status_code == (200 if name == "fiche" else 409)
    assert page.content.decode().count(f'name="auteur" value="{kept_text.author(structure.camille)}"') == 1


def test_an_autosave_on_a_session_that_is_over_says_so(camille, draft):
    data = sent(draft, conditions_accueil=TYPED)
    Session.objects.all().delete()
    assert autosave(camille, draft, data).status_code == 401


def test_the_session_says_who_is_there(structure, camille, client):
    address = reverse("accounts_session")
    assert client.get(address).status_code == 401
    assert camille.get(address).json()["user"] == structure.camille.pk
    assert camille.post(address).status_code == 405


def test_a_session_without_its_second_factor_is_not_there_yet(client):
    client.force_login(make_user(totp=False, role=Role.SUPPORT))
    assert client.get(reverse("accounts_session")).status_code == 401
