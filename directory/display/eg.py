"""The fiche of an establishment (EG)."""

from dataclasses import dataclass

from directory.display.common import Field, Fields, Place, concepts_of, filled, place
from directory.display.contacts import ContactLine, canal_keys, visible_contacts
from directory.documents import Document, shape_of
from directory.models import EntiteGeographique, Lieu, Niveau


@dataclass(frozen=True)
class FicheEG:
    """Everything the page of an EG shows of its document."""

    contacts: list[ContactLine]
    informations: list[Field]
    restricted: list[Field]
    accessibilite: str
    places: list[Place]


def fiche(document: Document, lieux: list[Lieu], *, level: int) -> FicheEG:
    """One query: the concepts."""
    concepts = concepts_of(shape_of(EntiteGeographique), document, *canal_keys(document))
    fields = Fields(EntiteGeographique, document, concepts)
    return FicheEG(
        contacts=visible_contacts(document, level=level, concepts=concepts),
        informations=_informations(fields),
        restricted=_restricted(fields) if level >= Niveau.REGULATION else [],
        accessibilite="".join(value.text for value in fields("accessibilite").values),
        places=[place(lieu) for lieu in lieux],
    )


def _informations(fields: Fields) -> list[Field]:
    return [
        fields("aides_financieres"),
        fields("territoires_sante"),
        *filled(
            [
                fields("modalite_participation_sph"),
                fields("hebergement_famille"),
                fields("nb_place_aide_sociale_temporaire"),
                fields("nb_place_aide_sociale_permanent"),
            ]
        ),
        fields("commentaire"),
    ]


def _restricted(fields: Fields) -> list[Field]:
    """What only régulation, support and the référents read (access policy, domain model §6.2)."""
    return [fields("niveau_recours_orsan", "Niveau de recours ORSAN"), fields("zone_poser")]
