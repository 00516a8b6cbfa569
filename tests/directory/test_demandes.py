"""Access requests: when one may ask, and again."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone
from post_office.models import Email

from directory import demandes
from directory.models import DemandeAcces
from ror import clock
from tests.builders import make_eg, make_user
from tests.directory.test_people import ask, eg, support  # noqa: F401 - fixtures

pytestmark = pytest.mark.django_db
TYPED = {"fonction": "directrice", "motif": "Désignée par le CA."}


@pytest.fixture
def ana(client):
    user = make_user("ana@exemple.fr")
    client.force_login(user)
    return user


def page_of(eg) -> str:  # noqa: F811
    return reverse("directory:demander_acces", args=[eg.cle])


def test_nobody_asks_for_a_closed_establishment(client, ana):
    closed = make_eg(type_fermeture="DEF", date_fermeture=clock.today() - dt.timedelta(days=1))
    assert "Cet établissement est fermé" in client.get(page_of(closed)).content.decode()
    refused = client.post(page_of(closed), TYPED)
    assert refused.status_code == 409 and "Cet établissement est fermé" in refused.content.decode()
    with pytest.raises(demandes.NotAskable):
        ask(closed, ana)
    assert not DemandeAcces.objects.exists()


def test_a_temporary_closing_does_not_forbid_to_ask(client, ana):
    closed = make_eg(type_fermeture="PRO", date_fermeture=clock.today() - dt.timedelta(days=1))
    assert client.post(page_of(closed), TYPED).status_code == 302


def test_after_a_refusal_one_waits_and_is_told_until_when(client, ana, eg):  # noqa: F811
    support = make_user("support@exemple.fr", role="support")  # noqa: F811
    demande = ask(eg, ana)
    demandes.refuse(demande.pk, by=support, reason="La directrice ne vous connaît pas.")
    again = timezone.localdate() + dt.timedelta(days=30)
    page = client.get(page_of(eg)).content.decode()
    assert f"à partir du {again:%d/%m/%Y}" in page and "<textarea" not in page
    assert client.post(page_of(eg), TYPED).status_code == 409
    with pytest.raises(demandes.NotAskable):
        ask(eg, ana)
    assert client.post(page_of(make_eg()), TYPED).status_code == 302, "elsewhere one may ask"
    DemandeAcces.objects.filter(pk=demande.pk).update(decided_at=timezone.now() - dt.timedelta(days=30))
    assert client.post(page_of(eg), TYPED).status_code == 302


@pytest.mark.parametrize("is_accepted", [True, False])
def test_the_subject_of_the_answer_names_the_structure(eg, is_accepted):  # noqa: F811
    support = make_user("support@exemple.fr", role="support")  # noqa: F811
    demande = ask(eg)
    if is_accepted:
        demandes.accept(demande.pk, by=support)
    else:
        demandes.refuse(demande.pk, by=support, reason="Non.")
    subject = Email.objects.get(to=demande.user.email).subject
    assert eg.display_name in subject and ("acceptée" if is_accepted else "refusée") in subject
