"""National and regional lists; imports nobody."""

from django.apps import AppConfig


class NomenclatureConfig(AppConfig):
    name = "nomenclature"
    verbose_name = "Nomenclature"
