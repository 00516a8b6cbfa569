"""The fiche of a UO, read from its document: the same function will show a stored version."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

from directory import planning
from directory.display import horaires
from directory.display.common import (
    NBSP,
    Concepts,
    Field,
    Fields,
    Place,
    Value,
    concepts_of,
    filled,
    main_lieu,
    place,
)
from directory.display.contacts import ContactLine, canal_keys, visible_contacts
from directory.display.lieux import lieux_of_offre
from directory.documents import Document, plain, shape_of
from directory.models import Lieu, UniteOperationnelle
from directory.models.unites import AgeUnit
from nomenclature.models import Commune
from nomenclature.text import normalise

COMMUNES_SHOWN = 12  # beyond, the zone d'intervention is told by département
UNIT_WORDS = {
    AgeUnit.YEARS: ("an", "ans"),
    AgeUnit.MONTHS: ("mois", "mois"),
    AgeUnit.WEEKS: ("semaine", "semaines"),
    AgeUnit.DAYS: ("jour", "jours"),
}


@dataclass(frozen=True)
class FicheUO:
    """Everything the page of a UO shows of its document."""

    contacts: list[ContactLine]
    patientele: str
    offre: list[Field]
    equipe: list[Field]
    complements: list[Field]
    hours: horaires.Hours
    places: list[Place]
    zone: list[str]


def fiche(
    uo: UniteOperationnelle,
    document: Document,
    lieux: list[Lieu],
    *,
    level: int,
    now: dt.datetime,
    semaine: str = "",
    mois: str | None = None,
) -> FicheUO:
    """Two queries at most: the concepts, and the communes of the zone d'intervention.

    `semaine` and `mois`: what the address asks to see of the hours, « 2025-W38 » and « 2025-09 ».
    """
    concepts = concepts_of(shape_of(UniteOperationnelle), document, *canal_keys(document))
    fields = Fields(UniteOperationnelle, document, concepts)
    return FicheUO(
        contacts=visible_contacts(document, level=level, concepts=concepts),
        patientele=patientele(uo),
        offre=_offre(fields, document, concepts),
        equipe=[
            fields(name) for name in ("specialites_ordinales", "professions_ressources", "competences_specifiques")
        ],
        complements=_complements(fields),
        hours=horaires.hours(
            planning.of_document(document, departement=_departement(lieux)),
            horaires.periods(document["horaires"], concepts, now.date()),
            concepts,
            now=now,
            semaine=semaine,
            mois=mois,
        ),
        places=[place(lieu) for lieu in lieux_of_offre(document, lieux)],
        zone=_zone(document["zones_intervention"]),
    )


def _offre(fields: Fields, document: Document, concepts: Concepts) -> list[Field]:
    activites = [
        Value(concepts[line["activite"]].label, concepts[line["famille"]].label if line["famille"] else "")
        for line in document["activites"]
    ]
    return [
        fields("publics"),
        fields("mode_prise_en_charge"),
        fields("modalites_accueil"),
        *filled([fields("temporalite_accueil"), fields("ouverture_annuelle"), fields("ouvert_jours_feries")]),
        *filled([fields("modes_gestion")]),
        fields("conditions_admission"),
        fields("conditions_accueil"),
        Field("Activités opérationnelles", sorted(activites, key=lambda value: normalise(value.text))),
        fields("specialisations"),
        fields("actes_specifiques"),
        *filled([fields("actes_hors_cabinet"), fields("niveaux_expertise")]),
        *filled([fields("habilitation_soins_sans_consentement")]),
    ]


def _complements(fields: Fields) -> list[Field]:
    return [
        fields("animaux_domestiques"),
        fields("complements"),
        fields("adresse_mss"),
        *filled([fields("secteur_psychiatrique")]),
        fields("champ_activite"),
        *filled([fields("type_offre", "Type d’offre national")]),
    ]


# --- Patientèle -----------------------------------------------------------------------------------------------------


def patientele(uo: UniteOperationnelle) -> str:
    """« Enfants de 0 à 6 ans », « Adultes à partir de 18 ans »; empty when no age is known."""
    if uo.age_min is None and uo.age_max is None:
        return ""
    children, adults = uo.serves_children, uo.serves_adults
    who = "Enfants et adultes" if children and adults else "Enfants" if children else "Adultes"
    if uo.age_max is None:
        return f"{who} à partir de {_age(uo.age_min, uo.age_min_unite)}"
    if uo.age_min is None:
        return f"{who} jusqu’à {_age(uo.age_max, uo.age_max_unite)}"
    low = _number(uo.age_min) if uo.age_min_unite == uo.age_max_unite else _age(uo.age_min, uo.age_min_unite)
    return f"{who} de {low} à {_age(uo.age_max, uo.age_max_unite)}"


def _age(age: Decimal, unit: str) -> str:
    return f"{_number(age)}{NBSP}{UNIT_WORDS[AgeUnit(unit)][age >= 2]}"


def _number(age: Decimal) -> str:
    return plain(Decimal(age)).replace(".", ",")


# --- Places ---------------------------------------------------------------------------------------------------------


def _departement(lieux: list[Lieu]) -> str:
    """Where the UO is: its time zone and public holidays follow the main entrance of the EG."""
    principal = main_lieu(lieux)
    return principal.commune.departement_id if principal and principal.commune else ""


def _zone(codes: list[str]) -> list[str]:
    """Names of the communes served, or their number in each département when they are many (RG_EXP_009)."""
    if not codes:
        return []
    communes = Commune.objects.filter(insee__in=codes).select_related("departement").order_by("nom")
    if len(codes) <= COMMUNES_SHOWN:
        return [commune.nom_ror for commune in communes]
    counts = Counter(commune.departement for commune in communes)
    ordered = sorted(counts.items(), key=lambda pair: pair[0].code)
    return [f"{departement.nom}{NBSP}: {n} commune{'s' if n > 1 else ''}" for departement, n in ordered]
