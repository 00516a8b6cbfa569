"""The machines that read the API. A machine is no account: it has no password, no session, no page of its own."""

from django.db import models
from django.db.models import Q
from oauth2_provider.models import AbstractApplication

from directory.models import Niveau
from directory.permissions import Reader
from nomenclature.models import Departement


class Client(AbstractApplication):
    """A program that asks for its tokens with its own credentials, and the level it reads.

    Written by `api.clients`; asked at each request, so a revocation is immediate (docs/decisions/0016).
    """

    niveau = models.PositiveSmallIntegerField(
        "niveau de confidentialité lu",
        choices=Niveau,
        default=Niveau.PUBLIC,
        help_text="Le plus haut niveau des contacts que ce client lit. Régulation : aussi les unités sensibles.",
    )
    departement = models.ForeignKey(
        Departement,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="département",
        help_text="Niveau régulation seulement : il ne vaut que là. Vide : toute la région.",
    )
    responsable = models.CharField(
        "responsable", max_length=255, help_text="Organisme et personne à joindre, avec son adresse électronique."
    )
    revoked_at = models.DateTimeField("révoqué le", null=True, blank=True, editable=False)

    class Meta:
        verbose_name = "client de l’API"
        verbose_name_plural = "clients de l’API"
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(authorization_grant_type=AbstractApplication.GRANT_CLIENT_CREDENTIALS)
                & Q(client_type=AbstractApplication.CLIENT_CONFIDENTIAL)
                & Q(hash_client_secret=True),
                name="client_has_its_own_credentials_only",
            ),
            models.CheckConstraint(condition=Q(user=None), name="client_is_nobody"),
            models.CheckConstraint(condition=Q(niveau__in=Niveau.values), name="client_niveau_1_2_3"),
            models.CheckConstraint(
                condition=Q(departement=None) | Q(niveau=Niveau.REGULATION),
                name="client_departement_only_for_regulation",
                violation_error_message="Un département ne se donne qu’au niveau régulation.",
            ),
        ]

    @property
    def is_revoked(self) -> bool:
        return self.revoked_at is not None

    def is_usable(self, request) -> bool:
        """Asked by oauthlib when a token is given out and each time one is shown."""
        return not self.is_revoked

    @property
    def reader(self) -> Reader:
        """What it may read today."""
        return Reader.of_machine(self.niveau, departement=self.departement_id)
