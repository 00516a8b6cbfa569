"""Taking the file away: its requester alone, with the rights it was made for."""

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from directory.models import Role
from journal.models import Entry
from restitutions.extractions import services
from tests import builders as b
from tests.restitutions.extractions.making import LIST, download_url, made

pytestmark = pytest.mark.django_db


def test_download(client, support, offer):
    extraction = made(support)
    client.force_login(support)
    response = client.post(download_url(extraction))
    assert b"".join(response.streaming_content) == extraction.path.read_bytes()
    assert response["Content-Disposition"] == f'attachment; filename="{extraction.filename}"'
    assert "no-store" in response["Cache-Control"] and "spreadsheetml" in response["Content-Type"]
    assert extraction.sha256 in client.get(LIST).content.decode()


def test_download_is_for_its_requester(client, support, offer):
    extraction = made(support)
    address = download_url(extraction)
    boss = b.make_user(role=Role.ADMINISTRATEUR)
    client.force_login(boss)
    assert client.post(address).status_code == 404
    assert extraction.words not in client.get(LIST).content.decode().split("</header>")[2]
    with pytest.raises(PermissionDenied):
        services.take_away(extraction, by=boss)
    client.force_login(support)
    assert client.get(address).status_code == 405


def _fewer_rights(user):
    user.habilitations.update(departement=b.make_departement("75"))


def _none(user):
    user.habilitations.update(revoked_at=timezone.now())


@pytest.mark.parametrize("shrink", [_fewer_rights, _none])
def test_rights_that_shrank_since_close_the_file(client, support, offer, shrink):
    extraction = made(support)
    shrink(support)
    client.force_login(support)
    response = client.post(download_url(extraction))
    assert response.status_code == 403 and "droits ont changé" in response.content.decode()
    assert not Entry.objects.filter(action="extraction_taken").exists()


def test_rights_that_grew_do_not(offer):
    user = b.make_user(role=Role.REGULATION, departement=b.make_departement("75"))
    extraction = made(user)
    b.make_habilitation(user, Role.REGULATION)
    services.take_away(extraction, by=user).close()


def test_a_file_that_is_not_there_any_more_is_said_so(client, support, offer):
    extraction = made(support)
    extraction.path.unlink()
    client.force_login(support)
    response = client.post(download_url(extraction))
    assert response.status_code == 410 and "a disparu" in response.content.decode()
