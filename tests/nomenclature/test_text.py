import pytest
from hypothesis import given
from hypothesis import strategies as st

from nomenclature.text import normalise


@pytest.mark.parametrize(
    ("typed", "compared"),
    [
        ("Évry-Courcouronnes", "evry courcouronnes"),
        ("L'Haÿ-les-Roses", "l hay les roses"),
        ("Centre d’Activités Thérapeutiques", "centre d activites therapeutiques"),
        ("Chœur de sœurs", "choeur de soeurs"),
        ("St Denis", "saint denis"),
        ("STE-Geneviève", "sainte genevieve"),
        ("Stains", "stains"),
        ("test est", "test est"),
        ("  Paris   10 ", "paris 10"),
        ("Kremlin-Bicêtre (Le)", "kremlin bicetre le"),
        ("L.A.M.", "lam"),
        ("« Urgences » 24h/24", "urgences 24h 24"),
        ("Œil", "oeil"),
        ("ﬁche №", "fiche no"),
        ("…", ""),
    ],
)
def test_text_is_compared_without_accents_case_nor_punctuation(typed, compared):
    assert normalise(typed) == compared


@given(st.text())
def test_normalising_twice_changes_nothing_more_and_gives_ascii_words(text):
    once = normalise(text)
    assert normalise(once) == once
    assert once.isascii()
    assert once == " ".join(once.split())
