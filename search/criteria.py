"""One question asked of the engine."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from search.zone import Zone


class Sort(StrEnum):
    """Orders of the list; both are deterministic (then name, then id)."""

    DISTANCE = "distance"
    PERTINENCE = "pertinence"


class Dans(StrEnum):
    """Where a typed text is looked for."""

    TOUT = "tout"
    FILIERES = "filieres"
    TYPES_UO = "types_uo"
    ACTES = "actes"
    NOMS = "noms"


@dataclass(frozen=True)
class Origin:
    """Where distances are counted from: WGS84 degrees; `insee` when it is a commune."""

    latitude: float | None
    longitude: float | None
    label: str
    insee: str | None = None
    territoire: str = ""


@dataclass(frozen=True)
class Criteria:
    """One question. `concept` (a pk) excludes `text`; facet values are codes, OR inside a facet, AND across.

    `typed`: the whole text when `text` lost the words of a place, which became the origin: names are compared to it.
    `zone`: a rectangle of the map; `rayon_km`: at most that far from the origin. None leaves the place free.
    `age_days`: from that age until before that one, in days. `ouvert`: at that instant (aware), or on that day.
    """

    origin: Origin | None = None
    concept: int | None = None
    text: str = ""
    typed: str = ""
    dans: Dans = Dans.TOUT
    facets: Mapping[str, frozenset[str]] = field(default_factory=dict)
    sort: Sort = Sort.DISTANCE
    zone: Zone | None = None
    rayon_km: float | None = None
    age_days: tuple[float, float] | None = None
    ouvert: datetime | date | None = None

    @property
    def is_filtered(self) -> bool:
        """By something else than values of facets."""
        return bool(self.zone or self.rayon_km or self.age_days or self.ouvert)

    @property
    def is_one_concept(self) -> bool:
        """Nothing but a concept and values of facets is asked for."""
        return bool(self.concept) and not self.is_filtered
