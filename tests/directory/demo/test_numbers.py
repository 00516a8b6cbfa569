"""Invented identifiers: right keys, never twice, never a real one."""

import re

from stdnum.fr import siren as fr_siren
from stdnum.fr import siret as fr_siret

from directory.demo.numbers import FICTION_PREFIXES, Numbers
from directory.demo.offers import ages
from directory.demo.parts import mailbox
from directory.identifiers import finess_key_is_right


def test_finess_numbers_are_valid_unique_and_in_the_unused_range():
    numbers = Numbers()
    made = [numbers.finess(departement) for departement in ("75", "91", "2A") * 400]
    assert len(set(made)) == len(made)
    assert all(finess_key_is_right(number) for number in made)
    assert all(re.fullmatch(r"(75|91|2A)09\d{5}", number) for number in made)


def test_a_departement_never_gives_more_numbers_than_the_range_holds():
    numbers = Numbers()
    made = {numbers.finess("75") for _ in range(10_000)}
    assert len(made) == 10_000
    try:
        numbers.finess("75")
    except ValueError as error:
        assert "75" in str(error)
    else:
        raise AssertionError("un numéro hors de la plage a été donné")


def test_siren_and_siret_pass_their_checks():
    numbers = Numbers()
    sirens = [numbers.siren() for _ in range(50)]
    assert len(set(sirens)) == 50
    assert all(fr_siren.is_valid(siren) and siren.startswith("99") for siren in sirens)
    sirets = [numbers.siret(sirens[0]) for _ in range(20)]
    assert len(set(sirets)) == 20
    assert all(fr_siret.is_valid(siret) for siret in sirets)


def test_phones_stay_in_the_ranges_kept_for_fiction():
    numbers = Numbers()
    made = [numbers.fixe() for _ in range(2000)] + [numbers.mobile() for _ in range(2000)]
    assert all(len(number) == 10 and number.startswith(FICTION_PREFIXES) for number in made)
    assert len(set(made)) == len(made)


def test_ages_read_units_and_open_bounds():
    assert ages("6-20") == {"age_min": "6", "age_min_unite": "a", "age_max": "20", "age_max_unite": "a"}
    assert ages("3mo-36mo")["age_max_unite"] == "mo"
    assert ages("18-")["age_max"] is None
    assert ages("0d-28d") == {"age_min": "0", "age_min_unite": "d", "age_max": "28", "age_max_unite": "d"}


def test_mailboxes_are_in_the_domain_that_never_answers():
    assert mailbox("contact", "CSAPA Les Mésanges") == "contact@csapa-les-mesanges.exemple.invalid"
