"""Are the chosen concepts in the value set of their field? Asked when a person saves; imports keep and flag."""

from collections import defaultdict
from collections.abc import Iterable

from nomenclature.models import Concept, ValueSetMembership


def check_membership(pairs: Iterable[tuple[str, int]]) -> list[str]:
    """French messages for the (value set or regional system, concept id) pairs that a person may not choose.

    Refused: a concept outside the value set, or retired. Two queries, whatever the number of pairs; the order of the
    messages is that of the pairs.
    """
    wanted = list(dict.fromkeys(pairs))
    if not wanted:
        return []
    ids = {concept_id for _, concept_id in wanted}
    concepts = {concept.pk: concept for concept in Concept.objects.select_related("system").filter(pk__in=ids)}
    members: dict[str, set[int]] = defaultdict(set)
    rows = ValueSetMembership.objects.filter(concept__in=ids, value_set__code__in={code for code, _ in wanted})
    for code, concept_id in rows.values_list("value_set__code", "concept_id"):
        members[code].add(concept_id)
    messages = []
    for value_set, concept_id in wanted:
        concept = concepts.get(concept_id)
        if concept is None:
            messages.append(f"Code inconnu (n° {concept_id}) pour {value_set}.")
        elif concept_id not in members[value_set] and concept.system.code != value_set:
            messages.append(f"« {concept.label} » ({concept.key}) ne fait pas partie des valeurs de {value_set}.")
        elif concept.retired:
            messages.append(
                f"« {concept.label} » ({concept.key}) est retiré de la nomenclature : choisissez un autre code."
            )
    return messages
