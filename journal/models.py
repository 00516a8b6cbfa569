"""The journal: who did what to what, for ever."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils import timezone


class Entry(models.Model):
    """One line. Append-only, enforced in the database; the author is required (imports sign as the system user)."""

    at = models.DateTimeField("le", default=timezone.now, db_index=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="par")
    action = models.CharField("action", max_length=60)
    target = models.CharField("objet", max_length=80, db_index=True)  # « eg:750011728 », « import:7 »
    detail = models.JSONField("détail", default=dict)

    class Meta:
        verbose_name = "ligne du journal"
        verbose_name_plural = "journal"
        ordering = ["-id"]
        constraints = [models.CheckConstraint(condition=~models.Q(action=""), name="journal_action_not_empty")]
        triggers = [pgtrigger.Protect(name="journal_is_append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self):
        return f"{self.action} {self.target}"


def write(action: str, target: str, *, by, **detail) -> Entry:
    """Add one line, in the caller's transaction: it is there if and only if the action is."""
    return Entry.objects.create(action=action, target=target, author=by, detail=detail)


class Message(models.Model):
    """One message somebody is owed for one event; `email` is its envelope, forgotten after three months.

    The pair (key, recipient) is unique: an event that is replayed tells nobody twice.
    """

    key = models.CharField("événement", max_length=120)
    recipient = models.EmailField("destinataire")
    email = models.OneToOneField("post_office.Email", models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField("écrit le", default=timezone.now)

    class Meta:
        verbose_name = "message"
        constraints = [models.UniqueConstraint(fields=["key", "recipient"], name="one_message_per_event_and_person")]

    def __str__(self):
        return f"{self.key} → {self.recipient}"
