"""The dossier itself: one establishment, one status. Only `dossiers.workflow` changes the status."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from directory.models import EntiteGeographique
from dossiers.querysets import OPEN, DossierQuerySet


class Statut(models.TextChoices):
    """Stored states are the French nouns of the field (design §4)."""

    INITIE = "initie", "en cours de saisie"
    SOUMIS = "soumis", "envoyé en validation"
    A_CORRIGER = "a_corriger", "à corriger"
    VALIDE = "valide", "validé, en attente de sa date d’effet"
    PUBLIE = "publie", "publié"
    ABANDONNE = "abandonne", "abandonné"


# Every step the database accepts, whoever asks (the table of `workflow.py` says who may).
STEPS = (
    (Statut.INITIE, Statut.SOUMIS),
    (Statut.A_CORRIGER, Statut.SOUMIS),
    (Statut.SOUMIS, Statut.INITIE),
    (Statut.SOUMIS, Statut.A_CORRIGER),
    (Statut.SOUMIS, Statut.VALIDE),
    (Statut.VALIDE, Statut.PUBLIE),
    (Statut.VALIDE, Statut.A_CORRIGER),
    (Statut.INITIE, Statut.ABANDONNE),
    (Statut.A_CORRIGER, Statut.ABANDONNE),
)
SENT = (Statut.SOUMIS, Statut.VALIDE, Statut.PUBLIE)
DECIDED = (Statut.VALIDE, Statut.PUBLIE)


def _person(verb: str) -> models.ForeignKey:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=verb
    )


class Dossier(models.Model):
    """A description of one establishment, first or again, that support validates before anything is public.

    `version` counts its steps: each one is a conditional update on it. `last_action`, `last_by` recognise the replay
    of the step just made (double click). `blocked` says why a validated dossier could not be published on its day.
    """

    eg = models.ForeignKey(EntiteGeographique, models.PROTECT, related_name="dossiers", verbose_name="établissement")
    is_first = models.BooleanField("première description", default=False)
    status = models.CharField("statut", max_length=12, choices=Statut, default=Statut.INITIE)
    version = models.PositiveIntegerField(default=1)
    date_effet = models.DateField("date d’effet", null=True, blank=True)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="ouvert par"
    )
    opened_at = models.DateTimeField("ouvert le", default=timezone.now)
    updated_at = models.DateTimeField("dernière activité", default=timezone.now)
    submitted_by, submitted_at = _person("envoyé par"), models.DateTimeField("envoyé le", null=True, blank=True)
    assigned_to, assigned_at = _person("assigné à"), models.DateTimeField("pris en charge le", null=True, blank=True)
    decided_by, decided_at = _person("décidé par"), models.DateTimeField("décidé le", null=True, blank=True)
    published_at = models.DateTimeField("publié le", null=True, blank=True)
    motif = models.TextField("motif du renvoi", blank=True, max_length=4000)
    blocked = models.TextField("publication empêchée", blank=True)
    campagne = models.CharField("campagne", max_length=80, blank=True)
    suite_de = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="suites", verbose_name="suite du dossier"
    )
    last_action = models.CharField(max_length=20, blank=True)
    last_by = _person("dernière étape par")
    reminded_at = models.DateTimeField("relancé le", null=True, blank=True)

    objects = DossierQuerySet.as_manager()

    class Meta:
        verbose_name = "dossier"
        ordering = ["-updated_at"]
        indexes = [models.Index(fields=["status", "submitted_at"], name="dossier_queue")]
        constraints = [
            models.UniqueConstraint(
                fields=["eg"],
                condition=Q(status__in=OPEN),
                name="one_open_dossier_per_eg",
                violation_error_message="Un dossier est déjà ouvert sur cet établissement.",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=SENT) | Q(submitted_by__isnull=False, submitted_at__isnull=False),
                name="dossier_sent_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=DECIDED) | Q(decided_by__isnull=False, decided_at__isnull=False),
                name="dossier_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=DECIDED) | ~Q(decided_by=F("submitted_by")),
                name="dossier_is_not_validated_by_its_sender",
                violation_error_message="Qui a envoyé un dossier ne peut pas le valider.",
            ),
            models.CheckConstraint(
                condition=Q(status=Statut.PUBLIE, published_at__isnull=False)
                | (~Q(status=Statut.PUBLIE) & Q(published_at=None)),
                name="dossier_published_at_if_published",
            ),
            models.CheckConstraint(
                condition=Q(blocked="") | Q(status__in=(Statut.VALIDE, Statut.A_CORRIGER)),
                name="dossier_blocked_only_when_validated",
            ),
        ]
        triggers = [
            pgtrigger.FSM(name="dossier_steps", field="status", transitions=[(str(a), str(b)) for a, b in STEPS]),
            pgtrigger.Trigger(
                name="dossier_begins_open",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                condition=~pgtrigger.Q(new__status=Statut.INITIE),
                func="raise exception using errcode = 'check_violation', message = 'a dossier begins as initie';",
            ),
            pgtrigger.Protect(name="dossier_never_deleted", operation=pgtrigger.Delete),
        ]

    def __str__(self):
        return f"Dossier n° {self.numero}"

    def get_absolute_url(self) -> str:
        return reverse("dossiers:dossier", args=[self.pk])

    @property
    def numero(self) -> str:
        """« 2026-0412 »: the year it was opened, and its rank."""
        return f"{self.opened_at.year}-{self.pk:04d}"

    @property
    def reference(self) -> str:
        """How the journal, the versions and the messages name it."""
        return f"dossier:{self.pk}"

    @property
    def is_open(self) -> bool:
        return self.status in OPEN
