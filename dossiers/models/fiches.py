"""A fiche being written: what was last typed, the last valid document, and the document it started from."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from directory import documents
from directory.models import Kind

from .dossiers import Dossier


class Etat(models.TextChoices):
    """a_completer → enregistree (orange) → finalisee (green); an edit brings it back (design §4)."""

    A_COMPLETER = "a_completer", "à compléter"
    ENREGISTREE = "enregistree", "enregistrée"
    FINALISEE = "finalisee", "finalisée"


class DocumentField(models.JSONField):
    """A stored document, read at the present schema whatever release wrote it. JSON for the migrations."""

    def from_db_value(self, value, expression, connection):
        found = super().from_db_value(value, expression, connection)
        return documents.upgrade(found) if isinstance(found, dict) and "schema" in found else found

    def deconstruct(self):
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.JSONField", args, kwargs


class DraftFiche(models.Model):
    """One fiche of a dossier.

    `content`: the last valid document. `saisie`: raw submitted fields, newer than `content`, when what was typed is no
    document yet. `base`: the public document it started from, at `base_version`; None and 0 for a new UO. `version`:
    optimistic lock. At validation, `reference` keeps the document the lines were decided against and `accepted` what
    will be published (None: the whole fiche was refused).
    """

    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="fiches")
    kind = models.CharField(max_length=2, choices=[(Kind.EG.value, Kind.EG.label), (Kind.UO.value, Kind.UO.label)])
    key = models.CharField("clé", max_length=40)  # idNat_Struct of the EG, identifiant of the UO
    position = models.PositiveSmallIntegerField("ordre", default=0)
    state = models.CharField("état", max_length=12, choices=Etat, default=Etat.A_COMPLETER)
    content = DocumentField("document")
    saisie = models.JSONField("saisie", null=True, blank=True)
    base = DocumentField("document de départ", null=True, blank=True)
    base_version = models.PositiveIntegerField("version de départ", default=0)
    version = models.PositiveIntegerField(default=1)
    reference = DocumentField("document comparé", null=True, blank=True)
    accepted = DocumentField("document retenu", null=True, blank=True)
    is_corrected = models.BooleanField("corrigée par le support", default=False)
    updated_at = models.DateTimeField("enregistrée le", default=timezone.now)
    updated_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "fiche en cours"
        verbose_name_plural = "fiches en cours"
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["dossier", "key"], name="one_draft_per_fiche_and_dossier"),
            models.CheckConstraint(
                condition=~Q(state=Etat.FINALISEE) | Q(saisie=None), name="draft_finalised_without_newer_typing"
            ),
            models.CheckConstraint(
                condition=Q(base=None, base_version=0) | Q(base__isnull=False, base_version__gt=0),
                name="draft_base_and_version_together",
            ),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("dossiers:fiche", args=[self.dossier_id, self.pk])

    @property
    def name(self) -> str:
        """The name the fiche will have."""
        if self.kind == Kind.UO:
            return self.content.get("nom") or "Unité sans nom"
        return self.content.get("nom_operationnel") or self.content.get("denomination") or "Établissement"

    @property
    def is_new(self) -> bool:
        return self.base is None

    @property
    def is_closing(self) -> bool:
        """This dossier closes the unit, or changes its closing."""
        return bool(self.content.get("date_fermeture")) and self.content.get("date_fermeture") != (
            self.base or {}
        ).get("date_fermeture")
