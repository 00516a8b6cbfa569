"""Tests: a real PostgreSQL, real Redis, plain static files, no mail out."""

import os

from ror import embedded

embedded.provide(os.environ, valkey="valkey-test")

from .base import *  # noqa: E402, F403

SECRET_KEY = "tests-seulement-0123456789abcdef0123456789abcdef0123456789"  # noqa: S105
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
# Several checkouts, or several people on one, may test at the same time.
DATABASES["default"]["TEST"] = {"NAME": "test_ror" + env.str("TEST_DB_SUFFIX", "")}  # noqa: F405
STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"  # noqa: F405
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
POST_OFFICE["BACKENDS"]["default"] = env.str("MAIL_BACKEND", "django.core.mail.backends.locmem.EmailBackend")  # noqa: F405
POST_OFFICE["LOCK_FILE_NAME"] = str(embedded.DATA / f"mail-{env.str('PYTEST_XDIST_WORKER', 'gw0')}")  # noqa: F405
EXTRACTIONS_DIR = env.path("EXTRACTIONS_DIR", embedded.DATA / "extractions-tests")  # noqa: F405
# Each test process has its own Redis database, hence its own task queue and counters.
REDIS_URL = f"{REDIS_URL.rsplit('/', 1)[0]}/{env.str('PYTEST_XDIST_WORKER', 'gw0').removeprefix('gw')}"  # noqa: F405
CELERY_BROKER_URL = CACHES["redis"]["LOCATION"] = REDIS_URL  # noqa: F405
DEMO = True
MAP_TILES_URL = CONTOURS_FILE = BAN_URL = ""  # no test calls elsewhere
