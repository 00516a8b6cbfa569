"""The places of an establishment: which this reader sees, and what level they are read at."""

from collections.abc import Sequence

from directory.display.common import main_lieu
from directory.documents import Document
from directory.models import EntiteGeographique, Lieu, LieuDeLOffre, UniteOperationnelle
from directory.permissions import Reader


def lieux_of(eg: EntiteGeographique) -> list[Lieu]:
    """All of them, the main entrance first, with their communes: one query."""
    return list(Lieu.objects.filter(entite_geographique=eg).select_related("commune"))


def shown_to(lieux: list[Lieu], unites: Sequence[UniteOperationnelle]) -> list[Lieu]:
    """Without the places where only units hidden from this reader work: the address of a refuge is the secret.

    `unites`: those of the establishment this reader sees. One query when there are several places.
    """
    if len(lieux) < 2:
        return lieux
    seen = {uo.pk for uo in unites}
    users: dict[str, set[bool]] = {}
    offres = LieuDeLOffre.objects.filter(unite__entite_geographique=lieux[0].entite_geographique_id)
    for unite, uid in offres.values_list("unite", "lieu_uid"):
        users.setdefault(uid, set()).add(unite in seen)
    return [lieu for lieu in lieux if lieu.est_principal or users.get(lieu.uid) != {False}]


def lieux_of_offre(document: Document, lieux: list[Lieu]) -> list[Lieu]:
    """Where the offre is carried out; the main entrance of the EG when the UO names no place (model.md §10)."""
    wanted = {line["lieu_uid"] for line in document["lieux_offre"]}
    found = [lieu for lieu in lieux if lieu.uid in wanted]
    principal = main_lieu(lieux)
    return found or ([principal] if principal else [])


def level_on(reader: Reader, eg: EntiteGeographique, lieux: list[Lieu]) -> int:
    """The highest level this reader reads there; its département is that of the main entrance."""
    principal = main_lieu(lieux)
    departement = principal.commune.departement_id if principal and principal.commune else None
    return reader.level_on(eg_id=eg.pk, departement=departement)
