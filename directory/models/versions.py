"""Every publication of every fiche: the whole document, for history, diff, merge and the change feed."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils import timezone


class Kind(models.TextChoices):
    """Which fiche."""

    EJ = "ej", "entité juridique"
    EG = "eg", "entité géographique"
    UO = "uo", "unité opérationnelle"


class FicheVersion(models.Model):
    """One publication. Append-only, enforced in the database. `id` orders the change feed.

    `origin` is a text reference (`dossier:12`, `import:7`, `direct`, `demo`), not a foreign key upward.
    """

    kind = models.CharField(max_length=2, choices=Kind)
    object_id = models.BigIntegerField()
    key = models.CharField("clé", max_length=40)
    number = models.PositiveIntegerField("version")
    content = models.JSONField("document")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    origin = models.CharField("origine", max_length=60)
    created_at = models.DateTimeField("publié le", default=timezone.now)

    class Meta:
        verbose_name = "version de fiche"
        verbose_name_plural = "versions de fiche"
        constraints = [
            models.UniqueConstraint(fields=["kind", "object_id", "number"], name="one_version_per_number"),
            models.CheckConstraint(condition=~models.Q(origin=""), name="version_has_an_origin"),
        ]
        triggers = [pgtrigger.Protect(name="versions_are_append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self):
        return f"{self.kind} {self.key} v{self.number}"
