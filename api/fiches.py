"""What the serializers of a fiche read: its document, what this reader may see of it, its places and addresses."""

from collections.abc import Callable

from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404
from rest_framework.reverse import reverse

from directory.display.common import concepts_of
from directory.display.contacts import canal_keys, readable
from directory.display.lieux import level_on, lieux_of, lieux_of_offre, shown_to
from directory.display.tree import unites_of
from directory.documents import Document, concept_keys, shape_of, to_document
from directory.models import EntiteGeographique, Kind, Lieu, UniteOperationnelle
from directory.models.common import Fiche
from directory.permissions import Reader
from ror import clock

COMMUNE = "3"  # TRE_R201
BARE_CODES = (("type_fermeture", "TRE_R286"), ("statut", "TRE_R203"))  # documents hold these without their system
Context = dict[str, object]


def etablissement(cle: str, *, reader: Reader, request) -> tuple[Document, Context]:
    """(document and more, context of its serializer). Raises Http404."""
    found = EntiteGeographique.objects.visible_to(reader)
    eg = get_object_or_404(found, Q(finess=cle) | Q(idnat_struct=cle))
    document, lieux, unites = to_document(Kind.EG, eg.pk), lieux_of(eg), unites_of(eg, reader=reader)
    today = clock.today()
    uo_url = addresses(request, "api:uo")
    more = {
        "offres": [
            {"identifiant": uo.identifiant, "nom": uo.nom, "url": uo_url(uo.cle)}
            for uo in unites
            if not uo.is_closed_for_good(today)
        ],
    }
    return _ready(eg, document, shown_to(lieux, unites), more, level=level_on(reader, eg, lieux), request=request)


def offre(cle: str, *, reader: Reader, request) -> tuple[Document, Context]:
    """The same of an offre; `cle` is `11-123` for the identifiant `11/123`. Raises Http404."""
    if "-" not in cle:
        raise Http404
    found = UniteOperationnelle.objects.visible_to(reader).select_related("entite_geographique")
    uo = get_object_or_404(found, identifiant=cle.replace("-", "/", 1))
    eg, today = uo.entite_geographique, clock.today().isoformat()
    document, lieux = to_document(Kind.UO, uo.pk), lieux_of(eg)
    more = {
        "horaires": [line for line in document["horaires"] if not line["date_fin"] or line["date_fin"] >= today],
        "zones": [{"type": COMMUNE, "code": insee} for insee in document["zones_intervention"]],
        "etablissement": {
            "idnat_struct": eg.idnat_struct,
            "denomination": eg.denomination,
            "url": addresses(request, "api:etablissement")(eg.cle),
        },
    }
    shown = lieux_of_offre(document, lieux)
    return _ready(uo, document, shown, more, level=level_on(reader, eg, lieux), request=request)


def _ready(fiche: Fiche, document: Document, lieux: list[Lieu], more: dict, *, level: int, request):
    places = _places(lieux)
    keys = canal_keys(document) | {place["fonction"] for place in places if place["fonction"]}
    for line in (document, *places):
        keys |= {f"{system}|{line[name]}" for name, system in BARE_CODES if line.get(name)}
    concepts = concepts_of(shape_of(type(fiche)), document, *keys)
    document |= {
        "contacts": readable(document, level=level),
        "lieux": places,
        "metadonnee": fiche,
        "page": request.build_absolute_uri(fiche.get_absolute_url()),
    }
    return document | more, {"concepts": concepts, "level": level}


def _places(lieux: list[Lieu]) -> list[dict]:
    keys = concept_keys(lieu.fonction_id for lieu in lieux if lieu.fonction_id)
    return [vars(lieu) | {"fonction": keys.get(lieu.fonction_id)} for lieu in lieux]


def addresses(request, name: str) -> Callable[[str], str]:
    """Addresses of the API for fiches of one kind, by their key; the beginning is worked out once."""
    beginning = reverse(name, args=["-"], request=request).removesuffix("-/")
    return lambda cle: f"{beginning}{cle}/"
