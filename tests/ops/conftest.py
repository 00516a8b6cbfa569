"""Databases of their own for what is done to a whole database, and the commands that do it."""

import itertools
import os
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from django.conf import settings
from psycopg import sql

RELEASE_1 = settings.BASE_DIR / "tests" / "ops" / "data" / "release-1.dump"  # schema and rows of commit 3748d12
SERVER = os.environ["DATABASE_URL"]  # set by ror.settings.test when nobody gave one


def url_of(database: str) -> str:
    return urlunsplit(urlsplit(SERVER)._replace(path=f"/{database}"))


def command(*words: str, url: str) -> subprocess.CompletedProcess[str]:
    """Run this in the repository with that database."""
    environment = os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "ror.settings.test"}
    return subprocess.run(
        words, env=environment, cwd=settings.BASE_DIR, capture_output=True, text=True, timeout=120, check=False
    )


def done(*words: str, url: str) -> str:
    """The same, which must succeed: what it said."""
    result = command(*words, url=url)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


@pytest.fixture(scope="session")
def new_database() -> Iterator[Callable[[], str]]:
    """`new_database()`: the URL of an empty database, dropped at the end."""
    prefix, numbers, made = f"ror_essai_{uuid.uuid4().hex[:8]}", itertools.count(1), []
    with psycopg.connect(SERVER, autocommit=True) as db:

        def make() -> str:
            name = f"{prefix}_{next(numbers)}"
            statement = "create database {} template template0 encoding 'UTF8' locale 'C.UTF-8'"
            db.execute(sql.SQL(statement).format(sql.Identifier(name)))
            made.append(name)
            return url_of(name)

        yield make
        for name in made:
            db.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@pytest.fixture(scope="session")
def upgraded(new_database) -> str:
    """URL of the base of the first release, brought to the present code as docs/exploitation.md says."""
    url = new_database()
    done("script/restore", str(RELEASE_1), url=url)
    done(sys.executable, "manage.py", "migrate", "--noinput", url=url)
    return url
