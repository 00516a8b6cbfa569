"""What looks wrong in a fiche under review: warnings that support reads and that block nothing. No query but one.

What blocks is said by `checklist`; quality rules that are measured over the whole register are another matter.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import phonenumbers
from phonenumbers import shortnumberinfo

from directory.display.contacts import PHONES
from directory.documents import Document
from directory.models import Kind, Niveau
from nomenclature.models import Commune
from search import geo

FAR_KM = 15  # from the centre of its commune: communes of the region are smaller
OLD = 120  # years
REPEATED = 60  # characters: shorter texts (« Sur rendez-vous. ») are the same everywhere
TEXTS = ("conditions_admission", "conditions_accueil", "complements")
ACRONYM = 8  # letters: « CSAPA », « HOPITAL »; a longer single word in capitals shouts


@dataclass(frozen=True)
class Position:
    """Where a place is: `km` and `bearing` (degrees from the north) from the centre of its commune."""

    name: str
    latitude: float
    longitude: float
    commune: str
    km: float | None = None
    bearing: float = 0.0


def communes_of(found: Iterable[Document]) -> dict[str, Commune]:
    """Communes of the places of these fiches, by INSEE code. One query."""
    wanted = {lieu["commune"] for document in found for lieu in document.get("lieux") or [] if lieu.get("commune")}
    return Commune.objects.in_bulk(wanted) if wanted else {}


def position(lieu: Document, communes: dict[str, Commune]) -> Position | None:
    """None for a place that is not geolocated."""
    if lieu.get("latitude") is None or lieu.get("longitude") is None:
        return None
    latitude, longitude = float(lieu["latitude"]), float(lieu["longitude"])
    commune = communes.get(lieu.get("commune") or "")
    name = lieu.get("nom") or ("Entrée principale" if lieu.get("est_principal") else "") or lieu.get("libelle_voie")
    if commune is None or commune.latitude is None or commune.longitude is None:
        return Position(name or "Lieu", latitude, longitude, "")
    centre = float(commune.latitude), float(commune.longitude)
    km = geo.distance_km(*centre, latitude, longitude)
    return Position(name or "Lieu", latitude, longitude, str(commune), km, geo.bearing(*centre, latitude, longitude))


def of(
    document: Document,
    *,
    reference: Document | None,
    others: Sequence[Document],
    communes: dict[str, Commune],
) -> list[str]:
    """Sentences, empty when nothing looks wrong. `others`: documents of the other units of the establishment."""
    found = [*_name(document), *_ages(document), *_contacts(document, reference), *_repeated(document, others)]
    if document["kind"] == Kind.EG:
        found += _places(document, communes)
    return found


def _name(document: Document) -> Iterable[str]:
    name = document.get("nom") or document.get("nom_operationnel") or ""
    if re.search(r"finess", name, re.IGNORECASE) or re.search(r"\b[0-9][0-9AB][0-9 ]{7,10}\b", name):
        yield "Le nom contient un numéro FINESS\u00a0: il a son propre champ."
    letters = [one for one in name if one.isalpha()]
    if len(letters) > ACRONYM and name == name.upper():
        yield "Le nom est tout en majuscules."


def _ages(document: Document) -> Iterable[str]:
    low, high = document.get("age_min"), document.get("age_max")
    for label, value, unit in (
        ("minimum", low, document.get("age_min_unite")),
        ("maximum", high, document.get("age_max_unite")),
    ):
        if value is not None and unit in ("a", "") and float(value) > OLD:
            yield f"L’âge {label} dépasse {OLD} ans."
    same = document.get("age_min_unite") == document.get("age_max_unite")
    if low is not None and high is not None and same and float(low) == float(high):
        yield "L’âge minimum et l’âge maximum sont les mêmes."


def _contacts(document: Document, reference: Document | None) -> Iterable[str]:
    contacts = document.get("contacts") or []
    public = any(contact.get("niveau") == Niveau.PUBLIC for contact in contacts)
    if document["kind"] == Kind.UO and contacts and not public and not document.get("unite_sensible"):
        yield "Aucun contact de niveau 1\u00a0: le public n’aura ni numéro ni adresse."
    before = {contact["uid"]: contact for contact in (reference or {}).get("contacts") or []}
    for contact in contacts:
        old = before.get(contact["uid"])
        if old and contact["niveau"] < old["niveau"]:
            step = f"du niveau {old['niveau']} au niveau {contact['niveau']}"
            yield f"Un contact passe {step}\u00a0: plus de personnes le verront."
        for telecom in contact.get("telecoms") or []:
            if telecom.get("canal") in PHONES and not is_phone(telecom.get("adresse") or ""):
                yield f"«\u00a0{telecom.get('adresse')}\u00a0» n’est pas un numéro de téléphone valide."


def is_phone(text: str) -> bool:
    """A number that can be dialled from France, short ones included (15, 3919)."""
    try:
        parsed = phonenumbers.parse(text, "FR")
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.is_valid_number(parsed) or shortnumberinfo.is_valid_short_number_for_region(parsed, "FR")


def _repeated(document: Document, others: Sequence[Document]) -> Iterable[str]:
    """A copied unit whose text was not written again."""
    for name in TEXTS:
        text = (document.get(name) or "").strip()
        twin = next((one for one in others if len(text) >= REPEATED and (one.get(name) or "").strip() == text), None)
        if twin:
            same = f"mot pour mot, que dans «\u00a0{twin.get('nom')}\u00a0»"
            yield f"Un texte est le même, {same}\u00a0: «\u00a0{text[:50]}…\u00a0»."


def _places(document: Document, communes: dict[str, Commune]) -> Iterable[str]:
    lieux = document.get("lieux") or []
    if not lieux:
        yield "L’établissement n’a pas d’adresse."
    for lieu in lieux:
        where = position(lieu, communes)
        if where is None:
            yield "Un lieu n’est pas géolocalisé\u00a0: il sera le dernier des recherches par distance."
        elif where.km is not None and where.km > FAR_KM:
            yield f"{where.name}\u00a0: à {where.km:.0f}\u00a0km du centre de {where.commune}, sa commune."
