"""What people say of a dossier: support's decisions line by line, remarks, and who is on it now."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from .dossiers import Dossier
from .fiches import DraftFiche


class Decision(models.Model):
    """Support accepts or refuses one proposal of a fiche. `fingerprint` ties it to what was read: a line that changed
    since has no decision any more."""

    fiche = models.ForeignKey(DraftFiche, models.CASCADE, related_name="decisions")
    address = models.CharField("ligne", max_length=250, blank=True)
    fingerprint = models.CharField(max_length=64)
    is_accepted = models.BooleanField("acceptée")
    motif = models.CharField("motif", max_length=40, blank=True)
    message = models.CharField("message au référent", max_length=1000, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField("le", default=timezone.now)

    class Meta:
        verbose_name = "décision"
        constraints = [
            models.UniqueConstraint(fields=["fiche", "address"], name="one_decision_per_line"),
            models.CheckConstraint(
                condition=Q(is_accepted=True) | ~Q(motif="") | ~Q(message=""),
                name="refusal_has_a_reason",
                violation_error_message="Refuser demande un motif.",
            ),
        ]


class Remarque(models.Model):
    """One message of the thread: on the dossier, on a fiche, or on a field of it (`address`)."""

    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="remarques")
    fiche = models.ForeignKey(DraftFiche, models.CASCADE, null=True, blank=True, related_name="remarques")
    address = models.CharField("champ", max_length=250, blank=True)
    text = models.TextField("remarque", max_length=4000)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField("le", default=timezone.now)
    resolved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    resolved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "remarque"
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="remarque_says_something"),
            models.CheckConstraint(condition=Q(address="") | Q(fiche__isnull=False), name="remarque_field_of_a_fiche"),
            models.CheckConstraint(
                condition=Q(resolved_at=None, resolved_by=None)
                | Q(resolved_at__isnull=False, resolved_by__isnull=False),
                name="remarque_resolved_by_somebody",
            ),
        ]


class Presence(models.Model):
    """Who is on a dossier now, and on which of its fiches: one row per person, written by the open page."""

    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="presences")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    fiche = models.ForeignKey(DraftFiche, models.SET_NULL, null=True, blank=True, related_name="+")
    seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = "présence"
        constraints = [models.UniqueConstraint(fields=["dossier", "user"], name="one_presence_per_person")]
