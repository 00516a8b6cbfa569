"""Which dossiers a person of support opens: those of its territory. The others do not exist here."""

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from directory.permissions import Reader
from dossiers import queue
from dossiers.models import Dossier
from ror.typed import small_number

PK_DIGITS = 18  # of the biggest id PostgreSQL holds, less one


def visible(request: HttpRequest) -> QuerySet[Dossier]:
    """Raises `PermissionDenied` for who validates nothing."""
    if not request.user.has_perm("dossiers.view_dossier"):
        raise PermissionDenied
    reader = Reader.of(request.user)
    if not reader.is_support:
        raise PermissionDenied
    return queue.visible(reader)


def dossier_of(request: HttpRequest, pk: int | str) -> Dossier:
    """The dossier, with what its page shows of it; 404 outside the territory."""
    found = visible(request).select_related(
        "eg__categorie", "eg__entite_juridique", "opened_by", "submitted_by", "assigned_to", "decided_by", "suite_de"
    )
    number = small_number(str(pk), digits=PK_DIGITS)
    if number is None:
        raise Http404
    return get_object_or_404(found, pk=number)
