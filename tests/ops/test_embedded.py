"""The embedded servers: shared by all processes of a data directory, stopped by the last, found after a crash."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
from django.conf import settings
from redis import ConnectionError as RedisConnectionError
from redis import Redis

SCRIPT = "from ror import embedded; print(embedded.start_{0}(), flush=True); input()"


@pytest.fixture
def start(tmp_path) -> Iterator[Callable[[str], tuple[subprocess.Popen, str]]]:
    """`start("valkey")`: a process that uses that server until its stdin is closed, and the server's URL."""
    users: list[subprocess.Popen] = []

    def user(service: str) -> tuple[subprocess.Popen, str]:
        process = subprocess.Popen(
            [sys.executable, "-c", SCRIPT.format(service)],
            env=os.environ | {"ROR_DATA_DIR": str(tmp_path / "data"), "PGPORT": "1"},  # PGPORT is of another server
            cwd=settings.BASE_DIR,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        users.append(process)
        return process, process.stdout.readline().strip()

    yield user
    for process in users:
        leave(process)


def leave(process: subprocess.Popen) -> None:
    """Let a user come to its normal end."""
    if not process.stdin.closed:
        process.stdin.close()
    process.wait(20)
    process.stdout.close()


def answers(url: str) -> bool:
    with Redis.from_url(url, retry=None) as client:
        try:
            return client.ping()
        except RedisConnectionError:  # a missing password is one too
            return False


def test_the_last_to_leave_stops_the_server(start):
    first, url = start("valkey")
    second, same = start("valkey")
    assert same == url
    leave(first)
    assert answers(url)
    leave(second)
    assert not answers(url)


def test_a_killed_user_leaves_a_server_that_the_next_one_takes_over(start):
    killed, url = start("valkey")
    with Redis.from_url(url) as client:
        client.set("kept", "yes")
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert answers(url)
    heir, same = start("valkey")
    assert same == url
    leave(heir)
    assert not answers(url)
    _, again = start("valkey")
    with Redis.from_url(again, decode_responses=True) as client:
        assert client.get("kept") == "yes"


def test_a_killed_server_is_started_again_with_its_data(start, tmp_path):
    user, url = start("valkey")
    with Redis.from_url(url) as client:
        client.set("kept", "yes")
    server = next(p for p in psutil.process_iter(["name", "cwd"]) if p.info["cwd"] == str(tmp_path / "data/valkey"))
    server.kill()
    psutil.wait_procs([server], timeout=5)
    _, other = start("valkey")
    with Redis.from_url(other, decode_responses=True) as client:
        assert client.get("kept") == "yes"
    leave(user)  # its server is gone: it must not stop the new one
    assert answers(other)


def test_the_password_is_asked_and_shown_to_nobody(start, tmp_path):
    _, url = start("valkey")
    password = url.split(":")[2].split("@")[0]
    assert not answers(url.replace(f":{password}@", ""))
    assert (tmp_path / "data/valkey/server.json").stat().st_mode & 0o077 == 0
    assert not any(password in " ".join(p.info["cmdline"] or []) for p in psutil.process_iter(["cmdline"]))


def test_postgres_survives_a_crash_and_a_borrowed_pid(start, tmp_path):
    """After a reboot, the pid of the old server may be anybody's: here, ours."""
    user, url = start("postgres")
    pid_file = tmp_path / "data/pg/postmaster.pid"
    lines = pid_file.read_text().splitlines()
    server = psutil.Process(int(lines[0]))
    user.send_signal(signal.SIGKILL)
    user.wait()
    server.kill()
    psutil.wait_procs([server], timeout=5)
    time.sleep(0.5)  # its children see that it is gone
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    heir, same = start("postgres")
    assert same == url
    with psycopg.connect(same) as db:
        assert db.execute("select current_setting('server_version_num')::int >= 150000").fetchone() == (True,)
    leave(heir)
    assert not Path(pid_file).exists()
