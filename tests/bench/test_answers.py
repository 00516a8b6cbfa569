"""The check of the answers: right on a right index, and able to say that an index is wrong."""

import ast
from pathlib import Path

import pytest
from django.db import connection

from bench import answers, brute
from search import concept

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seeded")]


@pytest.fixture
def walks(monkeypatch):
    """Few establishments are collected: here they are walked to, as the many are."""
    monkeypatch.setattr(concept, "WALK_FROM", -1)


def test_the_engine_and_the_brute_force_agree():
    _agree()


@pytest.mark.usefixtures("walks")
def test_they_agree_when_the_engine_walks():
    _agree()


def _agree() -> None:
    done = answers.check(questions=40)
    assert done.checked == 40 * 3 * 2
    assert not done.wrong, "\n".join(done.wrong)


@pytest.mark.usefixtures("walks")
@pytest.mark.parametrize(
    "damage",
    [
        "delete from search_offre where uo_id % 5 = 0",
        "update search_offre set sensible = not sensible where uo_id % 5 = 0",
        "update search_offre set facettes = '{}' where uo_id % 5 = 0",
        "update search_lieu set pos = cube(array[0, 0, 0]::float8[]) where eg_id % 5 = 0",
        "update search_cofacette_delta set n = n + 1",  # a small seed is not folded yet
    ],
)
def test_a_damaged_index_gives_wrong_answers(damage):
    with connection.cursor() as cursor:
        cursor.execute(damage)
        assert cursor.rowcount
    assert answers.check(questions=40).wrong


def test_the_brute_force_reads_nothing_of_the_search():
    tree = ast.parse(Path(brute.__file__).read_text())
    modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    modules |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    assert not [name for name in modules if name.partition(".")[0] in ("search", "restitutions")]
    assert "search_" not in Path(brute.__file__).read_text()
