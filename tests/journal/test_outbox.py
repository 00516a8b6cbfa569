"""Messages are rows of the caller's transaction: never lost, never alone, never twice."""

import datetime as dt
import threading

import pytest
from django.db import connection, transaction
from post_office.mail import send_queued
from post_office.models import STATUS, Email

from journal import outbox
from journal.models import Message
from tests.builders import make_user

pytestmark = pytest.mark.django_db


def tell(*to, key="dossier:1:submit:1", **more):
    context = {"dossier": more.get("dossier"), "eg": None, "by": None}
    return outbox.add(
        key, to=to, subject=more.get("subject", "Bonjour"), template="journal/message.txt", context=context
    )


def test_one_envelope_per_person_and_none_for_who_left():
    anne, paul = make_user("anne@exemple.fr"), make_user("paul@exemple.fr")
    gone = make_user("parti@exemple.fr", is_active=False)
    assert tell(anne, paul, gone, "ANNE@exemple.fr", "support@exemple.fr") == 3
    assert sorted(mail.to for mail in Email.objects.all()) == [
        ["anne@exemple.fr"],
        ["paul@exemple.fr"],
        ["support@exemple.fr"],
    ]


def test_the_same_event_tells_nobody_twice():
    anne = make_user()
    assert (tell(anne), tell(anne), tell(anne, key="dossier:1:submit:2")) == (1, 0, 1)
    assert Email.objects.count() == 2


def test_what_a_person_typed_is_text_not_a_template():
    tell(make_user(), subject="{{ SECRET_KEY }}\r\nBcc: tous@exemple.fr")
    mail = Email.objects.get()
    assert mail.subject == "[ROR] {{ SECRET_KEY }} Bcc: tous@exemple.fr"


@pytest.mark.django_db(transaction=True)
def test_it_is_there_if_and_only_if_the_action_is():
    anne = make_user()
    with pytest.raises(RuntimeError), transaction.atomic():
        tell(anne)
        raise RuntimeError
    assert not Message.objects.exists() and not Email.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_writers_at_once_write_one_message():
    anne, ready = make_user(), threading.Barrier(2)

    def write():
        ready.wait(5)
        try:
            with transaction.atomic():
                tell(anne)
        finally:
            connection.close()

    threads = [threading.Thread(target=write) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert (Message.objects.count(), Email.objects.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_a_mail_that_leaves_twice_is_the_same_one(mailoutbox):
    """The worker died after handing it over and before writing so: the second sending has the same Message-ID."""
    tell(make_user())
    for _ in range(2):
        send_queued()
        Email.objects.update(status=STATUS.queued)
    first, second = mailoutbox
    assert first.extra_headers["Message-ID"] == second.extra_headers["Message-ID"]


@pytest.mark.django_db(transaction=True)
def test_a_mail_server_that_is_down_loses_nothing(settings, mailoutbox):
    tell(make_user())
    working = settings.POST_OFFICE["BACKENDS"]
    settings.POST_OFFICE = settings.POST_OFFICE | {
        "BACKENDS": {"default": "django.core.mail.backends.smtp.EmailBackend"},
        "RETRY_INTERVAL": dt.timedelta(0),
    }
    settings.EMAIL_PORT = 1  # nobody listens there
    send_queued()
    assert (Email.objects.get().status, mailoutbox) == (STATUS.requeued, [])
    settings.POST_OFFICE = settings.POST_OFFICE | {"BACKENDS": working}
    send_queued()
    assert (Email.objects.get().status, len(mailoutbox)) == (STATUS.sent, 1)


def test_a_week_without_mail_server_is_waited_for(settings):
    assert settings.POST_OFFICE["MAX_RETRIES"] * settings.POST_OFFICE["RETRY_INTERVAL"] >= dt.timedelta(7)
