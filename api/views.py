"""Read-only REST, version 1. Same criteria, same engine, same rights as the pages: one meaning, another rendering."""

from collections.abc import Callable

from django.shortcuts import get_object_or_404
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.utils.decorators import method_decorator
from django.views.decorators.http import conditional_page
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from api import cursors, fiches
from api.oauth import reader_of
from api.problems import CONTENT_TYPE
from api.questions import ConceptsQuestion, Nothing, SearchQuestion, search_form
from api.schema import ProblemSerializer
from api.serializers.fiches import EtablissementCompletSerializer, FicheSerializer, OffreCompleteSerializer
from api.serializers.nomenclature import ConceptSerializer, PageConceptsSerializer, SystemeSerializer
from api.serializers.search import ResultatsSerializer
from nomenclature.models import CodeSystem, Concept
from search import engine, routing
from search.results import Hit, Results

REFUSALS = {(status, CONTENT_TYPE): ProblemSerializer for status in (400, 401, 403, 404, 405, 406, 429)}
CLE = OpenApiParameter("cle", str, OpenApiParameter.PATH, pattern=r"^[0-9A-Za-z-]{1,40}$")
SYSTEME = OpenApiParameter("systeme", str, OpenApiParameter.PATH, pattern=r"^[0-9A-Za-z_-]{1,40}$")
KEPT = "La réponse a une empreinte (« ETag ») : renvoyée dans « If-None-Match », elle vaut 304 si rien n’a changé."


@method_decorator(conditional_page, name="dispatch")
class ReadOnly(APIView):
    """GET, HEAD and OPTIONS. Answers belong to who asked; a copy is checked again before it serves."""

    def finalize_response(self, request: Request, response: Response, *args, **kwargs) -> Response:
        response = super().finalize_response(request, response, *args, **kwargs)
        patch_cache_control(response, private=True, no_cache=True)
        patch_vary_headers(response, ["Authorization", "Cookie"])
        return response


class Etablissements(ReadOnly):
    """`GET /api/v1/etablissements/`"""

    @extend_schema(
        operation_id="chercher",
        summary="Chercher des établissements",
        description="Les établissements et leurs offres qui répondent à la question, dans l’ordre de la page de "
        f"résultats. {KEPT}",
        parameters=[SearchQuestion],
        responses={200: ResultatsSerializer} | REFUSALS,
        tags=["recherche"],
    )
    def get(self, request: Request) -> Response:
        asked = SearchQuestion.of(request)
        page = cursors.page_of(request, asked.get("curseur"))
        form = search_form(asked)
        found = engine.search(
            form.criteria(),
            reader=reader_of(request),
            page=page,
            per_page=asked["taille"],
            with_facets=page == 1,
        )
        return Response(ResultatsSerializer(_told(request, found)).data)


def _says_a_fiche(operation_id: str, summary: str, key: str, serializer: type[FicheSerializer]) -> Callable:
    """The schema of one fiche by its address; `key` tells what « cle » is there."""
    return extend_schema(
        operation_id=operation_id,
        summary=summary,
        description=f"« cle » : {key}. {KEPT}",
        parameters=[CLE],
        responses={200: serializer} | REFUSALS,
        tags=["fiches"],
    )


def _fiche(request: Request, cle: str, find: Callable, serializer: type[FicheSerializer]) -> Response:
    """The whole fiche, as far as this reader reads it."""
    Nothing.of(request)
    document, context = find(cle, reader=reader_of(request), request=request)
    return Response(serializer(document, context=context).data)


class Etablissement(ReadOnly):
    """`GET /api/v1/etablissements/<cle>/`"""

    @_says_a_fiche(
        "etablissement",
        "Un établissement (entité géographique)",
        "numéro FINESS, ou idNat_Struct",
        EtablissementCompletSerializer,
    )
    def get(self, request: Request, cle: str) -> Response:
        return _fiche(request, cle, fiches.etablissement, EtablissementCompletSerializer)


class Offre(ReadOnly):
    """`GET /api/v1/uo/<cle>/`"""

    @_says_a_fiche(
        "offre",
        "Une offre (unité opérationnelle)",
        "identifiant de l’offre, avec un tiret : `11-123` pour `11/123`",
        OffreCompleteSerializer,
    )
    def get(self, request: Request, cle: str) -> Response:
        return _fiche(request, cle, fiches.offre, OffreCompleteSerializer)


class Nomenclatures(ReadOnly):
    """`GET /api/v1/nomenclature/`"""

    @extend_schema(
        operation_id="nomenclatures",
        summary="Les listes de codes",
        responses={200: SystemeSerializer(many=True)} | REFUSALS,
        tags=["nomenclature"],
    )
    def get(self, request: Request) -> Response:
        Nothing.of(request)
        beginning = reverse("api:nomenclature", args=["-"], request=request).removesuffix("-/")
        context = {"address": lambda code: f"{beginning}{code}/"}
        return Response(SystemeSerializer(CodeSystem.objects.all(), many=True, context=context).data)


class Nomenclature(ReadOnly):
    """`GET /api/v1/nomenclature/<systeme>/`"""

    @extend_schema(
        operation_id="nomenclature",
        summary="Les codes d’une liste",
        description="Avec leur validité ; par pages, dans l’ordre des codes.",
        parameters=[SYSTEME, ConceptsQuestion],
        responses={200: PageConceptsSerializer} | REFUSALS,
        tags=["nomenclature"],
    )
    def get(self, request: Request, systeme: str) -> Response:
        asked = ConceptsQuestion.of(request)
        system = get_object_or_404(CodeSystem, code=systeme)
        found = Concept.objects.filter(system=system).select_related("parent")
        if asked["actifs"]:
            found = found.active()
        pages = cursors.ByCode()
        rows = pages.paginate_queryset(found, request, view=self)
        return pages.get_paginated_response(ConceptSerializer(rows, many=True).data)


def _told(request: Request, found: Results) -> dict:
    """The results, and what only the API says of them: keys, addresses, minutes, pages."""
    eg_url, uo_url = (fiches.addresses(request, name) for name in ("api:etablissement", "api:uo"))
    durations = routing.durations(found.criteria.origin, found.hits)

    def told(hit: Hit, duration: routing.Duration | None) -> dict:
        offres = [
            vars(uo) | {"identifiant": _key(uo.url).replace("-", "/", 1), "url": uo_url(_key(uo.url))}
            for uo in hit.uos
        ]
        more = {"cle": _key(hit.url), "url": eg_url(_key(hit.url)), "duration": duration, "offres": offres}
        return vars(hit) | more

    return {
        "n_eg": found.n_eg,
        "n_uo": found.n_uo,
        "is_capped": found.is_capped,
        "facets": found.facets if found.page == 1 else [],
        "suivant": cursors.address(request, found.page + 1) if found.page < found.n_pages else None,
        "precedent": cursors.address(request, found.page - 1) if found.page > 1 else None,
        "etablissements": [told(*pair) for pair in zip(found.hits, durations, strict=True)],
    }


def _key(url: str) -> str:
    """The key of a fiche, at the end of its address."""
    return url.rstrip("/").rpartition("/")[2]
