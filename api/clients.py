"""Clients of the API: create, give a new secret, revoke. Each step is in the journal; a secret is told once."""

from django.db import transaction
from django.utils import timezone
from oauth2_provider.generators import generate_client_secret
from oauth2_provider.models import get_access_token_model

from api.models import Client
from journal.models import write


@transaction.atomic
def create(client: Client, *, by) -> str:
    """Save a new client, not saved yet; gives its secret, which is nowhere else."""
    client.client_type = Client.CLIENT_CONFIDENTIAL
    client.authorization_grant_type = Client.GRANT_CLIENT_CREDENTIALS
    client.client_secret = secret = generate_client_secret()
    client.save()
    write("create_client_api", _target(client), by=by, **_what(client))
    return secret


@transaction.atomic
def renew_secret(client: Client, *, by) -> str | None:
    """A new secret; the one before and its tokens serve no more. None when the client is revoked."""
    client = Client.objects.select_for_update().get(pk=client.pk)
    if client.is_revoked:
        return None
    client.client_secret = secret = generate_client_secret()
    client.save(update_fields=["client_secret", "updated"])
    _forget_tokens(client)
    write("renew_secret_client_api", _target(client), by=by)
    return secret


@transaction.atomic
def revoke(client: Client, *, by) -> bool:
    """End it, for ever and at once. False when it was."""
    if not Client.objects.filter(pk=client.pk, revoked_at=None).update(revoked_at=timezone.now()):
        return False
    _forget_tokens(client)
    write("revoke_client_api", _target(client), by=by)
    return True


@transaction.atomic
def change(client: Client, *, by, fields: list[str]) -> None:
    """Save what support changed of its name, level, territory or responsible person."""
    client.save()
    write("change_client_api", _target(client), by=by, champs=sorted(fields), **_what(client))


def _forget_tokens(client: Client) -> None:
    get_access_token_model().objects.filter(application=client).delete()


def _target(client: Client) -> str:
    return f"client_api:{client.pk}"


def _what(client: Client) -> dict:
    return {"nom": client.name, "niveau": client.niveau, "departement": client.departement_id}
