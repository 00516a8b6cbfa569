"""The whole product, told twice: from an invitation to a search result, three people in three browsers."""

import datetime as dt

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, expect
from post_office.models import Email

from directory.models import FicheVersion, Role, UniteOperationnelle
from dossiers import effects
from dossiers.models import Decision, Dossier, DraftFiche, Statut
from nomenclature.models import Concept
from tests.browser.storyteller import Person, invite, load_lists
from tests.builders import make_commune, make_eg, make_ej, make_user, project

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TODAY, TOMORROW = dt.date(2026, 3, 2), dt.date(2026, 3, 3)
SECRET = "quatre chats dorment au soleil"


@pytest.fixture
def people(browser: Browser, live_server, settings):
    """Référente A, référent B, and Sophie of support: each in her own browser."""
    settings.ROR_TODAY = TODAY
    load_lists()
    make_user("sophie@exemple.fr", role=Role.SUPPORT, is_staff=True, first_name="Sophie", last_name="Marin")
    found = [Person(browser, live_server.url) for _ in range(3)]
    yield found
    for person in found:
        person.leave()


def make_structure(denomination: str, category: str, commune, *, finess: str):
    """As FINESS brings it: a place, a category, no unit."""
    categorie = Concept.objects.get(system__code="TRE_R66", code=category)
    ej = make_ej(raison_sociale="SA Oiseaux (fictif)")
    eg = make_eg(denomination=denomination, categorie=categorie, ej=ej, commune=commune, finess=finess)
    project(eg)
    return eg


def test_a_csapa_from_the_invitation_to_the_search(people, settings):
    camille, karim, sophie = people
    evry = make_commune("91228", "Évry-Courcouronnes", latitude=48.6291, longitude=2.4318, codes_postaux=["91000"])
    eg = make_structure("CSAPA Les Mésanges (fictif)", "197", evry, finess="910900018")

    # Support invites two référents; each opens her account.
    sophie.log_in("sophie@exemple.fr", with_code=True)
    for email, first_name, last_name in (
        ("camille@exemple.fr", "Camille", "Durand"),
        ("karim@exemple.fr", "Karim", "Oulad"),
    ):
        invite(sophie, email=email, first_name=first_name, last_name=last_name, finess=eg.finess)
    for person, email in ((camille, "camille@exemple.fr"), (karim, "karim@exemple.fr")):
        person.open_account(email, SECRET)
        person.log_in(email, SECRET)

    # Camille opens the dossier and describes the establishment.
    camille.go(eg.get_absolute_url())
    camille.page.get_by_role("link", name="Modifier le reste").click()
    camille.page.get_by_role("button", name="Ouvrir le dossier").click()
    dossier = Dossier.objects.get()
    fiche_eg = DraftFiche.objects.get(dossier=dossier)
    camille.go(fiche_eg.get_absolute_url())
    camille.add_contact(
        nom="Camille Durand (fictif)", fonction="Directeur", canal="Téléphone fixe", adresse="0199000001"
    )
    camille.page.get_by_label("Accessibilité du lieu").select_option(label="Conforme")
    camille.fill("Commentaire", "Sonner à l’interphone, puis à l’interphone encore.")
    camille.finalise()

    # She adds the unit of the training.
    camille.go(dossier.get_absolute_url())
    camille.page.get_by_label("Nom de l’UO").fill("CSAPA – Accueil de jour (fictif)")
    camille.page.get_by_label("Type d’UO").select_option("ror-type-uo|80")
    camille.page.get_by_role("button", name="Ajouter l’unité").click()
    unit = DraftFiche.objects.get(dossier=dossier, kind="uo")
    camille.page.get_by_label("Mode de prise en charge").select_option("TRE_R213|47")
    camille.choose("Activités opérationnelles", "Addictologie avec substance")
    camille.choose("Spécialisations de prise en charge", "Conduites addictives")
    camille.choose("Actes spécifiques", "animaux")
    camille.choose("Publics pris en charge", "addict")
    camille.choose("Professions ressources", "Infirmier", "ducateur spécialisé")
    camille.choose("Compétences spécifiques", "Psychiatre")
    camille.fill("Âge minimum", "18")
    camille.fill("Conditions d’accueil", "Accueil sans rendez-vous le matin.")
    camille.fill("Animaux domestiques", "Chiens acceptés dans la cour, tenus en laisse.")
    camille.add_contact(service="Secrétariat", canal="Téléphone fixe", adresse="0199000002", level="Grand public")
    camille.hours("Lundi", "09:00", "17:00")
    camille.copy_hours("Lundi", "mardi", "jeudi")
    camille.page.get_by_role("button", name="Enregistrer", exact=True).last.click()
    expect(camille.page.get_by_role("alert")).to_have_count(0)

    # Karim is on the same fiche: the second to save is told, and chooses.
    karim.go(unit.get_absolute_url())
    camille.go(unit.get_absolute_url())
    karim.fill("Conditions d’accueil", "Accueil sans rendez-vous, le matin et le soir.")
    camille.fill("Conditions d’accueil", "Accueil sans rendez-vous le matin, par un éducateur.")
    camille.page.get_by_role("button", name="Enregistrer", exact=True).last.click()
    expect(camille.page.get_by_text("Camille Durand").first).to_be_visible()
    karim.page.get_by_role("button", name="Enregistrer", exact=True).last.click()
    expect(karim.page.get_by_text("a enregistré cette fiche pendant que vous écriviez")).to_be_visible()
    expect(karim.page.get_by_text("le matin et le soir").first).to_be_visible()
    expect(karim.page.get_by_text("par un éducateur").first).to_be_visible()
    karim.page.get_by_role("button", name="Enregistrer ce choix").click()
    expect(karim.page).to_have_url(f"{karim.server}{unit.get_absolute_url()}")
    unit.refresh_from_db()
    assert unit.content["conditions_accueil"] == "Accueil sans rendez-vous, le matin et le soir."
    karim.finalise()

    # Everything is green: Camille sends, to take effect tomorrow.
    camille.go(dossier.get_absolute_url())
    expect(camille.page.get_by_text("2 sur 2 finalisées")).to_be_visible()
    camille.page.get_by_label("Date d’effet").fill(TOMORROW.isoformat())
    camille.page.get_by_role("button", name="Envoyer en validation").click()
    expect(camille.page.get_by_text("Dossier envoyé en validation")).to_be_visible()

    # Support takes it, refuses one line, accepts the others, validates.
    sophie.go("/admin/dossiers/dossier/")
    sophie.page.get_by_role("button", name=f"M’assigner le dossier {dossier.numero}").click()
    sophie.page.get_by_role("link", name=f"Examiner le dossier {dossier.numero}").click()
    review = sophie.page
    line = review.get_by_role("group", name="Décision : Commentaire")
    line.get_by_text("Refuser").click()
    review.get_by_label("Motif du refus").locator("visible=true").select_option("imprecise")
    expect(review.locator("[data-saving]")).to_contain_text("Décision enregistrée")
    accept_the_rest(sophie, dossier)
    expect(review.locator("#barre")).to_contain_text("Tout est décidé")
    refused = Decision.objects.get(is_accepted=False)
    assert refused.address == "commentaire"
    review.get_by_role("link", name="Valider…").click()
    review.locator("main form").get_by_role("button", name="Valider").click()
    dossier.refresh_from_db()
    assert dossier.status == Statut.VALIDE

    # Nothing is public today; tomorrow it is, without anybody doing anything.
    search = reverse("search:results") + "?ou=91228&code=ror-type-uo|80"
    karim.go(search)
    expect(karim.page.get_by_text("CSAPA – Accueil de jour (fictif)")).to_have_count(0)
    settings.ROR_TODAY = TOMORROW
    karim.go(search)
    expect(karim.page.get_by_text("CSAPA Les Mésanges (fictif)").first).to_be_visible()
    uo = UniteOperationnelle.objects.get()
    karim.go(uo.get_absolute_url())
    expect(karim.page.get_by_text("le matin et le soir")).to_be_visible()
    eg.refresh_from_db()
    assert eg.commentaire == ""
    dossier.refresh_from_db()
    assert dossier.status == Statut.PUBLIE
    assert effects.apply_due() == []
    assert FicheVersion.objects.filter(origin=dossier.reference).count() == 2
    confirmation = Email.objects.filter(to__contains="karim", subject__contains="publié").latest("pk")
    assert "Commentaire : Trop imprécise pour orienter" in confirmation.message
    assert not Email.objects.filter(message__contains="0199000001").exists(), "a number never travels by mail"


def test_the_camsp_du_lys_with_its_pco_and_its_planning(people, settings):
    camille, karim, sophie = people
    settings.ROR_TODAY = dt.date(2025, 9, 15)  # Monday of week 38
    corbeil = make_commune("91174", "Corbeil-Essonnes", latitude=48.6091, longitude=2.4752, codes_postaux=["91100"])
    eg = make_structure("CAMSP du Lys (fictif)", "190", corbeil, finess="910900034")
    for email, first_name in (("camille@exemple.fr", "Camille"), ("karim@exemple.fr", "Karim")):
        make_user(email, role=Role.REFERENT, eg=eg, first_name=first_name)

    # Camille describes the CAMSP: 8 h to 19 h from Monday to Friday, 8 h 30 to 13 h on Saturday.
    camille.log_in("camille@exemple.fr")
    camille.go(reverse("dossiers:ouvrir") + f"?eg={eg.cle}")
    camille.page.get_by_role("button", name="Ouvrir le dossier").click()
    dossier = Dossier.objects.get()
    add_unit(camille, dossier, "CAMSP du Lys (fictif)", "ror-type-uo|61")
    camille.page.get_by_label("Mode de prise en charge").select_option("TRE_R213|54")
    camille.choose("Activités opérationnelles", "Suivi psychologique")
    camille.choose("Spécialisations de prise en charge", "autisme")
    camille.choose("Publics pris en charge", "handicap (PH)")
    camille.choose("Professions ressources", "Orthophoniste")
    camille.fill("Âge minimum", "0")
    camille.fill("Âge maximum", "6")
    camille.add_contact(service="Médical", canal="Téléphone fixe", adresse="0199000003")
    camille.hours("Lundi", "08:00", "19:00")
    camille.copy_hours("Lundi", "mardi", "mercredi", "jeudi", "vendredi")
    camille.hours("Samedi", "08:30", "13:00")
    camille.page.get_by_label("Une semaine différente").fill("2025-09-17")
    camille.page.get_by_role("button", name="Modifier cette semaine seulement").click()
    expect(camille.page.get_by_role("heading", name="Semaine 38")).to_be_visible()
    wednesday = camille.page.get_by_role("group", name="Mercredi 17/09/2025", exact=True)
    wednesday.get_by_label("à", exact=True).fill("12:00")
    camille.finalise()

    # Karim adds the PCO: 8 h to 19 h from Tuesday to Saturday; and the director of the establishment.
    karim.log_in("karim@exemple.fr")
    add_unit(karim, dossier, "PCO TND du Lys (fictif)", "ror-type-uo|84")
    karim.page.get_by_label("Mode de prise en charge").select_option("TRE_R213|58")
    karim.choose("Activités opérationnelles", "Orientation vers professionnel")
    coordination = "2.4 Prestation de coordination renforcée pour la cohérence du parcours"
    karim.page.get_by_label("Famille (SERAFIN)").select_option(label=coordination)
    karim.choose("Publics pris en charge", "handicap (PH)")
    karim.fill("Âge minimum", "0")
    karim.add_contact(service="Accueil", canal="Téléphone fixe", adresse="0199000004", level="Grand public")
    karim.hours("Mardi", "08:00", "19:00")
    karim.copy_hours("Mardi", "mercredi", "jeudi", "vendredi", "samedi")
    karim.finalise()
    karim.go(DraftFiche.objects.get(kind="eg").get_absolute_url())
    karim.add_contact(
        nom="Hélène Vasseur (fictif)", fonction="Directeur", canal="Téléphone fixe", adresse="0199000005"
    )
    karim.page.get_by_label("Accessibilité du lieu").select_option(label="Conforme")
    karim.finalise()
    karim.go(dossier.get_absolute_url())
    karim.page.get_by_role("button", name="Envoyer en validation").click()
    expect(karim.page.get_by_text("Dossier envoyé en validation")).to_be_visible()

    # Support validates: it is public at once.
    sophie.log_in("sophie@exemple.fr", with_code=True)
    validate_all(sophie, dossier)
    dossier.refresh_from_db()
    assert dossier.status == Statut.PUBLIE

    # Both units show their hours of week 38, and the search finds them.
    units = {uo.nom: uo for uo in UniteOperationnelle.objects.all()}
    camille.go(units["CAMSP du Lys (fictif)"].get_absolute_url() + "?semaine=2025-W38")
    week = camille.page.locator(".ror-week > li")
    expect(week.nth(0)).to_contain_text("08:00")
    expect(week.nth(2)).to_contain_text("12:00")
    expect(week.nth(2)).to_contain_text("modifié")
    expect(week.nth(5)).to_contain_text("13:00")
    expect(week.nth(6)).to_contain_text("Fermé")
    camille.go(units["PCO TND du Lys (fictif)"].get_absolute_url() + "?semaine=2025-W39")
    expect(week.nth(0)).to_contain_text("Fermé")
    expect(week.nth(1)).to_contain_text("19:00")
    camille.go(reverse("search:results") + "?ou=91174&code=ror-type-uo|84")
    expect(camille.page.get_by_text("CAMSP du Lys (fictif)").first).to_be_visible()


def add_unit(person: Person, dossier: Dossier, name: str, type_uo: str) -> None:
    """From the page of the dossier; the form of the new unit opens."""
    person.go(dossier.get_absolute_url())
    person.page.get_by_label("Nom de l’UO").fill(name)
    person.page.get_by_label("Type d’UO").select_option(type_uo)
    person.page.get_by_role("button", name="Ajouter l’unité").click()
    expect(person.page.get_by_role("heading", level=1)).to_have_text(name)


def validate_all(support: Person, dossier: Dossier) -> None:
    """Take it, accept every line, validate."""
    support.go("/admin/dossiers/dossier/")
    support.page.get_by_role("button", name=f"M’assigner le dossier {dossier.numero}").click()
    accept_the_rest(support, dossier)
    support.page.get_by_role("link", name="Valider…").click()
    support.page.locator("main form").get_by_role("button", name="Valider").click()
    expect(support.page.get_by_text("validé").first).to_be_visible()


def accept_the_rest(support: Person, dossier: Dossier) -> None:
    """Fiche by fiche, the lines nobody decided yet."""
    for fiche in DraftFiche.objects.filter(dossier=dossier):
        support.go(reverse("admin:dossiers_dossier_change", args=[dossier.pk]) + f"?fiche={fiche.pk}")
        button = support.page.get_by_role("button", name="Tout accepter")
        if button.count():
            with support.page.expect_navigation():
                button.click()
