"""The fiche of a UO, read from its document: the same function will show a stored version."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.utils.dateparse import parse_date

from directory import planning
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
from directory.documents import Document, plain, shape_of
from directory.models import Lieu, UniteOperationnelle
from directory.models.unites import AgeUnit
from nomenclature.models import Commune
from nomenclature.text import normalise

COMMUNES_SHOWN = 12  # beyond, the zone d'intervention is told by département
PX_PER_HOUR = 4  # the bar of a day is 96 high
UNIT_WORDS = {
    AgeUnit.YEARS: ("an", "ans"),
    AgeUnit.MONTHS: ("mois", "mois"),
    AgeUnit.WEEKS: ("semaine", "semaines"),
    AgeUnit.DAYS: ("jour", "jours"),
}


@dataclass(frozen=True)
class Bar:
    """A slot in the bar of a day, in units of its SVG."""

    y: str
    height: str


@dataclass(frozen=True)
class DayColumn:
    """One column of the week grid."""

    name: str
    date: dt.date
    texts: list[str]
    bars: list[Bar]
    usual_bars: list[Bar]
    is_changed: bool
    is_today: bool


@dataclass(frozen=True)
class Hours:
    """The « Horaires » section. `summary` is the typical week in words; `periods`, the dated exceptions to come."""

    week: planning.Week
    days: list[DayColumn]
    summary: str
    periods: list[str]
    is_known: bool


@dataclass(frozen=True)
class FicheUO:
    """Everything the page of a UO shows of its document."""

    contacts: list[ContactLine]
    patientele: str
    offre: list[Field]
    equipe: list[Field]
    complements: list[Field]
    hours: Hours
    places: list[Place]
    zone: list[str]


def fiche(
    uo: UniteOperationnelle, document: Document, lieux: list[Lieu], *, level: int, monday: dt.date, today: dt.date
) -> FicheUO:
    """Two queries at most: the concepts, and the communes of the zone d'intervention."""
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
        hours=hours(document, concepts, monday=monday, today=today),
        places=_places(document, lieux),
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
        *filled([fields("temporalite_accueil"), fields("ouverture_annuelle"), fields("modes_gestion")]),
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


# --- Hours ----------------------------------------------------------------------------------------------------------


def hours(document: Document, concepts: Concepts, *, monday: dt.date, today: dt.date) -> Hours:
    """The week that starts on `monday`, ready to draw."""
    lines = document["horaires"]
    week = planning.week_of(lines, monday)
    return Hours(
        week=week,
        days=[_column(day, concepts, today) for day in week.days],
        summary=planning.typical_summary(lines),
        periods=_periods(lines, concepts, today),
        is_known=bool(lines),
    )


def _column(day: planning.Day, concepts: Concepts, today: dt.date) -> DayColumn:
    return DayColumn(
        name=planning.DAYS[day.date.weekday()],
        date=day.date,
        texts=[_slot(slot, concepts) for slot in day.slots],
        bars=_bars(day.slots),
        usual_bars=_bars(day.usual),
        is_changed=day.is_changed,
        is_today=day.date == today,
    )


def _slot(slot: planning.Slot, concepts: Concepts) -> str:
    """« 08:00–12:00 », with its kind when it is not a plain opening (« … consultation sur RDV »)."""
    if slot.type_plage in planning.ORDINARY:
        return slot.text
    kind = (
        concepts[slot.type_plage].label.removeprefix("Horaire de ").removeprefix("Horaire d'").removeprefix("Horaire ")
    )
    return f"{slot.text} ({kind})" if slot.debut else kind


def _bars(slots: Iterable[planning.Slot]) -> list[Bar]:
    bars = []
    for slot in slots:
        start, end = slot.minutes
        if end > start:
            bars.append(Bar(f"{start * PX_PER_HOUR / 60:g}", f"{(end - start) * PX_PER_HOUR / 60:g}"))
    return bars


def _periods(lines: list[dict], concepts: Concepts, today: dt.date) -> list[str]:
    """Dated slots that are not over, in words, soonest first (RG_EXP_017, 018)."""
    dated = [line for line in lines if line["date_debut"] and (line["date_fin"] or "9999") >= today.isoformat()]
    return [_period(line, concepts) for line in sorted(dated, key=lambda line: line["date_debut"])]


def _period(line: dict, concepts: Concepts) -> str:
    start, end = parse_date(line["date_debut"]), line["date_fin"] and parse_date(line["date_fin"])
    if end is None:
        when = f"À partir du {start:%d/%m/%Y}"
    else:
        when = f"Le {start:%d/%m/%Y}" if end == start else f"Du {start:%d/%m/%Y} au {end:%d/%m/%Y}"
    if line["jour_semaine"]:
        when += f", le {planning.DAYS[line['jour_semaine'] - 1]}"
    hours = f"{line['heure_debut']}–{line['heure_fin']}" if line["heure_debut"] else ""
    if line["type_plage"] == planning.FERMETURE:
        what = f"fermé de {line['heure_debut']} à {line['heure_fin']}" if hours else "fermé"
    else:
        what = hours or "horaires à préciser"
        if line["type_plage"] not in planning.ORDINARY:
            what += f" ({concepts[line['type_plage']].label})"
    return f"{when}{NBSP}: {what}"


# --- Places ---------------------------------------------------------------------------------------------------------


def _places(document: Document, lieux: list[Lieu]) -> list[Place]:
    """Where the offre is carried out; the main entrance of the EG when the UO names no place (model.md §10)."""
    wanted = {line["lieu_uid"] for line in document["lieux_offre"]}
    found = [lieu for lieu in lieux if lieu.uid in wanted]
    principal = main_lieu(lieux)
    if not found and principal:
        found = [principal]
    return [place(lieu) for lieu in found]


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
