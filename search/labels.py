"""Labels of what the index knows by number: concepts of the facets, categories, départements. Kept by each process."""

from dataclasses import dataclass
from typing import NamedTuple

from nomenclature.models import Concept, Departement
from nomenclature.models.regional import TYPE_OFFRE
from nomenclature.refreshed import Refreshed, table_stamp
from search.facets import FACETS

CHECK_EVERY = 10.0  # seconds between two looks at the stamp
OTHERS = ("TRE_R66", "TRE_R252", "TRE_R238")  # categories, kinds of slot, days open in the year
_KEYS = {facet.system: facet.key for facet in FACETS}


class Value(NamedTuple):
    """A value of a facet; `facet` is empty for a concept of no facet."""

    facet: str
    code: str
    label: str


@dataclass(frozen=True)
class Labels:
    """`values` by concept id; `ids` by (facet key, code); `departements` by code.

    `everywhere`: values that every row holds, so that choosing them chooses nothing.
    """

    values: dict[int, Value]
    ids: dict[tuple[str, str], int]
    departements: dict[str, str]
    everywhere: frozenset[int]

    def label(self, concept: int | None) -> str:
        return self.values[concept].label if concept in self.values else ""

    def key(self, system: str, concept: str) -> str | None:
        """`system|code` of a concept written as a number; None for none."""
        return f"{system}|{self.values[int(concept)].code}" if concept else None


def _build() -> Labels:
    rows = Concept.objects.filter(system__code__in=[*_KEYS, *OTHERS]).values_list(
        "pk", "system__code", "code", "label"
    )
    values = {pk: Value(_KEYS.get(system, ""), code, label) for pk, system, code, label in rows}
    ids = {(value.facet, value.code): pk for pk, value in values.items() if value.facet}
    all_rows = ids.get((_KEYS[TYPE_OFFRE], "etablissement"))
    return Labels(
        values=values,
        ids=ids,
        departements=dict(Departement.objects.values_list("code", "nom")),
        everywhere=frozenset([all_rows] if all_rows else []),
    )


_labels = Refreshed(_build, lambda: table_stamp(Concept, Departement), CHECK_EVERY)
get, reset = _labels.get, _labels.reset
