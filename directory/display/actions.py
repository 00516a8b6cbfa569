"""The buttons of a fiche for who may change it. What each one allows is checked again by the page it leads to."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.urls import reverse

from directory.models import EntiteGeographique, EntiteJuridique, Kind, UniteOperationnelle
from directory.permissions import Reader


@dataclass(frozen=True)
class Action:
    """A link to a page of support."""

    label: str
    icon: str
    url: str


@dataclass(frozen=True)
class Actions:
    """`verify_url`, `edit_url`: empty when not for this person or this fiche; `n_units`: open units of the EG, that
    may be verified with it; `dossier_eg`: the EG whose dossier changes the rest; `support`: links to its pages."""

    verify_url: str = ""
    edit_url: str = ""
    n_units: int = 0
    dossier_eg: EntiteGeographique | None = None
    support: Sequence[Action] = field(default=())

    def __bool__(self) -> bool:
        return bool(self.verify_url or self.support)


def of_ej(ej: EntiteJuridique, *, reader: Reader, is_staff: bool) -> Actions:
    """Support of the whole region closes an EJ; that of a département creates EG under it."""
    if not (is_staff and reader.is_support):
        return Actions()
    found = [_admin("Créer un établissement", "plus", Kind.EJ, "creer_eg", ej.pk)]
    if not reader.support_departements:
        found.append(_closing(Kind.EJ, ej))
    return Actions(support=found)


def of_eg(
    eg: EntiteGeographique,
    unites: Sequence[UniteOperationnelle],
    *,
    reader: Reader,
    departement: str | None,
    today: dt.date,
    is_staff: bool,
) -> Actions:
    if not reader.may_edit(eg_id=eg.pk, departement=departement):
        return Actions()
    support: list[Action] = []
    if is_staff and reader.supports(departement):
        support = [Action("Référents", "people", reverse("admin:directory_habilitation_referents", args=[eg.pk]))]
        support.append(_closing(Kind.EG, eg))
    if eg.is_closed_for_good(today):
        return Actions(support=support)
    return Actions(
        verify_url=reverse("directory:eg_verifier", args=[eg.cle]),
        edit_url=_edit_url(Kind.EG, eg),
        n_units=sum(not uo.is_closed_for_good(today) for uo in unites),
        dossier_eg=eg,
        support=support,
    )


def of_uo(
    uo: UniteOperationnelle, *, reader: Reader, departement: str | None, today: dt.date, is_staff: bool
) -> Actions:
    if not reader.may_edit(eg_id=uo.entite_geographique_id, departement=departement):
        return Actions()
    support: list[Action] = []
    if is_staff and reader.supports(departement):
        move = _admin("Déplacer vers un autre établissement", "arrow-right", Kind.UO, "deplacer", uo.pk)
        support = [move, _closing(Kind.UO, uo)]
    if uo.is_closed_for_good(today):
        return Actions(support=support)
    return Actions(
        verify_url=reverse("directory:uo_verifier", args=[uo.cle]),
        edit_url=_edit_url(Kind.UO, uo),
        dossier_eg=uo.entite_geographique,
        support=support,
    )


def _edit_url(kind: Kind, fiche: EntiteGeographique | UniteOperationnelle) -> str:
    return reverse(f"directory:{kind}_modifier", args=[fiche.cle])


def _closing(kind: Kind, fiche: EntiteJuridique | EntiteGeographique | UniteOperationnelle) -> Action:
    label = "Changer la fermeture" if fiche.date_fermeture else "Fermer"
    return _admin(label, "x-circle", kind, "fermer", fiche.pk)


_MODEL = {Kind.EJ: "entitejuridique", Kind.EG: "entitegeographique", Kind.UO: "uniteoperationnelle"}


def _admin(label: str, icon: str, kind: Kind, page: str, pk: int) -> Action:
    return Action(label, icon, reverse(f"admin:directory_{_MODEL[kind]}_{page}", args=[pk]))
