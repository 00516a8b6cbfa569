"""What the invention leans on: the real communes of the region, and the types d'UO as loaded in the database."""

import itertools
import math
from dataclasses import dataclass, field

from django.conf import settings

from nomenclature.models import Commune, TypeUO


@dataclass(frozen=True)
class Place:
    """One commune or arrondissement; degrees WGS84."""

    insee: str
    nom: str
    code_postal: str
    departement: str
    departement_nom: str
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
    """Places by INSEE code with their drawing weights, and types d'UO by regional code."""

    places: dict[str, Place]
    types: dict[str, TypeInfo]
    _weights: dict[str | None, tuple[list[Place], list[int]]] = field(default_factory=dict)
    _near: dict[str, list[str]] = field(default_factory=dict)

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

            around = sorted(self.places.values(), key=lambda p: (distance(p), p.insee))
            self._near[place.insee] = [p.insee for p in around[:20]]
        return self._near[place.insee][:count]


def load_world() -> World:
    """Communes of the region that are placed and inhabited; a city cut into arrondissements is left out."""
    communes = (
        Commune.objects.filter(departement__region=settings.REGION_CODE, latitude__isnull=False, population__gt=0)
        .filter(arrondissements=None)
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
    )


def _place(commune: Commune) -> Place:
    territoire = commune.departement.territoire_sante
    return Place(
        commune.insee,
        commune.nom,
        commune.codes_postaux[0],
        commune.departement_id,
        commune.departement.nom,
        commune.population,
        commune.latitude,
        commune.longitude,
        territoire and territoire.key,
    )
