"""The form of a fiche by keyboard, on a phone, and without JavaScript."""

import re

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from directory.models import Kind
from nomenclature.models import GroupeActes
from tests.browser import forms_page
from tests.browser.accessible import SIZES, violations
from tests.browser.visiting import log_in
from tests.builders import (
    make_commune,
    make_concept,
    make_contact,
    make_eg,
    make_horaire,
    make_modele,
    make_type_uo,
    make_uo,
    make_user,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

ACTES = {"0988": "Téléconsultation", "1474": "Télésoin", "0815": "Acceptation d’animaux", "0205": "Fibroscan"}


@pytest.fixture
def uo(settings):
    """A UO whose form shows one field of each sort, and the page that holds it."""
    settings.ROOT_URLCONF = "tests.browser.forms_page"
    forms_page.SENT.clear()
    for code, label in {"1": "mobile", "2": "fixe", "3": "courrier"}.items():
        make_concept(f"TRE_R200|{code}", label, value_set="JDV_J225")
    for code, label in {
        "01": "Horaire d'ouverture",
        "07": "Horaire de consultation sur RDV",
        "08": "Horaire de fermeture",
    }.items():
        make_concept(f"TRE_R252|{code}", label, value_set="JDV_J41")
    make_concept("TRE_R251|01", "Directeur", value_set="JDV_J220")
    secretariat = make_concept("TRE_R287|07", "Secrétariat", value_set="JDV_J221")
    famille = make_concept("TRE_R265|031", "Accompagnements en addictologie", value_set="JDV_J51")
    make_concept("TRE_R211|404", "Addictologie avec substance", value_set="JDV_J17", parent=famille)
    actes = {code: make_concept(f"TRE_R210|{code}", label, value_set="JDV_J16") for code, label in ACTES.items()}
    GroupeActes.objects.create(libelle="Exercice spécifique").actes.set([actes["0988"], actes["1474"]])
    ville, ms = (
        make_concept("TRE_R227|05", "Ville", value_set="JDV_J20"),
        make_concept("TRE_R227|04", "Médico-social", value_set="JDV_J20"),
    )
    make_type_uo("CSAPA", "Centre de soins")
    make_type_uo("CJC", "Consultation en addictologie", champ_activite=ms)
    champs = "nom type_uo champ_activite unite_sensible age_min activites zones_intervention conditions_accueil "
    champs += "ouvert_jours_feries"
    make_modele(
        "uo",
        general=True,
        **{name: {} for name in champs.split()},
        actes_specifiques={"proposes": [actes["0815"]], "section": "Offre", "aide": "Ce qui distingue l’unité."},
        contacts={"section": "Contacts", "obligatoire": True},
        horaires={"section": "Horaires", "attendu": True},
    )
    made = make_uo(
        eg=make_eg(commune=make_commune()), champ_activite=ville, concepts={"actes_specifiques": [actes["0205"]]}
    )
    make_contact(made, nature=secretariat, telecoms=[("2", "0183763031")])
    make_horaire(made, 1, "09:00", "12:00", type_plage=make_concept("TRE_R252|01"))
    make_horaire(made, 1, "14:00", "18:00", type_plage=make_concept("TRE_R252|01"))
    return made


@pytest.fixture
def opened(page: Page, live_server, client, uo) -> Page:
    log_in(page, live_server, client, make_user())
    page.goto(f"{live_server.url}/essai/uo/{uo.pk}/")
    return page


def save(page: Page, uo) -> dict:
    page.get_by_role("button", name="Enregistrer", exact=True).last.click()
    expect(page.get_by_text("Enregistré", exact=True)).to_be_visible()
    return forms_page.SENT[uo.pk]


def options(page: Page) -> Locator:
    """Candidates of the list that is open; the lists that unfold have options of their own."""
    return page.locator(".ror-pop:visible [role=option]")


def state(page: Page, name: str) -> Locator:
    return day(page, name).locator("[data-state]")


def day(page: Page, name: str) -> Locator:
    return page.get_by_role("group", name=name, exact=True)


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_the_form_breaks_no_rule_and_fits(opened, uo, size):
    opened.set_viewport_size(size)
    opened.get_by_role("button", name="Ajouter un contact").click()
    opened.get_by_role("button", name="Ajouter une fermeture").click()
    opened.get_by_label("Âge minimum", exact=True).fill("jeune")
    opened.get_by_role("combobox", name="Actes spécifiques").click()
    expect(options(opened)).to_have_count(4)
    for _ in range(2):
        assert violations(opened) == []
        assert opened.evaluate("document.documentElement.scrollWidth") <= size["width"]
        opened.get_by_role("button", name="Enregistrer", exact=True).last.click()
        expect(opened.get_by_role("alert")).to_contain_text("Âge minimum")
    expect(opened.get_by_role("alert")).to_be_focused()


def test_actes_are_chosen_by_keyboard_alone(opened, uo):
    box = opened.get_by_role("combobox", name="Actes spécifiques")
    box.focus()
    opened.keyboard.press("ArrowDown")
    expect(opened.get_by_role("listbox", name="Actes spécifiques")).to_contain_text("Proposés par le modèle de saisie")
    opened.keyboard.press("Escape")
    expect(box).to_have_attribute("aria-expanded", "false")
    opened.keyboard.type("tele")
    expect(opened.get_by_role("group", name="Exercice spécifique").get_by_role("option")).to_have_count(2)
    expect(box).to_have_attribute("aria-activedescendant", re.compile("chips-"))
    opened.keyboard.press("ArrowDown")
    opened.keyboard.press("Enter")
    expect(opened.get_by_role("button", name="Retirer Télésoin")).to_be_visible()
    expect(box).to_be_focused()
    opened.keyboard.press("Backspace")
    expect(opened.get_by_role("button", name="Retirer Télésoin")).to_have_count(0)
    opened.keyboard.type("animaux")
    expect(options(opened)).to_have_count(1)
    opened.keyboard.press("Enter")
    assert save(opened, uo)["actes_specifiques"] == ["TRE_R210|0205", "TRE_R210|0815"]


def test_a_chosen_type_sets_the_champ_and_asks_for_families(opened, uo):
    opened.get_by_role("combobox", name="Activités opérationnelles").fill("addicto")
    options(opened).first.click()
    famille = opened.get_by_label("Famille (SERAFIN)")
    expect(famille).to_be_hidden()
    opened.get_by_role("combobox", name="Type d’UO").fill("addicto")
    options(opened).first.click()
    expect(opened.get_by_label("Champ d’activité")).to_have_value("TRE_R227|04")
    expect(famille).to_be_visible()
    expect(famille).to_have_value("TRE_R265|031")
    document = save(opened, uo)
    assert document["champ_activite"] == "TRE_R227|04"
    [activite] = document["activites"]
    assert (activite["activite"], activite["famille"]) == ("TRE_R211|404", "TRE_R265|031")


def test_communes_come_from_the_suggestions_of_the_search(opened, uo):
    opened.get_by_role("combobox", name="Zone d’intervention").fill("75010")
    options(opened).filter(has_text="Paris 10 (75010)").click()
    assert save(opened, uo)["zones_intervention"] == ["75110"]


def test_contacts_and_numbers_are_added_and_removed(opened, uo):
    opened.get_by_role("button", name="Ajouter un contact").click()
    new = opened.get_by_role("group", name="Nouveau contact")
    expect(new.get_by_label("Service")).to_be_focused()
    new.get_by_label("ou nom de la personne").fill("Camille Durand")
    new.get_by_label("et sa fonction").select_option("Directeur")
    new.get_by_label("Numéro ou adresse").first.fill("0183763032")
    new.get_by_role("button", name="Ajouter un numéro ou une adresse").click()
    new.get_by_label("Numéro ou adresse").nth(1).fill("direction@exemple.fr")
    new.get_by_label("Canal").nth(1).select_option("courrier")
    new.get_by_label("Visible par").first.select_option("Régulation")
    expect(new.get_by_label("Visible par").nth(1)).to_have_value(
        "3"
    )  # a number is never more visible than its contact
    opened.get_by_role("button", name="Retirer ce contact").first.click()
    [contact] = save(opened, uo)["contacts"]
    assert (contact["nom"], contact["fonction"], contact["niveau"]) == ("Camille Durand", "TRE_R251|01", 3)
    found = [(line["canal"], line["adresse"], line["niveau"]) for line in contact["telecoms"]]
    assert found == [("2", "0183763032", 3), ("3", "direction@exemple.fr", 3)]


def test_a_sensitive_unit_warns_before_hiding_its_contacts(opened, uo):
    expect(opened.get_by_text("passent au niveau 3")).to_be_hidden()
    opened.get_by_label("Unité sensible").check()
    expect(opened.get_by_text("passent au niveau 3")).to_be_visible()
    assert save(opened, uo)["contacts"][0]["niveau"] == 3


def test_the_week_is_edited_day_by_day(opened, uo):
    expect(state(opened, "Mardi")).to_have_text("Fermé")
    day(opened, "Lundi").get_by_text("Copier vers…").click()
    for name in ("mardi", "jeudi"):
        day(opened, "Lundi").get_by_label(name).check()
    day(opened, "Lundi").get_by_role("button", name="Copier", exact=True).click()
    expect(state(opened, "Jeudi")).to_have_text("Ouvert")
    day(opened, "Jeudi").get_by_role("button", name="Plage le jeudi").click()
    day(opened, "Jeudi").get_by_label("de", exact=True).last.fill("18:30")
    day(opened, "Jeudi").get_by_label("à", exact=True).last.fill("20:00")
    day(opened, "Jeudi").get_by_label("genre de plage").last.select_option("consultation sur RDV")
    day(opened, "Mardi").get_by_role("button", name="Retirer cette plage").first.click()
    day(opened, "Mardi").get_by_role("button", name="Retirer cette plage").first.click()
    expect(state(opened, "Mardi")).to_have_text("Fermé")
    found = {(line["jour_semaine"], line["heure_debut"], line["type_plage"]) for line in save(opened, uo)["horaires"]}
    assert found == {
        (1, "09:00", "TRE_R252|01"),
        (1, "14:00", "TRE_R252|01"),
        (4, "09:00", "TRE_R252|01"),
        (4, "14:00", "TRE_R252|01"),
        (4, "18:30", "TRE_R252|07"),
    }


def change_one_week(page: Page) -> None:
    page.get_by_label("Une semaine différente").fill("2025-09-17")
    page.get_by_role("button", name="Modifier cette semaine seulement").click()
    expect(page.get_by_role("heading", name="Semaine 38")).to_be_visible()
    monday = day(page, "Lundi 15/09/2025")
    monday.get_by_role("button", name="Retirer cette plage").last.click()


def assert_one_week(document: dict) -> None:
    """That Monday keeps its morning alone; the typical week and the other days are untouched."""
    dated = [line for line in document["horaires"] if line["date_debut"]]
    assert [(line["date_debut"], line["date_fin"], line["heure_debut"]) for line in dated] == [
        ("2025-09-15", "2025-09-15", "09:00")
    ]
    assert len(document["horaires"]) == 3


def test_one_week_is_changed_alone(opened, uo):
    change_one_week(opened)
    assert_one_week(save(opened, uo))


def test_long_texts_are_counted_and_leaving_with_unsaved_text_warns(opened, uo):
    counter = opened.locator("[data-counter=id_conditions_accueil]")
    expect(counter).to_have_text("0 / 4\u202f000")
    opened.get_by_label("Conditions d’accueil").press_sequentially("Sonner.")
    expect(counter).to_have_text("7 / 4\u202f000")
    asked = []
    opened.once("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    opened.goto("about:blank")
    assert asked == ["beforeunload"]


def test_saved_text_does_not_warn(opened, uo):
    opened.get_by_label("Conditions d’accueil").press_sequentially("Sonner.")
    opened.evaluate(
        "document.querySelector('form[data-unsaved]').dispatchEvent(new CustomEvent('ror:saved', { bubbles: true }))"
    )
    opened.on("dialog", lambda dialog: pytest.fail("nothing is unsaved"))
    opened.goto("about:blank")


def test_everything_works_without_javascript(browser: Browser, live_server, client, uo):
    context = browser.new_context(java_script_enabled=False, locale="fr-FR")
    page = log_in(context.new_page(), live_server, client, make_user())
    page.goto(f"{live_server.url}/essai/uo/{uo.pk}/")
    page.get_by_label("Nom de l’UO").fill("Un nom gardé")
    page.get_by_role("textbox", name="Actes spécifiques").fill("tele")
    page.locator("button[name=chercher][value=actes_specifiques]").click()
    page.get_by_label("Téléconsultation").check()
    page.get_by_label("Fibroscan").uncheck()
    page.get_by_role("textbox", name="Activités opérationnelles").fill("addicto")
    page.locator("button[name=chercher][value=activites-nouvelles]").click()
    page.get_by_label("Addictologie avec substance").check()
    page.get_by_role("button", name="Ajouter un contact").click()
    page.get_by_role("group", name="Nouveau contact").get_by_label("ou nom de la personne").fill("Camille Durand")
    page.get_by_role("button", name="Retirer ce contact").first.click()
    change_one_week(page)
    page.get_by_role("button", name="Enregistrer", exact=True).last.click()
    document = forms_page.SENT[uo.pk]
    assert document["nom"] == "Un nom gardé"
    assert document["actes_specifiques"] == ["TRE_R210|0988"]
    assert [(line["activite"], line["famille"]) for line in document["activites"]] == [
        ("TRE_R211|404", "TRE_R265|031")
    ]
    assert [line["nom"] for line in document["contacts"]] == ["Camille Durand"]
    assert_one_week(document)
    context.close()


def test_requirements_are_told_with_links_to_their_fields(opened, uo):
    opened.get_by_role("button", name="Retirer ce contact").first.click()
    save(opened, uo)
    opened.get_by_role("alert").get_by_role("link", name="Contacts").click()
    expect(opened.locator("#id_contacts")).to_be_in_viewport()
    assert forms_page.SENT[uo.pk]["kind"] == Kind.UO


# --- Room ------------------------------------------------------------------------------------------------------------

CUT = """
() => [...document.querySelectorAll("[data-contact] select")].filter((select) => {
  const style = getComputedStyle(select), pen = document.createElement("canvas").getContext("2d");
  pen.font = style.font;
  const text = Math.max(...[...select.options].map((option) => pen.measureText(option.text).width));
  return text > select.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
}).map((select) => select.name)
"""


@pytest.mark.parametrize("width", [390, 520, 768, 1280])
def test_the_choices_of_a_contact_are_not_cut(opened, width):
    opened.set_viewport_size({"width": width, "height": 844})
    assert opened.evaluate(CUT) == []


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
def test_candidates_are_never_behind_the_bar_of_the_buttons(opened, size):
    opened.set_viewport_size(size)
    box = opened.locator("#id_actes_specifiques")
    bar = opened.locator(".ror-bar")
    box.evaluate("node => node.scrollIntoView({ block: 'end', behavior: 'instant' })")
    opened.evaluate("() => window.scrollBy({ top: 100, behavior: 'instant' })")  # just over the bar
    box.click()
    shown = opened.locator(".ror-pop:visible")
    expect(shown).to_be_visible()
    pop, floor = shown.bounding_box(), bar.bounding_box()["y"]
    assert pop["y"] >= 0 and pop["y"] + pop["height"] <= floor
    options(opened).last.click()
    expect(opened.locator(".ror-pop:visible")).to_have_count(0)
