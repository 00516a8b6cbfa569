"""Which dossiers a person may see: the only door to them. Another structure's dossier is 404."""

import datetime as dt

from django.db import models
from django.db.models import Count, Q

from directory.permissions import Reader
from directory.querysets import answered_for

OPEN = ("initie", "soumis", "a_corriger")


class DossierQuerySet(models.QuerySet):
    def visible_to(self, reader: Reader):
        """Those of the structures a référent answers for; of its territory for support."""
        return self.filter(answered_for(reader, "eg_id"))

    def open(self):
        """Being written, or waiting for support: at most one per establishment."""
        return self.filter(status__in=OPEN)

    def due(self, day: dt.date):
        """Validated, their day has come, and nothing forbids to publish them; in the order they take effect."""
        waiting = self.filter(status="valide", blocked="")
        return waiting.filter(Q(date_effet=None) | Q(date_effet__lte=day)).order_by("date_effet", "decided_at", "pk")

    def with_counts(self):
        """What a list shows of each: its establishment, its people, how many fiches and how many are finalised."""
        return self.select_related("eg__categorie", "opened_by", "submitted_by", "assigned_to").annotate(
            n_fiches=Count("fiches"), n_finalisees=Count("fiches", filter=Q(fiches__state="finalisee"))
        )
