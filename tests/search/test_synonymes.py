"""The everyday words of `synonymes.csv`: each leads to a concept in force, among the first suggested."""

import csv
from collections import defaultdict

import pytest
from django.conf import settings
from django.db import connection, transaction

from nomenclature.loading import load
from nomenclature.models import Concept
from search import suggestions

FOLDER = settings.FIXTURES / "nomenclature"
FIRST = 3  # suggestions read without a look further down

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("loaded")]


def _rows() -> list[tuple[str, str]]:
    """(word, `system|code`) of each row."""
    with (FOLDER / "regional" / "synonymes.csv").open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        return [(row["texte"], f"{row['system']}|{row['code']}") for row in rows]


@pytest.fixture(scope="module")
def loaded(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        load(FOLDER)
        connection.check_constraints()
        yield
        transaction.set_rollback(True)


def test_there_are_at_least_150_words_and_no_row_twice():
    rows = _rows()
    assert len({word for word, _ in rows}) >= 150
    assert len(set(rows)) == len(rows)


def test_every_row_names_a_concept_in_force():
    wanted = {key for _, key in _rows()}
    known = Concept.objects.by_key(wanted)
    assert wanted - known.keys() == set()
    assert [key for key, concept in known.items() if concept.retired] == []


def test_each_word_suggests_one_of_its_concepts_first_and_the_others_in_the_first_three():
    meant = defaultdict(list)
    for word, key in _rows():
        meant[word].append(key)
    late, not_first = [], []
    for word, keys in meant.items():
        groups = [[option.value for option in group.options] for group in suggestions.suggest_quoi(word)]
        reachable = [key for key in keys if not key.startswith(("TRE_R66|", "TRE_R243|"))]  # searched elsewhere
        late += [(word, key) for key in reachable if not any(key in group[:FIRST] for group in groups)]
        if reachable and not any(group[0] in reachable for group in groups):
            not_first.append(word)
    assert late == []
    assert not_first == []
