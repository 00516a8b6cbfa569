"""Typed words as full-text queries: both sides of a comparison in the same form, and nothing typed breaks out."""

import pytest
from django.db import connection

from search import text


def query(typed: str, weights: str = "A") -> str | None:
    return text.tsquery(text.groups(typed), weights)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("Csapa Évry", "(('csapa':*A)) & (('evry':*A))"),
        ("C.S.A.P.A. d’Évry", "(('csapa':*A)) & (('evry':*A))"),
        ("Sainte-Anne", "(('sainte':*A)) & (('anne':*A))"),
        ("ste anne", "(('sainte':*A)) & (('anne':*A))"),
        ("Le Kremlin-Bicêtre", "(('kremlin':*A)) & (('bicetre':*A))"),
        ("centres", "(('centres':*A) | ('centre':A))"),
        ("hôpitaux", "(('hopitaux':*A) | ('hopital':A) | ('hopitau':A))"),
        ("médico-social", "(('medico':*A)) & (('social':*A) | ('sociaux':A))"),
        ("evry ch", "(('evry':*A)) & (('ch':A))"),  # a short word is no beginning
        ("aurore 93", "(('aurore':*A)) & (('93':*A))"),  # but for a département at the end
        ("93", "(('93':A))"),
        ("à la", "(('a':A)) & (('la':A))"),  # nothing else was typed
        ("aide à domicile", "(('aide':*A)) & (('domicile':*A))"),
        ("’ — !", None),
    ],
)
def test_words_as_they_are_asked(typed, expected):
    assert query(typed) == expected


def test_whole_words_have_no_beginnings():
    assert text.whole_words(text.groups("aurore 93"), "A") == "(('aurore':A)) & (('93':A))"


def test_another_number_does_not_count_when_names_are_compared():
    assert text.tsquery(text.as_typed(text.groups("paris")), "A") == "(('paris':*A))"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "typed", ["a'b:*", "x | y & !z", "\\", "''", "a\x00b", "1e5", "%s %(own)s", "'; drop", "x" * 200]
)
def test_what_is_typed_is_only_words(typed):
    with connection.cursor() as cursor:
        for weights in ("A", "AB", "ABCD"):
            cursor.execute("select %s::tsquery", [query(typed, weights)])


def test_a_correction_stands_for_the_word_in_the_whole_text():
    asked = [text.Group("evyr", (text.Form(("evry",), False, 0.9),)), *text.groups("essonne")]
    assert text.corrected("CSAPA d’Evyr (Essonne)", asked) == "csapa d evry essonne"


def test_readings_begin_with_the_closest():
    asked = [
        text.Group("centres", text.groups("centres")[0].forms),
        text.Group("evyr", (text.Form(("evry",), False, 0.9), text.Form(("evo",), False, 0.7))),
    ]
    assert text.readings(asked) == ["centres evry", "centres evo", "centre evry", "centre evo"]
