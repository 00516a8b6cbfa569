"""Which fiches carry a concept: found by walking the fields of every installed model, so no app has to register."""

from collections import defaultdict
from collections.abc import Collection, Iterator

from django.apps import apps
from django.db import models
from modelcluster.fields import ParentalKey

from nomenclature.fields import CodeField, ConceptField, ConceptsField
from nomenclature.models import Concept


def concept_fields() -> Iterator[tuple[type[models.Model], models.Field]]:
    """Every (model, field) that names a value set."""
    for model in apps.get_models():
        if model._meta.managed and not model._meta.proxy:
            for field in [*model._meta.local_fields, *model._meta.local_many_to_many]:
                if isinstance(field, ConceptField | ConceptsField | CodeField):
                    yield model, field


def fiche_of(model: type[models.Model]) -> tuple[str, type[models.Model]]:
    """Lookup from a row to the fiche that holds it, and the fiche's model: a telecom's is `contact__eg` and EG."""
    path = []
    while parents := [field for field in model._meta.local_fields if isinstance(field, ParentalKey)]:
        path.append(parents[0].name)
        model = parents[0].related_model
    return "__".join([*path, "pk"]), model


def count_fiches(concept_ids: Collection[int]) -> dict[int, dict[str, int]]:
    """Concept id -> {verbose name of the fiche: distinct fiches}; one query per field that names a value set."""
    if not concept_ids:
        return {}
    holders: dict[tuple[int, str], set] = defaultdict(set)
    for model, field in concept_fields():
        path, fiche = fiche_of(model)
        name = str(fiche._meta.verbose_name)
        for concept_id, pk in carriers(model, field, path, concept_ids):
            holders[concept_id, name].add(pk)
    counts: dict[int, dict[str, int]] = defaultdict(dict)
    for (concept_id, name), pks in holders.items():
        counts[concept_id][name] = len(pks)
    return dict(counts)


def carriers(
    model: type[models.Model], field: models.Field, path: str, concept_ids: Collection[int]
) -> Iterator[tuple[int, object]]:
    """Pairs (concept id, pk of the fiche) for one field."""
    rows = model._base_manager.order_by()
    if isinstance(field, CodeField):
        members = Concept.objects.of(field.value_set).filter(pk__in=concept_ids)
        by_code = dict(members.values_list("code", "pk"))
        if by_code:
            found = rows.filter(**{f"{field.name}__in": by_code}).values_list(field.name, path)
            yield from ((by_code[code], pk) for code, pk in found)
        return
    yield from rows.filter(**{f"{field.name}__in": concept_ids}).values_list(field.name, path)
