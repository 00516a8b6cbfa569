"""Stops asking a server that does not answer: pages must not pay its timeout one after the other."""

import threading
import time
from collections.abc import Callable

FAILURES = 3  # in a row, before it opens
OPEN_S = 30.0  # then nobody asks for that long; after it one request tries, and decides


class CircuitBreaker:
    """Closed (asks), open (does not), half-open (one request tries). One per process and per server; thread-safe."""

    def __init__(self, *, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = threading.Lock()
        self._failures = 0
        self._closed_again_at = 0.0

    def allows(self) -> bool:
        """Whether to ask now. Half-open, the first to ask is the one that tries: the others wait another round."""
        with self._lock:
            if self._failures < FAILURES:
                return True
            if self._now() < self._closed_again_at:
                return False
            self._closed_again_at = self._now() + OPEN_S
            return True

    def succeeded(self) -> None:
        with self._lock:
            self._failures = 0

    def failed(self) -> bool:
        """Count a failure; True when this one opens the circuit."""
        with self._lock:
            self._failures += 1
            self._closed_again_at = self._now() + OPEN_S
            return self._failures == FAILURES
