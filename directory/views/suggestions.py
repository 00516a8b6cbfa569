"""`/repertoire/suggestions/`: what a field of chips proposes, as a person types."""

from collections.abc import Iterable

from django.http import HttpRequest, JsonResponse
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from directory import modeles, usage
from directory.documents import MODELS, shape_of
from directory.models import Kind
from nomenclature import choices
from nomenclature.choices import Choice, Choices
from nomenclature.models.regional import TYPE_UO

MAX_TYPED = 100  # characters looked at
SHOWN = 40
CACHE_SECONDS = 60
BY_TYPE = {Kind.UO: "type_uo", Kind.EG: "categorie"}


@require_safe
def suggestions(request: HttpRequest) -> JsonResponse:
    """Candidates of `liste`, for the field `champ` of a `fiche` whose `type_uo` or `categorie` is given.

    Lists hold no name of a structure; usage counts leave sensitive UO out: every account may ask.
    """
    asked = {name: value.replace("\x00", "") for name, value in request.GET.items()}
    text = asked.get("q", "").strip()[:MAX_TYPED]
    kind = Kind.EG if asked.get("fiche") == "eg" else Kind.UO
    values = choices.of(asked.get("liste", ""))
    key = asked.get(BY_TYPE[kind], "")
    champ = modeles.modele_for(kind, {BY_TYPE[kind]: key}).champ(asked.get("champ", ""))
    permis = champ.permis if champ else frozenset()
    if text:
        groups = grouped(values.search(text, within=permis, limit=SHOWN), text)
    else:
        groups = _without_text(values, champ, kind, key, categorie=asked.get("categorie", ""))
    response = JsonResponse({"groups": groups})
    patch_cache_control(response, private=True, max_age=CACHE_SECONDS)
    return response


def _without_text(values: Choices, champ: modeles.Champ | None, kind: Kind, key: str, *, categorie: str) -> list[dict]:
    """Proposed by the modèle, then most used by that type, then the whole list when it is short."""
    permis = champ.permis if champ else frozenset()
    proposed = _known(values, champ.proposes if champ else (), permis)
    groups = [_group("Proposés par le modèle de saisie", proposed)]
    if champ and key and champ.name in _countable(kind):
        used = _known(values, usage.most_used(kind, champ.name, key), permis)
        groups.append(_group("Les plus utilisés", [one for one in used if one not in proposed]))
    if champ and champ.name == BY_TYPE[Kind.UO] and categorie:
        own = [one for one in values if categorie in choices.fixed_by(one.key).categories]
        groups.append(_group("Pour cette catégorie d’établissement", own))
    done = {option["value"] for group in groups for option in group["options"]}
    rest = [one for one in values.search("", within=permis, limit=SHOWN + len(done)) if one.key not in done]
    return [group for group in [*groups, *grouped(rest[:SHOWN], "")] if group["options"]]


def _countable(kind: Kind) -> frozenset[str]:
    """Fields whose codes are counted: lists of concepts, and the activités of a UO."""
    shape = shape_of(MODELS[kind])
    lists = {field.name for field in shape.many if hasattr(field, "value_set")}
    return frozenset(lists | {name for name, _, _ in shape.children if name == "activites"})


def _known(values: Choices, keys: Iterable[str], permis: frozenset[str]) -> list[Choice]:
    """Those that may still be chosen."""
    return [values[key] for key in keys if key in values and (not permis or key in permis)]


def grouped(options: list[Choice], text: str) -> list[dict]:
    """Under their headings, the best heading first; values without one come last, under « Autres »."""
    found: dict[str, list[Choice]] = {}
    for one in options:
        found.setdefault(one.group, []).append(one)
    rest = found.pop("", [])
    groups = [_group(title, members, text) for title, members in found.items()]
    return [*groups, _group("Autres" if groups else "", rest, text)] if rest else groups


def _group(title: str, options: list[Choice], text: str = "") -> dict:
    return {"title": title, "options": [_option(one, text) for one in options]}


def _option(one: Choice, text: str) -> dict:
    """`sets`: what the choice decides elsewhere in the form."""
    option = {"value": one.key, "label": one.display, "segments": choices.segments(one.display, text)}
    sets = {"famille": one.parent} if one.parent else {}
    if one.key.startswith(f"{TYPE_UO}|"):
        fixed = choices.fixed_by(one.key)
        sets = {"champ_activite": fixed.champ_activite, "mode_prise_en_charge": fixed.mode_prise_en_charge}
    return option | {"sets": sets} if sets else option
