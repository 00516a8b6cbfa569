"""The journal and the messages sent, for support: read only."""

from django.contrib import admin
from django.http import HttpRequest
from post_office import admin as _  # noqa: F401 - it must be registered before it is unregistered
from post_office.models import Attachment, Email, EmailTemplate, Log

from journal.models import Entry

# The library's own pages are in English and let anybody with the right write a message by hand.
admin.site.unregister([Attachment, Email, EmailTemplate, Log])


class ReadOnly(admin.ModelAdmin):
    """No add, no change, no delete."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj=None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj=None) -> bool:
        return False


@admin.register(Entry)
class EntryAdmin(ReadOnly):
    list_display = ("at", "author", "action", "target")
    list_select_related = ("author",)
    search_fields = ("action", "target", "author__email", "author__last_name")
    date_hierarchy = "at"
    show_full_result_count = False


@admin.register(Email)
class MessageAdmin(ReadOnly):
    """Messages that left, or wait to: to whom, about what, in which state. The text is not shown: it holds links."""

    list_display = ("to", "subject", "created", "status", "number_of_retries")
    list_filter = ("status",)
    search_fields = ("to", "subject")
    fields = ("to", "subject", "status", "created", "last_updated", "number_of_retries", "expires_at")
    ordering = ("-id",)
