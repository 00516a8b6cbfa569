"""Reading the pages of the dossiers."""

import re

from django.urls import reverse

from dossiers.models import Dossier
from journal.models import Entry


def text_of(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode())).replace(" ,", ",")


def url(name: str, dossier: Dossier, *more: int) -> str:
    return reverse(f"dossiers:{name}", args=[dossier.pk, *more])


def actions(dossier: Dossier, name: str) -> int:
    return Entry.objects.filter(target=dossier.reference, action=name).count()
