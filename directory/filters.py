"""Filters of the Répertoire: what a person typed, read and applied. All are kept in the address."""

import datetime as dt
import re

import django_filters as filters
from django import forms
from django.conf import settings
from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Concat

from directory.listing import is_described
from directory.models import EntiteGeographique, EntiteJuridique, Lieu
from directory.permissions import Reader
from directory.querysets import closed_on
from nomenclature.models import Concept, Departement
from nomenclature.text import normalise

ETATS = (("a_decrire", "À décrire"), ("decrit", "Décrit"), ("ferme", "Fermé"))
# normalise() writes these words in full, registers often do not.
ABBREVIATED = {"saint": "st", "sainte": "ste", "saints": "sts", "saintes": "stes"}


def has_words(found: QuerySet, column: str, text: str) -> QuerySet:
    """Rows whose `column` holds every word, whatever the accents, the case and the hyphens."""
    for word in normalise(text).split():
        condition = Q(**{f"{column}__unaccent__icontains": word})
        if word in ABBREVIATED:
            condition |= Q(**{f"{column}__unaccent__iregex": rf"\m{ABBREVIATED[word]}\M"})
        found = found.filter(condition)
    return found


def _used_categories() -> list[tuple[str, str]]:
    """Categories some EG carries, even outside the value set, as (`system|code`, label)."""
    carried = EntiteGeographique.objects.values("categorie")
    rows = Concept.objects.filter(pk__in=carried).values_list("system__code", "code", "label").order_by()
    return sorted(((f"{system}|{code}", label) for system, code, label in rows), key=lambda pair: normalise(pair[1]))


def _departements() -> list[tuple[str, str]]:
    """Those of the region first, then the others where some EG stands."""
    inhabited = Exists(Lieu.objects.filter(commune__departement=OuterRef("pk")))
    rows = list(Departement.objects.filter(Q(region=settings.REGION_CODE) | inhabited).order_by("code"))
    rows.sort(key=lambda row: (row.region_id != settings.REGION_CODE, row.code))
    return [(row.code, f"{row.code} · {row.nom}") for row in rows]


class RepertoireFilter(filters.FilterSet):
    """`etat` and `mes_structures` depend on the reader, given with the day."""

    nom = filters.CharFilter(label="Nom", method="by_name", max_length=100)
    finess = filters.CharFilter(label="FINESS ou SIRET", method="by_number", max_length=30)
    commune = filters.CharFilter(label="Commune ou code postal", method="by_commune", max_length=60)
    departement = filters.ChoiceFilter(
        label="Département", choices=_departements, method="by_departement", empty_label="Tous"
    )
    categorie = filters.ChoiceFilter(
        label="Catégorie", choices=_used_categories, method="by_category", empty_label="Toutes"
    )
    etat = filters.ChoiceFilter(label="État", choices=ETATS, method="by_state", empty_label="Tous")
    ej = filters.CharFilter(label="Entité juridique", method="by_ej", widget=forms.HiddenInput, max_length=20)
    mes_structures = filters.BooleanFilter(label="Mes structures", method="by_mine", widget=forms.CheckboxInput)

    def __init__(self, data, *, queryset: QuerySet, reader: Reader, today: dt.date):
        self.reader, self.today = reader, today
        super().__init__(data, queryset=queryset)
        if not reader.own_eg_ids:
            del self.form.fields["mes_structures"]
        for field in self.form.fields.values():
            field.widget.attrs["autocomplete"] = "off"

    def by_name(self, found: QuerySet, name: str, value: str) -> QuerySet:
        whole = Concat(
            "denomination",
            Value(" "),
            "complement_denomination",
            Value(" "),
            "nom_operationnel",
            output_field=CharField(),
        )
        return has_words(found.alias(noms=whole), "noms", value)

    def by_number(self, found: QuerySet, name: str, value: str) -> QuerySet:
        """The beginning of a FINESS or of a SIRET, however it is spaced; the whole FINESS of the EJ too."""
        number = re.sub(r"[^0-9A-Za-z]", "", value).upper()
        if not number:
            return found.none()
        mine = Q(finess__startswith=number) | Q(siret__startswith=number)
        return found.filter(mine | Q(entite_juridique__finess=number))

    def by_commune(self, found: QuerySet, name: str, value: str) -> QuerySet:
        lieux = Lieu.objects.filter(entite_geographique=OuterRef("pk"), est_principal=True)
        code = value.strip().upper()
        if re.fullmatch(r"[0-9][0-9AB][0-9]{3}", code):
            lieux = lieux.filter(
                Q(commune=code)
                | Q(commune__ville=code)
                | Q(code_postal=code)
                | Q(commune__codes_postaux__contains=[code])
            )
        else:
            whole = Concat("commune__nom", Value(" "), "commune__nom_ror", output_field=CharField())
            lieux = has_words(lieux.alias(noms=whole), "noms", value)
        return found.filter(Exists(lieux))

    def by_departement(self, found: QuerySet, name: str, value: str) -> QuerySet:
        lieux = Lieu.objects.filter(entite_geographique=OuterRef("pk"), est_principal=True)
        return found.filter(Exists(lieux.filter(commune__departement=value)))

    def by_category(self, found: QuerySet, name: str, value: str) -> QuerySet:
        system, _, code = value.partition("|")
        # A subquery rather than a join: the plan then uses the index of `categorie`.
        return found.filter(categorie__in=Concept.objects.filter(system__code=system, code=code))

    def by_state(self, found: QuerySet, name: str, value: str) -> QuerySet:
        closed, described = closed_on(self.today), is_described(self.reader, self.today)
        if value == "ferme":
            return found.filter(closed)
        found = found.exclude(closed)
        return found.filter(described) if value == "decrit" else found.filter(~described)

    def by_ej(self, found: QuerySet, name: str, value: str) -> QuerySet:
        return found.filter(
            entite_juridique__in=EntiteJuridique.objects.filter(Q(finess=value) | Q(idnat_struct=value))
        )

    def by_mine(self, found: QuerySet, name: str, value: bool) -> QuerySet:
        return found.filter(pk__in=self.reader.own_eg_ids) if value else found

    def criteria(self) -> list[tuple[str, str, str]]:
        """(parameter, label, value in words) of what is filtered on; empty when nothing is."""
        found = []
        for name, value in self.form.cleaned_data.items():
            if value in (None, "", False):
                continue
            field = self.form.fields[name]
            words = dict(getattr(field, "choices", ())).get(value, value)
            found.append((name, field.label, "oui" if value is True else str(words)))
        return found
