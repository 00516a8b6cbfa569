"""Fields of chips: what is chosen, where candidates come from, and what a search without JavaScript found."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.db.models import F, QuerySet
from django.forms import BoundField
from django.urls import reverse

from directory.forms import fields
from directory.models import Kind
from nomenclature import choices
from nomenclature.models import Commune
from nomenclature.text import normalise

if TYPE_CHECKING:
    from directory.forms.fiche import FicheForm

FOUND_AT_MOST = 15  # candidates of a search without JavaScript


@dataclass
class Chosen:
    """A chip; `is_on` is False for a candidate found without JavaScript."""

    key: str
    label: str
    is_on: bool = True


@dataclass
class ChipsView:
    """A field of chips: what is chosen, what a search found, where the suggestions come from."""

    name: str
    chosen: list[Chosen]
    url: str
    is_single: bool
    placeholder: str
    searched: str = ""
    found: list[Chosen] = field(default_factory=list)

    @property
    def nothing_found(self) -> bool:
        return bool(self.searched) and not self.found


def chips(form: "FicheForm", bound: BoundField, champ: str) -> ChipsView:
    """The chips of a bound field; `champ` is the root field whose modèle proposes codes."""
    keys = [key for key in bound.value() or [] if key]
    one = bound.field
    return chips_view(form, bound.html_name, champ, one.source, keys=keys, is_single=one.is_single)


def chips_view(
    form: "FicheForm", name: str, champ: str, source: str, *, keys: list[str], is_single: bool = False
) -> ChipsView:
    """Chosen keys with their words, and what the search without JavaScript found."""
    searched = form.searched[1] if form.searched[0] == name else ""
    found = [one for one in candidates(form, champ, source, searched) if one.key not in keys] if searched else []
    return ChipsView(
        name=name,
        chosen=[Chosen(key, form.resolver.label(source, key)) for key in keys],
        url=suggestions_url(form, champ, source),
        is_single=is_single,
        placeholder="Changer…" if is_single and keys else "Ajouter…",
        searched=searched,
        found=found,
    )


def candidates(form: "FicheForm", champ: str, source: str, text: str) -> list[Chosen]:
    """What a typed text finds in the list of the field."""
    if source == fields.COMMUNES:
        rows = Commune.objects.filter(nom__unaccent__icontains=normalise(text).replace(" ", "%"))
        if text.strip().isdigit():
            rows = Commune.objects.filter(codes_postaux__contains=[text.strip()])
        labels = [
            (row.pk, f"{row.nom_ror} ({min(row.codes_postaux, default=row.pk)})") for row in rows[:FOUND_AT_MOST]
        ]
        return [Chosen(key, label, is_on=False) for key, label in labels]
    said = form.modele.champ(champ)
    found = choices.of(source).search(text, within=said.permis if said else frozenset(), limit=FOUND_AT_MOST)
    return [Chosen(one.key, one.display, is_on=False) for one in found]


def suggestions_url(form: "FicheForm", champ: str, source: str) -> str:
    """Where the page asks for candidates."""
    if source == fields.COMMUNES:
        return reverse("search:suggestions_ou")
    asked = {"liste": source, "fiche": form.kind.value, "champ": champ}
    if form.kind == Kind.UO:
        asked |= {"type_uo": form.document.get("type_uo"), "categorie": form.categorie}
    else:
        asked |= {"categorie": form.document.get("categorie")}
    query = urlencode({name: value for name, value in asked.items() if value})
    return f"{reverse('directory:suggestions')}?{query}"


def _communes(text: str) -> QuerySet[Commune]:
    """By postal code, or by every word of the name."""
    if text.isdigit():
        return Commune.objects.filter(codes_postaux__contains=[text])
    rows = Commune.objects.all()
    for word in normalise(text).split():
        rows = rows.filter(nom__unaccent__icontains=word)
    return rows.order_by(F("population").desc(nulls_last=True))
