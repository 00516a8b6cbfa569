"""Fields that name their value set. `value_set` is a JDV (`JDV_J55`) or a regional system (`ror-type-uo`).

The value set is not a database rule: people are refused values outside it (forms, `nomenclature.validation`), imports
keep them and flag them. All three deconstruct with their `value_set`, so a change of list is a visible migration.
"""

from typing import Any

from django.db import models
from modelcluster.fields import ParentalManyToManyField

CONCEPT = "nomenclature.Concept"


class ConceptField(models.ForeignKey):
    """One concept. Defaults: `PROTECT`, no reverse relation, no index of its own (the search has its own tables)."""

    def __init__(self, verbose_name: str | None = None, *, value_set: str, **kwargs: Any) -> None:
        self.value_set = value_set
        defaults = {"to": CONCEPT, "on_delete": models.PROTECT, "related_name": "+", "db_index": False}
        super().__init__(verbose_name=verbose_name, **defaults | kwargs)

    def deconstruct(self):
        name, path, args, kwargs = super().deconstruct()
        # Our default is not ForeignKey's: say it whatever it is.
        kwargs |= {"value_set": self.value_set, "db_index": self.db_index}
        return name, path, args, kwargs


class ConceptsField(ParentalManyToManyField):
    """Several concepts, edited as part of the document of a fiche (django-modelcluster).

    No reverse relation: Django gives each hidden M2M a name of its own (`_app_model_field_+`), so several on one model
    do not clash. Whoever needs "which rows carry this concept" walks the models' own fields.
    """

    def __init__(self, verbose_name: str | None = None, *, value_set: str, **kwargs: Any) -> None:
        self.value_set = value_set
        super().__init__(verbose_name=verbose_name, **{"to": CONCEPT, "related_name": "+"} | kwargs)

    def deconstruct(self):
        name, path, args, kwargs = super().deconstruct()
        kwargs["value_set"] = self.value_set
        return name, path, args, kwargs


class CodeField(models.CharField):
    """The bare code, for short lists on which rules and constraints depend (type of closing, level…)."""

    def __init__(self, *args: Any, value_set: str, **kwargs: Any) -> None:
        self.value_set = value_set
        kwargs.setdefault("max_length", 10)
        super().__init__(*args, **kwargs)

    def deconstruct(self):
        name, path, args, kwargs = super().deconstruct()
        kwargs["value_set"] = self.value_set
        return name, path, args, kwargs
