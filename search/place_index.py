"""Communes in process, by name, postal code, INSEE code, département, and by names close to what was typed.

Places stand in order of size, those of the region weighted; an arrondissement follows its city. A place is its number
in that order, so « the smallest numbers » are the most likely ones.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from itertools import islice, product
from typing import NamedTuple

from django.conf import settings

from nomenclature.text import normalise
from search.close_words import CORRECTED, CloseWords
from search.prefix import STOP_WORDS, StartIndex, TokenIndex, needed_words
from search.suggestions import plain_words, vocabulary

LOCAL_WEIGHT = 10  # an inhabitant of the region counts for ten: people orient around where they are
EXACT_WEIGHT = 20
POSTAL = 5  # characters of a postal or INSEE code
_ARTICLES = ("le ", "la ", "les ", "l ")
_ORDINAL = re.compile(r"^(\d{1,2})(?:er|e|eme|ieme)$")
_ARRONDISSEMENT = frozenset(("arrondissement", "arr", "arrdt", "ardt"))
_NOT_NEEDED = frozenset(("cedex", "ss"))  # « Fontenay ss Bois »
_ENDING = re.compile(r"(?<=\d) (?:er|e|eme|ieme)\b")  # « 10 ème »
_ROMAN = {"i": 1, "v": 5, "x": 10}
_FEW = 300  # places whose words are looked at one by one rather than by sets
_MANY_WORDS = 6  # of a département: « terres australes et antarctiques francaises »
_NEAR_TEXTS = 12  # and of a whole text
_TOWNS_OF_DEPARTEMENT = 3  # proposed for its name


class Place(NamedTuple):
    """A commune as it is proposed: `label` « Paris 10 (75010) », `name` as the ROR shows it.

    A whole département (`search.place_in_text`) is one too, without `insee`, at the centre of its inhabitants.
    """

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
    population: int = 0

    def label_for(self, code: str) -> str:
        """With the postal code that was typed when it is one of its own."""
        return f"{self.name} ({code})" if code in self.postal_codes else self.label


def commune_label(name: str, postal_codes: list[str], departement: str, *, has_arrondissements: bool) -> str:
    """« Paris 10 (75010) »; « Paris (75) », with the département, for a city of arrondissements or without a code."""
    code = departement if has_arrondissements or not postal_codes else min(postal_codes)
    return f"{name} ({code})"


class PlaceIndex:
    """Everything about communes that a box or a text may ask. Read by every thread; `cedex` alone is replaced."""

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
        self.places = [_place(row, cities, known, region) for row in rows]
        self.by_insee = {place.insee: number for number, place in enumerate(self.places)}
        self.arrondissements = Counter(place.city for place in self.places if place.city)  # by INSEE code of the city
        self._cities = {self.places[self.by_insee[insee]].plain for insee in cities if insee in self.by_insee}
        self.cedex: Mapping[str, tuple[str, ...]] = {}  # CEDEX code → INSEE codes of the communes it serves
        self.departement_names = {row["departement_id"]: row["departement__nom"] for row in rows}
        self._departements = _departements(self.departement_names)  # compared name or code → code
        self._of_departement: dict[str, list[int]] = defaultdict(list)
        self._tokens = TokenIndex((*place.plain.split(), *place.postal_codes) for place in self.places)
        self._starts = StartIndex(
            (variant, number) for number, place in enumerate(self.places) for variant in _variants(place)
        )
        self._likely: dict[str, int] = {}  # word → its most likely place
        for number, place in enumerate(self.places):
            self._of_departement[place.departement].append(number)
            for word in place.plain.split():
                self._likely.setdefault(word, number)
        self._near = lru_cache(maxsize=1024)(CloseWords(self._likely).near)

    # --- Asked by the boxes and by texts ----------------------------------------------------------------------------

    def search(self, typed: str, limit: int) -> list[Place]:
        """Places that a text (see `typed_text`) names or begins to name, the most likely first."""
        return [self.places[number] for number in _first(self._ranked(typed), limit)] if typed else []

    def near(self, typed: str, limit: int) -> list[Place]:
        """For a text that names nothing: with its misspelt words corrected, else without its last words."""
        chosen: dict[int, None] = {}
        texts = list(self.corrections(typed))
        for text in texts:
            chosen |= dict.fromkeys(_first(self._ranked(text), limit))
        words = (texts[0] if texts else typed).split(" ")
        while not chosen and len(words) > 1:  # « Cergy-Pontoise », « Montreuil-sous-Bois »
            words.pop()
            while words[1:] and words[-1] in STOP_WORDS:
                words.pop()
            if len(max(words, key=len)) >= CORRECTED:
                chosen |= dict.fromkeys(_first(self._ranked(" ".join(words)), limit))
        return [self.places[number] for number in islice(chosen, limit)]

    def exact(self, typed: str) -> list[Place]:
        """Places that this text names without a doubt: the label itself, a whole name, a postal or INSEE code."""
        return [self.places[number] for number in self._exact(self._in_city(typed))] if typed else []

    def corrections(self, typed: str, *, is_whole: bool = False) -> Iterator[str]:
        """Texts close to this one, the closest first. `is_whole`: no word is still being typed, and only the
        words that no name holds are wrong."""
        words = typed.split(" ")
        unknown = self._unknown(words, is_whole=is_whole)
        if is_whole and not unknown:
            return
        wrong = unknown or [rank for rank, word in enumerate(words) if word not in STOP_WORDS]
        near = {rank: self._near(words[rank], is_last=not is_whole and rank == len(words) - 1) for rank in wrong}
        if unknown and not all(near.values()):
            return
        if not unknown:  # every word exists, but not together: one of them is another
            for rank in reversed(wrong):
                yield from (" ".join([*words[:rank], other, *words[rank + 1 :]]) for other in near[rank])
            return
        for chosen in islice(product(*near.values()), _NEAR_TEXTS):
            corrected = dict(zip(near, chosen, strict=True))
            yield " ".join(corrected.get(rank, word) for rank, word in enumerate(words))

    def _unknown(self, words: list[str], *, is_whole: bool) -> list[int]:
        if is_whole:
            return [rank for rank, word in enumerate(words) if word not in self._tokens]
        return [rank for rank, word in enumerate(words) if not self._tokens.has_prefix(word)]

    def is_prominent(self, exact: int, best: int) -> bool:
        """An exact name is what is meant, unless a place that begins alike is far bigger."""
        return self._weights[exact] * EXACT_WEIGHT >= self._weights[best]

    def weight(self, place: Place) -> int:
        return self._weights[self.by_insee[place.insee]]

    def beginning(self, typed: str) -> list[Place]:
        """Places whose name goes on after these whole words, the most likely first; at most a hundred or so."""
        return [self.places[number] for number in self._starts.first_starting_with(f"{typed} ")]

    def within(self, typed: str) -> list[Place]:
        """« evry 91 »: places of a département whose name goes on after the whole words typed."""
        return [
            place
            for name, departement in self._cuts(typed)
            for place in self.beginning(name)
            if place.departement == departement
        ]

    def departement(self, typed: str) -> str:
        """Code of the département that a name or a code names, or ""."""
        return self._departements.get(typed, "")

    def towns(self, departement: str) -> list[Place]:
        """Its communes, the biggest first."""
        return [self.places[number] for number in self._of_departement.get(departement, ())]

    # --- Ranking ----------------------------------------------------------------------------------------------------

    def _ranked(self, typed: str) -> Iterator[int]:
        """Numbers, possibly several times the same: what is named, what begins so, what holds every word."""
        typed = self._in_city(typed)
        exact = self._exact(typed)
        starting = self._starts.first_starting_with(typed)
        departement = self._of_departement.get(self.departement(typed), ())[:_TOWNS_OF_DEPARTEMENT]
        # « evry » is Évry-Courcouronnes before Évry (Yonne), « la reunion » the island before the village.
        bigger = [one for one in (*starting[:1], *departement[:1]) if exact and not self.is_prominent(exact[0], one)]
        yield from bigger
        yield from exact
        if is_code(typed) and typed.upper() in self.by_insee:
            yield self.by_insee[typed.upper()]
        yield from departement
        yield from self._in_departement(typed)
        has_digit = any(char.isdigit() for char in typed)
        cities = {self.places[number].insee for number in exact}

        def proposed(number: int) -> bool:
            """Arrondissements only once their city is typed in full: « mar » must not answer sixteen Marseille."""
            return has_digit or not self.places[number].city or self.places[number].city in cities

        yield from filter(proposed, starting)
        yield from filter(proposed, self._holding(needed_words(typed.split(" "))))
        if departement:
            yield from self._of_departement[self.departement(typed)]

    def _exact(self, typed: str) -> list[int]:
        if is_code(typed):
            numbers = sorted(self._starts.equal_to(typed), key=lambda n: (not self.places[n].city, n))
            known = (*self.cedex.get(typed, ()), typed.upper())
            return numbers or [self.by_insee[insee] for insee in known if insee in self.by_insee][:1]
        named = set(self._starts.equal_to(typed))
        if not named and " " in typed:
            name, _, code = typed.rpartition(" ")
            if code.isdigit():  # « Paris 10 (75010) », « Evry 91 »
                named = {n for n in self._starts.equal_to(name) if self._has_code(n, code)}
            for name, departement in () if named else self._cuts(typed):
                named = {n for n in self._starts.equal_to(name) if self.places[n].departement == departement}
                if named:
                    break
        return sorted(named)

    def _has_code(self, number: int, code: str) -> bool:
        place = self.places[number]
        return place.departement == code or any(postal.startswith(code) for postal in place.postal_codes)

    def _cuts(self, typed: str) -> Iterator[tuple[str, str]]:
        """« 93 saint denis », « sainte marie la reunion »: (name, code of the département)."""
        words = typed.split(" ")
        for size in range(min(len(words) - 1, _MANY_WORDS), 0, -1):
            name, code = words[:-size], self._departements.get(" ".join(words[-size:]))
            while name and name[-1] in STOP_WORDS:
                name = name[:-1]
            if code and name:
                yield " ".join(name), code
        code = self._departements.get(words[0])
        if code and words[1:] and words[0][0].isdigit():  # « Marne-la-Vallée » is not in the Marne
            yield " ".join(words[1:]), code

    def _in_departement(self, typed: str) -> Iterator[int]:
        for name, departement in self._cuts(typed):
            for number in (*self._starts.first_starting_with(name), *self._holding(needed_words(name.split(" ")))):
                if self.places[number].departement == departement:
                    yield number

    def _holding(self, words: list[str]) -> list[int]:
        """Places where each word begins a word of the name or a postal code."""
        first, *others = sorted(words, key=len, reverse=True)
        found = self._tokens.with_prefix(first)
        if len(found) > _FEW:
            return sorted(found & self._tokens.with_all(others) if others else found)
        return sorted(number for number in found if all(map(self._holds(number), others)))

    def _holds(self, number: int) -> Callable[[str], bool]:
        tokens = (*self.places[number].plain.split(), *self.places[number].postal_codes)
        return lambda word: any(token.startswith(word) for token in tokens)

    def _in_city(self, typed: str) -> str:
        """« 10 paris », « paris xvi », « 75010 paris » as the index has them (« paris 16 », « 75010 »)."""
        words = typed.split(" ")
        city = next((word for word in words if word in self._cities), "")
        others = [word for word in words if word != city and word not in STOP_WORDS]
        if not city or len(others) != 1:
            return typed
        [other] = others
        if is_code(other):
            at = self._exact(other)
            found = bool(at) and self.places[at[0]].plain.startswith(f"{city} ")
            return other if found else typed
        number = int(other) if other.isdigit() and len(other) < 3 else _roman(other)
        return f"{city} {number}" if number and self._starts.equal_to(f"{city} {number}") else typed


def _first(numbers: Iterator[int], limit: int) -> list[int]:
    """The first different ones; the rest is not even looked for."""
    chosen: dict[int, None] = {}
    for number in numbers:
        chosen[number] = None
        if len(chosen) == limit:
            break
    return list(chosen)


def _place(row: dict, cities: set[str], known: dict[str, str], region: str) -> Place:
    name, codes, departement = row["nom_ror"], row["codes_postaux"], row["departement_id"]
    return Place(
        insee=row["insee"],
        name=name,
        label=commune_label(name, codes, departement, has_arrondissements=row["insee"] in cities),
        # « Paris 10e Arrondissement » is known as « Paris 10 ».
        plain=plain_words(name if row["ville_id"] else row["nom"], known),
        postal_codes=tuple(codes),
        departement=departement,
        city=row["ville_id"] or "",
        is_local=row["departement__region_id"] == region,
        latitude=row["latitude"],
        longitude=row["longitude"],
        territoire=row["departement__territoire_sante__label"] or "",
        population=row["population"] or 0,
    )


def _departements(named: Mapping[str, str]) -> dict[str, str]:
    """« 93 », « 2a », « seine saint denis », « la reunion », « reunion » → code."""
    found: dict[str, str] = {}
    for code, name in named.items():
        plain = normalise(name)
        names = [plain, *(plain.removeprefix(article) for article in _ARTICLES)]
        found |= dict.fromkeys([code.lower(), *names], code)
    return found


def _variants(place: Place) -> Iterator[str]:
    """« le kremlin bicetre », « kremlin bicetre », « lekremlinbicetre »; « lhay les roses »; its postal codes;
    « arrondissement 10 » for Paris 10."""
    plain = place.plain
    yield plain
    yield from place.postal_codes
    if place.city:
        yield f"arrondissement {plain.rpartition(' ')[2]}"
        return
    for article in _ARTICLES:
        if plain.startswith(article):
            name = plain.removeprefix(article)
            yield name
            yield f"{name} {article.rstrip()}"  # « Kremlin-Bicêtre (Le) », as the ROR shows it
    if plain.startswith("l "):
        yield "l" + plain[2:]
    yield plain.replace(" ", "")


def _roman(word: str) -> int:
    """« xvi » and « xvie » → 16; 0 for anything else."""
    letters = [_ROMAN.get(letter, 0) for letter in word.removesuffix("e")]
    if not all(letters):
        return 0
    following = [*letters[1:], 0]
    return sum(-value if value < after else value for value, after in zip(letters, following, strict=True))


def is_code(typed: str) -> bool:
    """Five characters that end with a digit: a postal code, a CEDEX or an INSEE code (« 2a004 »)."""
    return len(typed) == POSTAL and typed[-1].isdigit() and " " not in typed


def typed_text(text: str) -> str:
    """Normalised; « 10e », « 10ème » → « 10 »; « 10e arrondissement » → « arrondissement 10 » when it stands alone;
    a postal code written in two pieces becomes one (« 75 010 »)."""
    words = _ENDING.sub("", normalise(text)).split()
    kept = [word for word in words if word not in _ARRONDISSEMENT]
    kept = [_ORDINAL.sub(r"\1", word) for word in kept if word not in _NOT_NEEDED]
    if len(kept) == 1 and len(kept[0]) < 3 and kept[0].isdigit() and _ARRONDISSEMENT.intersection(words):
        return f"arrondissement {int(kept[0])}"
    typed = " ".join(kept)
    joined = typed.replace(" ", "")
    return joined if joined.isdigit() and len(joined) == POSTAL else typed
