"""Kinds of entités juridiques: legal forms, names, how many establishments each runs."""

from dataclasses import dataclass

from .catalogue import OFFRES
from .etablissements import Etablissement


@dataclass(frozen=True)
class PorteurKind:
    """`noms`: patterns over {porteur}, {nature}, {commune}, {departement}; `statuts`: TRE_R72; `combien`: EG."""

    cle: str
    statuts: tuple[str, ...]
    noms: tuple[str, ...]
    combien: tuple[int, int]


_ASSOCIATION = (
    "Association {porteur}",
    "Association {nature}",
    "Fondation {porteur}",
    "Association {porteur} – {departement}",
)
_FORMES = ("60", "60", "61", "63", "66")

PORTEUR_KINDS: dict[str, PorteurKind] = {
    kind.cle: kind
    for kind in (
        PorteurKind("precarite", _FORMES, _ASSOCIATION, (1, 5)),
        PorteurKind("enfance", _FORMES, _ASSOCIATION, (1, 8)),
        PorteurKind("handicap", _FORMES, _ASSOCIATION, (1, 8)),
        PorteurKind("association", _FORMES, _ASSOCIATION, (1, 3)),
        PorteurKind(
            "porteur_age",
            ("60", "61", "95", "73", "17", "21"),
            ("Association {porteur}", "Groupe {porteur}", "Résidences {nature}", "Centre communal – {commune}"),
            (1, 5),
        ),
        PorteurKind(
            "hopital", ("13", "14", "11"), ("Centre hospitalier – {commune}", "Groupe hospitalier {nature}"), (2, 9)
        ),
        PorteurKind(
            "societe", ("95", "73", "72", "105"), ("{porteur} Santé", "Groupe {porteur}", "Société {nature}"), (1, 3)
        ),
        PorteurKind(
            "commune", ("03", "17"), ("Commune – {commune}", "Centre communal d’action sociale – {commune}"), (1, 3)
        ),
        PorteurKind("departement", ("02",), ("Conseil départemental – {departement}",), (3, 6)),
        PorteurKind("liberal", ("80",), ("Société de soins ambulatoires {nature}",), (1, 1)),
        PorteurKind("officine", ("70", "85", "91"), ("Pharmacie {nature}", "Pharmacie – {commune}"), (1, 1)),
    )
}
MEAN_EG = {kind.cle: sum(kind.combien) / 2 for kind in PORTEUR_KINDS.values()}
_BY_THEME = {"addictologie": "precarite", "act": "precarite", "precarite": "precarite", "enfance": "enfance",
             "handicap": "handicap"}  # fmt: skip


def kind_of(profile: Etablissement) -> str:
    """The kind of EJ that runs such an establishment: said, or by the theme of its first offre."""
    if profile.porteur != "association":
        return profile.porteur
    return _BY_THEME.get(OFFRES[profile.offres[0]].theme, "association")
