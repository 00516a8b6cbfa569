"""`script/backup` and `script/restore`: the same rows, triggers, sequences and constraints, or nothing touched."""

import io
import os
import re
import stat

import psycopg
import pytest
from psycopg import sql

from ror import backup
from tests.ops.conftest import RELEASE_1, command, done

ROWS = "select count(*), coalesce(md5(string_agg(t::text, '|' order by t::text)), '') from {} t"
OBJECTS = {
    "colonnes": "select table_name, column_name, data_type, column_default, is_nullable, generation_expression "
    "from information_schema.columns where table_schema = 'public'",
    "contraintes": "select conrelid::regclass::text, conname, pg_get_constraintdef(oid), convalidated "
    "from pg_constraint where connamespace = 'public'::regnamespace and contype <> 'n'",
    "index": "select indexdef, '' from pg_indexes where schemaname = 'public'",
    "déclencheurs": "select tgrelid::regclass::text, pg_get_triggerdef(oid), tgenabled::text from pg_trigger "
    "where not tgisinternal",
    "fonctions": "select p.proname, md5(pg_get_functiondef(p.oid)) from pg_proc p where p.pronamespace = "
    "'public'::regnamespace and p.prokind = 'f' and not exists (select from pg_depend d where d.objid = p.oid "
    "and d.classid = 'pg_proc'::regclass and d.deptype = 'e')",
    "séquences": "select schemaname, sequencename, last_value::text from pg_sequences",
    "extensions": "select extname, extversion from pg_extension",
}


def tables(url: str) -> dict[str, tuple[int, str]]:
    """{table: (rows, hash of the ordered rows)}."""
    with psycopg.connect(url) as db:
        names = [name for (name,) in db.execute("select tablename from pg_tables where schemaname = 'public'")]
        return {name: db.execute(sql.SQL(ROWS).format(sql.Identifier(name))).fetchone() for name in sorted(names)}


CASTS = re.compile(
    r"::[a-z ]+(\[\])?|[()]"
)  # PostgreSQL writes `in ('a', 'b')` in another way once it has read it back


def objects(url: str) -> dict[str, list]:
    """What is not rows, by kind."""
    with psycopg.connect(url) as db:
        return {kind: sorted(CASTS.sub("", str(row)) for row in db.execute(query)) for kind, query in OBJECTS.items()}


@pytest.fixture(scope="module")
def saved(upgraded, tmp_path_factory):
    """A backup of a base with rows, made by the script."""
    file = tmp_path_factory.mktemp("sauvegarde") / "ror.dump"
    assert "ror.dump" in done("script/backup", str(file), url=upgraded)
    return file


def test_what_is_restored_is_what_was_saved(saved, upgraded, new_database):
    copy = new_database()
    told = done("script/restore", str(saved), url=copy)
    assert "est restauré" in told
    assert "migration" not in told
    before = tables(upgraded)
    assert tables(copy) == before
    assert before["directory_ficheversion"][0] == 4
    assert before["post_office_email"][0] == 1
    assert "1 courriel(s) en attente" in told
    assert objects(copy) == objects(upgraded)
    assert all(objects(copy).values())


def test_the_journal_restored_still_refuses_to_be_rewritten(saved, new_database):
    copy = new_database()
    done("script/restore", str(saved), url=copy)
    with psycopg.connect(copy) as db, pytest.raises(psycopg.errors.RaiseException, match="Cannot update or delete"):
        db.execute("delete from journal_entry")


def test_a_base_that_holds_something_is_replaced_only_when_told_so(saved, upgraded, new_database):
    busy = new_database()
    with psycopg.connect(busy) as db:
        db.execute("create table precious (name text)")
        db.execute("insert into precious values ('à garder')")
    refused = command("script/restore", str(saved), url=busy)
    assert refused.returncode != 0
    assert "--ecraser" in refused.stderr
    assert list(tables(busy)) == ["precious"]
    done("script/restore", "--ecraser", str(saved), url=busy)
    assert tables(busy) == tables(upgraded)


@pytest.mark.parametrize(("missing", "told"), [(2000, "restée comme elle était"), (200_000, "pas été touchée")])
def test_a_file_cut_short_changes_nothing(saved, upgraded, new_database, tmp_path, missing, told):
    target = new_database()
    done("script/restore", str(saved), url=target)
    cut = tmp_path / "coupé.dump"
    cut.write_bytes(saved.read_bytes()[:-missing])
    failed = command("script/restore", "--ecraser", str(cut), url=target)
    assert failed.returncode != 0
    assert told in failed.stderr
    assert tables(target) == tables(upgraded)
    assert objects(target) == objects(upgraded)


def test_a_restoration_that_the_server_refuses_changes_nothing(saved, upgraded, new_database, monkeypatch):
    """The last statement fails, when every table has been dropped and filled again."""
    target = new_database()
    done("script/restore", str(saved), url=target)
    pour = backup._pour

    def pour_and_fail(source, sink, major):
        pour(source, sink, major)
        sink.write(b"select 1 / 0;\n")

    monkeypatch.setattr(backup, "_pour", pour_and_fail)
    with pytest.raises(backup.BackupError, match="division by zero"):
        backup.restore(server(target), saved, overwrite=True)
    assert tables(target) == tables(upgraded)


def test_a_restoration_killed_half_way_changes_nothing(saved, upgraded, new_database, monkeypatch):
    target = new_database()
    done("script/restore", str(saved), url=target)

    def stop_after_a_while(source, sink, major):
        sink.write(source.read(20_000))
        raise KeyboardInterrupt

    monkeypatch.setattr(backup, "_pour", stop_after_a_while)
    with pytest.raises(KeyboardInterrupt):
        backup.restore(server(target), saved, overwrite=True)
    assert tables(target) == tables(upgraded)


def test_somebody_at_work_in_the_base_stops_the_restoration(saved, upgraded, new_database, monkeypatch):
    target = new_database()
    done("script/restore", str(saved), url=target)
    monkeypatch.setattr(backup, "EMPTY_IT", backup.EMPTY_IT.replace(backup.LOCK_TIMEOUT, "200ms"))
    with psycopg.connect(target) as somebody:
        somebody.execute("select 1 from journal_entry for update")
        with pytest.raises(backup.BackupError, match="lock timeout"):
            backup.restore(server(target), saved, overwrite=True)
    assert tables(target) == tables(upgraded)


def test_a_backup_of_a_later_version_is_refused_before_anything(upgraded, new_database, tmp_path):
    later, target, file = new_database(), new_database(), tmp_path / "demain.dump"
    done("script/restore", str(RELEASE_1), url=later)
    with psycopg.connect(later) as db:
        db.execute("insert into django_migrations (app, name, applied) values ('directory', '9999_demain', now())")
    done("script/backup", str(file), url=later)
    refused = command("script/restore", str(file), url=target)
    assert refused.returncode != 0
    assert "plus récente" in refused.stderr
    assert "directory.9999_demain" in refused.stderr
    assert tables(target) == {}


def test_an_older_backup_says_that_migrations_remain(new_database):
    told = done("script/restore", str(RELEASE_1), url=new_database())
    assert "manage.py migrate" in told


def test_a_file_that_is_no_backup_is_refused(new_database, tmp_path):
    file = tmp_path / "notes.txt"
    file.write_text("bonjour")
    refused = command("script/restore", str(file), url=new_database())
    assert refused.returncode != 0
    assert "Traceback" not in refused.stderr
    absent = command("script/restore", str(tmp_path / "absent"), url=new_database())
    assert "introuvable" in absent.stderr


def test_a_backup_is_whole_private_and_replaces_no_other(upgraded, tmp_path):
    file = tmp_path / "ror.dump"
    done("script/backup", str(file), url=upgraded)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    before = file.read_bytes()
    refused = command("script/backup", str(file), url=upgraded)
    assert refused.returncode != 0
    assert "existe déjà" in refused.stderr
    assert file.read_bytes() == before
    nowhere = command("script/backup", str(tmp_path / "absent" / "ror.dump"), url=upgraded)
    assert nowhere.returncode != 0
    assert "ne peut pas être écrit" in nowhere.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["ror.dump"]


def test_a_base_that_does_not_answer_is_said_in_words_without_the_password(tmp_path):
    url = "postgresql://ror:tres-secret@127.0.0.1:1/ror"
    for words in (["script/backup", str(tmp_path / "x.dump")], ["script/restore", str(RELEASE_1)]):
        failed = command(*words, url=url)
        assert failed.returncode != 0
        assert "ne répond pas" in failed.stderr
        assert "tres-secret" not in failed.stdout + failed.stderr
        assert "Traceback" not in failed.stderr


def test_the_password_is_on_no_command_line(monkeypatch, upgraded, tmp_path):
    """The tools receive it in their environment, which other accounts cannot read."""
    seen, start = [], backup._start

    def started(words, on, **streams):
        seen.append((words, on.environment))
        return start(words, on, **streams)

    monkeypatch.setattr(backup, "_start", started)
    base = server(upgraded)
    with_password = backup.Server(base.settings | {"password": "tres-secret"}, base.major)
    backup.save(with_password, tmp_path / "ror.dump")
    assert seen
    for words, environment in seen:
        assert "tres-secret" not in " ".join(words)
        assert environment["PGPASSWORD"] == "tres-secret"


def test_the_owner_of_the_base_restores_without_being_superuser(saved, upgraded, new_database):
    """What docs/exploitation.md asks of the application's role: to own its database, no more."""
    copy, role = new_database(), f"ror_essai_{os.getpid()}"
    name = server(copy).settings["dbname"]
    with psycopg.connect(copy, autocommit=True) as db:
        db.execute(sql.SQL("create role {} login").format(sql.Identifier(role)))
        try:
            db.execute(sql.SQL("alter database {} owner to {}").format(sql.Identifier(name), sql.Identifier(role)))
            base = server(copy)
            owner = backup.Server(base.settings | {"user": role}, base.major)
            backup.restore(owner, saved, overwrite=False)
            backup.restore(owner, saved, overwrite=True)
            assert tables(copy) == tables(upgraded)
        finally:
            db.execute(sql.SQL("alter database {} owner to current_user").format(sql.Identifier(name)))
            db.execute(sql.SQL("reassign owned by {} to current_user").format(sql.Identifier(role)))
            db.execute(sql.SQL("drop owned by {}").format(sql.Identifier(role)))
            db.execute(sql.SQL("drop role {}").format(sql.Identifier(role)))


def server(url: str) -> backup.Server:
    """What the commands make of the settings."""
    from dj_database_url import parse  # noqa: PLC0415

    return backup.Server.of(parse(url))


def test_the_tool_fits_the_server(monkeypatch):
    found = {"/a/pg_dump": 15, "/b/pg_dump": 18}
    monkeypatch.setenv("PATH", "/b:/a")
    monkeypatch.setattr(backup.shutil, "which", lambda name, path: f"{path}/{name}" if path in {"/a", "/b"} else None)
    monkeypatch.setattr(backup, "_major_of", found.get)
    assert backup.tool("pg_dump", 15) == "/a/pg_dump"
    assert backup.tool("pg_dump", 16) == "/b/pg_dump"
    with pytest.raises(backup.BackupError, match="postgresql-client-19"):
        backup.tool("pg_dump", 19)


def test_an_older_server_is_spared_a_setting_it_does_not_know():
    script = (
        b"\\restrict x\nSET lock_timeout = 0;\nSET transaction_timeout = 0;\nCREATE TABLE t ();\nCOPY t FROM stdin;\n"
    )
    for major, expected in ((15, script.replace(b"SET transaction_timeout = 0;\n", b"")), (18, script)):
        sink = io.BytesIO()
        backup._pour(io.BytesIO(script), sink, major)
        assert sink.getvalue() == expected


def test_the_default_name_is_dated_and_beside_the_caller(upgraded, tmp_path):
    done("sh", "-c", f'cd "{tmp_path}" && "{RELEASE_1.parents[3]}/script/backup"', url=upgraded)
    [made] = tmp_path.iterdir()
    assert made.name.startswith("ror-2")
    assert made.suffix == ".dump"
