"""Administration: what people looked for in vain, and the way to the synonym that would have found it."""

import datetime as dt

from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet, Subquery, Sum
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from nomenclature.models import Synonyme
from ror import clock
from search.sans_resultat import KEPT_DAYS, RechercheSansResultat

DEFAULT_DAYS = 30


class PeriodFilter(admin.SimpleListFilter):
    """The texts looked for since some day; the numbers are counted from that day too (`get_queryset`)."""

    title = "période"
    parameter_name = "jours"

    def lookups(self, request, model_admin) -> list[tuple[str, str]]:
        return [("7", "7 derniers jours"), (str(KEPT_DAYS), "6 derniers mois")]

    def choices(self, changelist):
        """The period of someone who chose none is a month, not everything."""
        first, *others = super().choices(changelist)
        yield first | {"display": f"{DEFAULT_DAYS} derniers jours"}
        yield from others

    def queryset(self, request, queryset: QuerySet) -> QuerySet:
        return queryset  # done with the sums


class SynonymFilter(admin.SimpleListFilter):
    """What is still to be done, or all."""

    title = "lexique"
    parameter_name = "lexique"

    def lookups(self, request, model_admin) -> list[tuple[str, str]]:
        return [("absent", "Mot absent du lexique"), ("present", "Mot déjà au lexique")]

    def queryset(self, request, queryset: QuerySet) -> QuerySet:
        return queryset.filter(est_synonyme=self.value() == "present") if self.value() else queryset


def since(request: HttpRequest) -> dt.date:
    """First day of the period asked for."""
    asked = request.GET.get(PeriodFilter.parameter_name, "")
    days = int(asked) if asked in ("7", str(KEPT_DAYS)) else DEFAULT_DAYS
    return clock.today() - dt.timedelta(days=days - 1)


@admin.register(RechercheSansResultat)
class RechercheSansResultatAdmin(admin.ModelAdmin):
    """One line a text: its last day in the period, and its searches of the whole period. Nothing can be changed."""

    list_display = ["texte", "total", "dernier_jour", "synonyme"]
    list_display_links = None
    list_filter = [PeriodFilter, SynonymFilter]
    search_fields = ["texte"]
    show_full_result_count = False

    def get_ordering(self, request: HttpRequest) -> list[str]:
        """Not `ordering`, whose check knows no annotation."""
        return ["-n_periode", "texte"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        rows = RechercheSansResultat.objects.filter(jour__gte=since(request))
        twins = rows.filter(texte=OuterRef("texte")).order_by()
        n = twins.values("texte").annotate(n=Sum("nombre")).values("n")
        return rows.annotate(
            n_periode=Subquery(n),
            est_synonyme=Exists(Synonyme.objects.filter(texte_normalise=OuterRef("texte"))),
        ).exclude(Exists(twins.filter(jour__gt=OuterRef("jour"))))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj=None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj=None) -> bool:
        return False

    @admin.display(description="recherches", ordering="n_periode")
    def total(self, row: RechercheSansResultat) -> int:
        return row.n_periode

    @admin.display(description="dernière fois", ordering="jour")
    def dernier_jour(self, row: RechercheSansResultat) -> dt.date:
        return row.jour

    @admin.display(description="lexique")
    def synonyme(self, row: RechercheSansResultat) -> SafeString | str:
        """The form of a synonym, its word already there; its list when the word has one."""
        page = "changelist" if row.est_synonyme else "add"
        url = reverse(f"admin:nomenclature_synonyme_{page}")
        if row.est_synonyme:
            return format_html('<a href="{}?{}">Déjà au lexique</a>', url, urlencode({"q": row.texte}))
        return format_html('<a href="{}?{}">Créer un synonyme</a>', url, urlencode({"texte": row.texte}))
