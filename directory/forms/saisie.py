"""What a form sends, as plain JSON: `{"nom": ["…"], "contacts": ["<uid>"], "contacts-<uid>-nom": ["…"]}`.

A line is named by its uid, and its list says which lines there are and in which order: adding or removing a line is
adding or removing a uid. All here is pure: the buttons that work without JavaScript are changes of that dictionary.
"""

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from django.db import models

from directory import planning
from directory.documents import Document, Shape
from directory.forms import fields
from directory.models.common import new_uid
from directory.models.contacts import Canal

Saisie = dict[str, list[str]]

SHOWN = "champs"  # which root fields the form showed: what it did not show is not read
WEEK = "horaires-semaine"  # « 2025-W38 » while that week is being changed alone
OPENING = "TRE_R252|01"
NEW_ACTIVITES = "activites-nouvelles"
LINES = ("contacts", "activites", "horaires", "lieux")
# What a form asks of each kind of line, in order.
LINE_FIELDS = {
    "contacts": ("nature", "nom", "fonction", "description", "niveau"),
    "telecoms": ("canal", "adresse", "utilisation", "niveau"),
    "activites": ("activite", "famille"),
    "horaires": ("jour_semaine", "heure_debut", "heure_fin", "type_plage", "date_debut", "date_fin"),
    "lieux": (
        *("nom", "fonction", "statut", "description", "point_remise", "complement_point_geographique"),
        *("numero_voie", "extension", "libelle_voie", "lieu_dit", "mention_distribution", "code_postal", "localite"),
        *("commune", "latitude", "longitude"),
    ),
}
DATES = ("date_debut", "date_fin")
WEEKDAYS = tuple("1234567")
_UID = re.compile(r"[0-9A-Za-z]{1,32}")
_DAY = re.compile(r"horaires-(\d{4}-\d\d-\d\d)")


def is_uid(text: str) -> bool:
    return bool(_UID.fullmatch(text))


def of_data(data: Mapping, names: set[str]) -> Saisie:
    """The part of a submission that is about these root fields. `data`: a QueryDict, or an earlier `saisie`."""
    values = data.getlist if hasattr(data, "getlist") else lambda name: data[name]
    return {
        name: [str(value) for value in values(name)]
        for name in data
        if name == SHOWN or name.partition("-")[0] in names
    }


def of_document(shape: Shape, document: Document, names: set[str]) -> Saisie:
    """What the form would send if nothing were changed."""
    saisie: Saisie = {}
    resolver = fields.Resolver()
    for field in (*shape.scalars, *shape.links, *shape.many):
        if field.name in names:
            saisie[field.name] = _raw(field, document.get(field.name), resolver)
    for accessor, _, child in shape.children:
        if accessor in names:
            _lines(saisie, accessor, accessor, child, document.get(accessor) or [])
    return saisie


def _lines(saisie: Saisie, name: str, accessor: str, shape: Shape, lines: list[Document]) -> None:
    if accessor == "lieux_offre":
        saisie[name] = [line["lieu_uid"] for line in lines]
        return
    saisie[name] = [line["uid"] for line in lines]
    resolver = fields.Resolver()
    for line in lines:
        prefix = f"{name}-{line['uid']}"
        for field in (*shape.scalars, *shape.links, *shape.many):
            is_usual = accessor == "horaires" and not line["date_debut"]
            if field.name in LINE_FIELDS[accessor] and not (is_usual and field.name in DATES):
                saisie[f"{prefix}-{field.name}"] = _raw(field, line.get(field.name), resolver)
        for below, _, child in shape.children:
            _lines(saisie, f"{prefix}-{below}", below, child, line.get(below) or [])


def _raw(field: models.Field, value: Any, resolver: fields.Resolver) -> list[str]:
    return fields.form_field(field, resolver).raw(value)


def uids(saisie: Saisie, name: str) -> list[str]:
    """Lines of a list, without doubles nor what is no uid."""
    return [uid for uid in dict.fromkeys(saisie.get(name, ())) if is_uid(uid)]


def without_line(saisie: Saisie, prefix: str) -> Saisie:
    """Without the line `contacts-<uid>` and all that hangs on it."""
    name, _, uid = prefix.rpartition("-")
    kept = {key: values for key, values in saisie.items() if not key.startswith(f"{prefix}-")}
    return kept | {name: [one for one in kept.get(name, ()) if one != uid]}


def with_line(saisie: Saisie, name: str) -> tuple[Saisie, str]:
    """With a blank line more, and its prefix. `name`: `contacts`, `contacts-<uid>-telecoms`, `lieux`; for the hours
    `horaires-3` (each Wednesday), `horaires-2025-09-17` (that day), `horaires-date`, `horaires-fermeture`."""
    uid = new_uid()
    if name.startswith("horaires-"):
        blank = _blank_slot(name.removeprefix("horaires-"))
        name = "horaires"
    else:
        blank = {}
    added = {f"{name}-{uid}-{field}": [value] for field, value in blank.items()}
    added[name] = [*saisie.get(name, ()), uid]
    if name == "contacts":  # a contact without a number tells little: one is ready to be filled
        telecom = new_uid()
        added |= {f"contacts-{uid}-niveau": ["2"], f"contacts-{uid}-telecoms": [telecom]}
        added |= _blank_telecom(f"contacts-{uid}-telecoms-{telecom}", "2")
    elif name.endswith("-telecoms"):
        added |= _blank_telecom(f"{name}-{uid}", (saisie.get(f"{name.removesuffix('telecoms')}niveau") or ["2"])[0])
    return saisie | added, f"{name}-{uid}"


def _blank_telecom(prefix: str, niveau: str) -> Saisie:
    return {f"{prefix}-canal": [Canal.FIXE.value], f"{prefix}-niveau": [niveau]}


def _blank_slot(what: str) -> dict[str, str]:
    if what.isdigit():
        return {"jour_semaine": what, "type_plage": OPENING}
    if what == "fermeture":
        return {"type_plage": planning.FERMETURE, "date_debut": "", "date_fin": ""}
    if what == "date":
        return {"type_plage": OPENING, "date_debut": "", "date_fin": ""}
    weekday = dt.date.fromisoformat(what).isoweekday()
    return {"jour_semaine": str(weekday), "type_plage": OPENING, "date_debut": what, "date_fin": what}


# --- Hours -----------------------------------------------------------------------------------------------------------


def is_dated(saisie: Saisie, uid: str) -> bool:
    """A line of the typical week has no field for dates at all."""
    return f"horaires-{uid}-date_debut" in saisie


def slots_of_day(saisie: Saisie, jour: int) -> list[str]:
    """Lines of a day of the typical week."""
    return [
        uid
        for uid in uids(saisie, "horaires")
        if not is_dated(saisie, uid) and saisie.get(f"horaires-{uid}-jour_semaine") == [str(jour)]
    ]


def copied_day(saisie: Saisie, source: int, targets: list[int]) -> Saisie:
    """The typical slots of one day replace those of others."""
    slots = [_slot(saisie, uid) for uid in slots_of_day(saisie, source)]
    for target in targets:
        if target == source:
            continue
        for uid in slots_of_day(saisie, target):
            saisie = without_line(saisie, f"horaires-{uid}")
        for slot in slots:
            saisie = _with_slot(saisie, slot | {"jour_semaine": [str(target)]})
    return saisie


def opened_week(saisie: Saisie, monday: dt.date) -> Saisie:
    """The typical week written as dated lines of one week, beside the lines of one day it already has.

    A day that has dated openings keeps them: they are what it does that week.
    """
    days = [monday + dt.timedelta(days=ahead) for ahead in range(7)]
    for date in days:
        own = [uid for uid in days_of(saisie, date) if _value(saisie, uid, "type_plage") != planning.FERMETURE]
        closed = [uid for uid in days_of(saisie, date) if uid not in own]
        is_shut = any(not _value(saisie, uid, "heure_debut") for uid in closed)
        if own or is_shut:
            continue
        for uid in slots_of_day(saisie, date.isoweekday()):
            slot = _slot(saisie, uid) | {"date_debut": [date.isoformat()], "date_fin": [date.isoformat()]}
            saisie = _with_slot(saisie, slot)
    return saisie | {WEEK: [planning.iso_week(monday)]}


def usual_week(saisie: Saisie) -> Saisie:
    """The week being changed goes back to the typical one: its dated lines of one day are gone."""
    text = (saisie.get(WEEK) or [""])[0]
    never = dt.date.min
    monday = planning.monday_of(text, never)
    for ahead in range(7) if monday != never else ():
        for uid in days_of(saisie, monday + dt.timedelta(days=ahead)):
            saisie = without_line(saisie, f"horaires-{uid}")
    return {name: values for name, values in saisie.items() if name != WEEK}


def days_of(saisie: Saisie, date: dt.date) -> list[str]:
    """Lines that hold on that one day only."""
    text = date.isoformat()
    return [
        uid
        for uid in uids(saisie, "horaires")
        if is_dated(saisie, uid) and [_value(saisie, uid, name) for name in DATES] == [text, text]
    ]


def _value(saisie: Saisie, uid: str, field: str) -> str:
    return (saisie.get(f"horaires-{uid}-{field}") or [""])[0]


def _slot(saisie: Saisie, uid: str) -> Saisie:
    prefix = f"horaires-{uid}-"
    return {key.removeprefix(prefix): values for key, values in saisie.items() if key.startswith(prefix)}


def _with_slot(saisie: Saisie, slot: Saisie) -> Saisie:
    uid = new_uid()
    added = {f"horaires-{uid}-{field}": values for field, values in slot.items()}
    return saisie | added | {"horaires": [*saisie.get("horaires", ()), uid]}


# --- Buttons that work without JavaScript ---------------------------------------------------------------------------


def edited(saisie: Saisie, data: Mapping) -> tuple[Saisie, str] | None:
    """What the button pressed makes of the form, and the prefix of the line added; None for another button."""
    if name := data.get("ajouter"):
        return with_line(saisie, name) if _may_add(saisie, name) else (saisie, "")
    for button, change in BUTTONS.items():
        if value := data.get(button):
            return change(saisie, value, data), ""
    return None


def _remove(saisie: Saisie, value: str, data: Mapping) -> Saisie:
    return without_line(saisie, value)


def _search(saisie: Saisie, value: str, data: Mapping) -> Saisie:
    """What it finds is no part of what is typed."""
    return saisie


def _copy(saisie: Saisie, value: str, data: Mapping) -> Saisie:
    name = f"copier-{value}-vers"
    targets = data.getlist(name) if hasattr(data, "getlist") else data.get(name, ())
    if value not in WEEKDAYS:
        return saisie
    return copied_day(saisie, int(value), [int(jour) for jour in targets if jour in WEEKDAYS])


def _week(saisie: Saisie, value: str, data: Mapping) -> Saisie:
    if value == "annuler":
        return usual_week(saisie)
    date = _date(data.get("horaires-jour", ""))
    return opened_week(saisie, date - dt.timedelta(days=date.weekday())) if date else saisie


BUTTONS = {"retirer": _remove, "chercher": _search, "copier": _copy, "semaine": _week}


def _may_add(saisie: Saisie, name: str) -> bool:
    """A name we write ourselves; a forged one adds nothing."""
    if name in ("contacts", "lieux", "horaires-date", "horaires-fermeture"):
        return True
    if re.fullmatch(r"horaires-[1-7]", name):
        return True
    if found := _DAY.fullmatch(name):
        return _date(found[1]) is not None
    return any(name == f"contacts-{uid}-telecoms" for uid in uids(saisie, "contacts"))


def _date(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None
