"""The filters that are no facet: an age, and « open now » or on a day. Their fields, their words, what they mean."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django import forms
from django.forms.widgets import DateInput, NumberInput

from directory.models.unites import DAYS_PER_UNIT, AgeUnit
from ror import clock
from ror.templatetags.ror import date_fr

NOW = "maintenant"
UNITS = {"ans": AgeUnit.YEARS, "mois": AgeUnit.MONTHS}
NAMES = ("age", "age_unite", "ouvert", "ouvert_le")
_OLDEST = {"ans": 120, "mois": 240}
WRONG_AGE = "L’âge est un nombre entier, de 0 à 120 ans ou de 0 à 240 mois."
WRONG_DAY = "Le jour d’ouverture s’écrit jour/mois/année."


@dataclass(frozen=True)
class Filtres:
    """What was chosen; None where nothing was. `age` in `unite`s."""

    age: int | None = None
    unite: str = "ans"
    maintenant: bool = False
    jour: dt.date | None = None

    @classmethod
    def of(cls, cleaned: Mapping) -> "Filtres":
        """From the cleaned data of the search form. A day says more than « now »."""
        age, unite, jour = cleaned.get("age"), cleaned.get("age_unite") or "ans", cleaned.get("ouvert_le")
        return cls(age, unite, maintenant=cleaned.get("ouvert") == NOW and not jour, jour=jour)

    @property
    def age_days(self) -> tuple[float, float] | None:
        """From that birthday until the next one (or the next month), in days: « 6 ans » is said until the seventh."""
        if self.age is None:
            return None
        days = DAYS_PER_UNIT[UNITS[self.unite]]
        return self.age * days, (self.age + 1) * days

    @property
    def ouvert(self) -> dt.datetime | dt.date | None:
        """The instant, or the day, at which it must be open."""
        return clock.now() if self.maintenant else self.jour

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """As the address carries them."""
        return [
            ("age", "" if self.age is None else str(self.age)),
            ("age_unite", "" if self.age is None or self.unite == "ans" else self.unite),
            ("ouvert", NOW if self.maintenant else ""),
            ("ouvert_le", self.jour.isoformat() if self.jour else ""),
        ]

    @property
    def labels(self) -> list[tuple[tuple[str, ...], str]]:
        """(names in the address, words) of each one chosen."""
        chosen: list[tuple[tuple[str, ...], str]] = []
        if self.age is not None:
            unit = "mois" if self.unite == "mois" else "an" if self.age < 2 else "ans"
            chosen.append((("age", "age_unite"), f"Âge : {self.age} {unit}"))
        if self.maintenant:
            chosen.append((("ouvert",), "Ouvert maintenant"))
        if self.jour:
            chosen.append((("ouvert_le",), f"Ouvert le {date_fr(self.jour)}"))
        return chosen


class AgeField(forms.IntegerField):
    """Digits only; the unit beside it sets the limit, see `check`."""

    def __init__(self) -> None:
        messages = dict.fromkeys(("invalid", "min_value", "max_value"), WRONG_AGE)
        super().__init__(required=False, min_value=0, max_value=240, widget=NumberInput, error_messages=messages)


def day_field() -> forms.DateField:
    """An ISO day, as a date box sends it, or « 24/11/2026 » as people type it."""
    return forms.DateField(
        required=False,
        input_formats=["%Y-%m-%d", "%d/%m/%Y"],
        widget=DateInput,
        error_messages={"invalid": WRONG_DAY},
    )


def fault(cleaned: Mapping) -> str:
    """What is wrong in the filters taken together; empty when nothing is."""
    age, unite = cleaned.get("age"), cleaned.get("age_unite") or "ans"
    return WRONG_AGE if age is not None and age > _OLDEST[unite] else ""
