"""So many requests a minute for each client or person, counted in Redis: without it, nobody is stopped."""

import time

from django.conf import settings
from django.core.cache import caches
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from api.oauth import Machine

WINDOW_S = 60


class PerMinute(BaseThrottle):
    """`API_REQUESTS_PER_MINUTE`, by whole minutes of the clock; one addition in Redis a request."""

    def allow_request(self, request: Request, view) -> bool:
        if not request.user.is_authenticated:
            return True  # refused already, or about to be
        who = f"c{request.user.client.pk}" if isinstance(request.user, Machine) else f"p{request.user.pk}"
        cache, key = caches["redis"], f"api:{who}:{int(time.time() // WINDOW_S)}"
        cache.add(key, 0, timeout=2 * WINDOW_S)
        try:
            asked = cache.incr(key)
        except ValueError:  # Redis is away, or lost the key meanwhile
            return True
        return asked is None or asked <= settings.API_REQUESTS_PER_MINUTE

    def wait(self) -> float:
        """Seconds before the next window."""
        return WINDOW_S - time.time() % WINDOW_S
