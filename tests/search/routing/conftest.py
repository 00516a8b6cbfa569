"""A real OSRM on a map of four roads, and a small server that answers anything else one wants to see answered."""

import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings as django_settings

from search.routing import osrm

BIN = Path(django_settings.BASE_DIR) / ".venv" / "osrm" / "bin"
SHARE = BIN.parent / "share" / "profiles" / "car.lua"
MAP = Path(__file__).parent / "data" / "evry.osm"


@pytest.fixture(autouse=True)
def _own_client() -> Iterator[None]:
    """Each test has a client without memory and with a closed circuit."""
    osrm.client.cache_clear()
    yield
    osrm.client.cache_clear()


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@pytest.fixture(scope="session")
def osrm_url(tmp_path_factory) -> Iterator[str]:
    """Address of an `osrm-routed` that knows MAP."""
    if not (BIN / "osrm-routed").exists():
        pytest.skip("Pas d’OSRM : lancez script/osrm (Linux x86_64 ou aarch64).")
    folder = tmp_path_factory.mktemp("osrm")
    shutil.copy(MAP, folder / "map.osm")
    for command in (["osrm-extract", "-p", str(SHARE), "map.osm"], ["osrm-contract", "map.osrm"]):
        subprocess.run([BIN / command[0], *command[1:]], cwd=folder, check=True, capture_output=True, timeout=60)
    port = free_port()
    command = [BIN / "osrm-routed", "--ip", "127.0.0.1", "--port", str(port), "--threads", "1", "map.osrm"]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            _wait_for(port)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def _wait_for(port: int) -> None:
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    pytest.fail("osrm-routed n’a pas démarré")


class Server:
    """Plays `script(connection)` for each request it gets; `requests` holds their first lines."""

    def __init__(self) -> None:
        self.requests: list[str] = []
        self.script: Callable[[socket.socket], None] = lambda connection: None
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def answers(self, body: str, *, status: str = "200 OK", headers: str = "") -> None:
        text = f"HTTP/1.1 {status}\r\nContent-Length: {len(body.encode())}\r\n{headers}\r\n{body}"
        self.script = lambda connection: connection.sendall(text.encode())

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            with connection:
                try:
                    self.requests.append(connection.recv(65536).decode().split("\r\n")[0])
                    self.script(connection)
                except OSError:  # the client did not wait
                    pass

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(5)
        assert not self._thread.is_alive()


@pytest.fixture
def server() -> Iterator[Server]:
    one = Server()
    yield one
    one.close()
