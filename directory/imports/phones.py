"""The telephone FINESS publishes: one contact « Standard » with uid `finess`, and its number. Others are not touched.

Only the number belongs to FINESS. The level (1, FINESS being open data) and the nature are set on creation: whoever
hides the line afterwards is obeyed by the next import.
"""

from collections.abc import Mapping
from datetime import datetime

from directory.imports import values
from directory.imports.rows import update_all
from directory.models import Contact, Niveau, Telecommunication
from directory.models.contacts import Canal

UID = "finess"


def write(owner: str, wanted: Mapping[int, str], *, standard_id: int, now: datetime) -> set[int]:
    """Bring the FINESS line of these EJ or EG to `wanted` ({id: digits, "" for none}). Returns those that changed."""
    if not wanted:
        return set()
    contacts = dict(Contact.objects.filter(**{f"{owner}__in": list(wanted)}, uid=UID).values_list(f"{owner}_id", "pk"))
    telecoms = {
        row["contact_id"]: row
        for row in Telecommunication.objects.filter(contact__in=contacts.values(), uid=UID).values(
            "pk", "contact_id", "contact__niveau", "canal", "adresse", "niveau", "created_at"
        )
    }
    new_contacts, new_telecoms, changed, removed, touched = [], [], [], [], set()
    for pk, number in wanted.items():
        contact_id = contacts.get(pk)
        telecom = telecoms.get(contact_id)
        if number == (telecom["adresse"] if telecom else ""):
            continue
        touched.add(pk)
        if telecom and number:
            changed.append(_telecom(number, telecom, contact_id, now))
        elif telecom:
            removed.append(telecom["pk"])
        elif contact_id:
            new_telecoms.append(_new_telecom(number, now, contact_id=contact_id))
        else:
            contact = Contact(
                **{f"{owner}_id": pk},
                uid=UID,
                nature_id=standard_id,
                niveau=Niveau.PUBLIC,
                created_at=now,
                updated_at=now,
            )
            new_contacts.append(contact)
            new_telecoms.append(_new_telecom(number, now, contact=contact))
    _save(new_contacts, new_telecoms, changed, removed)
    return touched


def _save(new_contacts, new_telecoms, changed, removed) -> None:
    Contact.objects.bulk_create(new_contacts)
    for telecom in new_telecoms:
        if telecom.contact_id is None:
            telecom.contact_id = telecom.pending.pk
    levels = dict(
        Contact.objects.filter(pk__in=[telecom.contact_id for telecom in new_telecoms]).values_list("pk", "niveau")
        if new_telecoms
        else ()
    )
    for telecom in new_telecoms:
        telecom.niveau = levels[telecom.contact_id]  # RG_EXP_034: never less restrictive than its contact
    Telecommunication.objects.bulk_create(new_telecoms)
    update_all(Telecommunication, changed, ["adresse", "canal", "updated_at"])
    if removed:
        emptied = set(Telecommunication.objects.filter(pk__in=removed).values_list("contact_id", flat=True))
        Telecommunication.objects.filter(pk__in=removed).delete()
        Contact.objects.filter(pk__in=emptied, uid=UID, telecoms=None).delete()  # unless somebody added a line to it


def _new_telecom(number: str, now: datetime, *, contact_id: int | None = None, contact: Contact | None = None):
    telecom = Telecommunication(
        contact_id=contact_id, uid=UID, canal=_canal(number), adresse=number, created_at=now, updated_at=now
    )
    telecom.pending = contact
    return telecom


def _telecom(number: str, stored: dict, contact_id: int, now: datetime) -> Telecommunication:
    return Telecommunication(
        pk=stored["pk"],
        contact_id=contact_id,
        uid=UID,
        canal=_canal(number),
        adresse=number,
        niveau=stored["niveau"],
        created_at=stored["created_at"],
        updated_at=now,
    )


def _canal(number: str) -> str:
    return Canal.MOBILE if values.is_mobile(number) else Canal.FIXE
