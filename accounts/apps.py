"""Accounts: who a person is. What a person may do is `directory.Habilitation`."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "comptes"
