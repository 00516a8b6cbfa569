"""The answers worked out by hand: plain Python over the `directory` tables, nothing of `search`, no index table.

Rules (design.md §6): a UO is shown when it and its establishment are published, open that day and, if sensitive, read
by who may; it matches when it carries the concept and, for each facet asked, one of its values; an establishment is as
far as the nearest place of its matching UO; order: distance, name without accents, id; counts are of establishments:
each value a matching UO has and, a facet being counted without its own filter unless its values add up, each value of
that facet on a UO that misses it alone.
"""

import datetime as dt
import heapq
import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
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
FIRST = 15  # establishments of an answer

Point = tuple[float, float, float]
Value = tuple[str, str]  # (facet, code)


@dataclass(frozen=True, slots=True)
class Unit:
    """A published UO. `begins`, `ends`: first day shown, first day no longer shown; `places`: where it works."""

    eg_id: int
    values: frozenset[Value]
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


Case = tuple[Who, dt.date]


@dataclass(frozen=True)
class Answer:
    """`first`: (establishment, km to 10 m or None, matching UO); `counts`: establishments by facet and code."""

    n_eg: int
    n_uo: int
    first: list[tuple[int, float | None, int]]
    counts: dict[str, dict[str, int]]


@dataclass(slots=True)
class Found:
    """What an establishment brings to an answer: the way to it, how many of its UO match, the values it counts for."""

    chord: float = math.inf
    n_uo: int = 0
    values: frozenset[Value] = frozenset()


class Directory:
    """Everything in memory, read once."""

    def __init__(self) -> None:
        self.codes: dict[int, Value] = {}  # by concept
        for facet, system in SYSTEMS.items():
            for pk, code in _rows(
                "select c.id, c.code from nomenclature_concept c join nomenclature_codesystem s on s.id = c.system_id "
                "where s.code = %s", [system]
            ):  # fmt: skip
                self.codes[pk] = (facet, code)
        self._ids = {value: pk for pk, value in self.codes.items()}
        self.names: dict[int, str] = {}
        self.carrying: dict[int, list[Unit]] = defaultdict(list)
        self.units = list(self._units())

    def answers(self, question: Question, readers: list[Who], days: Collection[dt.date]) -> dict[Case, Answer]:
        """For each reader and day. An establishment whose UO are all shown in every case brings the same to each."""
        cases = [(who, today) for who in readers for today in days]
        units = self.carrying[question.concept]
        changing = {unit.eg_id for unit in units if not all(_is_shown(unit, *case) for case in cases)}
        same = _found(question, [unit for unit in units if unit.eg_id not in changing])
        others = [unit for unit in units if unit.eg_id in changing]
        return {
            case: self._answer(same | _found(question, [unit for unit in others if _is_shown(unit, *case)]))
            for case in cases
        }

    def _answer(self, found: dict[int, Found]) -> Answer:
        matching = [(eg.chord, self.names[pk], pk, eg.n_uo) for pk, eg in found.items() if eg.n_uo]
        counts: dict[str, dict[str, int]] = {facet: {} for facet in SYSTEMS}
        for values, n_eg in Counter(eg.values for eg in found.values()).items():
            for facet, code in values:
                counts[facet][code] = counts[facet].get(code, 0) + n_eg
        return Answer(
            len(matching),
            sum(n_uo for _, _, _, n_uo in matching),
            [(pk, _km(chord), n_uo) for chord, _, pk, n_uo in heapq.nsmallest(FIRST, matching)],
            counts,
        )

    # --- Reading --------------------------------------------------------------------------------------------------

    def _units(self) -> Iterable[Unit]:
        concepts = self._concepts()
        places, entrance = self._places()
        shared: dict[frozenset[Value], frozenset[Value]] = {}  # the same few on all the UO: lean, and quick to count
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
            "from directory_uniteoperationnelle where version > 0 order by id"
        ):
            if eg_id not in self._egs:
                continue
            opens, eg_closes = self._egs[eg_id]
            ends = [day for day in (None if kind in FOR_GOOD else closes, eg_closes) if day]
            where = [places[eg_id, uid] for uid in named[pk] if places.get((eg_id, uid))]
            where = where or [entrance[eg_id]]
            carried = concepts.pop(pk)
            values = frozenset(self.codes[concept] for concept in carried if concept in self.codes)
            unit = Unit(
                eg_id, shared.setdefault(values, values), opens, min(ends, default=None), sensitive,
                tuple(place for place in where if place),
            )  # fmt: skip
            for concept in carried:
                self.carrying[concept].append(unit)
            yield unit

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


def _found(question: Question, shown: list[Unit]) -> dict[int, Found]:
    """By establishment, from the UO shown that carry the concept."""
    origin = _point(*question.origin)
    found: dict[int, Found] = defaultdict(Found)
    for unit in shown:
        misses = [facet for facet, codes in question.facets.items() if not _holds(unit, facet, codes)]
        if not misses:
            eg = found[unit.eg_id]
            eg.chord = min([eg.chord, *(math.dist(origin, place) for place in unit.places)])
            eg.n_uo += 1
            eg.values |= unit.values
        elif len(misses) == 1 and misses[0] not in ADDING_UP:
            found[unit.eg_id].values |= {value for value in unit.values if value[0] == misses[0]}
    return found


def _holds(unit: Unit, facet: str, codes: Iterable[str]) -> bool:
    return (all if facet in ADDING_UP else any)((facet, code) in unit.values for code in codes)


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
