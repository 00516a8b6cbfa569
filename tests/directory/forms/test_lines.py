"""Lines of a fiche in its form: contacts, lieux and their order."""

import pytest

from directory import checks
from directory.documents import to_document
from directory.forms import Etablissement, FicheForm
from directory.models import Kind
from tests.builders import make_commune, make_contact, make_eg, make_modele, make_uo
from tests.directory.forms.sending import errors, filled

pytestmark = pytest.mark.django_db


def test_lines_keep_their_uid_and_what_the_form_does_not_show(uo):
    uid = uo["contacts"][0]["uid"]
    form = filled(Kind.UO, uo, **{f"contacts-{uid}-description": "Deuxième étage"})
    assert form.is_valid()
    assert form.document["contacts"] == [uo["contacts"][0] | {"description": "Deuxième étage"}]


def test_a_new_contact_comes_after_the_others_with_its_numbers(uo):
    old = uo["contacts"][0]["uid"]
    form = filled(
        Kind.UO,
        uo,
        contacts=[old, "abc"],
        **{
            "contacts-abc-nom": "Camille Durand",
            "contacts-abc-fonction": "TRE_R251|01",
            "contacts-abc-niveau": "2",
            "contacts-abc-telecoms": ["t1", "t2"],
            "contacts-abc-telecoms-t1-canal": "3",
            "contacts-abc-telecoms-t1-adresse": "direction@exemple.fr",
            "contacts-abc-telecoms-t1-niveau": "2",
            "contacts-abc-telecoms-t2-canal": "2",
            "contacts-abc-telecoms-t2-niveau": "2",
        },
    )
    assert form.is_valid(), errors(form)
    first, second = form.document["contacts"]
    assert first == uo["contacts"][0]
    assert (second["nom"], second["ordre"], second["niveau"]) == ("Camille Durand", 1, 2)
    assert [line["adresse"] for line in second["telecoms"]] == ["direction@exemple.fr"]
    assert checks.problems(Kind.UO, form.document, uo) == []


def test_a_line_whose_uid_is_gone_is_removed_and_a_blank_one_is_not_added(uo):
    form = filled(Kind.UO, uo, contacts=["vide"], **{"contacts-vide-niveau": "2"})
    assert form.is_valid()
    assert form.document["contacts"] == []


def test_the_order_of_contacts_is_that_of_the_page():
    make_modele("uo", general=True, contacts={})
    uo = make_uo()
    for ordre, nom in enumerate("AB"):
        make_contact(uo, nom=nom, ordre=ordre)
    document = to_document(Kind.UO, uo.pk)
    first, second = (line["uid"] for line in document["contacts"])
    form = filled(Kind.UO, document, contacts=[second, first])
    assert [(line["nom"], line["ordre"]) for line in form.document["contacts"]] == [("B", 1), ("A", 2)]


@pytest.mark.parametrize("uid", ["../x", "a" * 40, "", "a b"])
def test_a_forged_uid_is_left_out(uo, uid):
    form = filled(Kind.UO, uo, contacts=[uid], **{f"contacts-{uid}-nom": "Forgé"})
    assert form.is_valid()
    assert form.document["contacts"] == []


def test_a_level_is_one_two_or_three(uo):
    uid = uo["contacts"][0]["uid"]
    assert not filled(Kind.UO, uo, **{f"contacts-{uid}-niveau": "4"}).is_valid()
    assert filled(Kind.UO, uo, **{f"contacts-{uid}-niveau": "1"}).document["contacts"][0]["niveau"] == 1


def test_a_sensitive_unit_forces_every_level_to_three(uo):
    """RG_EXP_039."""
    form = filled(Kind.UO, uo, unite_sensible="on")
    assert form.is_valid()
    [contact] = form.document["contacts"]
    assert contact["niveau"] == 3
    assert [line["niveau"] for line in contact["telecoms"]] == [3]
    assert checks.problems(Kind.UO, form.document, None) == checks.problems(Kind.UO, uo, None)
    assert next(item for s in form.sections for item in s.items if item.name == "contacts").is_sensitive


def test_the_main_entrance_belongs_to_finess_but_its_access_does_not():
    make_modele("eg", general=True, lieux={})
    document = to_document(Kind.EG, make_eg().pk)
    [lieu] = document["lieux"]
    form = filled(
        Kind.EG,
        document,
        **{
            f"lieux-{lieu['uid']}-description": "Au fond de la cour",
            f"lieux-{lieu['uid']}-libelle_voie": "rue forgée",
        },
    )
    assert form.is_valid(), errors(form)
    assert form.document["lieux"] == [lieu | {"description": "Au fond de la cour"}]


def test_another_lieu_is_added_with_its_commune():
    make_modele("eg", general=True, lieux={})
    make_commune("91228", "Évry-Courcouronnes")
    document = to_document(Kind.EG, make_eg().pk)
    [lieu] = document["lieux"]
    new = {
        "nom": "Antenne",
        "libelle_voie": "rue du Lys",
        "commune": "91228",
        "latitude": "48,62",
        "longitude": "2,43",
    }
    form = filled(
        Kind.EG, document, lieux=[lieu["uid"], "abc"], **{f"lieux-abc-{name}": value for name, value in new.items()}
    )
    assert form.is_valid(), errors(form)
    added = form.document["lieux"][1]
    assert (added["nom"], added["commune"], added["latitude"]) == ("Antenne", "91228", 48.62)
    assert added["est_principal"] is False
    assert checks.problems(Kind.EG, form.document, document) == []


def test_a_uo_works_in_the_lieux_of_its_establishment():
    make_modele("uo", general=True, lieux_offre={})
    uo = make_uo()
    document = to_document(Kind.UO, uo.pk)
    uid = uo.entite_geographique.lieu_principal.uid
    form = filled(Kind.UO, document, lieux_offre=[uid])
    assert form.is_valid()
    assert [line["lieu_uid"] for line in form.document["lieux_offre"]] == [uid]
    [item] = form.sections[0].items
    assert [(option[0], option[2]) for option in item.options] == [(uid, True)]
    assert filled(Kind.UO, form.document).document == form.document
    draft = FicheForm(Kind.UO, document, etablissement=Etablissement("TRE_R66|197", (("neuf", "Antenne"),)))
    assert draft.sections[0].items[0].options == [("neuf", "Antenne", False)]
