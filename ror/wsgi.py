"""The WSGI application."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ror.settings.prod")
application = get_wsgi_application()

from search import vocabulary  # noqa: E402 - the applications are ready only now

vocabulary.warm()
