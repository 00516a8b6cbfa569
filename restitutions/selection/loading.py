"""The fiches of a selection as one reader may see them today, in a fixed number of queries.

What is closed for good, unpublished or hidden from this reader is simply not found: the page then says « n’est plus
disponible », and nothing more.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from directory.display.common import Concepts, keys_of, main_lieu
from directory.display.contacts import canal_keys
from directory.documents import Document, shape_of, to_documents
from directory.models import EntiteGeographique, Kind, Lieu, UniteOperationnelle
from directory.permissions import Reader
from directory.querysets import closed_for_good_on
from nomenclature.models import Concept
from ror import clock

Key = tuple[str, str]  # (kind, cle), as `contents.Ref`


@dataclass(frozen=True)
class Found:
    """One fiche and what is shown of it. `level`: the highest this reader reads there.

    `units`: for an establishment, its units this reader sees, the sensitive ones left out. `single`: the document of
    its only unit, whose hours, and number when it has none, are then its own.
    """

    kind: str
    cle: str
    fiche: EntiteGeographique | UniteOperationnelle
    eg: EntiteGeographique
    document: Document
    eg_document: Document
    lieux: list[Lieu]
    level: int
    units: list[UniteOperationnelle]
    single: Document | None
    concepts: Concepts

    @property
    def is_sensitive(self) -> bool:
        return self.kind == Kind.UO and self.fiche.unite_sensible

    @property
    def departement(self) -> str:
        entrance = main_lieu(self.lieux)
        return (entrance.commune.departement_id if entrance and entrance.commune else "") or ""


def visible(keys: Sequence[Key], *, reader: Reader) -> dict[Key, Key]:
    """Of these keys, those this reader may see today, with the key of their present address: two queries."""
    egs = _by_key(_etablissements(keys, reader).only("finess", "idnat_struct"))
    uos = {("uo", uo.cle): uo for uo in _unites(keys, reader).only("identifiant")}
    return {key: (key[0], (egs | uos)[key].cle) for key in keys if key in egs or key in uos}


def load(keys: Sequence[Key], *, reader: Reader) -> dict[Key, Found]:
    """What `keys` name and this reader may see today."""
    egs = _by_key(_etablissements(keys, reader).select_related("categorie", "accessibilite"))
    uos = {
        ("uo", uo.cle): uo
        for uo in _unites(keys, reader).select_related(
            "type_uo", "entite_geographique__categorie", "entite_geographique__accessibilite"
        )
    }
    above = {uo.entite_geographique_id: uo.entite_geographique for uo in uos.values()}
    every = {eg.pk: eg for eg in egs.values()} | above
    units = _units({eg.pk for eg in egs.values()}, reader)
    singles = [of_eg[0].pk for of_eg in units.values() if len(of_eg) == 1]
    eg_documents = to_documents(Kind.EG, every)
    uo_documents = to_documents(Kind.UO, {*(uo.pk for uo in uos.values()), *singles})
    concepts = _concepts(eg_documents, uo_documents)
    lieux = _lieux(every)
    found = {}
    for key, fiche in (egs | uos).items():
        eg = fiche if key[0] == Kind.EG else fiche.entite_geographique
        of_eg = units.get(eg.pk, []) if key[0] == Kind.EG else []
        found[key] = Found(
            kind=key[0],
            cle=fiche.cle,
            fiche=fiche,
            eg=eg,
            document=eg_documents[eg.pk] if key[0] == Kind.EG else uo_documents[fiche.pk],
            eg_document=eg_documents[eg.pk],
            lieux=lieux[eg.pk],
            level=_level(reader, eg, lieux[eg.pk]),
            units=of_eg,
            single=uo_documents[of_eg[0].pk] if len(of_eg) == 1 else None,
            concepts=concepts,
        )
    return found


def _etablissements(keys: Iterable[Key], reader: Reader) -> QuerySet:
    wanted = [cle for kind, cle in keys if kind == Kind.EG]
    found = EntiteGeographique.objects.visible_to(reader).open_on(clock.today())
    return found.filter(Q(finess__in=wanted) | Q(idnat_struct__in=wanted))


def _unites(keys: Iterable[Key], reader: Reader) -> QuerySet:
    """Not those of an establishment closed for good: it may be closed before they are."""
    today = clock.today()
    wanted = [cle.replace("-", "/", 1) for kind, cle in keys if kind == Kind.UO and "-" in cle]
    found = UniteOperationnelle.objects.visible_to(reader).open_on(today).filter(identifiant__in=wanted)
    return found.filter(entite_geographique__version__gt=0).exclude(closed_for_good_on(today, "entite_geographique__"))


def _by_key(etablissements: QuerySet) -> dict[Key, EntiteGeographique]:
    """By both of its keys: a link may hold the one from before its FINESS number."""
    return {("eg", key): eg for eg in etablissements for key in (eg.finess, eg.idnat_struct) if key}


def _units(eg_ids: set[int], reader: Reader) -> dict[int, list[UniteOperationnelle]]:
    found: dict[int, list[UniteOperationnelle]] = defaultdict(list)
    units = UniteOperationnelle.objects.visible_to(reader).open_on(clock.today())
    for uo in units.filter(entite_geographique__in=eg_ids, unite_sensible=False).order_by("nom", "pk"):
        found[uo.entite_geographique_id].append(uo)
    return found


def _lieux(eg_ids: Iterable[int]) -> dict[int, list[Lieu]]:
    found: dict[int, list[Lieu]] = defaultdict(list)
    for lieu in Lieu.objects.filter(entite_geographique__in=eg_ids).select_related("commune"):
        found[lieu.entite_geographique_id].append(lieu)
    return found


def _level(reader: Reader, eg: EntiteGeographique, lieux: list[Lieu]) -> int:
    """As the page of the fiche counts it: the département is that of the main entrance."""
    entrance = main_lieu(lieux)
    departement = entrance.commune.departement_id if entrance and entrance.commune else None
    return reader.level_on(eg_id=eg.pk, departement=departement)


def _concepts(*groups: Mapping[int, Document]) -> Concepts:
    keys: set[str] = set()
    for documents, model in zip(groups, (EntiteGeographique, UniteOperationnelle), strict=True):
        for document in documents.values():
            keys.update(keys_of(shape_of(model), document), canal_keys(document))
    return Concept.objects.by_key(keys)
