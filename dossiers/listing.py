"""The list « Dossiers collaboratifs » of a person: filters with their counts, a search, pages."""

import re
from dataclasses import dataclass
from enum import StrEnum

from django.core.paginator import Page, Paginator
from django.db.models import CharField, Count, F, Q, QuerySet, Value
from django.db.models.functions import Concat
from django.utils.http import urlencode

from accounts.models import User
from directory.display.common import Badge
from directory.filters import has_words
from directory.listing import by_name
from directory.models import EntiteGeographique
from directory.permissions import Reader
from dossiers import display
from dossiers.models import Dossier, Statut
from nomenclature.text import normalise

PER_PAGE = 20
TEXT_MAX = 100


class Filtre(StrEnum):
    """What the list keeps."""

    OUVERTS = "en-cours"
    REDACTION = "redaction"
    SUPPORT = "support"
    VALIDES = "valides"
    PUBLIES = "publies"
    ABANDONNES = "abandonnes"


STATUSES: dict[Filtre, tuple[Statut, ...]] = {
    Filtre.OUVERTS: (Statut.INITIE, Statut.A_CORRIGER, Statut.SOUMIS, Statut.VALIDE),
    Filtre.REDACTION: (Statut.INITIE, Statut.A_CORRIGER),
    Filtre.SUPPORT: (Statut.SOUMIS,),
    Filtre.VALIDES: (Statut.VALIDE,),
    Filtre.PUBLIES: (Statut.PUBLIE,),
    Filtre.ABANDONNES: (Statut.ABANDONNE,),
}
LABELS = {
    Filtre.OUVERTS: "En cours",
    Filtre.REDACTION: "À vous de jouer",
    Filtre.SUPPORT: "Chez le support",
    Filtre.VALIDES: "En attente d’effet",
    Filtre.PUBLIES: "Publiés",
    Filtre.ABANDONNES: "Abandonnés",
}


@dataclass(frozen=True)
class Row:
    """One dossier: its status, whose turn it is, how old it is."""

    dossier: Dossier
    badge: Badge
    waits_for: Badge
    age: str


@dataclass(frozen=True)
class Listing:
    """What the page shows. `filters`: (value, words, how many); `n_all`: dossiers of this person, found or not."""

    filtre: Filtre
    filters: list[tuple[Filtre, str, int]]
    page: Page
    rows: list[Row]
    text: str
    n_all: int

    @property
    def query(self) -> str:
        return urlencode({"filtre": self.filtre, **({"q": self.text} if self.text else {})})


def n_open(reader: Reader) -> int:
    """Dossiers open for the structures a référent answers for: the figure beside « Dossiers ». No query for others."""
    return Dossier.objects.open().filter(eg__in=reader.own_eg_ids).count() if reader.own_eg_ids else 0


def listing(
    reader: Reader, user: User, *, filtre: Filtre = Filtre.OUVERTS, text: str = "", number: str | None = None
) -> Listing:
    """The dossiers of this person, one page of them. Five queries at most, whatever their number."""
    text = text.replace("\x00", "").strip()[:TEXT_MAX]
    every = Dossier.objects.visible_to(reader)
    found = by_text(every, text) if text else every
    counts = dict(found.order_by().values_list("status").annotate(n=Count("pk")))
    filters = [(one, _label(one, reader), sum(counts.get(status, 0) for status in STATUSES[one])) for one in Filtre]
    keys = found.filter(status__in=STATUSES[filtre]).order_by(*NEWEST).values_list("pk", flat=True)
    page = Paginator(keys, PER_PAGE).get_page(number)
    shown = Dossier.objects.filter(pk__in=list(page.object_list)).with_counts().order_by(*NEWEST)
    rows = [row(dossier, user, reader) for dossier in shown]
    return Listing(filtre, filters, page, rows, text, every.count() if text else sum(counts.values()))


NEWEST = ("-updated_at", "-pk")


def _label(filtre: Filtre, reader: Reader) -> str:
    """For support, what référents are writing is not its turn."""
    is_theirs = filtre == Filtre.REDACTION and reader.is_support and not reader.own_eg_ids
    return "Chez les référents" if is_theirs else LABELS[filtre]


def row(dossier: Dossier, user: User, reader: Reader) -> Row:
    turn = display.waits_for(dossier, user, reader)
    return Row(dossier, display.status(dossier), turn, display.ago(dossier.opened_at))


NOTHING = Q(pk__in=())


def by_text(found: QuerySet[Dossier], text: str, also: Q = NOTHING) -> QuerySet[Dossier]:
    """Number of the dossier (« 2026-0412 », « 412 »), FINESS of the EG or the EJ, or words of the establishment;
    where words are looked for, what `also` finds by them too."""
    compact = re.sub(r"[\s.]", "", text).upper()
    number = re.fullmatch(r"(?:N°?)?(?:([1-9]\d{3})-)?(\d{1,9})", compact)
    numbered = Q(pk=int(number[2])) if number else NOTHING
    if number and number[1]:
        return found.filter(numbered, opened_at__year=int(number[1]))
    if re.fullmatch(r"\d[0-9AB]\d{3,7}", compact):
        eg, ej = Q(eg__finess__startswith=compact), Q(eg__entite_juridique__finess__startswith=compact)
        return found.filter(eg | ej | numbered)
    if not normalise(text):
        return found.none()
    whole = Concat(F("eg__denomination"), Value(" "), F("eg__nom_operationnel"), output_field=CharField())
    named = has_words(Dossier.objects.alias(noms=whole), "noms", text).values("pk")
    return found.filter(Q(pk__in=named) | numbered | also)


def establishments(editable: QuerySet[EntiteGeographique], text: str) -> QuerySet[EntiteGeographique]:
    """Those one may open a dossier on, by name: the words of the name, or the beginning of a FINESS or SIRET."""
    text = text.replace("\x00", "").strip()[:TEXT_MAX]
    number = re.sub(r"[\s.]", "", text).upper()
    found = editable
    if re.fullmatch(r"\d[0-9AB]\d{3,12}", number):
        found = found.filter(Q(finess__startswith=number) | Q(siret__startswith=number))
    elif text:
        whole = Concat(F("denomination"), Value(" "), F("nom_operationnel"), output_field=CharField())
        found = has_words(found.alias(noms=whole), "noms", text) if normalise(text) else found.none()
    return by_name(found).with_display()
