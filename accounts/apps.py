"""Accounts: who a person is. What a person may do is `directory.Habilitation`."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "comptes"

    def ready(self) -> None:
        from accounts import receivers  # noqa: F401, PLC0415 - it needs models, which are not loaded before
