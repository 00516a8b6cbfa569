"""Access requests: when one may ask, and again; who answers, once."""

import datetime as dt
import threading

import pytest
from django.db import IntegrityError, connections, transaction
from django.urls import reverse
from django.utils import timezone
from post_office.models import Email

from directory import demandes
from directory.models import DemandeAcces, Role
from directory.permissions import Reader
from journal.models import Entry
from ror import clock
from tests.builders import make_commune, make_eg, make_user
from tests.directory.people.sending import ask, support_of

pytestmark = pytest.mark.django_db
TYPED = {"fonction": "directrice", "motif": "Désignée par le CA."}


@pytest.fixture
def ana(client):
    user = make_user("ana@exemple.fr")
    client.force_login(user)
    return user


def page_of(eg) -> str:
    return reverse("directory:demander_acces", args=[eg.cle])


# --- Asking ---------------------------------------------------------------------------------------------------------


def test_a_professional_asks_from_the_fiche(client, eg):
    user = make_user(fonction="directrice")
    client.force_login(user)
    page = reverse("directory:demander_acces", args=[eg.cle])
    assert page in client.get(eg.get_absolute_url()).content.decode()
    assert 'value="directrice"' in client.get(page).content.decode()
    assert not DemandeAcces.objects.exists()
    empty = client.post(page, {"fonction": "directrice", "motif": " "})
    assert "obligatoire" in empty.content.decode()
    client.post(page, {"fonction": "directrice", "motif": "Désignée par le CA."})
    assert DemandeAcces.objects.get().user == user
    assert "Vous avez demandé cet accès" in client.get(page).content.decode()
    client.post(page, {"fonction": "directrice", "motif": "Encore."})
    assert DemandeAcces.objects.count() == 1
    assert "en attente" in client.get("/compte/").content.decode()
    assert Entry.objects.get(action="ask_access").author == user


def test_one_pending_request_in_the_database_too(eg):
    user = make_user()
    ask(eg, user)
    with pytest.raises(demandes.AlreadyAsked):
        ask(eg, user)
    with pytest.raises(IntegrityError), transaction.atomic():
        DemandeAcces.objects.create(user=user, eg=eg, fonction="x", motif="x")


@pytest.mark.parametrize("attrs", [{"role": Role.REFERENT}, {"role": Role.SUPPORT}])
def test_who_has_it_asks_nothing(client, eg, attrs):
    client.force_login(make_user(eg=eg if attrs["role"] == Role.REFERENT else None, **attrs))
    page = reverse("directory:demander_acces", args=[eg.cle])
    assert page not in client.get(eg.get_absolute_url()).content.decode()
    assert "Vous avez déjà accès" in client.get(page).content.decode()
    client.post(page, {"fonction": "x", "motif": "x"})
    assert not DemandeAcces.objects.exists()


def test_an_establishment_not_published_is_not_there(client):
    client.force_login(make_user())
    hidden = make_eg(publish=False)
    assert client.get(reverse("directory:demander_acces", args=[hidden.cle])).status_code == 404


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


def test_after_a_refusal_one_waits_and_is_told_until_when(client, ana, eg):
    support = make_user("support@exemple.fr", role="support")
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


# --- Answering ------------------------------------------------------------------------------------------------------


def test_support_accepts(client, support, eg):
    demande = ask(eg)
    assert "CSAPA Les Mésanges" in client.get("/admin/directory/demandeacces/", follow=True).content.decode()
    page = reverse("admin:directory_demandeacces_decider", args=[demande.pk])
    assert client.get(f"/admin/directory/demandeacces/{demande.pk}/change/")["Location"] == page
    assert "Je remplace M. Oulad." in client.get(page).content.decode()
    client.post(page, {"decision": "accepter"})
    assert eg.pk in Reader.of(demande.user).own_eg_ids
    assert "l’accepte" in Email.objects.get(to=demande.user.email).message
    assert Entry.objects.get(action="accept_access").author == support
    assert "acceptée" in client.get(page).content.decode()


def test_support_refuses_with_a_reason(client, support, eg):
    demande = ask(eg)
    page = reverse("admin:directory_demandeacces_decider", args=[demande.pk])
    assert "Dites pourquoi" in client.post(page, {"decision": "refuser", "reason": " "}).content.decode()
    assert client.post(page, {"decision": "autre"}).status_code == 200
    client.post(page, {"decision": "refuser", "reason": "La direction ne vous a pas désignée."})
    demande.refresh_from_db()
    assert demande.status == "refusee"
    assert eg.pk not in Reader.of(demande.user).own_eg_ids
    assert "La direction ne vous a pas désignée." in Email.objects.get(to=demande.user.email).message


def test_a_second_answer_is_told_who_gave_the_first(client, support, eg):
    demande = ask(eg)
    demandes.refuse(demande.pk, by=make_user(is_superuser=True, first_name="Paul", last_name="Lefort"), reason="Non.")
    page = reverse("admin:directory_demandeacces_decider", args=[demande.pk])
    said = client.post(page, {"decision": "accepter"}, follow=True).content.decode()
    assert "Paul Lefort a déjà répondu" in said
    assert not demande.user.habilitations.exists()
    assert Email.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_supports_at_once_give_one_decision():
    demande = ask(make_eg())
    start, decided = threading.Barrier(2), []

    def one(decide) -> None:
        by = supports.pop()
        try:
            start.wait()
            decided.append(decide(by).status)
        except demandes.AlreadyDecided:
            pass
        finally:
            connections.close_all()

    supports = [make_user(role=Role.SUPPORT, is_staff=True) for _ in range(2)]
    answers = [
        lambda by: demandes.accept(demande.pk, by=by),
        lambda by: demandes.refuse(demande.pk, by=by, reason="Non."),
    ]
    threads = [threading.Thread(target=one, args=(answer,)) for answer in answers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    demande.refresh_from_db()
    assert decided == [demande.status]
    assert demande.user.habilitations.count() == (1 if demande.status == "acceptee" else 0)
    assert Email.objects.count() == 1


def test_support_of_a_departement_sees_and_decides_its_own(client, eg):
    mine, other = ask(eg), ask(make_eg(denomination="Loin", commune=make_commune("93001", "Aubervilliers")))
    client.force_login(support_of("75"))
    page = client.get("/admin/directory/demandeacces/?status__exact=en_attente").content.decode()
    assert "Mésanges" in page
    assert "Loin" not in page
    decide = "admin:directory_demandeacces_decider"
    assert client.post(reverse(decide, args=[other.pk]), {"decision": "accepter"}).status_code == 404
    client.post(reverse(decide, args=[mine.pk]), {"decision": "accepter"})
    mine.refresh_from_db()
    other.refresh_from_db()
    assert (mine.status, other.status) == ("acceptee", "en_attente")


@pytest.mark.parametrize("attrs", [{}, {"role": Role.REGULATION, "is_staff": True}])
def test_nobody_else_decides(client, eg, attrs):
    demande = ask(eg)
    client.force_login(make_user(**attrs))
    page = reverse("admin:directory_demandeacces_decider", args=[demande.pk])
    assert client.post(page, {"decision": "accepter"}).status_code in (302, 403)
    demande.refresh_from_db()
    assert demande.status == "en_attente"


@pytest.mark.parametrize("rows", [1, 15])
def test_the_list_of_requests_costs_the_same(client, support, rows, django_assert_num_queries):
    for _ in range(rows):
        ask(make_eg())
    client.get("/aide/")
    # Session, user; role (who may), habilitations (which territory, here and in the admin's own count); counts; rows.
    with django_assert_num_queries(8):
        client.get("/admin/directory/demandeacces/?status__exact=en_attente")


@pytest.mark.parametrize("is_accepted", [True, False])
def test_the_subject_of_the_answer_names_the_structure(eg, is_accepted):
    support = make_user("support@exemple.fr", role="support")
    demande = ask(eg)
    if is_accepted:
        demandes.accept(demande.pk, by=support)
    else:
        demandes.refuse(demande.pk, by=support, reason="Non.")
    subject = Email.objects.get(to=demande.user.email).subject
    assert eg.display_name in subject and ("acceptée" if is_accepted else "refusée") in subject
