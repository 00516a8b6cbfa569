"""What « Rien n’a changé » says, and the part of a fiche that anybody may read."""

from dataclasses import dataclass

from directory.display import eg as eg_display
from directory.display import uo as uo_display
from directory.display.common import NBSP, main_lieu
from directory.display.contacts import ContactLine
from directory.documents import to_document
from directory.models import EntiteGeographique, Kind, Lieu, Niveau, UniteOperationnelle
from directory.verifying import Fiche
from ror import clock


@dataclass(frozen=True)
class PublicFiche:
    """Level 1 only: what may be shown without login. `hours`: the typical week in words, empty when unknown."""

    name: str
    kind: str
    of: str
    address: list[str]
    contacts: list[ContactLine]
    hours: str
    version: int
    url: str


def public(kind: Kind, fiche: Fiche) -> PublicFiche:
    """The public summary of a fiche that is not a sensitive unit. A unit is told at the main entrance of its EG: the
    other places may be those of a sensitive one."""
    eg = fiche if kind == Kind.EG else fiche.entite_geographique
    lieux = list(Lieu.objects.filter(entite_geographique=eg).select_related("commune"))
    principal = main_lieu(lieux)
    document = to_document(kind, fiche.pk)
    if kind == Kind.UO:
        details = uo_display.fiche(fiche, document, lieux, level=Niveau.PUBLIC, now=clock.now())
    else:
        details = eg_display.fiche(document, lieux, level=Niveau.PUBLIC)
    return PublicFiche(
        name=_name(fiche),
        kind=_kind(fiche),
        of=eg.display_name if kind == Kind.UO else "",
        address=principal.postal_lines if principal else [],
        contacts=details.contacts,
        hours=details.hours.summary if kind == Kind.UO else "",
        version=fiche.version,
        url=fiche.get_absolute_url(),
    )


def _name(fiche: Fiche) -> str:
    return fiche.display_name if isinstance(fiche, EntiteGeographique) else fiche.nom


def _kind(fiche: Fiche) -> str:
    if isinstance(fiche, UniteOperationnelle):
        return fiche.type_uo.label if fiche.type_uo else "Unité opérationnelle"
    return fiche.categorie.label


def told(changed: int) -> str:
    """The message after the click."""
    if changed == 0:
        return "C’était déjà noté\u00a0: vous avez vérifié cette fiche à l’instant."
    if changed == 1:
        return "Merci\u00a0: la fiche est vérifiée aujourd’hui, en votre nom."
    return f"Merci\u00a0: {changed}{NBSP}fiches sont vérifiées aujourd’hui, en votre nom."
