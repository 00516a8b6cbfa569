"""Every reusable filter of the directory: the only doors are `visible_to` and `editable_by`."""

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.apps import apps
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from nomenclature.fields import ConceptField, ConceptsField

if TYPE_CHECKING:
    from directory.permissions import Reader

TEMPORARY = ("PRO", "PRE")


def closed_on(day: dt.date, prefix: str = "") -> Q:
    """Closed on that day, whatever the kind: SQL twin of `Fermeture.is_closed`."""
    reopened = Q(**{f"{prefix}type_fermeture__in": TEMPORARY, f"{prefix}date_reouverture__lte": day})
    return Q(**{f"{prefix}date_fermeture__lte": day}) & ~(reopened & Q(**{f"{prefix}date_reouverture__isnull": False}))


def closed_for_good_on(day: dt.date, prefix: str = "") -> Q:
    """Definitively closed on that day (every type of TRE_R286 but PRO and PRE)."""
    return Q(**{f"{prefix}date_fermeture__lte": day}) & ~Q(**{f"{prefix}type_fermeture__in": TEMPORARY})


class FicheQuerySet(models.QuerySet):
    """Common to EJ, EG and UO."""

    def published(self):
        return self.filter(version__gt=0)

    def open_on(self, day: dt.date):
        """Without what is definitively closed that day; a temporary closing stays, with its badge."""
        return self.exclude(closed_for_good_on(day))


class EntiteJuridiqueQuerySet(FicheQuerySet):
    def visible_to(self, reader: "Reader"):
        """Every published EJ is readable by a professional."""
        return self.published()

    def editable_by(self, reader: "Reader"):
        """Support of the whole region: an EJ may have establishments anywhere."""
        return self.published() if reader.is_support and not reader.support_departements else self.none()


class EntiteGeographiqueQuerySet(FicheQuerySet):
    def visible_to(self, reader: "Reader"):
        """Every published EG is readable; what is confidential hangs on its contacts and its UO."""
        return self.published()

    def editable_by(self, reader: "Reader"):
        """Those a référent answers for; all of their territory for support."""
        return self.published().filter(answered_for(reader, "pk"))

    def with_display(self):
        """What a list row or the tree reads: EJ, category, main lieu and its commune."""
        return self.select_related("entite_juridique", "categorie").prefetch_related("lieux__commune__departement")


class UniteOperationnelleQuerySet(FicheQuerySet):
    def visible_to(self, reader: "Reader"):
        """Sensitive UO are shown to régulation, support and their own référents alone (RG_EXP_035, access policy)."""
        found = self.published()
        if reader.sees_all:
            return found
        allowed = Q(unite_sensible=False) | Q(entite_geographique_id__in=reader.own_eg_ids)
        if reader.departements:
            allowed |= Q(entite_geographique__in=_eg_in(reader.departements))
        return found.filter(allowed)

    def editable_by(self, reader: "Reader"):
        return self.published().filter(answered_for(reader, "entite_geographique_id"))


def answered_for(reader: "Reader", eg: str) -> Q:
    """Rows whose establishment (column `eg`) this person may change: support's territory, a référent's own."""
    if reader.is_support and not reader.support_departements:
        return Q()
    return Q(**{f"{eg}__in": reader.own_eg_ids}) | Q(**{f"{eg}__in": _eg_in(reader.support_departements)})


def _eg_in(departements: Iterable[str]):
    """EG whose main entrance is there, as in the search index and `Reader.level_on`."""
    lieu = apps.get_model("directory", "Lieu")
    found = lieu.objects.filter(est_principal=True, commune__departement__in=departements)
    return found.values("entite_geographique")


class HabilitationQuerySet(models.QuerySet):
    def active(self, day: dt.date):
        """In force that day; `valid_to` is included, and an inactive account has none."""
        return self.not_over(day).filter(valid_from__lte=day, user__is_active=True)

    def not_over(self, day: dt.date):
        """In force or to come, whatever the state of the account: its owner may be invited and not have come yet."""
        return self.filter(Q(valid_to=None) | Q(valid_to__gte=day), revoked_at=None)


def eg_ids_touched_by(concept_ids: Iterable[int]) -> list[int]:
    """EG whose own fiche, or one of whose UO, carries one of these concepts: found by introspection of the fields."""
    ids = list(concept_ids)
    found: set[int] = set()
    for model in apps.get_app_config("directory").get_models():
        path = _path_to_eg(model)
        if not path or not ids:
            continue
        for field in [*model._meta.fields, *model._meta.many_to_many]:
            if isinstance(field, ConceptField | ConceptsField):
                rows = model._default_manager.filter(**{f"{field.name}__in": ids})
                found.update(rows.annotate(eg=path).exclude(eg=None).values_list("eg", flat=True))
    return sorted(found)


def _path_to_eg(model: type[models.Model]) -> F | Coalesce | None:
    """How a row of this model reaches its EG, or None for what has no EG below it (EJ, journal…)."""
    names = {field.name for field in model._meta.fields}
    if model._meta.model_name == "entitegeographique":
        return F("pk")
    if "unite" in names and "entite_geographique" in names:
        return Coalesce("entite_geographique", "unite__entite_geographique")
    if "unite" in names:
        return F("unite__entite_geographique")
    if "contact" in names:
        return Coalesce("contact__entite_geographique", "contact__unite__entite_geographique")
    return F("entite_geographique") if "entite_geographique" in names else None
