"""The words of a town inside the « Quoi ? » text: « csapa evry », « cmpp kremlin bicetre », « csapa lyon 3 ».

Only words that name one place without a doubt are taken, at the end of the text or else at its beginning, as many as
possible, and only when something is left to look for. Not taken, so that names stay names (docs/recherche.md):
- a text whose words are all words of one label (« lits halte soins santé »), and a single word of a label;
- homonyms of which none is far bigger than the others, villages, beginnings many names share (« bois », « mont »);
- words that the names of establishments hold more often elsewhere than in that town's département: « les lilas » are
  homes in the whole country, « evry » is in Évry.
A text that is not understood is searched as it is: it finds the town in the addresses too, only in another order.
"""

import re
import time
from collections.abc import Iterator

from django.conf import settings
from django.db import connections

from nomenclature.refreshed import Refreshed
from nomenclature.text import normalise
from search import places, suggestions, vocabulary
from search.place_index import Place, PlaceIndex, is_code, typed_text
from search.text import Form

FAR_BIGGER = 5  # times the next homonym, inhabitants of the region counting for ten
GENERIC = 15  # names that go on after the same words, beyond which these words are no town's short name
VILLAGE, VILLAGE_ELSEWHERE = 2_000, 10_000  # inhabitants under which a bare name is not understood
LONGEST_NAME = 6  # words
SHORT_DEPARTEMENT = 6  # letters under which the name of a département is too common a word (« nord », « lot »)
ASKED_AGAIN = 3600.0  # seconds: how often names hold the words of a town
_WORD = re.compile(r"[^\W_]+")
_LINKS = frozenset("a au aux d dans de des du en et l la le les pour pres proche sur vers autour departement".split())


def split(text: str) -> tuple[str, Place | None]:
    """(what is looked for, the place understood); the text itself and None when it names no place for sure.

    A mistyped town is understood too when no establishment and no label holds such a word (« csapa evri »). `Place`
    has no `insee` for a département (« camsp 91 »): the centre of its inhabitants.
    """
    words = [(match.start(), match.end(), normalise(match.group())) for match in _WORD.finditer(text)]
    if len(words) < 2 or suggestions.concept_ids_matching(text):
        return text, None
    known = places.index()
    if known.exact(typed_text(text)):
        return text, None  # nothing is left to look for
    for rest, run in (*_at_the_end(text, words), *_at_the_beginning(text, words)):
        place = _meant(known, run)
        if place:
            return rest, place
    return _mistyped(text, words)


def correct_town(text: str) -> Place | None:
    """The town that misspelt words mean, if only one can be; some tenths of a millisecond."""
    known = places.index()
    for corrected in known.corrections(typed_text(text), is_whole=True):
        place = _meant(known, corrected)
        if place:
            return place
    return None


Words = list[tuple[int, int, str]]  # start, end, compared form


def _at_the_end(text: str, words: Words) -> Iterator[tuple[str, str]]:
    """(rest, run) for every run of words at the end, longest first."""
    for size in range(min(LONGEST_NAME, len(words) - 1), 0, -1):
        kept = words[:-size]
        while kept and kept[-1][2] in _LINKS:
            kept = kept[:-1]
        if _says_something(kept):
            yield text[: kept[-1][1]].strip(), " ".join(word for _, _, word in words[-size:])


def _at_the_beginning(text: str, words: Words) -> Iterator[tuple[str, str]]:
    for size in range(min(LONGEST_NAME, len(words) - 1), 0, -1):
        kept = words[size:]
        if kept[0][2] not in _LINKS and _says_something(kept):
            yield text[kept[0][0] :].strip(), " ".join(word for _, _, word in words[:size])


def _says_something(words: Words) -> bool:
    return any(word not in _LINKS and not word.isdigit() for _, _, word in words)


def _meant(known: PlaceIndex, run: str) -> Place | None:
    typed = typed_text(run)
    if not typed or typed.split(" ")[0] in ("de", "du", "des", "d"):
        return None
    departement = known.departement(typed)
    if is_code(typed) or (departement and typed[0].isdigit()):
        found = known.exact(typed)
        return found[0] if is_code(typed) and found else _departement(known, departement)
    exact = known.exact(typed)
    if any(char.isdigit() for char in typed):  # « lyon 3 », « evry 91 »: a name and a number leave no doubt
        cities = {place.city for place in exact}
        return _far_biggest(known, [p for p in exact if p.insee not in cities] or known.within(typed))
    if departement and _is_departement(known, typed, exact):
        is_name = _is_a_name(typed, {departement})
        return None if is_name else _departement(known, departement)
    return _town(known, typed, exact)


def _town(known: PlaceIndex, typed: str, exact: list[Place]) -> Place | None:
    longer = [place for place in known.beginning(typed) if not place.city]
    if not exact and len(longer) > GENERIC:
        return None
    best = _far_biggest(known, [*exact, *longer])
    if not best or best.population < (VILLAGE if best.is_local else VILLAGE_ELSEWHERE):
        return None
    if " " not in typed and suggestions.is_word(typed):
        return None
    return None if _is_a_name(typed, {place.departement for place in (best, *exact)}) else best


def _far_biggest(known: PlaceIndex, found: list[Place]) -> Place | None:
    """The one that leaves the others no chance."""
    ordered = sorted(set(found), key=known.weight, reverse=True)
    if len(ordered) > 1 and known.weight(ordered[0]) < FAR_BIGGER * known.weight(ordered[1]):
        return None
    return ordered[0] if ordered else None


def _is_departement(known: PlaceIndex, typed: str, exact: list[Place]) -> bool:
    """« essonne », « seine saint denis », « la reunion »; not « paris » nor « vienne », which are towns first."""
    if " " not in typed and len(typed) < SHORT_DEPARTEMENT:
        return False
    biggest = known.towns(known.departement(typed))[0]
    return not exact or known.weight(exact[0]) * FAR_BIGGER < known.weight(biggest)


def _departement(known: PlaceIndex, code: str) -> Place | None:
    """A place for a whole département, at the mean position of its inhabitants."""
    towns = [place for place in known.towns(code) if not place.city]
    if not towns:
        return None
    people = sum(place.population for place in towns) or 1
    name = known.departement_names[code]
    return towns[0]._replace(
        insee="",
        name=name,
        label=f"{name} ({code})",
        plain="",
        postal_codes=(),
        latitude=sum(place.latitude * place.population for place in towns) / people,
        longitude=sum(place.longitude * place.population for place in towns) / people,
        population=people,
    )


def _mistyped(text: str, words: Words) -> tuple[str, Place | None]:
    """« csapa evri », « cmpp kremlin bicettre »: the last words, when one of them is in no name and no label."""
    known = vocabulary.current()
    unknown = {word for _, _, word in words if not known.knows(Form((word,), True))}
    for rest, run in _at_the_end(text, words) if unknown else ():
        place = None if unknown.isdisjoint(run.split(" ")) else correct_town(run)
        if place:
            return rest, place
    return text, None


# --- Words of names -------------------------------------------------------------------------------------------------

_names: Refreshed[dict[str, dict[str, int]]] = Refreshed(dict, lambda: time.monotonic() // ASKED_AGAIN, ASKED_AGAIN)


def _is_a_name(typed: str, departements: set[str]) -> bool:
    """Names of establishments hold these words more often outside these départements than inside."""
    counts = _counts(typed)
    here = sum(counts.get(code, 0) for code in departements)
    return sum(counts.values()) - here > here


def _counts(typed: str) -> dict[str, int]:
    """Establishments whose name holds these words in a row, by département; asked once an hour."""
    known = _names.get()
    if typed not in known:
        query = " <-> ".join(f"'{word}':A" for word in typed.split(" "))
        with connections[settings.SEARCH_DATABASE].cursor() as cursor:
            cursor.execute(
                "select coalesce(departement, ''), count(*) from search_eg where texte @@ %s::tsquery group by 1",
                [query],
            )
            known[typed] = dict(cursor.fetchall())
    return known[typed]
