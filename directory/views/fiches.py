"""The read-only fiches EJ, EG and UO, on screen and for print."""

from collections.abc import Callable
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from directory.display import actions
from directory.display import eg as eg_display
from directory.display import ej as ej_display
from directory.display import uo as uo_display
from directory.display.common import (
    SENSITIVE,
    TO_DESCRIBE,
    Badge,
    freshness_badge,
    last_change,
    main_lieu,
    short_state_badge,
    state_badge,
)
from directory.display.contacts import ContactLine
from directory.display.horaires import state_badges
from directory.display.lieux import level_on, lieux_of, shown_to
from directory.display.tree import tree, unites_of
from directory.documents import to_document
from directory.listing import page_of
from directory.models import EntiteGeographique, EntiteJuridique, Kind, Lieu, Niveau, UniteOperationnelle
from directory.permissions import Reader, referents_of
from ror import clock
from ror.htmx import render_page_or_partial

Context = dict[str, Any]


def by_key(found: QuerySet, cle: str):
    """The fiche whose FINESS or idNat_Struct is `cle`, or 404."""
    return get_object_or_404(found, Q(finess=cle) | Q(idnat_struct=cle))


def _page(kind: str, build: Callable[[HttpRequest, str], Context], *, for_print: bool):
    """The view of one fiche. A key that is not the one of its address (idNat_Struct beside a FINESS) answers 301."""
    name = f"directory:{kind}_imprimer" if for_print else f"directory:{kind}"
    template = f"directory/{kind}_imprimer.html" if for_print else f"directory/{kind}.html"

    @never_cache  # a shared computer: « Back » after logging out must not show level 3
    @require_safe
    def view(request: HttpRequest, cle: str) -> HttpResponse:
        context = build(request, cle)
        if context["fiche"].cle != cle:
            query = request.META["QUERY_STRING"]
            target = reverse(name, args=[context["fiche"].cle]) + (f"?{query}" if query else "")
            return redirect(target, permanent=True)
        if kind == "uo" and not for_print:
            return render_page_or_partial(request, template, "directory/_horaires.html", context)
        return render(request, template, context)

    return view


def _has_level_3(contacts: list[ContactLine]) -> bool:
    """Something here is for régulation only: the printed page says so."""
    levels = [telecom.niveau for contact in contacts for telecom in contact.telecoms]
    return Niveau.REGULATION in [*levels, *(contact.niveau for contact in contacts)]


def _ej_context(request: HttpRequest, cle: str) -> Context:
    reader, today = Reader.of(request.user), clock.today()
    ej = by_key(EntiteJuridique.objects.visible_to(reader), cle)
    document = to_document(Kind.EJ, ej.pk)
    level = ej_display.level_on(ej, request.user, reader)
    details = ej_display.fiche(ej, document, level=level)
    etablissements = EntiteGeographique.objects.visible_to(reader).filter(entite_juridique=ej)
    page, rows = page_of(etablissements, request.GET.get("page"), reader=reader, today=today)
    return {
        "fiche": ej,
        "kicker": "Entité juridique",
        "details": details,
        "badges": [state_badge(ej, today)] if ej.date_fermeture else [],
        "changed_by": last_change(Kind.EJ, ej),
        "page": page,
        "rows": rows,
        "level": level,
        "has_level_3": _has_level_3(details.contacts),
        "is_mine": False,
        "actions": actions.of_ej(ej, reader=reader, is_staff=request.user.is_staff),
    }


def _eg_badges(eg: EntiteGeographique, unites: list[UniteOperationnelle], today) -> list[Badge]:
    if eg.is_closed_for_good(today):
        return [state_badge(eg, today)]
    described = any(not uo.is_closed_for_good(today) for uo in unites)
    return [state_badge(eg, today), freshness_badge(eg) if described else TO_DESCRIBE]


def _eg_context(request: HttpRequest, cle: str) -> Context:
    reader, today = Reader.of(request.user), clock.today()
    found = EntiteGeographique.objects.visible_to(reader)
    eg = by_key(found.select_related("entite_juridique", "categorie", "site_principal", "verified_by"), cle)
    lieux, unites = lieux_of(eg), unites_of(eg, reader=reader)
    level = level_on(reader, eg, lieux)
    details = eg_display.fiche(to_document(Kind.EG, eg.pk), shown_to(lieux, unites), level=level)
    badges = _eg_badges(eg, unites, today)
    for uo in unites:
        uo.state = short_state_badge(uo, today)
    return {
        "fiche": eg,
        "kicker": eg.categorie.label,
        "ej": eg.entite_juridique,
        "details": details,
        "badges": badges,
        "is_to_describe": TO_DESCRIBE in badges,
        "has_referent": TO_DESCRIBE in badges and referents_of(eg).exists(),
        "changed_by": last_change(Kind.EG, eg),
        "unites": unites,
        "annexes": list(found.filter(site_principal=eg).order_by("denomination", "pk")),
        "tree": tree(eg, _open(unites, today), reader=reader, today=today),
        "commune": main_lieu(lieux) and main_lieu(lieux).commune,
        "level": level,
        "has_level_3": _has_level_3(details.contacts) or bool(details.restricted),
        "is_mine": eg.pk in reader.own_eg_ids,
        "can_ask": eg.pk not in reader.own_eg_ids and not reader.is_support and not eg.is_closed_for_good(today),
        "actions": actions.of_eg(eg, unites, **_editor(request, reader, lieux)),
    }


def _editor(request: HttpRequest, reader: Reader, lieux: list[Lieu]) -> dict[str, Any]:
    """Who asks for the buttons of a fiche, and where it is: the département of its main entrance, as in the rights."""
    entrance = next((lieu.commune for lieu in lieux if lieu.est_principal), None)
    departement = entrance and entrance.departement_id
    return {
        "reader": reader,
        "departement": departement,
        "today": clock.today(),
        "is_staff": request.user.is_staff,
    }


def _open(unites: list[UniteOperationnelle], today, current: UniteOperationnelle | None = None):
    """What the tree lists: UO not closed for good, and the one being read."""
    return [uo for uo in unites if not uo.is_closed_for_good(today) or uo == current]


def _uo_context(request: HttpRequest, cle: str) -> Context:
    reader, today = Reader.of(request.user), clock.today()
    found = UniteOperationnelle.objects.visible_to(reader).select_related(
        "type_uo", "verified_by", "entite_geographique__entite_juridique", "entite_geographique__accessibilite"
    )
    if "-" not in cle:
        raise Http404
    uo = get_object_or_404(found, identifiant=cle.replace("-", "/", 1))
    eg = uo.entite_geographique
    lieux = lieux_of(eg)
    level = level_on(reader, eg, lieux)
    asked = {"semaine": request.GET.get("semaine", ""), "mois": request.GET.get("mois")}
    details = uo_display.fiche(uo, to_document(Kind.UO, uo.pk), lieux, level=level, now=clock.now(), **asked)
    badges = [*state_badges(uo, state_badge(uo, today), details.hours.badge, today), freshness_badge(uo)]
    return {
        "fiche": uo,
        "kicker": uo.type_uo.label if uo.type_uo else "Unité opérationnelle",
        "accessibilite": eg.accessibilite.label if eg.accessibilite else "",
        "eg": eg,
        "ej": eg.entite_juridique,
        "details": details,
        "hours": details.hours,
        "badges": [*badges, SENSITIVE] if uo.unite_sensible else badges,
        "changed_by": last_change(Kind.UO, uo),
        "tree": tree(eg, _open(unites_of(eg, reader=reader), today, uo), reader=reader, today=today),
        "level": level,
        "has_level_3": uo.unite_sensible or _has_level_3(details.contacts),
        "is_mine": eg.pk in reader.own_eg_ids,
        "actions": actions.of_uo(uo, **_editor(request, reader, lieux)),
    }


ej = _page("ej", _ej_context, for_print=False)
ej_imprimer = _page("ej", _ej_context, for_print=True)
eg = _page("eg", _eg_context, for_print=False)
eg_imprimer = _page("eg", _eg_context, for_print=True)
uo = _page("uo", _uo_context, for_print=False)
uo_imprimer = _page("uo", _uo_context, for_print=True)
