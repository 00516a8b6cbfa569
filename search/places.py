"""Suggestions of the « Où ? » box: 35,000 communes in process, by name, postal code or INSEE code."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from django.conf import settings

from nomenclature.models import Commune, Departement
from nomenclature.refreshed import Refreshed, table_stamp
from nomenclature.text import normalise
from search.prefix import StartIndex, TokenIndex, needed_words
from search.suggestions import Group, Option, label_words, plain_words, segment, vocabulary

CHECK_EVERY = 60.0  # seconds: communes change on the first of January
_ARTICLES = ("le ", "la ", "les ", "l ")
_ORDINAL = re.compile(r"^(\d{1,2})(?:er|e|eme|ieme)$")
_NOT_NEEDED = frozenset(("arrondissement", "arr", "cedex"))
LOCAL_WEIGHT = 10  # an inhabitant of the region counts for ten: people orient around where they are
EXACT_WEIGHT = 20
_POSTAL = 5  # characters of a postal or INSEE code


class Place(NamedTuple):
    """A commune as it is proposed: `label` « Paris 10 (75010) », `name` as the ROR shows it."""

    insee: str
    name: str
    label: str
    plain: str
    postal_codes: tuple[str, ...]
    departement: str
    city: str  # INSEE code of the whole city, for a municipal arrondissement
    is_local: bool  # in the region of this portal
    latitude: float
    longitude: float
    territoire: str  # territoire de santé of its département, where the region filled the table

    def label_for(self, code: str) -> str:
        """With the postal code that was typed when it is one of its own."""
        return f"{self.name} ({code})" if code in self.postal_codes else self.label


def commune_label(name: str, postal_codes: list[str], departement: str, *, has_arrondissements: bool) -> str:
    """« Paris 10 (75010) »; « Paris (75) », with the département, for a city of arrondissements or without a code."""
    code = departement if has_arrondissements or not postal_codes else min(postal_codes)
    return f"{name} ({code})"


class PlaceIndex:
    """Places in order of size, those of the region weighted; an arrondissement follows its city."""

    def __init__(self, rows: list[dict]) -> None:
        by_insee = {row["insee"]: row for row in rows}
        cities = {row["ville_id"] for row in rows if row["ville_id"]}

        region = settings.REGION_CODE

        def weight(row: dict) -> int:
            row = by_insee.get(row["ville_id"]) or row
            return (row["population"] or 0) * (LOCAL_WEIGHT if row["departement__region_id"] == region else 1)

        def rank(row: dict) -> tuple:
            return (-weight(row), row["ville_id"] or row["insee"], row["ville_id"] is not None, row["insee"])

        known = vocabulary(row["nom_ror"] if row["ville_id"] else row["nom"] for row in rows)
        rows = sorted(rows, key=rank)
        self._weights = [weight(row) for row in rows]
        self.places = [self._place(row, cities, known, region) for row in rows]
        self.by_insee = {place.insee: number for number, place in enumerate(self.places)}
        self.arrondissements = Counter(place.city for place in self.places if place.city)  # by INSEE code of the city
        self._tokens = TokenIndex((*place.plain.split(), *place.postal_codes) for place in self.places)
        self._starts = StartIndex(
            (variant, number) for number, place in enumerate(self.places) for variant in _variants(place.plain)
        )

    @staticmethod
    def _place(row: dict, cities: set[str], known: dict[str, str], region: str) -> Place:
        name, codes, departement = row["nom_ror"], row["codes_postaux"], row["departement_id"]
        label = commune_label(name, codes, departement, has_arrondissements=row["insee"] in cities)
        # « Paris 10e Arrondissement » is known as « Paris 10 ».
        plain = plain_words(name if row["ville_id"] else row["nom"], known)
        city, is_local = row["ville_id"] or "", row["departement__region_id"] == region
        territoire = row["departement__territoire_sante__label"] or ""
        where = (row["latitude"], row["longitude"], territoire)
        return Place(row["insee"], name, label, plain, tuple(codes), departement, city, is_local, *where)

    def search(self, text: str, limit: int) -> list[Place]:
        typed = _typed(text)
        if not typed:
            return []
        chosen: dict[int, None] = {}
        for number in self._ranked(typed):
            chosen[number] = None
            if len(chosen) == limit:
                break
        return [self.places[number] for number in chosen]

    def exact(self, text: str) -> list[Place]:
        """Places that this text names without a doubt: the label itself, a whole name, a postal or INSEE code."""
        typed = _typed(text)
        if not typed:
            return []
        return [self.places[number] for number in self._exact(typed)]

    def _exact(self, typed: str) -> list[int]:
        if len(typed) == _POSTAL and typed[-1].isdigit():
            numbers = sorted(self._tokens.with_prefix(typed))
            numbers.sort(key=lambda number: (not self.places[number].city, number))  # arrondissement before city
            by_insee = self.by_insee.get(typed.upper())
            return [*numbers, *([by_insee] if by_insee is not None and by_insee not in numbers else [])]
        named = dict.fromkeys(self._starts.equal_to(typed))
        if not named and " " in typed:  # « Paris 10 (75010) », « Evry 91 »: a name and its code
            name, _, code = typed.rpartition(" ")
            if code.isdigit():
                named = dict.fromkeys(n for n in self._starts.equal_to(name) if self._has_code(n, code))
        return sorted(named)

    def is_prominent(self, exact: int, best: int) -> bool:
        """An exact name is what is meant, unless a place that begins alike is far bigger."""
        return self._weights[exact] * EXACT_WEIGHT >= self._weights[best]

    def _has_code(self, number: int, code: str) -> bool:
        place = self.places[number]
        return place.departement == code or any(postal.startswith(code) for postal in place.postal_codes)

    def _ranked(self, typed: str) -> Iterator[int]:
        exact = self._exact(typed)
        starting = sorted(set(self._starts.starting_with(typed)))
        # « evry » is Évry-Courcouronnes before Évry (Yonne): an exact name does not beat a place far bigger.
        if not (exact and starting) or self.is_prominent(exact[0], starting[0]):
            yield from exact
        else:
            yield starting[0]
            yield from exact
        has_digit = any(char.isdigit() for char in typed)
        cities = {self.places[number].insee for number in exact}

        def proposed(number: int) -> bool:
            """Arrondissements only once their city is typed in full: « mar » must not answer sixteen Marseille."""
            return has_digit or not self.places[number].city or self.places[number].city in cities

        yield from filter(proposed, starting)
        words = [word for word in needed_words(typed.split(" ")) if word not in _NOT_NEEDED]
        yield from filter(proposed, sorted(self._tokens.with_all(words)))


def _variants(plain: str) -> Iterator[str]:
    """« le kremlin bicetre », « kremlin bicetre »; « l hay les roses » also as « lhay les roses »."""
    yield plain
    for article in _ARTICLES:
        if plain.startswith(article):
            yield plain.removeprefix(article)
    if plain.startswith("l "):
        yield "l" + plain[2:]


def _typed(text: str) -> str:
    """Normalised; « 10e », « 10ème » → « 10 »; a postal code written in two pieces becomes one (« 75 010 »)."""
    words = [_ORDINAL.sub(r"\1", word) for word in normalise(text).split() if word not in _NOT_NEEDED]
    typed = " ".join(words)
    joined = typed.replace(" ", "")
    return joined if joined.isdigit() and len(joined) == _POSTAL else typed


def _build() -> PlaceIndex:
    fields = (
        "insee",
        "nom",
        "nom_ror",
        "codes_postaux",
        "departement_id",
        "departement__region_id",
        "population",
        "ville_id",
        "latitude",
        "longitude",
        "departement__territoire_sante__label",
    )
    return PlaceIndex(list(Commune.objects.filter(latitude__isnull=False).values(*fields)))


_index = Refreshed(_build, lambda: table_stamp(Commune, Departement), CHECK_EVERY)


def reset() -> None:
    """Forget the index of this process (tests)."""
    _index.reset()


def find(insee: str) -> Place | None:
    """The commune with this INSEE code, from the index: no query. None for an unknown code or one without a centre."""
    index = _index.get()
    number = index.by_insee.get(insee.upper())
    return None if number is None else index.places[number]


def suggest_ou(text: str, limit: int = 8) -> list[Group]:
    """Communes for what is being typed; `value` is the INSEE code, `label` « Paris 10 (75010) ».

    A city of several arrondissements, typed in full, is followed by all of them whatever `limit`.
    """
    index = _index.get()
    places = index.search(text, limit)
    if not places:
        return []
    if index.arrondissements[places[0].insee] and places[1:] and places[1].city == places[0].insee:
        places = index.search(text, 1 + index.arrondissements[places[0].insee])
    typed = _typed(text).split(" ")
    return [Group("Communes", [_option(place, typed) for place in places])]


def resolve(text: str, limit: int = 6) -> tuple[Place | None, list[Place]]:
    """The place a typed text means, if only one can be meant, and else the candidates (none: unknown place).

    One exact name or code is enough, whatever else begins like it; among homonyms, the only one of the region; an
    arrondissement wins over its city (75010 is Paris 10). A postal code of several communes is not enough.
    """
    index = _index.get()
    exact, suggested = index.exact(text), index.search(text, limit)
    cities = {place.city for place in exact}
    exact = [place for place in exact if place.insee not in cities]
    if len(exact) > 1 and exact[0].plain == exact[1].plain:
        exact = [place for place in exact if place.is_local] or exact
    if len(exact) == 1 and suggested[0] == exact[0]:
        return exact[0], []
    return (suggested[0], []) if len(suggested) == 1 else (None, suggested)


def _option(place: Place, typed: list[str]) -> Option:
    code = next((word for word in typed if len(word) == _POSTAL), "")
    label = place.label_for(code)
    return Option(place.insee, label, segment(label, label_words(label, vocabulary([label])), typed))
