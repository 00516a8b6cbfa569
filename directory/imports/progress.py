"""A progress bar on a terminal, a line every two seconds elsewhere."""

import sys
import time
from typing import TextIO

WIDTH = 30
PAUSE_S = {True: 0.1, False: 2.0}  # terminal, or log


class Progress:
    """`advance()` for each record, `done()` at the end. Writes on stderr; silent for what lasts under two seconds
    outside a terminal."""

    def __init__(self, stream: TextIO | None = None):
        self._stream = stream or sys.stderr
        self._terminal = self._stream.isatty()
        self._last = time.monotonic()
        self._done = self._total = 0
        self._label = ""

    def start(self, label: str, total: int) -> None:
        self._label, self._total, self._done, self._last = label, total, 0, time.monotonic()

    def advance(self, number: int = 1) -> None:
        self._done += number
        now = time.monotonic()
        if now - self._last >= PAUSE_S[self._terminal]:
            self._last = now
            self._show()

    def done(self) -> None:
        if self._terminal:
            self._show()
            self._stream.write("\n")

    def _show(self) -> None:
        share = min(1.0, self._done / self._total) if self._total else 1.0
        text = f"{self._label} : {share:>4.0%} ({self._done} / {self._total})"
        if self._terminal:
            bar = "█" * round(share * WIDTH)
            self._stream.write(f"\r{bar:░<{WIDTH}} {text}")
        else:
            self._stream.write(f"{text}\n")
        self._stream.flush()
