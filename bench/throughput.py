"""Eight people at once on the real server, over HTTP, with their session, on the cores the database shares."""

import http.client
import itertools
import os
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field

from django.conf import settings
from django.test import Client

from bench import cpu

CLIENTS, WARM_S, TIMED_S, PATIENCE_S = 8, 4, 15, 60
WORKERS = 2  # as many as cores: this machine has two


@dataclass
class Timed:
    """Seconds each page took, of the pages asked in the timed part."""

    pages: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


def run(client: Client, paths: list[str]) -> dict[str, float]:
    """Pages per second and their durations. `client`: somebody logged in; `paths`: asked in turn by everybody."""
    cookie = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
    if settings.SESSION_COOKIE_NAME not in cookie:
        raise RuntimeError("personne n’est connecté")
    port = _free_port()
    server = _serve(port)
    try:
        _wait(port, server)
        timed = _load(port, cookie, paths)
    finally:
        server.terminate()
        server.wait(20)
    if timed.failed:
        raise RuntimeError(f"{len(timed.failed)} pages refusées : {timed.failed[0]}")
    return {
        "pages_per_s": len(timed.pages) / TIMED_S,
        "pages_p50_ms": cpu.quantile(timed.pages, 0.5) * 1000,
        "pages_p95_ms": cpu.quantile(timed.pages, 0.95) * 1000,
    }


def _serve(port: int) -> subprocess.Popen:
    """The server of a real installation, on the base of the bench."""
    command = [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)),
        *("--workers", str(WORKERS), "--blocking-threads", "2", "--no-ws", "--log-level", "error"),
        "ror.wsgi:application",
    ]
    environment = os.environ | {"DATABASE_POOL": "4"}
    return subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment, stdin=subprocess.DEVNULL)  # noqa: S603


def _wait(port: int, server: subprocess.Popen) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline and server.poll() is None:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/pret/")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError("le serveur ne répond pas")


def _load(port: int, cookie: str, paths: list[str]) -> Timed:
    timed, start = Timed(), time.monotonic() + WARM_S
    ask = [
        threading.Thread(target=_ask, args=(port, cookie, paths[n:] + paths[:n], start, timed)) for n in range(CLIENTS)
    ]
    for thread in ask:
        thread.start()
    for thread in ask:
        thread.join()
    return timed


def _ask(port: int, cookie: str, paths: list[str], start: float, timed: Timed) -> None:
    """One person: a page after the other, on one connection."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Cookie": cookie, "Host": "localhost"}
    for path in itertools.cycle(paths):
        begun = time.monotonic()
        if begun > start + TIMED_S:
            break
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            timed.failed.append(f"{answer.status} {path}")
            break
        if begun >= start:
            timed.pages.append(time.monotonic() - begun)
    connection.close()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]
