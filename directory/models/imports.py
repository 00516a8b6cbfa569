"""What an import did: kept, so that anybody can read the report later."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class ImportRun(models.Model):
    """One run of an import that was not a dry run. `report` holds counts and every refused or repaired line."""

    source = models.CharField("source", max_length=40)
    file_name = models.CharField("fichier", max_length=255)
    file_date = models.DateField("date du fichier", null=True, blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    started_at = models.DateTimeField("commencé le", default=timezone.now)
    finished_at = models.DateTimeField("terminé le", null=True, blank=True)
    report = models.JSONField("compte rendu", default=dict)

    class Meta:
        verbose_name = "import"
        ordering = ["-id"]

    def __str__(self):
        return f"import {self.pk} ({self.source}, {self.file_name})"
