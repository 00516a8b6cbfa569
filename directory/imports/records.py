"""What every FINESS format becomes before it is compared with the directory."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

from directory.closing import OPEN, Triple

EJ, EG = "ej", "eg"  # what a file describes, hence which older files it makes useless


class FileRefused(Exception):
    """A file that cannot be imported at all. The message is French and says what to do."""


class LineRefused(Exception):
    """One record that cannot be kept; `kind` groups the refusals of the report."""

    def __init__(self, kind: str, detail: str):
        self.kind, self.detail = kind, detail
        super().__init__(detail)


@dataclass(slots=True)
class Projected:
    """A point in metres. `epsg` None: the projection is unknown. `reliable` None: the file does not say."""

    x: float
    y: float
    epsg: int | None
    projection: str
    reliable: bool | None


@dataclass(slots=True)
class Candidates:
    """Numbers of FINESS+ whose order is not certain: possible (latitude, longitude) in WGS84, expected one first."""

    pairs: list[tuple[float, float]]
    reliable: bool | None


@dataclass(slots=True)
class EjRecord:
    """One entité juridique. `lost`: fields unreadable in this file, whose stored value is kept."""

    where: str
    finess: str
    departement: str
    values: dict  # model fields of EntiteJuridique, `statut_juridique_id` resolved
    telephone: str = ""
    closing: Triple | None = OPEN
    lost: set[str] = field(default_factory=set)


@dataclass(slots=True)
class EgRecord:
    """One entité géographique. `closing` None: the format does not speak of closing, being listed means open."""

    where: str
    finess: str
    ej: str
    departement: str
    values: dict  # model fields of EntiteGeographique known by this format
    lieu: dict  # model fields of its main Lieu, without the position
    telephone: str = ""
    closing: Triple | None = None
    main_site: str | None = None
    point: Projected | Candidates | None = None
    lost: set[str] = field(default_factory=set)


Record = EjRecord | EgRecord


@dataclass
class Survey:
    """What a first reading of the file tells, before anything is written."""

    date: dt.date | None = None
    total: int = 0  # records to come, for the progress bar
    wanted_ej: set[str] = field(default_factory=set)  # EJ of the EG that are kept
    conflicts: dict[str, list[str]] = field(default_factory=dict)  # number -> where it is said differently
    _seen: dict[str, tuple[str, int]] = field(default_factory=dict)

    def see(self, finess: str, where: str, said: object) -> None:
        """Note one occurrence of a number; the same number saying something else is a conflict."""
        digest = hash(said)
        first = self._seen.setdefault(finess, (where, digest))
        if first[1] != digest:
            self.conflicts.setdefault(finess, [first[0]]).append(where)

    def __contains__(self, finess: str) -> bool:
        return finess in self._seen


class Source(Protocol):
    """One file of a known format."""

    name: str  # stored in ImportRun.source
    label: str  # shown
    describes: frozenset[str]  # of EJ, EG
    declared_date: dt.date | None

    def survey(self) -> Survey: ...

    def records(self, survey: Survey) -> Iterator[Record]: ...
