"""A mail server that keeps the Message-ID of what it accepted, on disk before it says so."""

import argparse
import contextlib
import os
import re
import socketserver
import threading
from pathlib import Path


class Sink(socketserver.ThreadingTCPServer):
    """Appends one line a mail to `path`."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, port: int, path: Path):
        super().__init__(("127.0.0.1", port), Session)
        self._file = path.open("a")
        self._lock = threading.Lock()

    def keep(self, mail: bytes) -> None:
        head = mail.split(b"\r\n\r\n", 1)[0].replace(b"\r\n ", b" ")
        named = re.search(rb"(?im)^Message-ID:\s*(<[^>]+>)", head)
        with self._lock:
            self._file.write(f"{named[1].decode() if named else '<sans-identité>'}\n")
            self._file.flush()
            os.fsync(self._file.fileno())


class Session(socketserver.StreamRequestHandler):
    """The few words of SMTP that smtplib speaks. A mail cut before its final dot was not received."""

    def handle(self) -> None:
        self.wfile.write(b"220 drill\r\n")
        while line := self.rfile.readline():
            word = line[:4].upper()
            if word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                lines = []
                while (line := self.rfile.readline()) != b".\r\n":
                    if not line:
                        return
                    lines.append(line)
                self.server.keep(b"".join(lines))
            self.wfile.write(b"221 bye\r\n" if word == b"QUIT" else b"250 ok\r\n")
            if word == b"QUIT":
                return

    def finish(self) -> None:
        with contextlib.suppress(OSError):  # the sender was killed
            super().finish()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("port", type=int)
    options.add_argument("path", type=Path)
    arguments = options.parse_args()
    with Sink(arguments.port, arguments.path) as server:
        server.serve_forever()


if __name__ == "__main__":
    main()
