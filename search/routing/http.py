"""One GET with one deadline for everything: name, connection, TLS, request and the last byte of the answer.

`requests` and `urllib3` bound each read, not their sum: a server that sends a byte from time to time holds them for
ever. A socket read until a deadline cannot; HTTP/1.0 keeps the end of the answer plain (the server closes).
"""

import http.client
import io
import ipaddress
import socket
import ssl
import threading
import time
from functools import cache
from urllib.parse import SplitResult

MAX_BYTES = 262_144  # fifteen durations take less than ten thousand
NAME_S = 60.0  # a name is looked up again after that
_CHUNK = 65_536


class Late(OSError):
    """The budget is spent."""


class _Answer:
    """What `HTTPResponse` reads from."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def makefile(self, mode: str) -> io.BytesIO:
        return io.BytesIO(self._content)


def get(url: SplitResult, target: str, *, deadline: float) -> tuple[int, bytes]:
    """(status, body) of `target` (path and query) on the server of `url`; redirects are not followed.

    `deadline`: of `time.monotonic`. Raises OSError or HTTPException; `Late` when the deadline passes.
    """
    port = url.port or (443 if url.scheme == "https" else 80)
    address = _names(url.hostname or "", port).address(deadline)
    with _connect(address, url, deadline) as connection:
        _set_timeout(connection, deadline)
        host = url.netloc.rpartition("@")[2]
        connection.sendall(
            f"GET {target} HTTP/1.0\r\nHost: {host}\r\nAccept: application/json\r\n\r\n".encode("ascii")
        )
        content = _read(connection, deadline)
    answer = http.client.HTTPResponse(_Answer(content), method="GET")  # type: ignore[arg-type]
    answer.begin()
    return answer.status, answer.read()


def _connect(address: tuple, url: SplitResult, deadline: float) -> socket.socket:
    family, place = address
    connection = socket.socket(family, socket.SOCK_STREAM)
    try:
        _set_timeout(connection, deadline)
        connection.connect(place)
        if url.scheme != "https":
            return connection
        _set_timeout(connection, deadline)
        return _tls().wrap_socket(connection, server_hostname=url.hostname)
    except BaseException:
        connection.close()
        raise


def _read(connection: socket.socket, deadline: float) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        _set_timeout(connection, deadline)
        part = connection.recv(_CHUNK)
        if not part:
            return b"".join(parts)
        parts.append(part)
        size += len(part)
        if size > MAX_BYTES:
            raise http.client.HTTPException("answer too long")


def _set_timeout(connection: socket.socket, deadline: float) -> None:
    left = deadline - time.monotonic()
    if left <= 0:
        raise Late("budget spent")
    connection.settimeout(left)


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


# --- Names ----------------------------------------------------------------------------------------------------------


@cache
def _names(host: str, port: int) -> "_Name":
    return _Name(host, port)


class _Name:
    """Address of one host. The system's look-up takes no timeout: it runs beside, in one thread at most, which ends
    by itself; meanwhile pages use what was found before, or wait for it within their budget."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._found: tuple | None = None
        self._at = 0.0

    def address(self, deadline: float) -> tuple:
        """(family, sockaddr). Raises OSError when the name is unknown, `Late` when it is not known in time."""
        if self._found and time.monotonic() - self._at < NAME_S:
            return self._found
        if _is_number(self._host):
            self._look_up()
        else:
            self._look_up_beside(deadline)
        if not self._found:
            raise Late(f"{self._host} not resolved in time")
        return self._found

    def _look_up_beside(self, deadline: float) -> None:
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._look_up_quietly, daemon=True)
                self._thread.start()
            thread = self._thread
        if not self._found:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _look_up_quietly(self) -> None:
        try:
            self._look_up()
        except (OSError, UnicodeError):
            self._found = None

    def _look_up(self) -> None:
        family, _, _, _, place = socket.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM)[0]
        self._found, self._at = (family, place), time.monotonic()


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
