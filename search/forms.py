"""What a person asks for, read from the address of the results page (design: « URL contract »)."""

import re
from collections.abc import Mapping
from functools import cache, cached_property
from operator import itemgetter
from urllib.parse import urlencode

from django import forms
from django.urls import reverse
from django.utils.datastructures import MultiValueDict

from nomenclature.models import Concept
from nomenclature.text import normalise
from search import filtres, labels, place_in_text, places, suggestions, where
from search.criteria import Criteria, Dans, Origin, Sort
from search.facets import FACETS
from search.zone import Zone, ZoneField

DANS_LABELS = {
    Dans.TOUT: "Tout le ROR",
    Dans.FILIERES: "Filières",
    Dans.TYPES_UO: "Types d’UO",
    Dans.ACTES: "Actes spécifiques",
    Dans.NOMS: "Noms",
}
SYSTEM_LABELS = {  # what a chosen concept is, by its code system
    "ror-type-uo": "Type d’UO",
    "ror-filiere": "Filière",
    "TRE_R210": "Acte spécifique",
    "TRE_R211": "Activité opérationnelle",
    "TRE_R213": "Mode de prise en charge",
    "TRE_R245": "Spécialisation",
}
QUESTION = ("q", "code")  # a request that holds one of them asks something: the bare page shows its help instead
RESULTS = "search:results"
FILTERS = {*(facet.key for facet in FACETS), *filtres.NAMES}  # parameters that narrow
MAX_TEXT = 200
NOT_UNDERSTOOD = "non"  # the value of `lieu_compris` that takes the words of a town for words like others
RADII = (2, 5, 10, 20, 50, 100)  # kilometres
CARTE = "carte"  # the value of `vue` that asks for the map
EXAMPLES = ("CSAPA", "appartement de coordination", "CAMSP", "équipe mobile", "soins palliatifs")
_CODE = re.compile(r"[\w.+-]{1,40}")


class LenientChoice(forms.ChoiceField):
    """A choice of presentation: anything else than a known value is the first one, never an error."""

    def clean(self, value: str | None) -> str:
        known = [key for key, _ in self.choices]
        return value if value in known else known[0]


class PageField(forms.Field):
    """A page number; anything else is page 1."""

    def clean(self, value: str | None) -> int:
        return int(value) if value and value.isascii() and value.isdigit() and len(value) < 6 else 1


def _degrees(name: str, limit: int) -> forms.FloatField:
    wrong = f"La {name} est un nombre de degrés entre -{limit} et {limit}."
    return forms.FloatField(
        required=False,
        min_value=-limit,
        max_value=limit,
        error_messages={"invalid": wrong, "min_value": wrong, "max_value": wrong},
        widget=forms.HiddenInput,
    )


class SearchForm(forms.Form):
    """The two boxes and all that the address carries. `lieu` is the typed place; `ou` the INSEE code it became.

    A hidden `ou` or `code` is believed only while the visible text is still its label: without JavaScript people
    edit the text and cannot clear the code behind it.
    """

    lieu = forms.CharField(
        label="Où ?",
        max_length=100,
        required=False,
        error_messages={"max_length": "Une commune, un code postal ou une adresse : 100 caractères au plus."},
    )
    q = forms.CharField(
        label="Quoi ?",
        max_length=MAX_TEXT,
        required=False,
        error_messages={"max_length": "Votre recherche dépasse 200 caractères : gardez les mots qui comptent."},
    )
    dans = LenientChoice(label="Rechercher dans", choices=[(key.value, label) for key, label in DANS_LABELS.items()])
    ou = forms.CharField(required=False, widget=forms.HiddenInput)
    code = forms.CharField(required=False, widget=forms.HiddenInput)
    lat, lon = _degrees("latitude", 90), _degrees("longitude", 180)
    lieu_compris = LenientChoice(choices=[("", ""), (NOT_UNDERSTOOD, "Non")])
    tri = LenientChoice(choices=[("", ""), *((sort.value, sort.value) for sort in Sort)])
    rayon = LenientChoice(choices=[("", "À toute distance"), *((str(km), f"{km} km") for km in RADII)])
    zone = ZoneField(required=False, widget=forms.HiddenInput)
    vue = LenientChoice(choices=[("liste", "Liste"), (CARTE, "Carte")])
    age, ouvert_le = filtres.AgeField(), filtres.day_field()
    age_unite = LenientChoice(choices=[(unit, unit) for unit in filtres.UNITS])
    ouvert = LenientChoice(choices=[("", ""), (filtres.NOW, "Maintenant")])
    toutes = LenientChoice(choices=[("", ""), *((facet.key, facet.title) for facet in FACETS)])  # all values shown
    page = PageField()

    def __init__(self, data: MultiValueDict | None = None, **kwargs) -> None:
        asked = data is not None and any(name in data for name in (*QUESTION, "ou", "lieu", "lat", "lon"))
        super().__init__(data if asked else None, auto_id="recherche-%s", **kwargs)
        self.place: places.Place | None = None
        self.concept: Concept | None = None
        self.where = where.Where()
        self.understood: places.Place | None = None  # named in the text, and what is left of it
        self.rest = ""
        self.facets: dict[str, dict[str, str]] = {}  # facet key → {code: label} of the values chosen
        self._written: dict[tuple[str, str], str] = {}  # parameters as addresses write them

    # --- Checks, each message next to its field ---------------------------------------------------------------------

    def add_error(self, field: str | None, error) -> None:
        """Hidden fields have no place of their own: their errors stand under the box they belong to."""
        box = dict.fromkeys(("ou", "lat", "lon", "zone"), "lieu") | dict.fromkeys(("code", *filtres.NAMES), "q")
        if isinstance(error, forms.ValidationError) and hasattr(error, "error_dict"):
            super().add_error(field, error)
        else:
            super().add_error(box.get(field, field), error)

    def clean(self) -> dict:
        self._clean_place()
        self._clean_question()
        self._clean_facets()
        if wrong := filtres.fault(self.cleaned_data):
            self.add_error("age", wrong)
        self._understand_place()
        return self.cleaned_data

    def _clean_place(self) -> None:
        typed = self.cleaned_data.get("lieu", "")
        if self.has_error("lieu") or ("lieu" in self.data and not typed):
            return  # an empty box is no place, whatever is left behind it
        given = (self.cleaned_data.get(name) for name in ("lat", "lon"))
        self.where = where.read(typed, self.cleaned_data.get("ou", ""), *given)
        self.place = self.where.place
        if self.where.error:
            self.add_error("lieu", self.where.error)

    def _understand_place(self) -> None:
        """The words of a town in the text, when no place is given; never for a search by name."""
        asked = self.cleaned_data.get("lieu_compris") != NOT_UNDERSTOOD and self.cleaned_data.get("dans") != Dans.NOMS
        if asked and not self.errors and not self.concept and not self.place and not self.where.point:
            self.rest, self.understood = place_in_text.split(self.cleaned_data["q"])

    def _clean_question(self) -> None:
        text, key = self.cleaned_data.get("q", ""), self.cleaned_data.get("code", "")
        if key and not ("q" in self.data and not text):
            self.concept = suggestions.find(key)
            if self.concept and text and normalise(text) != normalise(self.concept.label):
                self.concept = None  # edited since: the text is what is meant
            elif not self.concept and not text:
                self.add_error("q", "Cette suggestion n’existe plus. Choisissez-en une autre, ou tapez quelques mots.")
        has_question = self.concept or normalise(text)
        if not has_question and not self.has_error("q") and any(name in self.data for name in QUESTION):
            self.add_error("q", "Choisissez ce que vous cherchez : un type d’unité, un acte, une activité ou un nom.")

    def _clean_facets(self) -> None:
        """Values that exist, by label; an unknown code is ignored, as after a change of list."""
        for facet in FACETS:
            if asked := set(filter(_CODE.fullmatch, self.data.getlist(facet.key))):
                known = labels.get()
                found = [
                    (code, known.label(known.ids[key])) for code in asked if (key := (facet.key, code)) in known.ids
                ]
                if found:
                    self.facets[facet.key] = dict(sorted(found, key=itemgetter(1)))

    # --- What the page needs ----------------------------------------------------------------------------------------

    @property
    def is_answerable(self) -> bool:
        """Valid, and something is asked: there are results to show."""
        return self.is_valid() and bool(self.concept or normalise(self.cleaned_data["q"]))

    @property
    def sort(self) -> Sort:
        """The one asked for; else by distance when there is a place, by relevance when there is none, or when it was
        understood from the text: « cmpp de viry » may be a name."""
        if not self.origin:
            return Sort.PERTINENCE
        usual = Sort.PERTINENCE if self.understood else Sort.DISTANCE
        return Sort(self.cleaned_data["tri"] or usual)

    @property
    def map_zone(self) -> Zone | None:
        """The part of the map to search in, if any."""
        return self.cleaned_data.get("zone")

    @property
    def rayon_km(self) -> int:
        """Kilometres around the place to stay within; 0 without a place, or when it is left free."""
        return int(self.cleaned_data["rayon"] or 0) if self.origin else 0

    @cached_property
    def filtres(self) -> filtres.Filtres:
        """Age and opening; nothing chosen as long as the form is not valid."""
        return filtres.Filtres.of(self.cleaned_data) if self.is_bound and self.is_valid() else filtres.Filtres()

    @property
    def is_map(self) -> bool:
        """The answer is asked for on the map; known before any check, for the page of an error too."""
        return self.data.get("vue") == CARTE

    @property
    def page_number(self) -> int:
        return self.cleaned_data["page"]

    @cached_property
    def origin(self) -> Origin | None:
        place = self.place or self.understood
        if place:
            return Origin(
                latitude=place.latitude,
                longitude=place.longitude,
                label=place.name,
                insee=place.insee or None,
                territoire=place.territoire,
            )
        point = self.where.point
        return point and Origin(point.latitude, point.longitude, point.label or where.UNNAMED)

    @property
    def text(self) -> str:
        """The words to look for, those of a place understood left out."""
        return self.rest if self.understood else self.cleaned_data["q"]

    def criteria(self) -> Criteria:
        """The question for the engine; only for an answerable form."""
        return Criteria(
            origin=self.origin,
            concept=self.concept.pk if self.concept else None,
            text="" if self.concept else self.text,
            typed=self.cleaned_data["q"] if self.understood else "",
            dans=Dans(self.cleaned_data["dans"]),
            facets={key: frozenset(codes) for key, codes in self.facets.items()},
            sort=self.sort,
            zone=self.map_zone,
            rayon_km=self.rayon_km or None,
            age_days=self.filtres.age_days,
            ouvert=self.filtres.ouvert,
        )

    @property
    def dans_label(self) -> str:
        return DANS_LABELS[Dans(self.cleaned_data["dans"])]

    # --- What the boxes hold ----------------------------------------------------------------------------------------

    @property
    def place_value(self) -> str:
        """Text of the « Où ? » box: the label of the place found, else what was typed."""
        return self.place.label if self.place else self.data.get("lieu", "")

    @property
    def text_value(self) -> str:
        return self.concept.label if self.concept else self.data.get("q", "")

    @property
    def insee_value(self) -> str:
        return self.place.insee if self.place else ""

    @property
    def point(self) -> where.Point | None:
        """Kept behind the box by scripts, as long as its text does not change."""
        return self.where.point if self.where.point and self.where.point.label else None

    @property
    def code_value(self) -> str:
        return self.concept.key if self.concept else ""

    @property
    def dans_value(self) -> str:
        return self.fields["dans"].clean(self.data.get("dans"))

    @property
    def candidates(self) -> list[tuple[where.Candidate, str]]:
        """What an ambiguous place may mean, each with the address of the search there."""
        kept = [(name, self.data.get(name, "")) for name in ("q", "code", "dans")]
        kept += [("vue", CARTE)] if self.is_map else []
        kept = [(name, value) for name, value in kept if value]
        return [(candidate, address([*candidate.pairs, *kept])) for candidate in self.where.candidates]

    @property
    def examples(self) -> list[dict[str, str]]:
        """Searches to try, for the page before any search; around the place already chosen when there is one."""
        where = [("ou", self.insee_value)] if self.place else []
        return [{"label": text, "url": address([*where, ("q", text)])} for text in EXAMPLES]

    # --- Addresses --------------------------------------------------------------------------------------------------

    @cached_property
    def _asked(self) -> list[tuple[str, str]]:
        """Every parameter of this question that says something."""
        kept: list[tuple[str, str]] = []
        if self.place:
            kept.append(("ou", self.place.insee))
        elif self.where.point:
            kept += self.where.point.pairs
        kept.append(("code", self.concept.key) if self.concept else ("q", self.cleaned_data["q"]))
        kept += [(name, self.cleaned_data[name]) for name in ("lieu_compris", "dans", "tri")]
        kept += [(key, code) for key, codes in self.facets.items() for code in sorted(codes)]
        kept += [*self.filtres.pairs, ("toutes", self.cleaned_data["toutes"])]
        kept += [("rayon", str(self.rayon_km or "")), ("zone", str(self.map_zone or ""))]
        kept += [("vue", CARTE if self.is_map else "")]
        return list(filter(_says, kept))

    def pairs(self, *, without: tuple[str, ...] = (), **changes: str) -> list[tuple[str, str]]:
        """The shortest parameters that ask this question again, `page` left out.

        `without`: names to leave out (`ou` drops the whole place, `facettes` every filter).
        """
        dropped = {*without, *changes}
        if "ou" in dropped:
            dropped |= {"lat", "lon", "lieu", "tri", "rayon"}
        if "facettes" in dropped:
            dropped |= FILTERS
        return [*(pair for pair in self._asked if pair[0] not in dropped), *filter(_says, changes.items())]

    def url(self, *, without: tuple[str, ...] = (), **changes: str) -> str:
        return self._address(self.pairs(without=without, **changes))

    def _address(self, pairs: list[tuple[str, str]]) -> str:
        """As `address`; a page writes the same parameters some twenty times."""
        for pair in pairs:
            if pair not in self._written:
                self._written[pair] = urlencode([pair])
        return f"{_base(RESULTS)}?{'&'.join(self._written[pair] for pair in pairs)}" if pairs else _base(RESULTS)

    def url_without_value(self, key: str, code: str) -> str:
        """This question without one value of a facet."""
        return self._address([pair for pair in self.pairs() if pair != (key, code)])

    @property
    def is_tidy(self) -> bool:
        """The address holds nothing that its shortest form would drop: it can be kept and shared as it is."""
        is_label = self.point is not None and "lat" in self.data
        doubled = ("lieu" in self.data and not is_label) or (self.concept is not None and "q" in self.data)
        rounded = self.data.get("zone", "") == str(self.map_zone or "")
        rounded = rounded and self.data.get("rayon", "") == str(self.rayon_km or "")
        return not doubled and rounded and all(self.data.values())

    @property
    def without_place_url(self) -> str:
        return self.url(lieu_compris=NOT_UNDERSTOOD) if self.understood else self.url(without=("ou",))

    @property
    def canonical_url(self) -> str:
        page = {"page": str(self.page_number)} if self.page_number > 1 else {}
        return self.url(**page)


class _Shared(dict):
    """Fields that no form changes: Django's own copies them for each request, a twentieth of the page's time."""

    def __deepcopy__(self, memo: dict) -> "_Shared":
        return self


SearchForm.base_fields = _Shared(SearchForm.base_fields)


def _says(pair: tuple[str, str]) -> bool:
    """A parameter that is neither empty nor what goes without saying."""
    return bool(pair[1]) and pair != ("dans", Dans.TOUT)


def address(pairs: list[tuple[str, str]], name: str = RESULTS) -> str:
    return f"{_base(name)}?{urlencode(pairs)}" if pairs else _base(name)


@cache
def _base(name: str) -> str:
    """Asked for dozens of times a page, and always the same."""
    return reverse(name)


def describe(form: SearchForm) -> Mapping[str, str]:
    """What is looked for, in words: `quoi` for a sentence, `prefix` for a chip (« Type d’UO »)."""
    if form.concept:
        prefix = SYSTEM_LABELS.get(form.concept.system.code, "Critère")
        return {"quoi": f"« {form.concept.label} »", "prefix": prefix, "label": form.concept.label}
    text = f"« {form.text} »"
    return {"quoi": text, "prefix": form.dans_label, "label": text}
