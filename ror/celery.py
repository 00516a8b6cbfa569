"""The Celery application and its schedule."""

import logging
import os

from celery import Celery, Task
from celery.result import AsyncResult
from celery.schedules import crontab
from kombu.exceptions import OperationalError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ror.settings.prod")
logger = logging.getLogger(__name__)


class NudgeTask(Task):
    """A task whose loss harms nobody: what is to be done is a row in PostgreSQL, and the schedule below sweeps it.

    So a broker that is down is a warning for us, never an error for the person whose page queued the task.
    """

    def apply_async(self, *args: object, **options: object) -> AsyncResult | None:
        """Queue the task; None when the broker did not take it."""
        try:
            return super().apply_async(*args, **options)
        except OperationalError as error:
            logger.warning("Tâche %s non déposée, le balayage la reprendra : %s", self.name, error)
            return None


app = Celery("ror", task_cls=NudgeTask)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.beat_schedule = {
    # The broker may have been down when a mail was queued: the row is there, this sends it.
    "send-mail": {"task": "post_office.tasks.send_queued_mail", "schedule": 60.0},
    # Mails hold names and links: what was sent is kept three months, then goes.
    "forget-mail": {"task": "post_office.tasks.cleanup_mail", "schedule": 24 * 3600.0, "kwargs": {"days": 90}},
    "forget-sessions": {"task": "accounts.tasks.forget_sessions", "schedule": crontab(hour=4, minute=0)},
    "forget-tokens": {"task": "api.tasks.forget_tokens", "schedule": crontab(hour=4, minute=15)},
    # Dates d'effet begin at midnight; half an hour later at worst if this was missed, and each process asks too.
    "apply-due": {"task": "dossiers.tasks.apply_due", "schedule": crontab(minute="0,30")},
    "remind-asleep": {"task": "dossiers.tasks.remind_asleep", "schedule": crontab(hour=7, minute=15)},
    # Each minute: the rows are the truth, a lost message delays an extraction by that much.
    "sweep-extractions": {"task": "restitutions.tasks.sweep_extractions", "schedule": 60.0},
    # Several times a day: a search is looked at once a day at most, and a morning that was missed is caught up.
    "send-alerts": {"task": "restitutions.tasks.send_alerts", "schedule": crontab(hour="6-20/2", minute=40)},
    # A change of a regional list refreshes the search at once; this catches up what a lost broker took with it.
    "refresh-search": {"task": "directory.tasks.refresh_all", "schedule": crontab(hour=3, minute=30)},
    # Writers append differences to the pair counts, readers add them up: a short list is a fast one.
    "fold-pair-counts": {"task": "search.tasks.fold_pair_counts", "schedule": 60.0},
    "store-searches-without-result": {"task": "search.tasks.store_searches_without_result", "schedule": 600.0},
    # On Monday mornings, one mail a référent; what was told is in the journal, so a second run tells nothing twice.
    "remind-verification": {
        "task": "directory.tasks.remind_verification",
        "schedule": crontab(day_of_week=1, hour=7, minute=30),
    },
}
