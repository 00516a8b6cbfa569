"""The INSEE commune of a FINESS record, and the repairs that merged or mistyped codes need."""

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

from directory.imports.addresses import CEDEX, title, town
from nomenclature.models import Commune
from nomenclature.text import normalise

# FINESS letters of the overseas départements; 9A also holds Saint-Barthélemy and Saint-Martin.
OVERSEAS = {"9A": "971", "9B": "972", "9C": "973", "9D": "974", "9E": "975", "9F": "976", "9J": "986"}
RENAMED = {"97123": "97701", "97127": "97801"}


@dataclass(slots=True, frozen=True)
class Place:
    """One commune; `city` when it is an arrondissement."""

    insee: str
    nom: str
    codes_postaux: tuple[str, ...]
    departement: str
    latitude: float | None
    longitude: float | None
    city: str | None


def departement_of(code: str) -> str:
    """INSEE code of the département that FINESS calls `code` (9A → 971)."""
    return OVERSEAS.get(code, code)


def insee_of(departement: str, commune: str) -> str:
    """INSEE code of the commune from the two FINESS cells; empty when one is."""
    if not departement or not commune:
        return ""
    code = departement_of(departement)[:2] + commune
    return RENAMED.get(code, code)


class Communes:
    """Every commune in memory, about 20 MB."""

    def __init__(self):
        rows = Commune.objects.values_list(
            "insee", "nom", "codes_postaux", "departement_id", "latitude", "longitude", "ville_id"
        )
        self._places = {row[0]: Place(*row[:2], tuple(row[2]), *row[3:]) for row in rows.iterator()}
        self._cities = {place.city for place in self._places.values() if place.city}

    def __bool__(self) -> bool:
        return bool(self._places)

    def get(self, insee: str | None) -> Place | None:
        return self._places.get(insee) if insee else None

    def find(self, insee: str, *, code_postal: str, locality: str, departement: str) -> Place | None:
        """The commune of this code; else by postal code and name, by name in the département, by a postal code that
        only one commune has (a merger keeps it). A whole city becomes its arrondissement when the postal code tells.
        """
        place = self._places.get(RENAMED.get(insee, insee))
        if place and place.insee not in self._cities:
            return place
        name = normalise(town(locality))
        around = self._by_postal_code.get(code_postal, [])
        if place:
            parts = [one for one in around if one.city == place.insee]
            return parts[0] if len(parts) == 1 else place
        named = [one for one in around if self._name(one) == name]
        for found in (named, self._by_name.get((departement_of(departement), name), []), around):
            if len(found) == 1:
                return found[0]
        return None

    def locality(self, place: Place | None, written: str) -> str:
        """The town as the commune writes it when it is the same, else the cell made readable (« Créteil Cedex »)."""
        if place and not CEDEX.search(written) and normalise(written) == self._name(place):
            return place.nom
        return title(written)

    @cached_property
    def _names(self) -> dict[str, str]:
        return {}

    def _name(self, place: Place) -> str:
        if place.insee not in self._names:
            self._names[place.insee] = normalise(place.nom)
        return self._names[place.insee]

    @cached_property
    def _by_postal_code(self) -> dict[str, list[Place]]:
        found = defaultdict(list)
        for place in self._places.values():
            if place.insee not in self._cities:
                for code in place.codes_postaux:
                    found[code].append(place)
        return found

    @cached_property
    def _by_name(self) -> dict[tuple[str, str], list[Place]]:
        found = defaultdict(list)
        for place in self._places.values():
            found[place.departement, self._name(place)].append(place)
        return found
