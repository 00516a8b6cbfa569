"""What `script/demo` prepares: loaded once, loaded to the end, and never over somebody's own base."""

import socket
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from ror import supervisor
from ror.management.commands import prepare_demo

pytestmark = pytest.mark.django_db


@pytest.fixture
def loads(monkeypatch) -> list[tuple]:
    """The loadings asked for; none is made."""
    calls: list[tuple] = []
    monkeypatch.setattr(prepare_demo.Command, "load", lambda self, mark, finess: calls.append((mark, finess)))
    return calls


def test_a_loaded_base_is_kept(loads):
    prepare_demo.write_mark(ready=True, data="petit", lists="x")
    call_command("prepare_demo")
    assert loads == [({"ready": True, "data": "petit", "lists": "x"}, [])]
    assert not prepare_demo.is_empty()


def test_an_interrupted_loading_is_made_again_from_nothing(loads, capsys):
    prepare_demo.write_mark(ready=False)
    call_command("prepare_demo")
    assert loads == [({}, [])]
    assert prepare_demo.is_empty()
    assert prepare_demo.read_mark() == {"ready": False}
    assert "interrompu" in capsys.readouterr().out


def test_reset_wipes(loads):
    prepare_demo.write_mark(ready=True, data="petit", lists="x")
    call_command("prepare_demo", "--reset")
    assert prepare_demo.is_empty()


def test_reset_spares_a_base_it_did_not_fill(loads, monkeypatch):
    monkeypatch.setattr(prepare_demo, "embedded_home", lambda: Path("/nowhere"))
    with pytest.raises(CommandError, match="DATABASE_URL"):
        call_command("prepare_demo", "--reset")
    assert not prepare_demo.is_empty()


def test_a_finess_file_does_not_mix_with_invented_structures(loads, tmp_path):
    prepare_demo.write_mark(ready=True, data="petit", lists="x")
    with pytest.raises(CommandError, match="--reset"):
        call_command("prepare_demo", "--finess", str(tmp_path / "any.csv"))
    assert loads == []


def test_the_mark_is_one_row():
    prepare_demo.write_mark(ready=False)
    prepare_demo.write_mark(ready=True, data="petit")
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from ror_demo")
        assert cursor.fetchone() == (1,)
    assert prepare_demo.read_mark() == {"ready": True, "data": "petit"}


def test_a_changed_list_changes_the_fingerprint(tmp_path):
    (tmp_path / "a.csv").write_text("1")
    before = prepare_demo.fingerprint(tmp_path)
    assert prepare_demo.fingerprint(tmp_path) == before
    (tmp_path / "a.csv").write_text("2")
    assert prepare_demo.fingerprint(tmp_path) != before


def test_the_next_port_is_taken_when_the_wanted_one_is_not_free():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert supervisor.free_port(port) > port


def test_an_absent_finess_file_is_refused_at_once(capsys):
    with pytest.raises(SystemExit):
        supervisor.parse(["--finess", "absent.csv"])
    assert "fichier introuvable" in capsys.readouterr().err
