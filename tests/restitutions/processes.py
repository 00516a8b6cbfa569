"""Another process on the database, the broker and the folder of the test."""

import os
from urllib.parse import quote

from django.conf import settings
from django.db import connection


def environment() -> dict[str, str]:
    database = connection.settings_dict
    place = f"{quote(database['HOST'], safe='')}{':' + str(database['PORT']) if database['PORT'] else ''}"
    person = quote(database["USER"]) + (f":{quote(database['PASSWORD'])}" if database["PASSWORD"] else "")
    return os.environ | {
        "DATABASE_URL": f"postgresql://{person}@{place}/{database['NAME']}",
        "REDIS_URL": settings.REDIS_URL,
        "EXTRACTIONS_DIR": str(settings.EXTRACTIONS_DIR),
        "DJANGO_SETTINGS_MODULE": "ror.settings.test",
    }
