"""After SECRET_KEY has changed: what is encrypted in the database is written again with the new key."""

from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

ENCRYPTED = ("secret", "seed", "migrated_codes")  # of the TOTP, of the recovery codes


class Command(BaseCommand):
    help = "Chiffre de nouveau les seconds facteurs avec SECRET_KEY ; SECRET_KEY_FALLBACKS peut ensuite être vidée."

    @transaction.atomic
    def handle(self, **options: object) -> None:
        rows = list(Authenticator.objects.select_for_update().order_by("pk"))
        for row in rows:
            try:
                row.data |= {name: again(row.data[name]) for name in ENCRYPTED if name in row.data}
            except Exception as error:  # whatever the adapter's cipher raises: nothing is written
                raise CommandError(
                    f"Le second facteur n° {row.pk} a été chiffré par une clé absente de SECRET_KEY_FALLBACKS. "
                    "Ajoutez-la, ou retirez ce facteur. Rien n’a été écrit."
                ) from error
            row.save(update_fields=["data"])
        self.stdout.write(f"{len(rows)} second(s) facteur(s) chiffré(s) avec la clé actuelle.")


def again(value: Any) -> Any:
    """The same secret under the present key; lists item by item."""
    if isinstance(value, list):
        return [again(one) for one in value]
    return get_adapter().encrypt(get_adapter().decrypt(value))
