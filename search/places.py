"""What the « Où ? » box proposes and what a typed place means. In process: 35,000 communes, a tenth of a millisecond.

Nothing of a fiche comes out of here but the commune of a CEDEX code, which is the post office's and no secret.
"""

from collections import Counter

from django.db.models import Count, Q

from directory.models import Lieu
from nomenclature.models import Commune, Departement
from nomenclature.refreshed import Refreshed, table_stamp
from nomenclature.text import normalise
from search.adresses import Adresse, looks_like_address
from search.place_index import POSTAL, Place, PlaceIndex, is_code, typed_text
from search.suggestions import Group, Option, label_words, segment, vocabulary

CHECK_EVERY = 60.0  # seconds: communes change on the first of January
CEDEX_EVERY = 3600.0  # one look at every address of FINESS: an import brings new codes, some a month
EXACT, NEAR = "Communes", "Communes au nom proche"
NEAR_AT_MOST = 5
FEW, SMALL = 2, 20_000  # communes found, and weight of the first, up to which a misspelling is thought of


def _build() -> PlaceIndex:
    fields = (
        "insee",
        "nom",
        "nom_ror",
        "codes_postaux",
        "departement_id",
        "departement__nom",
        "departement__region_id",
        "population",
        "ville_id",
        "latitude",
        "longitude",
        "departement__territoire_sante__label",
    )
    return PlaceIndex(list(Commune.objects.filter(latitude__isnull=False).values(*fields)))


def _read_cedex() -> dict[str, tuple[str, ...]]:
    """CEDEX codes taught by the addresses of establishments: the commune most of them are in.

    Only main entrances, whose address is FINESS's: a secret place teaches nothing.
    """
    written = Q(localite__contains="Cedex") | Q(localite__contains="CEDEX")
    rows = (
        Lieu.objects.filter(written, est_principal=True, commune__isnull=False, code_postal__regex=r"^\d{5}$")
        .values_list("code_postal", "commune_id")
        .annotate(n=Count("pk"))
    )
    found: dict[str, Counter] = {}
    for code, insee, n in rows:
        found.setdefault(code, Counter())[insee] += n
    return {code: (min(seen, key=lambda insee: (-seen[insee], insee)),) for code, seen in found.items()}


_index = Refreshed(_build, lambda: table_stamp(Commune, Departement), CHECK_EVERY)
_cedex = Refreshed(_read_cedex, lambda: table_stamp(Lieu), CEDEX_EVERY)


def index() -> PlaceIndex:
    """That of this process."""
    found = _index.get()
    found.cedex = _cedex.get()
    return found


def find(insee: str) -> Place | None:
    """The commune with this INSEE code, from the index: no query. None for an unknown code or one without a centre."""
    known = index()
    number = known.by_insee.get(insee.upper())
    return None if number is None else known.places[number]


def suggest_ou(text: str, limit: int = 8) -> list[Group]:
    """Communes for what is being typed; `value` is the INSEE code, `label` « Paris 10 (75010) ».

    A city of several arrondissements, typed in full, is followed by all of them whatever `limit`. Names close to a
    misspelt one come below, in a group that says so, when nothing else is found, or hardly anyone lives there.
    """
    known, typed = index(), typed_text(text)
    places = known.search(typed, limit)
    if places and known.arrondissements[places[0].insee] and places[1:] and places[1].city == places[0].insee:
        places = known.search(typed, 1 + known.arrondissements[places[0].insee])
    close = [] if _is_enough(known, typed, places) else near(text)
    groups = [(EXACT, places), (NEAR, [place for place in close if place not in places])]
    return [Group(title, [_option(place, typed) for place in found]) for title, found in groups if found]


def _is_enough(known: PlaceIndex, typed: str, found: list[Place]) -> bool:
    """Nobody can have meant another name: it is exact, or what it begins is many or big."""
    return len(found) > FEW or bool(found and known.weight(found[0]) >= SMALL) or bool(known.exact(typed))


def resolve(text: str, limit: int = 6) -> tuple[Place | None, list[Place]]:
    """The place a typed text means, if only one can be meant, and else the candidates (none: unknown place).

    One exact name or code is enough, whatever else begins like it; among homonyms, the only one of the region; an
    arrondissement wins over its city (75010 is Paris 10). A postal code of several communes is not enough.
    """
    known, typed = index(), typed_text(text)
    exact, suggested = known.exact(typed), known.search(typed, limit)
    cities = {place.city for place in exact}
    exact = [place for place in exact if place.insee not in cities]
    if len(exact) > 1 and exact[0].plain == exact[1].plain:
        exact = [place for place in exact if place.is_local] or exact
    if len(exact) == 1 and suggested[0] == exact[0]:
        return exact[0], []
    if len(suggested) == 1 and _is_enough(known, typed, suggested):
        return suggested[0], []
    return None, suggested


def near(text: str, limit: int = NEAR_AT_MOST) -> list[Place]:
    """Communes whose name is close to one that no commune has; none for a text that is an address."""
    typed = typed_text(text)
    return index().near(typed, limit) if typed and not looks_like_address(text) else []


def may_be_address(text: str) -> bool:
    """It looks like one, and no commune is called so (« 93 saint denis »)."""
    return looks_like_address(text) and not index().exact(typed_text(text))


def adresse_group(found: list[Adresse], text: str) -> Group:
    """Addresses as they are proposed; `value` is « latitude,longitude »."""
    words = normalise(text).split()
    return Group(
        "Adresses",
        [
            Option(f"{one.latitude},{one.longitude}", one.label, segment(one.label, _words(one.label), words))
            for one in found
        ],
    )


def _words(label: str) -> list[tuple[int, int, str]]:
    return label_words(label, vocabulary([label]))


def _option(place: Place, typed: str) -> Option:
    words = typed.split(" ")
    code = next((word for word in words if len(word) == POSTAL), "")
    label = place.label_for(code)
    segments = segment(label, _words(label), words)
    if is_code(code) and code not in place.postal_codes and code.upper() != place.insee:  # found by its CEDEX
        segments += ((" · ", False), (f"CEDEX {code}", True))
    return Option(place.insee, label, segments)
