"""What the invention leans on: the real communes of the region or the country, and the types d'UO of the database."""

import itertools
import math
from collections import defaultdict
from dataclasses import dataclass, field

from django.conf import settings

from nomenclature.models import Commune, Concept, TypeUO

from .catalogue import OFFRES

NEIGHBOURS = 20
CELL = 0.1  # degrees


@dataclass(frozen=True)
class Place:
    """One commune or arrondissement; degrees WGS84."""

    insee: str
    nom: str
    code_postal: str
    departement: str
    departement_nom: str
    region: str
    population: int
    latitude: float
    longitude: float
    territoire: str | None  # `TRE_R88|…`

    @property
    def short_name(self) -> str:
        """« Paris 5e », for the name of a structure."""
        return self.nom.removesuffix(" Arrondissement")

    @property
    def localite(self) -> str:
        """« Paris », for the last line of an address."""
        return self.short_name.rpartition(" ")[0] if self.nom.endswith(" Arrondissement") else self.nom

    @property
    def of(self) -> str:
        """« d’Évry-Courcouronnes », « du Raincy », « des Lilas »."""
        for article, short in (("Le ", "du "), ("Les ", "des ")):
            if self.nom.startswith(article):
                return short + self.nom.removeprefix(article)
        return ("d’" if self.nom[0] in "AEÉÈIOUYH" else "de ") + self.short_name


@dataclass(frozen=True)
class TypeInfo:
    """A type d'UO and what it fixes, as document keys."""

    key: str
    type_offre: str
    mode: str | None
    champ: str | None


@dataclass
class World:
    """Places by INSEE code with their drawing weights, and types d'UO by regional code. `national`: the whole country;
    `rare_actes`: keys of the actes that no kind of offre has by nature, for the long tail of a national set."""

    places: dict[str, Place]
    types: dict[str, TypeInfo]
    national: bool = False
    rare_actes: tuple[str, ...] = ()
    _weights: dict[str | None, tuple[list[Place], list[int]]] = field(default_factory=dict)
    _near: dict[str, list[str]] = field(default_factory=dict)
    _cells: dict[tuple[int, int], list[Place]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self):
        for place in self.places.values():
            self._cells[_cell(place)].append(place)

    def draw(self, rng, departement: str | None = None) -> Place:
        """A place, weighted by population; in one département when it is named."""
        if departement not in self._weights:
            places = [p for p in self.places.values() if departement in (None, p.departement)]
            self._weights[departement] = (places, list(itertools.accumulate(p.population for p in places)))
        places, weights = self._weights[departement]
        return rng.choices(places, cum_weights=weights)[0]

    def near(self, place: Place, count: int) -> list[str]:
        """INSEE codes of the place and of its nearest neighbours, at most 20."""
        if place.insee not in self._near:
            scale = math.cos(math.radians(place.latitude))

            def distance(other: Place) -> float:
                return math.hypot(other.latitude - place.latitude, (other.longitude - place.longitude) * scale)

            around = sorted(self._around(place, distance, scale), key=lambda p: (distance(p), p.insee))
            self._near[place.insee] = [p.insee for p in around[:NEIGHBOURS]]
        return self._near[place.insee][:count]

    def _around(self, place: Place, distance, scale: float) -> list[Place]:
        """Enough places to hold the nearest ones: the cells around, more and more, then the whole country."""
        row, column = _cell(place)
        for reach in (1, 2, 4, 8):
            steps = range(-reach, reach + 1)
            found = [p for i in steps for j in steps for p in self._cells.get((row + i, column + j), ())]
            if sum(distance(p) <= reach * CELL * scale for p in found) >= NEIGHBOURS:
                return found
        return list(self.places.values())


def _cell(place: Place) -> tuple[int, int]:
    return math.floor(place.latitude / CELL), math.floor(place.longitude / CELL)


def load_world(*, national: bool = False) -> World:
    """Communes of the region, or of all of them, that are placed and inhabited; a city cut into arrondissements is
    left out. The overseas communities that belong to no region (975, 977…) are left out too."""
    regions = (
        {"departement__region__code__regex": "^..$"} if national else {"departement__region": settings.REGION_CODE}
    )
    communes = (
        Commune.objects.filter(latitude__isnull=False, population__gt=0, arrondissements=None, **regions)
        .select_related("departement__territoire_sante__system")
        .order_by("insee")
    )
    places = {c.insee: _place(c) for c in communes}
    types = TypeUO.objects.select_related(
        "concept__system", "type_offre__system", "mode_prise_en_charge__system", "champ_activite__system"
    )
    return World(
        places,
        {
            t.concept.code: TypeInfo(
                t.concept.key,
                t.type_offre.key,
                t.mode_prise_en_charge and t.mode_prise_en_charge.key,
                t.champ_activite and t.champ_activite.key,
            )
            for t in types
        },
        national,
        _rare_actes() if national else (),
    )


def _rare_actes() -> tuple[str, ...]:
    usual = {f"TRE_R210|{code}" for offre in OFFRES.values() for code in offre.actes.split()}
    actes = Concept.objects.in_value_set("JDV_J16").select_related("system").order_by("system__code", "code")
    return tuple(concept.key for concept in actes if concept.key not in usual)


def _place(commune: Commune) -> Place:
    territoire = commune.departement.territoire_sante
    return Place(
        commune.insee,
        commune.nom,
        commune.codes_postaux[0],
        commune.departement_id,
        commune.departement.nom,
        commune.departement.region_id,
        commune.population,
        commune.latitude,
        commune.longitude,
        territoire and territoire.key,
    )
