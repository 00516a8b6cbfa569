"""The fiche of a legal entity (EJ), and who reads its level-3 contacts."""

from dataclasses import dataclass

from directory.display.common import Field, Fields, address_lines, concepts_of
from directory.display.contacts import ContactLine, canal_keys, visible_contacts
from directory.documents import Document, shape_of
from directory.models import EntiteGeographique, EntiteJuridique, Habilitation, Lieu, Niveau, Role
from directory.permissions import Reader
from ror import clock


@dataclass(frozen=True)
class FicheEJ:
    """Everything the page of an EJ shows of its document."""

    contacts: list[ContactLine]
    informations: list[Field]
    address: list[str]


def fiche(ej: EntiteJuridique, document: Document, *, level: int) -> FicheEJ:
    """One query: the concepts."""
    concepts = concepts_of(shape_of(EntiteJuridique), document, *canal_keys(document))
    fields = Fields(EntiteJuridique, document, concepts)
    return FicheEJ(
        contacts=visible_contacts(document, level=level, concepts=concepts),
        informations=[fields("statut_juridique"), fields("commentaire")],
        address=address_lines(ej),
    )


def level_on(ej: EntiteJuridique, user, reader: Reader) -> int:
    """Level 3 for the référents of the EJ itself (not of one of its EG), and for régulation and support whose
    territory holds one of its EG; 2 for the others."""
    if reader.sees_all:
        return Niveau.REGULATION
    mine = Habilitation.objects.active(clock.today()).filter(user=user, ej=ej, role=Role.REFERENT)
    if mine.exists():
        return Niveau.REGULATION
    etablissements = EntiteGeographique.objects.filter(entite_juridique=ej).values("pk")
    entrances = Lieu.objects.filter(entite_geographique__in=etablissements, est_principal=True)
    here = entrances.filter(commune__departement__in=reader.departements)
    if reader.departements and here.exists():
        return Niveau.REGULATION
    return Niveau.PROFESSIONNELS
