"""Pages of support on the dossiers, in the administration."""

import datetime as dt

from django.urls import reverse
from django.utils import timezone

from directory.models import Role
from dossiers.models import Dossier
from tests.builders import make_eg, make_user
from tests.dossiers.builders import (
    TODAY,
    Structure,
    make_complete_uo,
)

QUEUE = "/admin/dossiers/dossier/"


def page(dossier: Dossier, name: str = "change") -> str:
    return reverse(f"admin:dossiers_dossier_{name}", args=[dossier.pk])


def other_structure(structure: Structure, **eg) -> Structure:
    """Another establishment, with the same agent of support."""
    found = make_eg(**eg)
    referent = make_user(role=Role.REFERENT, eg=found)
    return Structure(found, make_complete_uo(found), referent, referent, structure.sophie)


def sent_days_ago(dossier: Dossier, days: int) -> None:
    at = timezone.make_aware(dt.datetime.combine(TODAY - dt.timedelta(days=days), dt.time(12)))
    Dossier.objects.filter(pk=dossier.pk).update(submitted_at=at)


def current(dossier: Dossier) -> Dossier:
    return Dossier.objects.get(pk=dossier.pk)
