"""Invitations: a signed link, seven days, once; what a scanner, a late comer, a colleague and support may do."""

import datetime as dt
import re
import threading

import pytest
from django.core import mail
from django.db import IntegrityError, connections, transaction
from django.test import Client
from django.utils import timezone
from post_office.models import Email

from accounts import invitations, people
from accounts.invitations import InvitationRefused
from accounts.models import Invitation, User
from directory.models import Role
from journal.models import Entry
from tests.builders import make_eg, make_user

pytestmark = pytest.mark.django_db
GOOD = "quatre chats dorment au soleil"


@pytest.fixture
def support():
    return make_user("support@exemple.fr", role=Role.SUPPORT, is_staff=True, first_name="Sophie", last_name="Marin")


@pytest.fixture
def newcomer():
    return User.objects.create_user("ana@exemple.fr", None, first_name="Ana", last_name="Neuf", is_active=False)


@pytest.fixture
def invitation(support, newcomer):
    return invitations.invite(newcomer, by=support, purpose="comme référent de CSAPA Les Mésanges")


def link(email: str = "ana@exemple.fr") -> str:
    message = Email.objects.filter(to=email).order_by("-id").first()
    return re.search(r"http\S+?(/invitation/\S+/)", message.message)[1]


def accept(client, address: str, password: str = GOOD, again: str | None = None):
    return client.post(address, {"password1": password, "password2": password if again is None else again})


def test_the_mail_says_who_invites_and_why(invitation):
    message = Email.objects.get().message
    assert "Sophie Marin" in message
    assert "comme référent de CSAPA Les Mésanges" in message
    assert Entry.objects.get(action="send_invitation").detail["user"] == "ana@exemple.fr"
    assert mail.outbox == []  # it leaves with the worker, after the commit


def test_the_person_chooses_her_password_and_logs_in(client, invitation, newcomer):
    page = client.get(link()).content.decode()
    assert "ana@exemple.fr" in page
    response = accept(client, link())
    assert response["Location"] == "/connexion/"
    assert "Votre compte est ouvert" in client.get("/connexion/").content.decode()
    assert client.post("/connexion/", {"login": "ana@exemple.fr", "password": GOOD}).status_code == 302
    assert client.get("/").status_code == 200
    invitation.refresh_from_db()
    assert invitation.state == "acceptée"
    assert Entry.objects.get(action="accept_invitation").author == newcomer


@pytest.mark.parametrize(
    ("password", "again", "said"),
    [
        ("court", "court", "15"),
        ("aaaaaaaaaaaaaa", "aaaaaaaaaaaaaa", "15"),  # 14
        ("1q2w3e4r5t6y7u8i9o0p", "1q2w3e4r5t6y7u8i9o0p", "courant"),  # Django’s list of common ones
        (GOOD, GOOD + "!", "ne sont pas les mêmes"),
        ("", "", "obligatoire"),
    ],
)
def test_a_weak_password_is_refused_in_words(client, invitation, newcomer, password, again, said):
    response = accept(client, link(), password, again)
    assert response.status_code == 200
    assert said in response.content.decode()
    newcomer.refresh_from_db()
    assert not newcomer.is_active


@pytest.mark.parametrize("method", ["get", "head"])
def test_a_mail_scanner_changes_nothing(client, invitation, newcomer, method):
    for _ in range(3):
        assert getattr(client, method)(link()).status_code == 200
    newcomer.refresh_from_db()
    invitation.refresh_from_db()
    assert not newcomer.is_active
    assert invitation.state == "en attente"
    assert accept(client, link()).status_code == 302


def test_the_link_serves_once(client, invitation):
    accept(client, link())
    for response in (client.get(link()), accept(client, link(), "un autre secret bien à elle")):
        assert response.status_code == 410
        assert "Ce lien ne sert plus" in response.content.decode()
    assert User.objects.get(email="ana@exemple.fr").check_password(GOOD)


def test_it_dies_after_seven_days(client, invitation):
    Invitation.objects.update(expires_at=timezone.now(), sent_at=timezone.now() - dt.timedelta(days=7))
    invitation.refresh_from_db()
    assert invitation.state == "expirée"
    assert client.get(link()).status_code == 410
    assert accept(client, link()).status_code == 410


def test_it_lasts_seven_days(invitation):
    assert invitation.expires_at - invitation.sent_at == dt.timedelta(days=7)


def test_sending_again_kills_the_link_before(client, invitation, support):
    old = link()
    invitations.resend(invitation.pk, by=support)
    assert link() != old
    assert accept(client, old).status_code == 410
    assert accept(client, link()).status_code == 302


def test_an_expired_one_may_be_sent_again(client, invitation, support):
    Invitation.objects.update(expires_at=timezone.now(), sent_at=timezone.now() - dt.timedelta(days=8))
    invitations.resend(invitation.pk, by=support)
    assert accept(client, link()).status_code == 302


def test_a_cancelled_one_leaves_no_way_in(client, invitation, newcomer, support):
    assert invitations.cancel(invitation.pk, by=support)
    assert not invitations.cancel(invitation.pk, by=support)
    assert accept(client, link()).status_code == 410
    client.post("/mot-de-passe/oublie/", {"email": "ana@exemple.fr"})
    assert "/mot-de-passe/nouveau/" not in Email.objects.order_by("-id").first().message
    with pytest.raises(InvitationRefused):
        invitations.resend(invitation.pk, by=support)
    assert Entry.objects.filter(action="cancel_invitation").count() == 1


@pytest.mark.parametrize("token", ["x", "x:y:z", "W10:1:abc", "é", "%00"])
def test_an_altered_link_says_the_same(client, token):
    response = client.get(f"/invitation/{token}/")
    assert response.status_code == (400 if token == "%00" else 410)


def test_a_link_is_bound_to_its_invitation(client, invitation, support):
    other = User.objects.create_user("bob@exemple.fr", None, is_active=False)
    invitations.invite(other, by=support, purpose="comme lecteur")
    mine, hers = link().split("/")[2].split(":"), link("bob@exemple.fr").split("/")[2].split(":")
    assert client.get(f"/invitation/{':'.join([hers[0], *mine[1:]])}/").status_code == 410


def test_one_open_invitation_per_account(invitation, newcomer, support):
    again = invitations.invite(newcomer, by=support, purpose="comme lecteur")
    assert again.pk == invitation.pk
    with pytest.raises(IntegrityError), transaction.atomic():
        Invitation.objects.create(
            user=newcomer, invited_by=support, purpose="x", expires_at=timezone.now() + dt.timedelta(days=1)
        )


def test_an_open_account_is_not_invited(support):
    for user in (make_user(), make_user(is_active=False), User.objects.system()):
        with pytest.raises(InvitationRefused):
            invitations.invite(user, by=support, purpose="comme lecteur")


@pytest.mark.django_db(transaction=True)
def test_two_tabs_open_one_account_once():
    support = make_user(is_staff=True)
    user = User.objects.create_user("ana@exemple.fr", None, is_active=False)
    found = invitations.read(invitations.token(invitations.invite(user, by=support, purpose="comme lecteur")))
    opened, start = [], threading.Barrier(2)

    def one(password: str) -> None:
        try:
            start.wait()
            if invitations.accept(Invitation.objects.select_related("user").get(pk=found.pk), password=password):
                opened.append(password)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one, args=(f"{GOOD} {number}",)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    user.refresh_from_db()
    assert len(opened) == 1
    assert user.check_password(opened[0])


# --- Pages of support ---------------------------------------------------------------------------------------------


def test_support_sees_sends_again_and_cancels(client, invitation, support):
    client.force_login(support)
    assert "en attente" in client.get("/admin/accounts/invitation/").content.decode()
    assert "ana@exemple.fr" not in client.get("/admin/accounts/invitation/?etat=expiree").content.decode()
    page = f"/admin/accounts/invitation/{invitation.pk}/"
    assert "Renvoyer" in client.get(f"{page}change/").content.decode()
    old = link()
    client.get(f"{page}renvoyer/")
    assert link() == old
    client.post(f"{page}renvoyer/")
    assert link() != old
    client.post(f"{page}annuler/")
    invitation.refresh_from_db()
    assert invitation.state == "annulée"
    assert "rien n’a changé" in client.post(f"{page}renvoyer/", follow=True).content.decode()


@pytest.mark.parametrize("role", [Role.REFERENT, Role.REGULATION])
def test_others_see_no_invitation(client, invitation, role):
    user = make_user(role=role, is_staff=True, eg=make_eg() if role == Role.REFERENT else None)
    client.force_login(user)
    assert client.get("/admin/accounts/invitation/").status_code == 403
    assert client.post(f"/admin/accounts/invitation/{invitation.pk}/annuler/").status_code == 403


# --- Closing an account -------------------------------------------------------------------------------------------


def test_closing_ends_sessions_and_invitations_and_keeps_the_rest(client, invitation, newcomer, support):
    people.deactivate(user=newcomer, by=support)
    assert accept(client, link()).status_code == 410
    invitation.refresh_from_db()
    assert invitation.state == "annulée"


def test_support_closes_and_reopens_a_professional(client, support):
    person, hers = make_user("parti@exemple.fr"), Client()
    hers.force_login(person)
    Entry.objects.create(action="x", target="eg:1", author=person)
    client.force_login(support)
    page = f"/admin/accounts/user/{person.pk}/"
    assert "Fermer le compte" in client.get(f"{page}change/").content.decode()
    assert hers.get("/").status_code == 200
    client.post(f"{page}fermer/")
    assert hers.get("/").status_code == 302
    assert hers.post("/connexion/", {"login": person.email, "password": "x"}).status_code == 200
    assert Entry.objects.get(action="x").author == person
    assert Entry.objects.get(action="deactivate_user").author == support
    assert "rien n’a changé" in client.post(f"{page}fermer/", follow=True).content.decode()
    client.post(f"{page}rouvrir/")
    person.refresh_from_db()
    assert person.is_active
    assert Entry.objects.get(action="reactivate_user").author == support


def test_reopening_who_never_came_asks_for_an_invitation(newcomer, support):
    people.deactivate(user=newcomer, by=support)
    with pytest.raises(InvitationRefused):
        invitations.invite(newcomer, by=support, purpose="comme lecteur")
    people.reactivate(user=newcomer, by=support)
    newcomer.refresh_from_db()
    assert not newcomer.is_active
    assert invitations.invite(newcomer, by=support, purpose="comme lecteur").state == "en attente"


def test_nobody_closes_herself_nor_a_colleague(client, support):
    colleague = make_user(is_staff=True)
    client.force_login(support)
    assert client.post(f"/admin/accounts/user/{colleague.pk}/fermer/").status_code == 403
    admin = make_user(is_superuser=True, is_staff=True)
    client.force_login(admin)
    client.post(f"/admin/accounts/user/{admin.pk}/fermer/")
    admin.refresh_from_db()
    assert admin.is_active


def test_a_closed_account_cannot_be_active_in_the_database(newcomer, support):
    people.deactivate(user=newcomer, by=support)
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=newcomer.pk).update(is_active=True)


def test_support_chooses_nobody_s_password(client, support):
    person = make_user()
    client.force_login(support)
    page = f"/admin/accounts/user/{person.pk}/"
    assert f"{page}password/" not in client.get(f"{page}change/").content.decode()
    assert client.post(f"{page}password/", {"password1": GOOD, "password2": GOOD}).status_code == 403
    person.refresh_from_db()
    assert not person.check_password(GOOD)
