"""Each process publishes what is due before its first answer of a day; a sleeping dossier wakes its référents once."""

import datetime as dt

import pytest
from django.db import OperationalError
from django.http import HttpResponse
from django.utils import timezone

from directory.models import UniteOperationnelle
from dossiers import effects
from dossiers.models import Dossier
from dossiers.tasks import remind_asleep
from journal.models import Message
from ror.middleware import NewDayMiddleware
from tests.dossiers.builders import TOMORROW, draft_of, edit, opened, submitted, validated

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]


def published() -> str:
    return UniteOperationnelle.objects.get().conditions_accueil


def test_the_first_answer_of_the_day_already_shows_what_takes_effect(structure, settings, rf):
    validated(structure, date_effet=TOMORROW)
    process = NewDayMiddleware(lambda request: HttpResponse(published()))
    assert process(rf.get("/")).content.decode() == "Sur rendez-vous."
    settings.ROR_TODAY = TOMORROW
    assert process(rf.get("/")).content.decode() == "Sans rendez-vous."


def test_it_asks_once_a_day_and_again_after_a_failure(structure, rf, monkeypatch, caplog):
    asked = []

    def apply_due():
        asked.append(1)
        if len(asked) == 1:
            raise OperationalError("the database restarts")

    monkeypatch.setattr(effects, "apply_due", apply_due)
    process = NewDayMiddleware(lambda request: HttpResponse("ok"))
    assert [process(rf.get("/")).status_code for _ in range(4)] == [200] * 4
    assert len(asked) == 2


def test_the_sleep_is_told_once_and_again_after_another(structure, settings):
    dossier = opened(structure)
    old = timezone.now() - dt.timedelta(days=settings.DOSSIER_ASLEEP_DAYS + 1)
    Dossier.objects.update(updated_at=old)
    assert (remind_asleep(), remind_asleep()) == (1, 0)
    told = Message.objects.filter(key__startswith=f"{dossier.reference}:asleep")
    assert told.count() == 2  # both référents
    edit(draft_of(dossier, "uo"), structure.camille, complements="Réveillé")
    assert remind_asleep() == 0
    Dossier.objects.update(updated_at=old - dt.timedelta(days=1))
    assert remind_asleep() == 1


def test_what_waits_for_support_does_not_sleep(structure, settings):
    submitted(structure)
    Dossier.objects.update(updated_at=timezone.now() - dt.timedelta(days=100))
    assert remind_asleep() == 0
