"""A base kept from the first release, restored and migrated as docs/exploitation.md says, still says what it said.

`data/release-1.dump` was written by the code of commit 3748d12 on PostgreSQL 15: it is never made again.
"""

import json
import sys

import psycopg
import pytest
from psycopg import sql

from tests.ops.conftest import RELEASE_1, command, done
from tests.ops.test_backup import tables

# A table that a later release empties, fills or changes on purpose has its line here, with the reason.
CHANGED: dict[str, str] = {
    "auth_permission": "one for each new model",
    "django_content_type": "one for each new model",
    "django_migrations": "one for each migration",
}


@pytest.fixture(scope="module")
def first(new_database) -> str:
    """URL of the base of the first release, as it was."""
    url = new_database()
    done("script/restore", str(RELEASE_1), url=url)
    return url


@pytest.fixture(scope="module")
def now(new_database) -> dict:
    """What the present code reads and does in a migrated base of its own: it publishes there."""
    url = new_database()
    done("script/restore", str(RELEASE_1), url=url)
    done(sys.executable, "manage.py", "migrate", "--noinput", url=url)
    return json.loads(done(sys.executable, "-W", "error", "-m", "tests.ops.upgraded", url=url).splitlines()[-1])


def test_no_row_is_lost_by_the_migrations(upgraded, first):
    before, after = tables(first), tables(upgraded)
    assert before["directory_ficheversion"][0] == 4
    assert {name: rows for name, (rows, _) in before.items() if name not in CHANGED} == {
        name: after[name][0] for name in before if name not in CHANGED
    }


@pytest.mark.parametrize("table", ["journal_entry", "directory_ficheversion", "directory_habilitation"])
def test_what_was_written_did_not_change_by_a_byte(upgraded, first, table):
    """In the columns of then: later ones are read beside them."""
    columns = "select column_name from information_schema.columns where table_name = %s order by ordinal_position"
    with psycopg.connect(first) as then, psycopg.connect(upgraded) as now:
        names = [sql.Identifier(name) for (name,) in then.execute(columns, [table])]
        query = sql.SQL("select {} from {} order by id").format(sql.SQL(", ").join(names), sql.Identifier(table))
        before = then.execute(query).fetchall()
        assert before
        assert now.execute(query).fetchall() == before


def test_nothing_is_left_to_migrate_and_models_match(upgraded):
    assert command(sys.executable, "manage.py", "migrate", "--check", url=upgraded).returncode == 0
    done(sys.executable, "manage.py", "makemigrations", "--check", "--dry-run", url=upgraded)


def test_the_pages_show_what_was_described(now):
    assert {name: status for name, (status, _) in now["pages"].items()} == {"eg": 200, "uo": 200, "search": 200}
    assert "CSAPA Les Mésanges (fictif)" in now["pages"]["eg"][1]
    assert "CSAPA Les Mésanges, consultations" in now["pages"]["uo"][1]
    assert "01 00 00 00 03" in now["pages"]["uo"][1].replace("\u00a0", " ")
    assert "CSAPA Les Mésanges (fictif)" in now["pages"]["search"][1]


def test_the_fiche_is_the_one_its_last_version_says(now):
    assert now["moved"] == []
    assert now["journal"] == [["publish", "uo:11/1"], ["login", now["journal"][1][1]]]


def test_a_document_of_the_first_release_is_published_again(now):
    assert now["first_document"]["schema"] == 1
    assert now["first_document"]["nom"] == "CSAPA, consultations"
    assert now["published"] == 3
    assert now["name"] == "CSAPA Les Mésanges, accueil"
    assert now["lines"] == [1, 2, 1]


def test_a_base_behind_the_code_is_not_ready(first):
    """/pret/ keeps visitors away until the migrations have run."""
    script = "from django.test import Client; print(Client().get('/pret/', headers={'host': 'localhost'}).status_code)"
    assert done(sys.executable, "manage.py", "shell", "-v", "0", "-c", script, url=first).split()[-1] == "503"
