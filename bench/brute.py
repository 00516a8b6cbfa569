"""The answers worked out by hand: plain Python over the `directory` tables, nothing of `search`, no index table.

Rules (design.md §6): a UO is shown when it and its establishment are published, open that day and, if sensitive, read
by who may; it matches when it carries the concept and, for each facet asked, one of its values; an establishment is as
far as the nearest place of its matching UO; order: distance, name without accents, id; counts are of establishments.
"""

import datetime as dt
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.conf import settings
from django.db import connection

from directory.models import UniteOperationnelle
from nomenclature.fields import ConceptField, ConceptsField
from nomenclature.models import Concept
from nomenclature.text import normalise

# Facet in the URL → its code system (design.md §7).
SYSTEMS = {
    "patientele": "ror-patientele",
    "accueil": "ror-accueil",
    "type_offre": "ror-type-offre",
    "activite": "TRE_R211",
    "mode": "TRE_R213",
    "type_uo": "ror-type-uo",
}
# Facets whose values add up: every one asked must be there, so its counts keep its own filter.
ADDING_UP = ("accueil",)
# What a UO says, in one way or another, for a value of « Accueil » (acte, modalité, plage horaire, accessibilité).
ACCUEIL = {
    "sans_rdv": ("TRE_R210|1253", "TRE_R338|06", "TRE_R252|06"),
    "teleconsultation": ("TRE_R210|0988", "TRE_R338|04", "TRE_R252|10", "TRE_R252|11"),
    "accessible": ("TRE_R202|1", "TRE_R202|5"),
}
FOR_GOOD = ("", "PRO", "PRE")  # the other types of closing are definitive
EQUATOR_M, FLATTENING = 6_378_137.0, 1 / 298.257_223_563  # WGS84
EARTH_M = 6_371_008.8  # mean radius

Point = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Unit:
    """A published UO. `begins`, `ends`: first day shown, first day no longer shown; `places`: where it works."""

    eg_id: int
    concepts: frozenset[int]
    begins: dt.date | None
    ends: dt.date | None
    sensitive: bool
    places: tuple[Point, ...]


@dataclass(frozen=True)
class Question:
    """`facets`: codes by facet, OR inside, AND across; `origin`: WGS84 degrees."""

    concept: int
    origin: tuple[float, float]
    facets: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Who:
    """What a reader may see of the sensitive UO: all of them, or those of these establishments."""

    sees_all: bool = False
    own_eg_ids: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Answer:
    """`first`: (establishment, km to 10 m or None, matching UO); `counts`: establishments by facet and code."""

    n_eg: int
    n_uo: int
    first: list[tuple[int, float | None, int]]
    counts: dict[str, dict[str, int]]


class Directory:
    """Everything in memory, read once."""

    def __init__(self) -> None:
        self.codes: dict[int, tuple[str, str]] = {}  # concept → (facet, code)
        for facet, system in SYSTEMS.items():
            for pk, code in _rows(
                "select c.id, c.code from nomenclature_concept c join nomenclature_codesystem s on s.id = c.system_id "
                "where s.code = %s", [system]
            ):  # fmt: skip
                self.codes[pk] = (facet, code)
        self._ids = {pair: pk for pk, pair in self.codes.items()}
        self.names: dict[int, str] = {}
        self.units = list(self._units())
        self.carrying: dict[int, list[Unit]] = defaultdict(list)
        for unit in self.units:
            for concept in unit.concepts:
                self.carrying[concept].append(unit)

    def answer(self, question: Question, who: Who, today: dt.date, *, first: int = 15) -> Answer:
        shown = [unit for unit in self.carrying[question.concept] if _is_shown(unit, who, today)]
        chosen = {facet: {self._ids.get((facet, code)) for code in codes} for facet, codes in question.facets.items()}
        passes = {facet: [_holds(unit, facet, ids) for unit in shown] for facet, ids in chosen.items()}
        kept = [all(passes[facet][n] for facet in passes) for n in range(len(shown))]
        origin = _point(*question.origin)
        nearest: dict[int, float] = {}
        number: Counter[int] = Counter()
        for unit, is_kept in zip(shown, kept, strict=True):
            if is_kept:
                number[unit.eg_id] += 1
                chord = min((math.dist(origin, place) for place in unit.places), default=math.inf)
                nearest[unit.eg_id] = min(nearest.get(unit.eg_id, math.inf), chord)
        order = sorted(nearest, key=lambda eg: (nearest[eg], self.names[eg], eg))[:first]
        return Answer(
            len(number),
            number.total(),
            [(eg, _km(nearest[eg]), number[eg]) for eg in order],
            self._counts(shown, kept, passes),
        )

    def _counts(self, shown: list[Unit], kept: list[bool], passes: dict[str, list[bool]]) -> dict[str, dict[str, int]]:
        """Each facet counted without its own filter, unless its values add up."""
        found: dict[str, dict[str, int]] = {}
        for facet in SYSTEMS:
            values: dict[int, set[int]] = defaultdict(set)  # establishment → values
            others = [passes[other] for other in passes if other != facet or facet in ADDING_UP]
            rows = (
                kept if facet not in passes else [all(row) for row in zip(*others, strict=True)] or [True] * len(shown)
            )
            for unit, counts in zip(shown, rows, strict=True):
                if counts:
                    values[unit.eg_id] |= unit.concepts
            total = Counter(concept for concepts in values.values() for concept in concepts)
            found[facet] = {code: total[pk] for pk, (of, code) in self.codes.items() if of == facet and total[pk]}
        return found

    # --- Reading --------------------------------------------------------------------------------------------------

    def _units(self) -> Iterable[Unit]:
        concepts = self._concepts()
        places, entrance = self._places()
        named: dict[int, list[str]] = defaultdict(list)
        for unit, uid in _rows("select unite_id, lieu_uid from directory_lieudeloffre"):
            named[unit].append(uid)
        for eg_id, name, usual, opens, kind, closes in _rows(
            "select id, denomination, nom_operationnel, date_ouverture, type_fermeture, date_fermeture "
            "from directory_entitegeographique where version > 0"
        ):
            self.names[eg_id] = normalise(usual or name)
            entrance.setdefault(eg_id, None)
            self._egs[eg_id] = (opens, None if kind in FOR_GOOD else closes)
        for pk, eg_id, kind, closes, sensitive in _rows(
            "select id, entite_geographique_id, type_fermeture, date_fermeture, unite_sensible "
            "from directory_uniteoperationnelle where version > 0"
        ):
            if eg_id not in self._egs:
                continue
            opens, eg_closes = self._egs[eg_id]
            ends = [day for day in (None if kind in FOR_GOOD else closes, eg_closes) if day]
            where = [places[eg_id, uid] for uid in named[pk] if places.get((eg_id, uid))]
            where = where or [entrance[eg_id]]
            yield Unit(
                eg_id, frozenset(concepts[pk]), opens, min(ends, default=None), sensitive,
                tuple(place for place in where if place),
            )  # fmt: skip

    def _places(self) -> tuple[dict[tuple[int, str], Point | None], dict[int, Point | None]]:
        """Place by (establishment, uid), and the main entrance of each establishment."""
        self._egs: dict[int, tuple] = {}
        places, entrance = {}, {}
        for eg_id, uid, latitude, longitude in _rows(
            "select entite_geographique_id, uid, latitude, longitude from directory_lieu "
            "order by est_principal desc, id"
        ):
            places[eg_id, uid] = None if latitude is None else _point(latitude, longitude)
            entrance.setdefault(eg_id, places[eg_id, uid])
        return places, entrance

    def _add_accueil(self, found: dict[int, set[int]]) -> None:
        """Accessibility of the establishment, kinds of slots, and the values of « Accueil » that all of it says."""
        for pk, concept in _rows(
            "select u.id, g.accessibilite_id from directory_uniteoperationnelle u "
            "join directory_entitegeographique g on g.id = u.entite_geographique_id "
            "where g.accessibilite_id is not null union all select unite_id, type_plage_id from directory_horaire"
        ):
            found[pk].add(concept)
        keys = {key for values in ACCUEIL.values() for key in values}
        saying = {key: concept.pk for key, concept in Concept.objects.by_key(keys).items()}
        for code, values in ACCUEIL.items():
            value, any_of = self._ids.get(("accueil", code)), {saying[key] for key in values if key in saying}
            for concepts in found.values() if value else ():
                if not any_of.isdisjoint(concepts):
                    concepts.add(value)

    def _concepts(self) -> dict[int, set[int]]:
        """Every concept a UO may be searched by: its codes, its activities, the category, its filières, its public."""
        found: dict[int, set[int]] = defaultdict(set)
        model = UniteOperationnelle
        single = [f.column for f in model._meta.fields if isinstance(f, ConceptField)]
        adult = settings.CHILD_ADULT_AGE * 365.25
        child_id, adult_id = self._ids.get(("patientele", "E")), self._ids.get(("patientele", "A"))
        everyone = self._ids.get(("type_offre", "etablissement"))
        filieres = defaultdict(set)
        for concept, filiere in _rows(
            "select concept_id, filiere_id from nomenclature_filiere_activites union all "
            "select typeuo_id, filiere_id from nomenclature_filiere_types_uo"
        ):
            filieres[concept].add(filiere)
        columns = ", ".join(f"u.{column}" for column in single)
        fiches = (
            "select u.id, u.age_min_jours, u.age_max_jours, u.age_min is not null or u.age_max is not null, "
            "g.categorie_id, u.type_uo_id, {} from directory_uniteoperationnelle u "
            "join directory_entitegeographique g on g.id = u.entite_geographique_id"
        )
        for pk, low, high, has_age, category, type_uo, *codes in _rows(fiches.format(columns)):
            found[pk] = {code for code in (*codes, category, everyone) if code} | filieres[type_uo]
            if has_age and (low or 0) < adult:
                found[pk].add(child_id)
            if has_age and (adult if high is None else high) >= adult:
                found[pk].add(adult_id)
        for many in (f for f in model._meta.many_to_many if isinstance(f, ConceptsField)):
            for pk, concept in _rows(
                f"select {many.m2m_column_name()}, {many.m2m_reverse_name()} from {many.m2m_db_table()}"  # noqa: S608
            ):
                found[pk].add(concept)
        for pk, concept in _rows("select unite_id, activite_id from directory_activiteoperationnelle"):
            found[pk] |= {concept, *filieres[concept]}
        self._add_accueil(found)
        return found


def _holds(unit: Unit, facet: str, ids: set[int]) -> bool:
    return ids <= unit.concepts if facet in ADDING_UP else not ids.isdisjoint(unit.concepts)


def _is_shown(unit: Unit, who: Who, today: dt.date) -> bool:
    return (
        (unit.begins is None or unit.begins <= today)
        and (unit.ends is None or unit.ends > today)
        and (not unit.sensitive or who.sees_all or unit.eg_id in who.own_eg_ids)
    )


def _rows(sql: str, params: list | None = None):
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        while rows := cursor.fetchmany(10_000):
            yield from rows


def _point(latitude: float, longitude: float) -> Point:
    """On the ellipsoid, metres from the centre of the Earth."""
    eccentricity_2 = FLATTENING * (2 - FLATTENING)
    phi, lam = math.radians(latitude), math.radians(longitude)
    normal = EQUATOR_M / math.sqrt(1 - eccentricity_2 * math.sin(phi) ** 2)
    across = normal * math.cos(phi)
    return across * math.cos(lam), across * math.sin(lam), normal * (1 - eccentricity_2) * math.sin(phi)


def _km(chord: float) -> float | None:
    """Along the surface."""
    return None if chord == math.inf else round(2 * EARTH_M * math.asin(chord / 2 / EARTH_M) / 1000, 2)
