"""The servers of a drill: started as the demo starts them, ended by `kill -9`, started again at once."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import psutil
import psycopg

from ror import embedded, supervisor

DATABASE = "ror_drill"
AGAIN = f"from ror import embedded; embedded.start_postgres({DATABASE!r})"
PATIENCE = 60  # seconds for a server to answer again
SAFE = {"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"}  # else the drill proves nothing


class Servers:
    """PostgreSQL, Valkey, mail sink, web, worker, beat. `kill(kind)` for the three that die."""

    def __init__(self, home: Path, *, unlocked: bool, chance: Random):
        self.home, self._chance = home, chance
        self.children: dict[str, subprocess.Popen] = {}
        self.port = supervisor.free_port(8900)
        self.url = embedded.start_postgres("postgres")
        self._fresh_database()
        os.environ["DATABASE_URL"] = self.url = embedded.start_postgres(DATABASE)
        os.environ["REDIS_URL"] = embedded.start_valkey()
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self._smtp = probe.getsockname()[1]
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "drill.settings",
            "DRILL_SMTP_PORT": str(self._smtp),
            "SITE_URL": f"http://localhost:{self.port}",
        }
        self._commands = supervisor.commands(self.port)
        web = self._commands["web"]
        web[web.index("--workers") + 1] = "2"  # as a real installation: races between processes, not threads alone
        if unlocked:
            web[-1] = "drill.unlocked:application"
        self._commands["sink"] = [sys.executable, "-m", "drill.sink", str(self._smtp), str(self.mails)]

    @property
    def mails(self) -> Path:
        return self.home / "mails.txt"

    def _fresh_database(self) -> None:
        with psycopg.connect(self.url, autocommit=True) as db:
            unsafe = {name: db.execute(f"show {name}").fetchone()[0] for name in SAFE} != SAFE
            if unsafe:
                raise SystemExit(f"PostgreSQL n’est pas réglé pour tenir ses promesses : il faut {SAFE}.")
            db.execute(f"drop database if exists {DATABASE} with (force)")

    def start(self) -> None:
        """All that runs beside the database. The logs are those of this drill alone."""
        supervisor.LOGS.mkdir(exist_ok=True)
        for old in (*supervisor.LOGS.glob("*.log"), *self.home.glob("[0-9]*.lock")):  # these: post_office, by pid
            old.unlink()
        for name in ("sink", "web", "worker", "beat"):
            self._spawn(name)
        if not supervisor.wait_ready(self.port, {}):
            raise SystemExit("Le serveur web de l’essai ne répond pas.")

    def _spawn(self, name: str) -> None:
        self.children[name] = supervisor.spawn(self._commands[name], supervisor.LOGS / f"{name}.log")

    # --- Death and resurrection ---

    def kill(self, kind: str) -> str:
        """`kill -9` of one server, then start it again; how it died, in words. `kind`: web, worker, database."""
        if kind == "database":
            how = self._kill_database()
            self._restart_database()
            return how
        child = self.children[kind]
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        self._spawn(kind)
        if kind == "web":
            self.wait_web()
        return "tout le groupe"

    def _kill_database(self) -> str:
        """The postmaster alone, whose children end by themselves, or all of them at the same instant."""
        pid = int((embedded.DATA / "pg" / "postmaster.pid").read_text().split("\n", 1)[0])
        postmaster = psutil.Process(pid)
        alone = self._chance.random() < 0.5
        for process in [postmaster] if alone else [postmaster, *postmaster.children(recursive=True)]:
            try:
                process.kill()
            except psutil.NoSuchProcess:
                continue
        return "le postmaster seul" if alone else "le postmaster et ses processus"

    def _restart_database(self) -> None:
        """By a process of its own, as the next user of the demo's server would find it: `ror.embedded` repairs."""
        again = [sys.executable, "-c", AGAIN]
        done = subprocess.run(again, cwd=supervisor.ROOT, check=False, timeout=PATIENCE)  # noqa: S603
        if done.returncode:
            raise SystemExit("PostgreSQL ne redémarre pas après sa mort.")

    def wait_web(self) -> None:
        if not supervisor.wait_ready(self.port, {"web": self.children["web"]}):
            raise SystemExit("Le serveur web ne redémarre pas après sa mort.")

    def revive(self) -> None:
        """Whatever died by itself is started again, as a service manager does."""
        for name, child in self.children.items():
            if child.poll() is not None:
                self._spawn(name)

    def run(self, *words: str) -> subprocess.Popen:
        """A process of the drill, that dies with it."""
        name = words[0].rpartition(".")[2]
        self.children[name] = supervisor.spawn([sys.executable, "-m", *words], supervisor.LOGS / f"{name}.log")
        return self.children.pop(name)

    # --- The end ---

    def wait_mails(self, seconds: float) -> int:
        """Wait until no message is left to send; how many are. Sent: 0 in the table of post_office."""
        deadline = time.monotonic() + seconds
        left = "select count(*) from post_office_email where status is distinct from 0"
        while True:
            self.revive()
            with psycopg.connect(self.url) as db:
                count = db.execute(left).fetchone()[0]
            if not count or time.monotonic() > deadline:
                return count
            time.sleep(0.5)

    def stop(self) -> None:
        supervisor.stop(self.children)
