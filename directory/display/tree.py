"""The tree beside a fiche: EJ, its EG (the first ones), and the UO of the EG one is reading."""

import datetime as dt
from dataclasses import dataclass

from directory.listing import for_listing
from directory.models import EntiteGeographique, EntiteJuridique, UniteOperationnelle
from directory.permissions import Reader
from nomenclature.text import normalise

EG_SHOWN = 30


@dataclass(frozen=True)
class Tree:
    """`has_more`: the EJ has other EG than those listed. The current EG is always listed."""

    ej: EntiteJuridique
    etablissements: list[EntiteGeographique]
    current: EntiteGeographique
    unites: list[UniteOperationnelle]
    has_more: bool


def tree(eg: EntiteGeographique, unites: list[UniteOperationnelle], *, reader: Reader, today: dt.date) -> Tree:
    """One query, two when the EG is not among the first ones. `unites`: those listed under the EG."""
    siblings = EntiteGeographique.objects.visible_to(reader).open_on(today)
    siblings = siblings.filter(entite_juridique=eg.entite_juridique_id)
    rows = list(for_listing(siblings, reader=reader, today=today)[: EG_SHOWN + 1])
    has_more, rows = len(rows) > EG_SHOWN, rows[:EG_SHOWN]
    if all(row.pk != eg.pk for row in rows):
        itself = EntiteGeographique.objects.visible_to(reader).filter(pk=eg.pk)
        rows = [*for_listing(itself, reader=reader, today=today), *rows]
    return Tree(eg.entite_juridique, rows, eg, unites, has_more)


def unites_of(eg: EntiteGeographique, *, reader: Reader) -> list[UniteOperationnelle]:
    """Every UO of an EG this person may see, by name."""
    found = UniteOperationnelle.objects.visible_to(reader).filter(entite_geographique=eg).select_related("type_uo")
    return sorted(found, key=lambda uo: (normalise(uo.nom), uo.pk))
