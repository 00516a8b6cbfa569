"""« Mes structures »: the tree EJ → EG → UO of what a référent answers for, and what it waits for.

The number of queries does not depend on how many structures there are; documents are read for one page alone, or for
all when the page asked for is « à compléter ».
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import groupby

from django.core.paginator import Page, Paginator
from django.db.models import Q

from accounts.models import User
from directory import modeles, verifying
from directory.display.common import Badge, eg_badge, short_state_badge
from directory.display.history import origin
from directory.documents import Document, to_documents
from directory.models import (
    EntiteGeographique,
    EntiteJuridique,
    FicheVersion,
    Habilitation,
    Kind,
    Role,
    UniteOperationnelle,
)
from directory.ownership import DIRECT
from directory.permissions import Reader
from dossiers.models import Dossier, DraftFiche
from nomenclature.text import normalise
from ror import clock

PER_PAGE = 20  # establishments
MISSING_SHOWN = 3
CHANGES_SHOWN = 6
WRITTEN = ("initie", "a_corriger")  # while a dossier is in the hands of the référents
IN_DOSSIER = Badge("ror-info", "edit", "Dans le dossier")


class Filtre(StrEnum):
    """What the list keeps."""

    TOUT = "tout"
    COMPLETER = "completer"
    VERIFIER = "verifier"


@dataclass(frozen=True)
class Missing:
    """What the modèle expects and the fiche lacks. `url`: where to write it, empty until a dossier is open."""

    words: str
    url: str


@dataclass(frozen=True)
class Row:
    """One fiche. `draft`: a unit that a dossier describes and nobody published yet."""

    kind: Kind
    name: str
    url: str
    badge: Badge
    completeness: modeles.Completeness
    missing: list[Missing]
    fiche: EntiteGeographique | UniteOperationnelle | None = None
    is_stale: bool = False
    draft: DraftFiche | None = None

    @property
    def shown(self) -> list[Missing]:
        return self.missing[:MISSING_SHOWN]

    @property
    def n_more(self) -> int:
        return len(self.missing[MISSING_SHOWN:])


@dataclass(frozen=True)
class Etablissement:
    """An EG, its units, the dossier open on it and the people who answer for it."""

    row: Row
    unites: list[Row]
    place: str
    dossier: Dossier | None
    referents: list[User]

    @property
    def rows(self) -> list[Row]:
        return [self.row, *self.unites]

    @property
    def is_to_complete(self) -> bool:
        return not self.unites or any(row.missing for row in self.rows)


@dataclass(frozen=True)
class Structures:
    """What the page shows. `groups`: (EJ, its EG on this page); `n_to_complete`: None when it was not counted."""

    filtre: Filtre
    page: Page
    groups: list[tuple[EntiteJuridique, list[Etablissement]]]
    n_ej: int
    n_eg: int
    n_uo: int
    n_to_verify: int
    n_to_complete: int | None
    dossiers: list[Dossier]
    referents: list[User]
    changes: list[FicheVersion] = field(default_factory=list)

    @property
    def percent(self) -> int | None:
        """Mean completeness of the fiches shown; None when there is none."""
        rows = [row for _, found in self.groups for one in found for row in one.rows]
        return sum(row.completeness.percent for row in rows) // len(rows) if rows else None


def structures(reader: Reader, *, filtre: Filtre = Filtre.TOUT, number: str | None = None) -> Structures:
    """The structures of a référent, one page of them."""
    mine = _mine(reader)
    stale = _stale(mine)
    ids = [pk for pk, _ in mine if filtre != Filtre.VERIFIER or pk in stale]
    if filtre == Filtre.COMPLETER or len(ids) <= PER_PAGE:
        found = _etablissements(ids)
        to_complete = [one.row.fiche.pk for one in found if one.is_to_complete]
        ids = to_complete if filtre == Filtre.COMPLETER else ids
        page = Paginator(ids, PER_PAGE).get_page(number)
        kept = set(page.object_list)
        found = [one for one in found if one.row.fiche.pk in kept]
        n_to_complete = len(to_complete) if filtre != Filtre.VERIFIER else None
    else:
        page, n_to_complete = Paginator(ids, PER_PAGE).get_page(number), None
        found = _etablissements(page.object_list)
    units = UniteOperationnelle.objects.published().open_on(clock.today())
    return Structures(
        filtre=filtre,
        page=page,
        groups=[(ej, list(group)) for ej, group in groupby(found, key=lambda one: one.row.fiche.entite_juridique)],
        n_ej=len({ej for _, ej in mine}),
        n_eg=len(mine),
        n_uo=units.filter(entite_geographique__in=[pk for pk, _ in mine]).count(),
        n_to_verify=len(stale),
        n_to_complete=n_to_complete,
        dossiers=[one.dossier for one in found if one.dossier],
        referents=_people(found),
        changes=_changes(found),
    )


def _mine(reader: Reader) -> list[tuple[int, int]]:
    """(EG, EJ) a référent answers for, not closed for good: by EJ, then by name."""
    found = EntiteGeographique.objects.published().open_on(clock.today()).filter(pk__in=reader.own_eg_ids)
    names = found.values_list(
        "pk", "entite_juridique", "entite_juridique__raison_sociale", "nom_operationnel", "denomination"
    )
    rows = [(normalise(owner), ej, normalise(everyday or official), pk) for pk, ej, owner, everyday, official in names]
    return [(pk, ej) for _, ej, _, pk in sorted(rows)]


def _stale(mine: Iterable[tuple[int, int]]) -> set[int]:
    """EG with a fiche, its own or one of its units, that nobody verified for long."""
    ids, before = [pk for pk, _ in mine], verifying.stale_since()
    egs = verifying.stale(Kind.EG, before).filter(pk__in=ids).values_list("pk")
    uos = verifying.stale(Kind.UO, before).filter(entite_geographique__in=ids).values_list("entite_geographique")
    return {pk for (pk,) in egs.union(uos)}


# --- Rows ------------------------------------------------------------------------------------------------------------


def _etablissements(ids: Sequence[int]) -> list[Etablissement]:
    """These EG in this order, with all that a row says."""
    today = clock.today()
    egs = {eg.pk: eg for eg in EntiteGeographique.objects.filter(pk__in=ids).with_display()}
    units = UniteOperationnelle.objects.published().open_on(today).filter(entite_geographique__in=ids)
    by_eg: dict[int, list[UniteOperationnelle]] = defaultdict(list)
    for uo in sorted(units.select_related("type_uo"), key=lambda uo: (normalise(uo.nom), uo.pk)):
        by_eg[uo.entite_geographique_id].append(uo)
    documents = to_documents(Kind.EG, ids), to_documents(Kind.UO, [uo.pk for found in by_eg.values() for uo in found])
    dossiers = {dossier.eg_id: dossier for dossier in _dossiers(ids)}
    drafts = _drafts(dossiers.values())
    referents = _referents(egs.values())
    found = []
    for pk in ids:
        eg, dossier = egs[pk], dossiers.get(pk)
        own = _row(Kind.EG, eg, documents[0][pk], eg_badge(eg, len(by_eg[pk]), today), dossier)
        unites = [_row(Kind.UO, uo, documents[1][uo.pk], short_state_badge(uo, today), dossier) for uo in by_eg[pk]]
        unites += [_draft_row(draft) for draft in drafts[pk]]
        found.append(Etablissement(own, unites, _place(eg), dossier, referents[pk]))
    return found


def _row(kind: Kind, fiche, document: Document, badge: Badge, dossier: Dossier | None) -> Row:
    before, address = verifying.stale_since(), fiche.get_absolute_url()
    in_dossier = dossier.get_absolute_url() if dossier and dossier.status in WRITTEN else ""
    return Row(
        kind=kind,
        name=fiche.nom if kind == Kind.UO else fiche.display_name,
        url=address,
        badge=badge,
        completeness=modeles.completeness(kind, document),
        missing=[
            Missing(words, f"{address}modifier/#id_{name}" if name in DIRECT[kind] else in_dossier)
            for name, words in _missing(kind, document)
        ],
        fiche=fiche,
        is_stale=max(fiche.updated_at, fiche.verified_at or fiche.updated_at) < before,
    )


def _draft_row(draft: DraftFiche) -> Row:
    return Row(
        kind=Kind.UO,
        name=draft.name,
        url=draft.get_absolute_url(),
        badge=IN_DOSSIER,
        completeness=modeles.completeness(Kind.UO, draft.content),
        missing=[Missing(words, draft.get_absolute_url()) for _, words in _missing(Kind.UO, draft.content)],
        draft=draft,
    )


def _missing(kind: Kind, document: Document) -> list[tuple[str, str]]:
    """(name of the field, its words) in the order of the form."""
    found = []
    for champ in modeles.modele_for(kind, document).champs:
        words = modeles.completeness_of(kind, document, [champ]).missing
        found += [(champ.name, word) for word in words]
    return found


def _place(eg: EntiteGeographique) -> str:
    lieu = eg.lieu_principal
    return str(lieu.commune) if lieu and lieu.commune else ""


def _dossiers(ids: Iterable[int]) -> list[Dossier]:
    """Open on these EG, or validated and waiting for their day; the open one when there are both."""
    found = Dossier.objects.filter(Q(status="valide") | Q(pk__in=Dossier.objects.open().values("pk")), eg__in=ids)
    return sorted(found.with_counts(), key=lambda dossier: (dossier.is_open, dossier.pk))


def _drafts(dossiers: Iterable[Dossier]) -> dict[int, list[DraftFiche]]:
    """Units that these dossiers describe for the first time, by EG."""
    found: dict[int, list[DraftFiche]] = defaultdict(list)
    new = DraftFiche.objects.filter(dossier__in=[one.pk for one in dossiers], kind=Kind.UO, base_version=0)
    for draft in new.select_related("dossier"):
        found[draft.dossier.eg_id].append(draft)
    return found


def _referents(egs: Iterable[EntiteGeographique]) -> dict[int, list[User]]:
    """People who answer for each EG, directly or through its EJ, by name; one query."""
    by_ej: dict[int, list[int]] = defaultdict(list)
    for eg in egs:
        by_ej[eg.entite_juridique_id].append(eg.pk)
    ids = [pk for found in by_ej.values() for pk in found]
    rows = Habilitation.objects.active(clock.today()).filter(Q(eg__in=ids) | Q(ej__in=by_ej), role=Role.REFERENT)
    people: dict[int, dict[int, User]] = defaultdict(dict)
    for row in rows.select_related("user").order_by("user__last_name", "user__first_name", "user"):
        for pk in [row.eg_id] if row.eg_id else by_ej[row.ej_id]:
            people[pk][row.user_id] = row.user
    return defaultdict(list, {pk: list(found.values()) for pk, found in people.items()})


def _people(found: Iterable[Etablissement]) -> list[User]:
    """Every référent of these establishments, once."""
    return list({user.pk: user for one in found for user in one.referents}.values())


def _changes(found: Sequence[Etablissement]) -> list[FicheVersion]:
    """The last publications of these fiches, each with the name and the address of its fiche; one query."""
    rows = {(row.kind, row.fiche.pk): row for one in found for row in one.rows if row.fiche}
    of = {kind: [pk for that, pk in rows if that == kind] for kind in (Kind.EG, Kind.UO)}
    asked = Q(kind=Kind.EG, object_id__in=of[Kind.EG]) | Q(kind=Kind.UO, object_id__in=of[Kind.UO])
    versions = FicheVersion.objects.filter(asked).select_related("author").defer("content").order_by("-pk")
    last = list(versions[:CHANGES_SHOWN])
    for version in last:
        version.row, version.origin_words = rows[Kind(version.kind), version.object_id], origin(version)
    return last
