"""Demo and development: embedded PostgreSQL and Valkey unless the environment names others."""

import os

from ror import embedded

embedded.provide(os.environ)

from .base import *  # noqa: E402, F403

DEBUG = env.bool("DEBUG", False)  # noqa: F405 - the demo shows our error pages; DEBUG=1 to develop
DEMO = True
MFA_REQUIRED = False  # said on the login page: one tries the support's account without a phone
SECRET_KEY = "demonstration-seulement-jamais-en-production-0123456789abcdef"  # noqa: S105
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
STORAGES["staticfiles"]["BACKEND"] = "whitenoise.storage.CompressedStaticFilesStorage"  # noqa: F405
WHITENOISE_USE_FINDERS = True
POST_OFFICE["BACKENDS"]["default"] = "django.core.mail.backends.dummy.EmailBackend"  # noqa: F405
EXTRACTIONS_DIR = embedded.DATA / "extractions"
POST_OFFICE["LOCK_FILE_NAME"] = str(embedded.DATA / "mail")  # noqa: F405
