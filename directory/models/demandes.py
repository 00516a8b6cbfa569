"""A professional asks to be référent of an establishment; support decides."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from .entites import EntiteGeographique
from .habilitations import Role


class DemandeStatus(models.TextChoices):
    EN_ATTENTE = "en_attente", "en attente"
    ACCEPTEE = "acceptee", "acceptée"
    REFUSEE = "refusee", "refusée"


class DemandeAcces(models.Model):
    """One question, one decision. A person asks once for an establishment until support has answered."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="demandes_acces", verbose_name="personne"
    )
    eg = models.ForeignKey(
        EntiteGeographique, models.PROTECT, related_name="demandes_acces", verbose_name="établissement"
    )
    role = models.CharField("rôle demandé", max_length=20, choices=Role, default=Role.REFERENT)
    fonction = models.CharField("fonction", max_length=150)
    motif = models.TextField("pourquoi", max_length=1000)
    status = models.CharField("état", max_length=20, choices=DemandeStatus, default=DemandeStatus.EN_ATTENTE)
    created_at = models.DateTimeField("demandée le", default=timezone.now)
    decided_at = models.DateTimeField("décidée le", null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="par"
    )
    reason = models.TextField("motif du refus", max_length=1000, blank=True)

    class Meta:
        verbose_name = "demande d’accès"
        verbose_name_plural = "demandes d’accès"
        ordering = ["created_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "eg"], condition=Q(status="en_attente"), name="one_pending_access_request_per_eg"
            ),
            models.CheckConstraint(condition=Q(role="referent"), name="access_request_for_a_referent"),
            models.CheckConstraint(
                condition=Q(status="en_attente", decided_at=None, decided_by=None)
                | (~Q(status="en_attente") & Q(decided_at__isnull=False, decided_by__isnull=False)),
                name="access_request_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(status="refusee") & ~Q(reason="") | ~Q(status="refusee") & Q(reason=""),
                name="access_request_refused_with_a_reason",
            ),
        ]

    def __str__(self):
        return f"{self.user} : {self.eg.display_name}"
