"""Dossiers collaboratifs; the home page, which will show the open ones."""

from django.apps import AppConfig


class DossiersConfig(AppConfig):
    name = "dossiers"
    verbose_name = "dossiers collaboratifs"
