"""The modèle of a document, what it lacks, how complete it is."""

import pytest

from directory import modeles
from directory.documents import to_document
from directory.models import Kind
from nomenclature.models import ChampSaisie
from tests.builders import make_activite, make_concept, make_contact, make_eg, make_modele, make_uo

pytestmark = pytest.mark.django_db
REQUIRED = {"obligatoire": True}


def uo_document(**attrs):
    return to_document(Kind.UO, make_uo(**attrs).pk)


def addresses(document, kind=Kind.UO):
    return [problem.address for problem in modeles.missing(kind, document)]


# --- Which modèle ---


def test_a_uo_takes_the_modele_of_its_type_else_the_general_one():
    document = uo_document(type_uo="80")
    make_modele("uo", general=True, nom={}, complements={"aide": "du général"})
    csapa = make_modele("uo", codes=["ror-type-uo|80"], nom={"aide": "du CSAPA"})
    make_modele("eg", codes=["TRE_R66|197"], denomination={})
    found = modeles.modele_for(Kind.UO, document)
    assert found.libelle == csapa.libelle
    assert [(champ.name, champ.aide) for champ in found.champs] == [("nom", "du CSAPA"), ("complements", "du général")]
    other = modeles.modele_for(Kind.UO, document | {"type_uo": None})
    assert [champ.aide for champ in other.champs] == ["", "du général"]


def test_an_eg_takes_the_modele_of_its_category():
    make_modele("eg", codes=["TRE_R66|197"], commentaire={})
    assert modeles.modele_for(Kind.EG, to_document(Kind.EG, make_eg().pk)).champ("commentaire")


def test_a_field_hidden_by_the_modele_of_the_type_is_not_shown():
    make_modele("uo", general=True, complements={}, nom={})
    make_modele("uo", codes=["ror-type-uo|80"], complements={"affiche": False})
    assert modeles.modele_for(Kind.UO, uo_document(type_uo="80")).champ("complements") is None


def test_a_field_the_model_no_longer_has_is_left_out():
    make_modele("uo", general=True, nom={}, disparu={})
    assert [champ.name for champ in modeles.modele_for(Kind.UO, uo_document()).champs] == ["nom"]


def test_without_any_modele_every_field_a_person_may_fill_is_shown_and_none_is_required():
    document = uo_document()
    names = {champ.name for champ in modeles.modele_for(Kind.UO, document).champs}
    assert {"nom", "contacts", "horaires", "age_min"} <= names
    assert not names & {"identifiant", "type_fermeture", "age_min_unite"}
    assert addresses(document) == ["publics"]


def test_an_edit_is_seen_within_the_time_of_a_check(monkeypatch):
    document = uo_document()
    modele = make_modele("uo", general=True, nom={})
    monkeypatch.setattr(modeles._modeles, "_every", 0)
    assert modeles.modele_for(Kind.UO, document).champ("complements") is None
    ChampSaisie.objects.create(modele=modele, champ="complements", section="Fiche")
    assert modeles.modele_for(Kind.UO, document).champ("complements")


# --- What is missing ---


def test_a_required_field_left_empty_is_told_with_its_address():
    document = uo_document(champ_activite=make_concept("TRE_R227|01"))
    make_modele(
        "uo", general=True, nom=REQUIRED, age_min=REQUIRED, activites={"minimum": 1}, horaires={"attendu": True}
    )
    assert addresses(document) == ["age_min", "activites"]
    assert addresses(document | {"age_min": "0"}) == ["activites"]


def test_no_is_an_answer():
    make_modele("uo", general=True, ouvert_jours_feries=REQUIRED)
    document = uo_document(champ_activite=make_concept("TRE_R227|01"))
    assert addresses(document) == ["ouvert_jours_feries"]
    assert addresses(document | {"ouvert_jours_feries": False}) == []


def test_a_minimum_counts_the_values():
    make_modele("uo", general=True, actes_specifiques={"minimum": 2})
    document = uo_document(concepts={"actes_specifiques": [make_concept("TRE_R210|0815")]})
    [problem] = modeles.missing(Kind.UO, document)
    assert problem.address == "actes_specifiques"
    assert "au moins 2" in problem.message


def test_the_medico_social_field_asks_for_families_and_publics():
    """RG_EXP_007, RG_EXP_008."""
    make_modele("uo", general=True, activites={}, publics={})
    uo = make_uo()
    line = make_activite(uo)
    document = to_document(Kind.UO, uo.pk)
    assert addresses(document) == [f"activites/{line.uid}/famille", "publics"]
    assert addresses(document | {"champ_activite": "TRE_R227|01"}) == []


@pytest.mark.parametrize(
    ("telecoms", "contact", "refused"),
    [
        ((), {"nature": "TRE_R287|07"}, True),
        ((("2", "0183763031"),), {"nom": "Camille Durand"}, True),
        ((("2", "0183763031"),), {"nature": "TRE_R287|07"}, False),
    ],
)
def test_a_required_contact_says_who_and_can_be_reached(telecoms, contact, refused):
    make_modele("uo", general=True, contacts=REQUIRED)
    uo = make_uo(champ_activite=make_concept("TRE_R227|01"))
    attrs = {name: make_concept(value) if "|" in value else value for name, value in contact.items()}
    make_contact(uo, telecoms=telecoms, **attrs)
    assert addresses(to_document(Kind.UO, uo.pk)) == ["contacts"] * refused


def test_an_establishment_gives_its_manager():
    make_modele("eg", general=True, contacts=REQUIRED)
    eg = make_eg()
    make_contact(eg, nature=make_concept("TRE_R287|01"), telecoms=[("2", "0183763031")])
    [problem] = modeles.missing(Kind.EG, to_document(Kind.EG, eg.pk))
    assert "directeur" in problem.message
    make_contact(eg, nature=make_concept("TRE_R287|10"), telecoms=[("2", "0183763031")])
    assert modeles.missing(Kind.EG, to_document(Kind.EG, eg.pk)) == []


def test_a_code_the_modele_does_not_allow_is_told_once():
    allowed, other, third = (make_concept(f"TRE_R210|{code}") for code in ("0815", "0932", "1013"))
    make_modele(
        "uo", general=True, actes_specifiques={"permis": [allowed]}, mode_prise_en_charge={"permis": [allowed]}
    )
    document = uo_document(
        champ_activite=make_concept("TRE_R227|01"), concepts={"actes_specifiques": [allowed, other, third]}
    )
    assert addresses(document) == ["actes_specifiques", "mode_prise_en_charge"]


# --- Completeness ---


def test_completeness_counts_what_is_expected_and_names_the_rest():
    make_modele(
        "uo",
        general=True,
        nom=REQUIRED,
        horaires={"attendu": True},
        conditions_accueil={"attendu": True},
        complements={},
    )
    document = uo_document(champ_activite=make_concept("TRE_R227|01"))
    found = modeles.completeness(Kind.UO, document | {"conditions_accueil": "Sonner."})
    assert (found.filled, found.expected, found.missing, found.percent) == (2, 3, ("horaires",), 66)


def test_completeness_of_many_documents_needs_no_query(django_assert_num_queries):
    make_modele("uo", general=True, nom=REQUIRED, contacts=REQUIRED)
    document = uo_document()
    modeles.completeness(Kind.UO, document)
    with django_assert_num_queries(0):
        for _ in range(50):
            modeles.completeness(Kind.UO, document)
            modeles.missing(Kind.UO, document)
