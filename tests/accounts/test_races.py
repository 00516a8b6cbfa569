"""Two people at once on one account: the invitation is accepted while support closes the account. They lock in the
same order (account, then invitation), so that neither waits for the other for ever."""

import threading
import time

import pytest
from django.db import connection

from accounts import invitations, people
from accounts.models import Invitation, User
from tests.builders import PASSWORD, make_user

pytestmark = pytest.mark.django_db(transaction=True)
PAUSE = 0.4  # seconds: the other one has time to ask for its locks


def slowly(do):
    def slow(*args, **kwargs):
        time.sleep(PAUSE)
        return do(*args, **kwargs)

    return slow


@pytest.mark.parametrize("first", ["accept", "deactivate"])
def test_accepting_and_closing_at_once_never_wait_for_each_other(monkeypatch, first):
    support = make_user(is_staff=True)
    user = User.objects.create_user("ana@exemple.fr", None, is_active=False)
    invitation = invitations.invite(user, by=support, purpose="comme référente")
    # Each pauses between its two locks.
    monkeypatch.setattr(people.sessions, "end_all", slowly(people.sessions.end_all))
    monkeypatch.setattr(User, "set_password", slowly(User.set_password))
    acts = {
        "accept": lambda: invitations.accept(invitation, password=PASSWORD),
        "deactivate": lambda: people.deactivate(user=user, by=support),
    }
    ends, faults = {}, []

    def play(name: str) -> None:
        try:
            if name != first:
                time.sleep(PAUSE / 4)
            ends[name] = acts[name]()
        except Exception as fault:  # noqa: BLE001 - a deadlock is the fault looked for
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=play, args=(name,)) for name in acts]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert faults == []
    user.refresh_from_db()
    assert user.closed_at and not user.is_active, "closed last or first, it is closed"
    assert ends["deactivate"] is True and bool(ends["accept"]) == (first == "accept")
    state = Invitation.objects.get(pk=invitation.pk).state
    assert state == ("acceptée" if first == "accept" else "annulée")
