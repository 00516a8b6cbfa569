"""Who may extract, and what is kept of it."""

import pytest
from django.core.exceptions import PermissionDenied

from directory.models import Role
from directory.permissions import Reader
from journal.models import Entry
from restitutions.extractions import services
from restitutions.models import Extraction
from tests import builders as b
from tests.restitutions.extractions.making import LIST, NEW, ask, made

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.ADMINISTRATEUR, Role.REGULATION])
def test_those_entitled(client, role):
    user = b.make_user(role=role)
    assert Reader.of(user).may_extract
    client.force_login(user)
    assert client.get(LIST).status_code == client.get(NEW).status_code == 200


def test_the_others_are_refused(client):
    for user in (b.make_user(role=Role.LECTEUR), b.make_user(role=Role.REFERENT, eg=b.make_eg())):
        client.force_login(user)
        assert client.get(LIST).status_code == client.get(NEW).status_code == 403
        assert client.post(NEW, {"perimetre": "tout", "format": "csv"}).status_code == 403
        with pytest.raises(PermissionDenied):
            ask(user)
    assert not Extraction.objects.exists()


def test_a_region_opens_it_to_another_role(settings):
    user = b.make_user(role=Role.LECTEUR)
    settings.EXTRACTION_ROLES = [Role.LECTEUR]
    assert Reader.of(user).may_extract


def test_one_at_a_time(client, support, hints, django_capture_on_commit_callbacks):
    client.force_login(support)
    with django_capture_on_commit_callbacks(execute=True):
        assert client.post(NEW, {"perimetre": "tout", "format": "csv"}).status_code == 302
    answer = client.post(NEW, {"perimetre": "tout", "format": "csv"}, follow=True)
    assert "Une extraction est déjà en préparation" in answer.content.decode()
    assert [str(Extraction.objects.get().pk)] == hints
    with pytest.raises(services.Busy):
        ask(support)
    ask(b.make_user(role=Role.SUPPORT))  # another person does not wait for her


def test_each_step_is_in_the_journal(support, offer):
    extraction = made(support)
    services.take_away(extraction, by=support).close()
    entries = Entry.objects.filter(target=extraction.reference).order_by("pk")
    assert [(entry.action, entry.author) for entry in entries] == [
        ("extraction_asked", support),
        ("extraction_ready", support),
        ("extraction_taken", support),
    ]
