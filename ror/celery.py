"""The Celery application and its schedule."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ror.settings.prod")

app = Celery("ror")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.conf.beat_schedule = {
    # The broker may have been down when a mail was queued: the row is there, this sends it.
    "send-mail": {"task": "post_office.tasks.send_queued_mail", "schedule": 60.0},
}
