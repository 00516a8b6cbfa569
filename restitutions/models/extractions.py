"""A file being made for a partner, or ready for him."""

import uuid
from pathlib import Path

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from nomenclature.models import Departement


class Etat(models.TextChoices):
    """`services` alone moves a row from one to the next, by conditional updates."""

    EN_ATTENTE = "en_attente", "en attente"
    EN_COURS = "en_cours", "en préparation"
    PRETE = "prete", "prête"
    ECHOUEE = "echouee", "échouée"
    EXPIREE = "expiree", "expirée"


OPEN = (Etat.EN_ATTENTE, Etat.EN_COURS)


class Format(models.TextChoices):
    XLSX = "xlsx", "Excel"
    CSV = "csv", "CSV (séparateur point-virgule, UTF-8)"


class Perimetre(models.TextChoices):
    TOUT = "tout", "Tout le répertoire"
    DEPARTEMENT = "departement", "Un département"
    RECHERCHE = "recherche", "La recherche affichée"


class Extraction(models.Model):
    """One request and its file. The row is the truth: the queue may forget, a periodic task reads the rows.

    `rights`: those the file was made with (`services.rights_of`), asked again at each download. `attempt` counts the
    workers that took it: one that comes back too late changes nothing. Times are those of the server.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    requester = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="extractions", verbose_name="demandée par"
    )
    perimetre = models.CharField("périmètre", max_length=12, choices=Perimetre)
    departement = models.ForeignKey(Departement, models.PROTECT, null=True, blank=True, related_name="+")
    query = models.TextField("recherche", blank=True)  # parameters of the results page, for `recherche`
    words = models.CharField("contenu", max_length=400)  # the perimeter as the list says it
    format = models.CharField("format", max_length=4, choices=Format)
    etat = models.CharField("état", max_length=10, choices=Etat, default=Etat.EN_ATTENTE)
    n_done = models.PositiveIntegerField("lignes écrites", default=0)
    n_total = models.PositiveIntegerField("lignes", null=True, blank=True)
    attempt = models.PositiveSmallIntegerField("essais", default=0)
    created_at = models.DateTimeField("demandée le", default=timezone.now)
    alive_at = models.DateTimeField("dernier signe du traitement", null=True, blank=True)
    finished_at = models.DateTimeField("terminée le", null=True, blank=True)
    expires_at = models.DateTimeField("gardée jusqu’au", null=True, blank=True)
    rights = models.JSONField("droits", null=True, blank=True)
    file = models.CharField("fichier", max_length=80, blank=True)  # a name in EXTRACTIONS_DIR, no path
    size = models.PositiveBigIntegerField("taille", null=True, blank=True)
    sha256 = models.CharField("empreinte", max_length=64, blank=True)
    reason = models.CharField("motif", max_length=300, blank=True)

    class Meta:
        verbose_name = "extraction"
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(condition=Q(etat__in=Etat.values), name="extraction_etat_known"),
            models.CheckConstraint(
                condition=~Q(etat=Etat.PRETE)
                | ~Q(file="") & ~Q(sha256="") & Q(size__isnull=False, expires_at__isnull=False, rights__isnull=False),
                name="extraction_ready_has_its_file",
            ),
            models.CheckConstraint(
                condition=Q(perimetre=Perimetre.DEPARTEMENT, departement__isnull=False)
                | ~Q(perimetre=Perimetre.DEPARTEMENT) & Q(departement=None),
                name="extraction_of_a_departement_names_it",
            ),
            models.CheckConstraint(
                condition=Q(perimetre=Perimetre.RECHERCHE) & ~Q(query="")
                | ~Q(perimetre=Perimetre.RECHERCHE) & Q(query=""),
                name="extraction_of_a_search_holds_it",
            ),
            models.UniqueConstraint(
                fields=["requester"], condition=Q(etat__in=OPEN), name="one_open_extraction_per_person"
            ),
        ]
        indexes = [models.Index(fields=["etat"], name="extraction_etat")]

    def __str__(self):
        return f"{self.words} ({self.get_format_display()})"

    @property
    def reference(self) -> str:
        """As the journal names it."""
        return f"extraction:{self.pk}"

    @property
    def path(self) -> Path:
        return Path(settings.EXTRACTIONS_DIR) / self.file

    @property
    def is_open(self) -> bool:
        return self.etat in OPEN

    @property
    def filename(self) -> str:
        """What the browser proposes."""
        return f"ror-extraction-{timezone.localdate(self.created_at):%Y-%m-%d}.{self.format}"
