"""Type d’UO, champ and mode in the form of a fiche."""

import pytest

from directory.documents import to_document
from directory.models import Kind
from tests.builders import make_concept, make_modele, make_type_uo, make_uo
from tests.directory.forms.sending import errors, filled

pytestmark = pytest.mark.django_db


@pytest.fixture
def typed():
    """Two types d’UO that fix everything, and one that fixes nothing; a document of the first."""
    make_modele("uo", general=True, type_uo={}, champ_activite={}, mode_prise_en_charge={})
    ms, social = (make_concept(f"TRE_R227|{code}", value_set="JDV_J20") for code in ("04", "06"))
    home, mobile = (make_concept(f"TRE_R213|{code}", value_set="JDV_J19") for code in ("46", "59"))
    make_type_uo("LHSS", type_offre="TRE_R244|93", champ_activite=ms, mode_prise_en_charge=home)
    make_type_uo("MOB", type_offre="TRE_R244|94", champ_activite=social, mode_prise_en_charge=mobile)
    make_type_uo("LAM", type_offre="TRE_R244|95", champ_activite=ms)
    return to_document(Kind.UO, make_uo(type_uo="LHSS", champ_activite=ms, mode_prise_en_charge=home).pk)


def test_the_type_sets_champ_mode_and_type_d_offre_on_the_server(typed):
    form = filled(Kind.UO, typed, type_uo="ror-type-uo|MOB")
    assert form.is_valid(), errors(form)
    assert form.document["champ_activite"] == "TRE_R227|06"
    assert form.document["mode_prise_en_charge"] == "TRE_R213|59"
    assert form.document["type_offre"] == "TRE_R244|94"


def test_what_the_type_leaves_free_is_chosen(typed):
    form = filled(Kind.UO, typed, type_uo="ror-type-uo|LAM", mode_prise_en_charge="TRE_R213|59")
    assert form.is_valid(), errors(form)
    assert form.document["mode_prise_en_charge"] == "TRE_R213|59"
    assert form.document["type_offre"] == "TRE_R244|95"


def test_once_published_champ_and_mode_are_read_only_and_say_what_to_do(typed):
    form = filled(Kind.UO, typed, live=typed, champ_activite="TRE_R227|06", mode_prise_en_charge="TRE_R213|59")
    assert form.is_valid()
    assert form.document == typed
    locked = [item for item in form.sections[0].items if item.template.endswith("_locked.html")]
    assert {item.name for item in locked} == {"champ_activite", "mode_prise_en_charge"}
    assert all("fermer et recréer" in item.why for item in locked)


def test_once_published_a_type_that_would_change_them_is_refused(typed):
    form = filled(Kind.UO, typed, live=typed, type_uo="ror-type-uo|MOB")
    assert not form.is_valid()
    [fault] = form.error_summary
    assert "fermer et recréer" in fault.message and fault.anchor == "id_type_uo"
    form = filled(Kind.UO, typed, live=typed, type_uo="ror-type-uo|LAM")
    assert form.is_valid()
    assert form.document["type_offre"] == "TRE_R244|95"
