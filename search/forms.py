"""What a person asks for, read from the address of the results page (design: « URL contract »)."""

import re
from collections.abc import Mapping
from functools import cached_property
from urllib.parse import urlencode

from django import forms
from django.db.models import Q
from django.urls import reverse
from django.utils.datastructures import MultiValueDict

from nomenclature.models import Concept
from nomenclature.text import normalise
from search import places, suggestions
from search.engine import Criteria, Dans, Origin, Sort
from search.facets import FACETS

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
MAX_TEXT = 200
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
        error_messages={"max_length": "Un nom de commune ou un code postal suffit : 100 caractères au plus."},
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
    tri = LenientChoice(choices=[("", ""), *((sort.value, sort.value) for sort in Sort)])
    vue = LenientChoice(choices=[("liste", "Liste")])
    page = PageField()

    def __init__(self, data: MultiValueDict | None = None, **kwargs) -> None:
        asked = data is not None and any(name in data for name in (*QUESTION, "ou", "lieu", "lat", "lon"))
        super().__init__(data if asked else None, auto_id="recherche-%s", **kwargs)
        self.place: places.Place | None = None
        self.concept: Concept | None = None
        self.place_candidates: list[places.Place] = []
        self.facets: dict[str, dict[str, str]] = {}  # facet key → {code: label} of the values chosen

    # --- Checks, each message next to its field ---------------------------------------------------------------------

    def add_error(self, field: str | None, error) -> None:
        """Hidden fields have no place of their own: their errors stand under the box they belong to."""
        box = {"ou": "lieu", "lat": "lieu", "lon": "lieu", "code": "q"}
        if isinstance(error, forms.ValidationError) and hasattr(error, "error_dict"):
            super().add_error(field, error)
        else:
            super().add_error(box.get(field, field), error)

    def clean(self) -> dict:
        self._clean_place()
        self._clean_question()
        self._clean_facets()
        return self.cleaned_data

    def _clean_place(self) -> None:
        typed, insee = self.cleaned_data.get("lieu", ""), self.cleaned_data.get("ou", "")
        latitude, longitude = self.cleaned_data.get("lat"), self.cleaned_data.get("lon")
        if "lieu" in self.data and not typed:
            return  # an empty box is no place, whatever is left behind it
        if insee:
            self.place = places.find(insee)
            if self.place and typed in ("", self.place.label, self.place.name):
                return
            if not typed:
                self.add_error(
                    "lieu", f"« {insee} » n’est le code d’aucune commune. Choisissez un lieu dans la liste."
                )
                return
            self.place = None
        if typed and not self.has_error("lieu"):
            self._resolve(typed)
        elif (latitude is None) != (longitude is None) and not self.has_error("lieu"):
            self.add_error("lieu", "Il manque la latitude ou la longitude du point choisi.")

    def _resolve(self, typed: str) -> None:
        self.place, self.place_candidates = places.resolve(typed)
        if self.place:
            return
        if self.place_candidates:
            self.add_error("lieu", f"Plusieurs communes répondent à « {typed} ». Choisissez la bonne :")
        else:
            self.add_error(
                "lieu", f"Aucune commune ne s’appelle « {typed} ». Donnez un nom de commune ou un code postal."
            )

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
        """Values that exist; an unknown code is ignored, as after a change of list."""
        asked = {facet: set(filter(_CODE.fullmatch, self.data.getlist(facet.key))) for facet in FACETS}
        wanted = Q()
        for facet, codes in asked.items():
            if codes:
                wanted |= Q(system__code=facet.system, code__in=codes)
        if not wanted:
            return
        rows = Concept.objects.filter(wanted).order_by("label").values_list("system__code", "code", "label")
        for system, code, label in rows:
            for facet, codes in asked.items():
                if facet.system == system and code in codes:
                    self.facets.setdefault(facet.key, {})[code] = label

    # --- What the page needs ----------------------------------------------------------------------------------------

    @property
    def is_answerable(self) -> bool:
        """Valid, and something is asked: there are results to show."""
        return self.is_valid() and bool(self.concept or normalise(self.cleaned_data["q"]))

    @property
    def sort(self) -> Sort:
        """The one asked for; else by distance when there is a place, by relevance when there is none."""
        if not self.origin:
            return Sort.PERTINENCE
        return Sort(self.cleaned_data["tri"] or Sort.DISTANCE)

    @property
    def page_number(self) -> int:
        return self.cleaned_data["page"]

    @cached_property
    def origin(self) -> Origin | None:
        if self.place:
            return Origin(
                latitude=self.place.latitude,
                longitude=self.place.longitude,
                label=self.place.name,
                insee=self.place.insee,
                territoire=self.place.territoire,
            )
        latitude, longitude = self.cleaned_data.get("lat"), self.cleaned_data.get("lon")
        if latitude is None or longitude is None:
            return None
        return Origin(latitude=latitude, longitude=longitude, label="votre point")

    def criteria(self) -> Criteria:
        """The question for the engine; only for an answerable form."""
        return Criteria(
            origin=self.origin,
            concept=self.concept.pk if self.concept else None,
            text="" if self.concept else self.cleaned_data["q"],
            dans=Dans(self.cleaned_data["dans"]),
            facets={key: frozenset(codes) for key, codes in self.facets.items()},
            sort=self.sort,
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
    def code_value(self) -> str:
        return self.concept.key if self.concept else ""

    @property
    def dans_value(self) -> str:
        return self.fields["dans"].clean(self.data.get("dans"))

    @property
    def candidates(self) -> list[tuple[places.Place, str]]:
        """The places an ambiguous text may mean, each with the address of the search there."""
        kept = [(name, self.data.get(name, "")) for name in ("q", "code", "dans")]
        kept = [(name, value) for name, value in kept if value]
        return [(place, address([("ou", place.insee), *kept])) for place in self.place_candidates]

    @property
    def examples(self) -> list[dict[str, str]]:
        """Searches to try, for the page before any search; around the place already chosen when there is one."""
        where = [("ou", self.insee_value)] if self.place else []
        return [{"label": text, "url": address([*where, ("q", text)])} for text in EXAMPLES]

    # --- Addresses --------------------------------------------------------------------------------------------------

    def pairs(self, *, without: tuple[str, ...] = (), **changes: str) -> list[tuple[str, str]]:
        """The shortest parameters that ask this question again, `page` left out.

        `without`: names to leave out (`ou` drops the whole place, `facettes` every filter).
        """
        kept: list[tuple[str, str]] = []
        if self.place:
            kept.append(("ou", self.place.insee))
        elif self.origin:
            kept += [("lat", str(self.origin.latitude)), ("lon", str(self.origin.longitude))]
        kept.append(("code", self.concept.key) if self.concept else ("q", self.cleaned_data["q"]))
        kept += [("dans", self.dans_value), ("tri", self.cleaned_data["tri"])]
        kept += [(key, code) for key, codes in self.facets.items() for code in sorted(codes)]
        dropped = set(without) | set(changes)
        if "ou" in dropped:
            dropped |= {"lat", "lon", "tri"}
        if "facettes" in dropped:
            dropped |= {facet.key for facet in FACETS}
        kept = [(name, value) for name, value in kept if name not in dropped]
        kept += changes.items()
        return [(name, value) for name, value in kept if value and (name, value) != ("dans", Dans.TOUT)]

    def url(self, *, without: tuple[str, ...] = (), **changes: str) -> str:
        return address(self.pairs(without=without, **changes))

    def url_without_value(self, key: str, code: str) -> str:
        """This question without one value of a facet."""
        return address([pair for pair in self.pairs() if pair != (key, code)])

    @property
    def is_tidy(self) -> bool:
        """The address holds nothing that its shortest form would drop: it can be kept and shared as it is."""
        doubled = "lieu" in self.data or (self.concept is not None and "q" in self.data)
        return not doubled and all(self.data.values())

    @property
    def canonical_url(self) -> str:
        page = {"page": str(self.page_number)} if self.page_number > 1 else {}
        return self.url(**page)


def address(pairs: list[tuple[str, str]], name: str = "search:results") -> str:
    url = reverse(name)
    return f"{url}?{urlencode(pairs)}" if pairs else url


def describe(form: SearchForm) -> Mapping[str, str]:
    """What is looked for, in words: `quoi` for a sentence, `prefix` for a chip (« Type d’UO »)."""
    if form.concept:
        prefix = SYSTEM_LABELS.get(form.concept.system.code, "Critère")
        return {"quoi": f"« {form.concept.label} »", "prefix": prefix, "label": form.concept.label}
    text = f"« {form.cleaned_data['q']} »"
    return {"quoi": text, "prefix": form.dans_label, "label": text}
