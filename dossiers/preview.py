"""A draft as its public fiche will look: the same words, from the documents of the dossier. Nothing is saved."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse
from django.utils import timezone

from directory import documents
from directory.display import eg as eg_display
from directory.display import uo as uo_display
from directory.display.common import short_state_badge
from directory.documents import Document
from directory.models import EntiteGeographique, Kind, Lieu, Niveau, UniteOperationnelle
from dossiers.models import DraftFiche
from ror import clock


@dataclass(frozen=True)
class Preview:
    """`fiche`: the row in memory; `details`: what `directory.display` says of it; `unites`: those of an EG."""

    fiche: EntiteGeographique | UniteOperationnelle
    details: Any
    unites: list[UniteOperationnelle] = field(default_factory=list)


def of(
    draft: DraftFiche, eg: Document, fiches: Iterable[DraftFiche], *, semaine: str = "", mois: str | None = None
) -> Preview:
    """`eg`: the document of the EG in the same dossier; `fiches`: the others. Who sees a dossier sees every level.

    Raises `documents.UnknownReference` when a code was withdrawn since it was chosen.
    """
    etablissement = _row(EntiteGeographique(), eg)
    lieux: list[Lieu] = list(etablissement.lieux.all())
    if draft.kind == Kind.EG:
        unites = [_unite(one) for one in fiches if one.kind == Kind.UO]
        return Preview(etablissement, eg_display.fiche(draft.content, lieux, level=Niveau.REGULATION), unites)
    # Without an identifiant the links between weeks stay on the page they are on.
    uo = _row(UniteOperationnelle(), draft.content | {"identifiant": ""})
    asked = {"semaine": semaine, "mois": mois}
    details = uo_display.fiche(uo, draft.content, lieux, level=Niveau.REGULATION, now=clock.now(), **asked)
    return Preview(uo, details)


def _row(instance, document: Document):
    documents.apply(instance, document, None, timezone.now())
    return instance


def _unite(draft: DraftFiche) -> UniteOperationnelle:
    """A line of the table of units, which leads to its own preview."""
    uo = UniteOperationnelle()
    names = {"nom", "type_uo", "unite_sensible", "age_min", "age_min_unite", "age_max", "age_max_unite"}
    names |= {"type_fermeture", "date_fermeture", "date_reouverture"}
    documents.apply(uo, {name: draft.content[name] for name in names}, None, timezone.now())
    uo.state, uo.updated_at = short_state_badge(uo, clock.today()), draft.updated_at
    address = reverse("dossiers:apercu", args=[draft.dossier_id, draft.pk])
    uo.get_absolute_url = lambda: address
    return uo
