"""A structure named by a person of support: by its number, or by words of its name, within what she may give."""

from dataclasses import dataclass

from django.db.models import CharField, F, FilteredRelation, Q, QuerySet, Value
from django.db.models.functions import Concat

from directory import habilitations
from directory.filters import has_words
from directory.listing import by_name as sorted_by_name
from directory.models import EntiteGeographique, EntiteJuridique
from directory.permissions import Reader
from nomenclature.text import normalise
from ror import clock

Structure = EntiteGeographique | EntiteJuridique
SHORTEST = 2  # characters: nearly every name holds one
SHORTEST_NUMBER = 3


@dataclass(frozen=True)
class Named:
    """One structure proposed, with what tells it from its namesakes."""

    structure: Structure
    label: str


def by_number(cle: str) -> Structure | None:
    """FINESS or idNat_Struct, of an EG or an EJ."""
    for model in (EntiteGeographique, EntiteJuridique):
        if found := model.objects.published().filter(Q(finess=cle) | Q(idnat_struct=cle)).first():
            return found
    return None


def by_name(text: str, reader: Reader, *, limit: int) -> list[Named]:
    """Open structures whose name holds each word, or whose FINESS begins so: EG of the reader's territory, then EJ if
    she may give a right on one (`habilitations.may_manage`). One query each."""
    text = text.replace("\x00", "").strip()
    if not reader.is_support or len(normalise(text)) < SHORTEST:
        return []
    found = [Named(eg, _eg(eg)) for eg in _establishments(text, reader)[:limit]]
    if not reader.support_departements and len(found) < limit:
        found += [Named(ej, _ej(ej)) for ej in _entities(text)[: limit - len(found)]]
    return found


def _establishments(text: str, reader: Reader) -> QuerySet[EntiteGeographique]:
    mine = EntiteGeographique.objects.published().open_on(clock.today())
    whole = Concat(F("denomination"), Value(" "), F("nom_operationnel"), output_field=CharField())
    found = _matching(habilitations.territory(mine, reader), whole, text)
    entrance = FilteredRelation("lieux", condition=Q(lieux__est_principal=True))
    return sorted_by_name(found.alias(entree=entrance).annotate(commune_ror=F("entree__commune__nom_ror")))


def _entities(text: str) -> QuerySet[EntiteJuridique]:
    found = EntiteJuridique.objects.published().open_on(clock.today())
    return _matching(found, F("raison_sociale"), text).order_by("raison_sociale", "pk")


def _matching(found: QuerySet, name, text: str) -> QuerySet:
    number = "".join(text.split()).upper()
    if len(number) >= SHORTEST_NUMBER and number.isascii() and number[0].isdigit() and number.isalnum():
        return found.filter(finess__startswith=number)
    return has_words(found.alias(noms=name), "noms", text)


def _eg(eg: EntiteGeographique) -> str:
    place = f", {eg.commune_ror}" if eg.commune_ror else ""
    return f"{eg.display_name}{place} ({eg.cle})"


def _ej(ej: EntiteJuridique) -> str:
    return f"{ej.display_name}, entité juridique ({ej.cle})"
