"""A document in, a form, a document out."""

import pytest

from directory import modeles
from directory.checks import Problem
from directory.documents import to_document
from directory.forms import FicheForm
from directory.models import Kind
from directory.ownership import DIRECT
from tests.builders import make_commune, make_concept, make_contact, make_horaire, make_modele, make_uo
from tests.directory.forms.sending import errors, filled, posted

pytestmark = pytest.mark.django_db


# --- Fields ---


def test_values_are_read_as_a_person_writes_them(uo):
    form = filled(
        Kind.UO, uo, nom="  Lys ", age_min="0,5", age_min_unite="mo", conditions_accueil="Sonner.\r\nAttendre."
    )
    assert form.is_valid(), errors(form)
    assert form.document["nom"] == "Lys"
    assert (form.document["age_min"], form.document["age_min_unite"]) == ("0.5", "mo")
    assert form.document["conditions_accueil"] == "Sonner.\nAttendre."


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("age_min", "jeune"),
        ("age_min", "100000"),
        ("nom", "x" * 256),
        ("conditions_accueil", "x" * 4001),
        ("nom", "a\x00"),
    ],
)
def test_what_cannot_be_a_document_is_refused_next_to_its_field(uo, name, value):
    form = filled(Kind.UO, uo, **{name: value})
    assert not form.is_valid()
    assert list(errors(form)[""]) == [name]
    assert form.root[name].value() == value
    [fault] = form.error_summary
    assert fault.anchor == f"id_{name}" and fault.message
    assert form.document[name] == uo[name]


def test_an_empty_field_is_a_document():
    """What a fiche lacks is told by `modeles.missing`: a draft is saved half written."""
    make_modele("uo", general=True, nom={"obligatoire": True})
    document = to_document(Kind.UO, make_uo().pk)
    form = filled(Kind.UO, document, nom="")
    assert form.is_valid()
    assert form.document["nom"] == ""
    form.add_problems(modeles.missing(Kind.UO, form.document))
    assert [fault.anchor for fault in form.error_summary] == ["id_nom"]


def test_three_answers_to_a_yes_or_no():
    make_modele("uo", general=True, ouvert_jours_feries={})
    document = to_document(Kind.UO, make_uo().pk)
    for sent, kept in (("1", True), ("0", False), ("", None)):
        form = filled(Kind.UO, document, ouvert_jours_feries=sent)
        assert form.is_valid()
        assert form.document["ouvert_jours_feries"] is kept


def test_a_field_the_form_did_not_show_keeps_its_value(uo):
    """An older page, or a partial one, must not blank what it did not hold."""
    form = FicheForm(Kind.UO, uo, data=posted({"champs": ["nom"], "nom": ["Neuf"]}))
    assert form.is_valid()
    assert form.document == uo | {"nom": "Neuf"}


def test_a_hidden_field_that_holds_a_value_is_shown():
    make_modele("uo", general=True, nom={}, complements={"affiche": False}, animaux_domestiques={"affiche": False})
    document = to_document(Kind.UO, make_uo(complements="À revoir").pk)
    names = {item.name for section in FicheForm(Kind.UO, document).sections for item in section.items}
    assert names == {"nom", "complements"}


def test_direct_editing_refuses_the_rest(uo):
    form = filled(Kind.UO, uo, only=DIRECT[Kind.UO], nom="Forgé", conditions_accueil="Sonner.")
    assert form.is_valid()
    assert form.document == uo | {"conditions_accueil": "Sonner."}


# --- Codes ---


def test_codes_are_those_of_the_list_and_those_already_there():
    make_modele("uo", general=True, actes_specifiques={})
    kept = make_concept("TRE_R210|0001", "Acte retiré", retired=True)
    make_concept("TRE_R210|0815", "Acceptation d’animaux", value_set="JDV_J16")
    document = to_document(Kind.UO, make_uo(concepts={"actes_specifiques": [kept]}).pk)
    form = filled(Kind.UO, document, actes_specifiques=["TRE_R210|0815", "TRE_R210|0001", "TRE_R210|0815"])
    assert form.is_valid(), errors(form)
    assert form.document["actes_specifiques"] == ["TRE_R210|0001", "TRE_R210|0815"]
    assert [one.label for one in form.sections[0].items[0].chips.chosen] == [
        "Acceptation d’animaux",
        "Acte retiré",
        "Acceptation d’animaux",
    ]
    form = filled(Kind.UO, document, actes_specifiques=["TRE_R210|9999"])
    assert not form.is_valid()
    assert "TRE_R210|9999" in form.error_summary[0].message


def test_the_zone_is_made_of_communes():
    make_modele("uo", general=True, zones_intervention={})
    make_commune("91228", "Évry-Courcouronnes", codes_postaux=["91000"])
    document = to_document(Kind.UO, make_uo().pk)
    form = filled(Kind.UO, document, zones_intervention=["91228"])
    assert form.is_valid()
    assert form.document["zones_intervention"] == ["91228"]
    assert form.sections[0].items[0].chips.chosen[0].label == "Évry-Courcouronnes (91000)"
    assert not filled(Kind.UO, document, zones_intervention=["99999"]).is_valid()


# --- Problems, sections ---


def test_problems_go_next_to_their_field_and_in_the_summary(uo):
    contact = uo["contacts"][0]
    telecom = contact["telecoms"][0]["uid"]
    form = filled(Kind.UO, uo)
    assert form.is_valid()
    form.add_problems(
        [
            Problem("nom", "Trop court."),
            Problem("contacts", "Il en faut deux."),
            Problem(f"contacts/{contact['uid']}/nom", "Qui est-ce ?"),
            Problem(f"contacts/{contact['uid']}/telecoms/{telecom}/niveau", "Trop visible."),
            Problem(f"horaires/{uo['horaires'][1]['uid']}/heure_fin", "Trop tôt."),
            Problem("contacts/disparu/nom", "Ligne partie."),
            Problem("date_fermeture", "Fermée."),
        ]
    )
    assert [(fault.anchor, fault.label, fault.message) for fault in form.error_summary] == [
        ("", "", "Date de fermeture\u00a0: Fermée."),
        ("id_nom", "Nom de l’UO", "Trop court."),
        ("id_contacts", "Contacts", "Il en faut deux."),
        ("id_contacts", "Contacts", "Ligne partie."),
        (f"id_contacts-{contact['uid']}-nom", "Contacts, nom", "Qui est-ce ?"),
        (
            f"id_contacts-{contact['uid']}-telecoms-{telecom}-niveau",
            "Contacts, niveau de confidentialité",
            "Trop visible.",
        ),
        (f"id_horaires-{uo['horaires'][1]['uid']}-heure_fin", "Horaires, à", "Trop tôt."),
    ]


def test_problems_may_be_shown_on_a_form_nobody_sent(uo):
    form = FicheForm(Kind.UO, uo)
    form.add_problems([Problem("nom", "À revoir.")])
    assert [fault.message for fault in form.error_summary] == ["À revoir."]
    assert form.root["nom"].errors == ["À revoir."]


def test_sections_tell_their_progress():
    make_modele(
        "uo",
        general=True,
        nom={"section": "Identité", "obligatoire": True},
        age_min={"section": "Patientèle", "obligatoire": True},
        age_max={"section": "Patientèle", "attendu": True},
        complements={"section": "Identité"},
    )
    document = to_document(Kind.UO, make_uo(age_min=3).pk)
    found = [(one.title, one.anchor, one.filled, one.expected) for one in FicheForm(Kind.UO, document).sections]
    assert found == [("Identité", "section-identite", 1, 1), ("Patientèle", "section-patientele", 1, 2)]
    [_, after] = filled(Kind.UO, document, age_max="6").sections
    assert (after.filled, after.is_done) == (2, True)


# --- Cost ---


@pytest.mark.parametrize("contacts", [1, 5])
def test_a_large_fiche_costs_three_queries(contacts, django_assert_num_queries):
    """The communes of the zone, the lieux of the EG, and codes that are no longer in the lists."""
    names = ("nom", "contacts", "horaires", "actes_specifiques", "zones_intervention", "lieux_offre", "activites")
    make_modele("uo", general=True, **{name: {} for name in names})
    actes = [make_concept(f"TRE_R210|{code:04}", value_set="JDV_J16") for code in range(40)]
    actes[0].retired = True
    actes[0].save()
    uo = make_uo(concepts={"actes_specifiques": actes, "zones_intervention": [make_commune()]})
    nature = make_concept("TRE_R287|07", value_set="JDV_J221")
    make_concept("TRE_R200|2", value_set="JDV_J225")
    for _ in range(contacts):
        make_contact(uo, nature=nature, telecoms=[("2", "0183763031"), ("2", "0183763032")])
    for day in range(1, 6):
        make_horaire(uo, day, "09:00", "12:00")
    document = to_document(Kind.UO, uo.pk)
    shown = FicheForm(Kind.UO, document)
    assert shown.sections  # the lists and the modèles come into the process
    make_commune("91228", "Évry-Courcouronnes")
    data = posted(shown.saisie, zones_intervention=["75110", "91228"])
    with django_assert_num_queries(1):  # the communes: validation is one query
        form = FicheForm(Kind.UO, document, data=data)
        assert form.is_valid(), errors(form)
        assert form.document == document | {"zones_intervention": ["75110", "91228"]}
    with django_assert_num_queries(2):  # retired codes, lieux
        items = {item.name: item for section in form.sections for item in section.items}
        assert len(items["actes_specifiques"].chips.chosen) == 40
        assert len(items["zones_intervention"].chips.chosen) == 2
        assert len(items["lieux_offre"].options) == 1
        assert len(items["contacts"].contacts) == contacts
