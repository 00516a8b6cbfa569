"""A rectangle of the map, as the address carries it: `zone=south,west,north,east`, WGS84 degrees."""

from typing import NamedTuple

from django import forms
from django.core.exceptions import ValidationError

DECIMALS = 4  # of a degree: about ten metres
WRONG = (
    "La zone de la carte s’écrit « sud,ouest,nord,est », en degrés. "
    "Le plus simple : déplacez la carte, puis « Rechercher dans cette zone »."
)


class Zone(NamedTuple):
    """Degrees, south < north and west < east: a zone does not cross the antimeridian."""

    south: float
    west: float
    north: float
    east: float

    def __str__(self) -> str:
        return ",".join(map(str, self))


def parse(text: str) -> Zone:
    """The zone written in `text`, rounded; ValueError when it is none."""
    # `+ 0.0` turns -0.0 into 0.0: one zone, one address. Bounds also refuse `nan` and `inf`.
    zone = Zone(*[round(float(part), DECIMALS) + 0.0 for part in _four(text)])
    if not (-90 <= zone.south < zone.north <= 90 and -180 <= zone.west < zone.east <= 180):
        raise ValueError(text)
    return zone


def _four(text: str) -> list[str]:
    parts = text.split(",")
    if len(parts) != len(Zone._fields) or len(text) > 100:
        raise ValueError(text)
    return parts


class ZoneField(forms.Field):
    """An optional zone; None when empty."""

    def clean(self, value: str | None) -> Zone | None:
        if not value:
            return None
        try:
            return parse(value)
        except ValueError:
            raise ValidationError(WRONG, code="invalid") from None
