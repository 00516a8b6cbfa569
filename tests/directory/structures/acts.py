"""The acts of support on the tree, and what their pages say."""

import datetime as dt
import re

from django.urls import reverse

from directory import structures
from journal.models import Entry

DEF = ("DEF", dt.date(2025, 12, 31), None)
CLOSED = {"type_fermeture": "DEF", "date_fermeture": "2025-12-31"}


def url(fiche, page: str) -> str:
    return reverse(f"admin:directory_{fiche._meta.model_name}_{page}", args=[fiche.pk])


def seen_in(response) -> str:
    return re.search(r'name="seen" value="(\w+)"', response.content.decode())[1]


def actions(action: str) -> list[Entry]:
    return list(Entry.objects.filter(action=action).order_by("pk"))


def moved(uo, target, by):
    return structures.move_uo(uo.pk, target.pk, seen=structures.plan_move(uo, target).seen, by=by)
