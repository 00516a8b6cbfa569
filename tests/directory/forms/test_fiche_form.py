"""A document in, a form, a document out."""

import pytest

from directory import checks, modeles
from directory.checks import Problem
from directory.documents import to_document
from directory.forms import Etablissement, FicheForm
from directory.models import Kind
from directory.ownership import DIRECT
from tests.builders import (
    make_commune,
    make_concept,
    make_contact,
    make_eg,
    make_horaire,
    make_modele,
    make_type_uo,
    make_uo,
)
from tests.directory.forms.sending import errors, filled, posted

pytestmark = pytest.mark.django_db
EVERYTHING = ("nom", "age_min", "age_max", "contacts", "horaires", "activites", "conditions_accueil", "unite_sensible")


@pytest.fixture
def uo(db):
    """A UO document whose form shows everything, medico-social, with one contact, two slots and one activity."""
    make_modele("uo", general=True, **{name: {} for name in EVERYTHING})
    for key in ("TRE_R287|07", "TRE_R287|10"):
        make_concept(key, value_set="JDV_J221")
    make_concept("TRE_R251|01", "Directeur", value_set="JDV_J220")
    for code in "1234":
        make_concept(f"TRE_R200|{code}", value_set="JDV_J225")
    make_concept("TRE_R252|01", "Horaire d'ouverture", value_set="JDV_J41")
    make_concept("TRE_R252|08", "Horaire de fermeture", value_set="JDV_J41")
    make_concept("TRE_R211|404", "Addictologie", value_set="JDV_J17")
    made = make_uo(age_min=18)
    make_contact(made, nature=make_concept("TRE_R287|07"), telecoms=[("2", "0183763031")])
    make_horaire(made, 1, "09:00", "12:00")
    make_horaire(made, 3, "14:00", "18:00")
    return to_document(Kind.UO, made.pk)


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


# --- Type d’UO, champ and mode ---


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


# --- Lines ---


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
