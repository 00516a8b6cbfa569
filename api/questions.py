"""What may be asked: strict where the page is lenient. A program must learn that it mistyped a parameter."""

from django.utils.datastructures import MultiValueDict
from rest_framework import serializers
from rest_framework.request import Request

from search import filtres
from search.criteria import Dans, Sort
from search.facets import FACETS
from search.forms import MAX_TEXT, RADII, SearchForm

MAX_PAGE = 50
UNKNOWN = "Ce paramètre n’existe pas. Paramètres possibles : {}."
CODE = r"^[\w.+-]{1,40}$"


class Parameters(serializers.Serializer):
    """Base of the questions: a parameter nobody knows is a mistake, told as one."""

    @classmethod
    def of(cls, request: Request) -> dict:
        """The values asked for, each of its type. Raises ValidationError."""
        form = cls(data=request.query_params)
        unknown = [name for name in request.query_params if name not in form.fields]
        if unknown:
            known = ", ".join(form.fields)
            raise serializers.ValidationError({name: [UNKNOWN.format(known)] for name in unknown})
        form.is_valid(raise_exception=True)
        return form.validated_data


class Nothing(Parameters):
    """An address without parameters."""


class SearchQuestion(Parameters):
    """The parameters of the results page (its address is a contract), and the pages of the API."""

    q = serializers.CharField(
        required=False, max_length=MAX_TEXT, help_text="Texte cherché ; il faut « q » ou « code »."
    )
    code = serializers.RegexField(
        r"^[\w-]{1,40}\|[\w.+-]{1,40}$",
        required=False,
        help_text="Concept cherché, « système|code » : `ror-type-uo|CSAPA`, `TRE_R211|448`…",
    )
    dans = serializers.ChoiceField([one.value for one in Dans], required=False, help_text="Où chercher « q ».")
    ou = serializers.RegexField(
        r"^([0-9]{5}|2[AB][0-9]{3})$", required=False, help_text="Commune d’où partent les distances, code INSEE."
    )
    lat = serializers.FloatField(required=False, min_value=-90, max_value=90, help_text="Avec « lon », sans « ou ».")
    lon = serializers.FloatField(required=False, min_value=-180, max_value=180)
    rayon = serializers.ChoiceField(
        [str(km) for km in RADII], required=False, help_text="Kilomètres autour du lieu ; sans lui, à toute distance."
    )
    zone = serializers.RegexField(
        r"^-?[0-9.]{1,12}(,-?[0-9.]{1,12}){3}$", required=False, help_text="« sud,ouest,nord,est », en degrés."
    )
    age = serializers.IntegerField(required=False, min_value=0, max_value=240)
    age_unite = serializers.ChoiceField(list(filtres.UNITS), required=False, help_text="« ans » sans lui.")
    ouvert = serializers.ChoiceField([filtres.NOW], required=False)
    ouvert_le = serializers.DateField(required=False, help_text="Ouvert ce jour-là.")
    tri = serializers.ChoiceField([one.value for one in Sort], required=False)
    taille = serializers.IntegerField(required=False, default=15, min_value=1, max_value=MAX_PAGE)
    curseur = serializers.CharField(required=False, max_length=300, help_text="Donné par « suivant ».")

    def get_fields(self) -> dict:
        """One repeated parameter a facet besides: the values of one are alternatives, two must both hold."""
        facets = {
            facet.key: serializers.ListField(
                child=serializers.RegexField(CODE), required=False, max_length=50, help_text=f"{facet.title} : codes."
            )
            for facet in FACETS
        }
        return super().get_fields() | facets


class ConceptsQuestion(Parameters):
    """Pages of a code system."""

    actifs = serializers.BooleanField(required=False, default=False, help_text="Sans les codes retirés.")
    taille = serializers.IntegerField(required=False, default=200, min_value=1, max_value=1000)
    curseur = serializers.CharField(required=False, max_length=300, help_text="Donné par « suivant ».")


def search_form(asked: dict) -> SearchForm:
    """The form of the page, which checks the rest: communes, concepts, codes. Raises ValidationError."""
    data = MultiValueDict()
    for name, value in asked.items():
        if name not in ("taille", "curseur"):
            data.setlist(name, [str(one) for one in value] if isinstance(value, list) else [str(value)])
    form = SearchForm(data)
    if not form.is_answerable:
        errors = form.errors if form.is_bound else {}
        place = next((name for name in ("ou", "lat", "zone") if name in asked), "ou")
        told = {place if name == "lieu" else name: list(found) for name, found in errors.items()}
        if not told:
            told = {"q": ["Donnez « q » ou « code » : ce que vous cherchez."]}
        raise serializers.ValidationError(told)
    unknown = _unknown_codes(asked, form)
    if unknown:
        raise serializers.ValidationError(unknown)
    return form


def _unknown_codes(asked: dict, form: SearchForm) -> dict[str, list[str]]:
    """Values of facets that no list has: the page ignores them, as after a change of list."""
    unknown = {}
    for facet in FACETS:
        codes = [code for code in asked.get(facet.key, ()) if code not in form.facets.get(facet.key, {})]
        if codes:
            unknown[facet.key] = [f"Code inconnu : {code}." for code in codes]
    return unknown
