"""The settings of the demo, on the drill's own servers; mails leave by SMTP to the drill's sink."""

import datetime as dt
import os

from ror.settings.dev import *  # noqa: F403
from ror.settings.dev import POST_OFFICE

POST_OFFICE["BACKENDS"]["default"] = "django.core.mail.backends.smtp.EmailBackend"
POST_OFFICE["RETRY_INTERVAL"] = dt.timedelta(seconds=5)  # nobody waits a quarter of an hour at the end of the drill
EMAIL_HOST, EMAIL_PORT = "127.0.0.1", int(os.environ.get("DRILL_SMTP_PORT", "0"))
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # the drill times nothing, and logs in often
