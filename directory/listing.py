"""Establishments as rows of a list: all that a row shows comes with it."""

import datetime as dt

from django.core.paginator import Page, Paginator
from django.db.models import (
    CharField,
    Count,
    Exists,
    F,
    FilteredRelation,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce, Lower, NullIf

from directory.display.common import eg_badge
from directory.models import EntiteGeographique, UniteOperationnelle
from directory.permissions import Reader

PER_PAGE = 50


def display_name() -> Coalesce:
    """SQL twin of `EntiteGeographique.display_name`."""
    return Coalesce(NullIf("nom_operationnel", Value("")), "denomination")


def unaccent(expression) -> Func:
    return Func(expression, function="unaccent", output_field=CharField())


def visible_uo(reader: Reader, today: dt.date) -> QuerySet:
    """UO of the outer EG that this person may see and that are not closed for good."""
    found = UniteOperationnelle.objects.visible_to(reader).open_on(today)
    return found.filter(entite_geographique=OuterRef("pk")).order_by()


def is_described(reader: Reader, today: dt.date) -> Exists:
    """At least one UO to show: a sensitive one must not betray itself by a word in a list."""
    return Exists(visible_uo(reader, today))


def by_name(found: QuerySet) -> QuerySet:
    """Sorted by the name shown, whatever its accents and its case. Without columns, so that counting stays cheap."""
    return found.order_by(unaccent(Lower(display_name())), "pk")


def for_listing(found: QuerySet, *, reader: Reader, today: dt.date) -> QuerySet:
    """EG by name with `nom_affiche`, `commune_ror`, `code_postal`, `departement`, `n_uo` and their category."""
    count = visible_uo(reader, today).values("entite_geographique").annotate(n=Count("pk")).values("n")
    return by_name(
        found.alias(entree=FilteredRelation("lieux", condition=Q(lieux__est_principal=True)))
        .annotate(
            nom_affiche=display_name(),
            commune_ror=F("entree__commune__nom_ror"),
            departement=F("entree__commune__departement_id"),
            code_postal=F("entree__code_postal"),
            n_uo=Coalesce(Subquery(count), 0, output_field=IntegerField()),
        )
        .select_related("categorie")
    )


def page_of(
    found: QuerySet, number: str | None, *, reader: Reader, today: dt.date
) -> tuple[Page, list[EntiteGeographique]]:
    """One page and its rows, each with the badge of its `state`. Three queries: the count, the keys, the columns of
    these rows alone."""
    page = Paginator(by_name(found).values_list("pk", flat=True), PER_PAGE).get_page(number)
    shown = EntiteGeographique.objects.filter(pk__in=list(page.object_list))
    rows = list(for_listing(shown, reader=reader, today=today))
    for eg in rows:
        eg.state = eg_badge(eg, eg.n_uo, today)
    return page, rows
