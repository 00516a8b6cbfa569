"""Taking it away: the selection, its prints and its links; saved searches; extracts for partners."""

from django.apps import AppConfig


class RestitutionsConfig(AppConfig):
    name = "restitutions"
    verbose_name = "Restitutions"
