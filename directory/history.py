"""Stored versions of a fiche, and what of them a reader may see: the past is no way around today's levels."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet, Value
from django.db.models.functions import Concat

from directory import documents
from directory.documents import Document
from directory.models import EntiteGeographique, FicheVersion, Kind, Niveau, UniteOperationnelle
from journal.models import Entry

RESTRICTED = ("zone_poser", "niveau_recours_orsan")  # of an EG, for level 3 alone (access policy, domain model §6.2)


def versions(kind: Kind, pk: int) -> QuerySet[FicheVersion]:
    """Those of one fiche, newest first, with their author and without their document."""
    found = FicheVersion.objects.filter(kind=kind, object_id=pk).select_related("author")
    return found.defer("content").order_by("-number")


def contents(kind: Kind, pk: int, numbers: Iterable[int]) -> dict[int, Document]:
    """Documents of these versions at the present schema. One query; a number nobody published is absent.

    Raises `ValueError` when a document was written by a later release of the ROR.
    """
    rows = FicheVersion.objects.filter(kind=kind, object_id=pk, number__in=set(numbers))
    return {number: documents.upgrade(content) for number, content in rows.values_list("number", "content")}


@dataclass(frozen=True)
class Confidential:
    """Lines that a version of the fiche held above some level: uids of contacts, (contact, telecom) pairs."""

    contacts: frozenset[str] = frozenset()
    telecoms: frozenset[tuple[str, str]] = frozenset()


_ABOVE = """
with contact as (
    select jsonb_path_query(content, '$.contacts[*]') as line
    from directory_ficheversion where kind = %s and object_id = %s
)
select line ->> 'uid', null from contact where (line ->> 'niveau')::int > %s
union
select line ->> 'uid', telecom ->> 'uid'
from contact, jsonb_path_query(line, '$.telecoms[*]') as telecom where (telecom ->> 'niveau')::int > %s
"""


def ever_above(kind: Kind, pk: int, level: int) -> Confidential:
    """What was above `level` in any version, in one query.

    A number hidden today was perhaps public yesterday: its line is then hidden in every version.
    """
    with connection.cursor() as cursor:
        cursor.execute(_ABOVE, [str(kind), pk, level, level])
        rows = cursor.fetchall()
    return Confidential(
        frozenset(contact for contact, telecom in rows if telecom is None),
        frozenset((contact, telecom) for contact, telecom in rows if telecom is not None),
    )


def is_reserved(document: Document, level: int) -> bool:
    """The document of a sensitive unit is for level 3, even when the unit is not sensitive any more."""
    return bool(document.get("unite_sensible")) and level < Niveau.REGULATION


def hides_places(eg_id: int) -> bool:
    """A sensitive unit works in this establishment, or support moved one away: where it was stays in old versions.
    One query."""
    units = UniteOperationnelle.objects.filter(entite_geographique=eg_id, unite_sensible=True)
    key = Concat(Value("eg:"), OuterRef("idnat_struct"))
    moves = Entry.objects.filter(target=key, action="move_uo", detail__sensible=True)
    return EntiteGeographique.objects.filter(Exists(units) | Exists(moves), pk=eg_id).exists()


def redacted(found: Sequence[Document], *, level: int, hidden: Confidential, hides_places: bool) -> list[Document]:
    """The documents without what a reader of this level may not see; the same is taken from each of them.

    `hides_places`: a sensitive unit of the establishment may work in any place but the main entrance.
    """
    if level >= Niveau.REGULATION:
        return list(found)
    main = _always_main(found)
    return [_without(document, level, hidden, main if hides_places else None) for document in found]


def _always_main(found: Sequence[Document]) -> set[str]:
    """Lieux that are the main entrance in each document that holds them."""
    flags = [(lieu["uid"], lieu.get("est_principal")) for one in found for lieu in one.get("lieux") or []]
    return {uid for uid, is_main in flags if is_main} - {uid for uid, is_main in flags if not is_main}


def _without(document: Document, level: int, hidden: Confidential, places: set[str] | None) -> Document:
    seen = {name: value for name, value in document.items() if name not in RESTRICTED}
    if "contacts" in seen:
        seen["contacts"] = [
            _contact(contact, level, hidden)
            for contact in seen["contacts"] or []
            if contact["uid"] not in hidden.contacts and contact["niveau"] <= level
        ]
    if places is not None:
        seen.pop("lieux_offre", None)
        if "lieux" in seen:
            seen["lieux"] = [lieu for lieu in seen["lieux"] or [] if lieu["uid"] in places]
    return seen


def _contact(contact: Document, level: int, hidden: Confidential) -> Document:
    telecoms = [
        telecom
        for telecom in contact.get("telecoms") or []
        if (contact["uid"], telecom["uid"]) not in hidden.telecoms and telecom["niveau"] <= level
    ]
    return {**contact, "telecoms": telecoms}
