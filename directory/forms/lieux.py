"""The lieux of a UO: which places of its EG it works in."""

from collections.abc import Iterable
from dataclasses import dataclass

from directory.documents import Document
from directory.models import Lieu
from directory.models.common import new_uid


@dataclass(frozen=True)
class Etablissement:
    """What the form of a UO reads of its EG. `lieux`: (uid, words), the main entrance first."""

    categorie: str = ""
    lieux: tuple[tuple[str, str], ...] = ()


def of_live(idnat_struct: str | None) -> Etablissement:
    """From the published EG, in one query."""
    rows = Lieu.objects.filter(entite_geographique__idnat_struct=idnat_struct or "").select_related(
        "entite_geographique__categorie__system"
    )
    found = list(rows)
    categorie = found[0].entite_geographique.categorie.key if found else ""
    return Etablissement(categorie, tuple((lieu.uid, words(lieu)) for lieu in found))


def of_document(document: Document) -> Etablissement:
    """From the document of an EG: the draft of a dossier."""
    rows = sorted(document.get("lieux") or [], key=lambda line: not line.get("est_principal"))
    own = {field.attname for field in Lieu._meta.concrete_fields}  # without the commune, which the words do not need
    lieux = [Lieu(**{name: value for name, value in line.items() if name in own}) for line in rows]
    return Etablissement(document.get("categorie") or "", tuple((lieu.uid, words(lieu)) for lieu in lieux))


def words(lieu: Lieu) -> str:
    """« Antenne Nord, 12 rue de Paris, 75010 PARIS »."""
    parts = [lieu.nom or ("Entrée principale" if lieu.est_principal else ""), *lieu.postal_lines]
    return ", ".join(part for part in parts if part) or "Lieu sans adresse"


def lines(chosen: Iterable[str], document: Document) -> list[Document]:
    """Lines `lieux_offre` of the lieux chosen; those already there keep their uid and their order."""
    wanted = list(dict.fromkeys(uid for uid in chosen if uid))
    kept = [line for line in document.get("lieux_offre") or [] if line["lieu_uid"] in wanted]
    known = {line["lieu_uid"] for line in kept}
    return kept + [{"uid": new_uid(), "lieu_uid": uid} for uid in wanted if uid not in known]
