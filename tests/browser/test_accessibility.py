"""Every page, as a phone and as a desk see it: no axe violation (WCAG A and AA, RGAA), nothing wider than the screen.

What axe cannot judge is listed on /accessibilite/; a new page is added here in the commit that makes it.
"""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page

from accounts import invitations
from accounts.models import User
from directory import demandes, publishing, verifying
from directory.documents import to_document
from directory.models import Kind, Role, UniteOperationnelle
from dossiers import decisions, drafts, presence, remarks
from restitutions.extractions import services as extractions
from restitutions.recherches import alertes
from restitutions.recherches import services as recherches
from restitutions.selection import links
from tests.browser.accessible import SIZES, check, check_here
from tests.browser.storyteller import telephone_code
from tests.browser.visiting import log_in, share_session
from tests.builders import (
    PASSWORD,
    make_activite,
    make_commune,
    make_concept,
    make_contact,
    make_eg,
    make_habilitation,
    make_horaire,
    make_type_uo,
    make_uo,
    make_user,
    project,
)
from tests.dossiers import builders as dossier_builders

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PUBLIC = [
    "/connexion/",
    "/mot-de-passe/",
    "/aide/",
    "/mentions-legales/",
    "/donnees-personnelles/",
    "/accessibilite/",
    "/sources/",
    "/nulle-part/",
]


@pytest.fixture(params=SIZES)
def screen(request, page: Page, live_server) -> Page:
    page.set_viewport_size(SIZES[request.param])
    page.emulate_media(reduced_motion="reduce")  # contrasts are those of what stands still
    return page


@pytest.mark.parametrize("path", PUBLIC)
def test_public_pages(screen, live_server, path):
    check(screen, live_server.url + path)


@pytest.fixture
def structure():
    """An establishment with every kind of line on its unit."""
    for key, label in (("ror-type-offre|etablissement", "Établissement"), ("ror-patientele|A", "Adulte")):
        make_concept(key, label)
    eg = make_eg(denomination="CSAPA Les Mésanges (fictif)", commentaire="Sonner à l’interphone.")
    uo = make_uo(eg=eg, nom="CSAPA – Accueil de jour (fictif)", age_min=18, conditions_accueil="Sans rendez-vous.")
    make_activite(uo, "TRE_R211|404", "Addictologie avec substance(s)")
    make_contact(uo, niveau=1, telecoms=[("2", "0199000001"), ("3", "accueil@exemple.invalid")])
    make_contact(uo, niveau=3, telecoms=[("1", "0639980001")])
    make_horaire(uo, 1, "09:00", "12:30")
    make_horaire(uo, 1, "13:30", "18:00")
    project(eg)
    return eg, uo


def test_pages_of_a_professional(screen, live_server, client, structure):
    eg, uo = structure
    make_commune()
    document = to_document(Kind.UO, uo.pk)
    change = {"conditions_accueil": "Sans rendez-vous, le matin.", "horaires": document["horaires"][:1]}
    publishing.publish(Kind.UO, document | change, by=make_user(), origin="direct")
    log_in(screen, live_server, client, make_user(role=Role.REFERENT, eg=eg))
    question = "?ou=75110&code=ror-type-uo|CSAPA"
    paths = [
        "/",
        "/dossiers/",
        "/demo/courrier/",
        "/mot-de-passe/changer/",
        reverse("search:results"),
        reverse("search:results") + question,
        reverse("search:results") + question + "&vue=carte",
        reverse("search:results") + "?q=introuvable",
        reverse("search:results") + "?q=&lieu=zzz",
        reverse("directory:repertoire"),
        reverse("directory:repertoire") + "?nom=introuvable",
        eg.get_absolute_url(),
        eg.entite_juridique.get_absolute_url(),
        uo.get_absolute_url(),
        uo.get_absolute_url() + "?mois=2025-07",
        uo.get_absolute_url() + "imprimer/",
        uo.get_absolute_url() + "historique/",
        uo.get_absolute_url() + "historique/?de=zzz",
        uo.get_absolute_url() + "historique/1/retablir/",
        eg.get_absolute_url() + "historique/",
    ]
    for path in paths:
        check(screen, live_server.url + path)


def test_pages_of_who_keeps_fiches(screen, live_server, client, structure):
    eg, uo = structure
    referent = make_user(role=Role.REFERENT, eg=eg)
    link = verifying.address(Kind.UO, uo, referent)
    for path in (link, "/repertoire/verifier/abime/"):
        check(screen, live_server.url + path)
    log_in(screen, live_server, client, referent)
    UniteOperationnelle.objects.update(updated_at=timezone.now() - dt.timedelta(days=200))
    paths = [
        "/repertoire/mes-structures/",
        "/repertoire/mes-structures/?filtre=verifier",
        reverse("directory:uo_modifier", args=[uo.cle]),
        reverse("directory:eg_modifier", args=[eg.cle]),
    ]
    for path in paths:
        check(screen, live_server.url + path)


def test_two_texts_side_by_side(screen, live_server, client, structure):
    _, uo = structure
    log_in(screen, live_server, client, make_user(role=Role.REFERENT, eg=uo.entite_geographique))
    address = live_server.url + reverse("directory:uo_modifier", args=[uo.cle])
    screen.goto(address)
    document = to_document(Kind.UO, uo.pk) | {"conditions_accueil": "Sur rendez-vous, le jeudi."}
    publishing.publish(Kind.UO, document, by=make_user(), origin="direct")
    screen.locator("#id_conditions_accueil").fill("Sans rendez-vous, le mardi.")
    screen.get_by_role("button", name="Enregistrer et publier").click()
    screen.get_by_role("heading", name="Quelqu’un a changé la même chose").wait_for()
    check_here(screen)
    screen.get_by_role("button", name="Garder mon texte").click()
    screen.get_by_text("Enregistré et en ligne").wait_for()
    check_here(screen)


def test_pages_of_support_on_the_tree(screen, live_server, client, structure):
    eg, uo = structure
    make_concept("TRE_R286|DEF", "Définitive", value_set="JDV_J201")
    log_in(screen, live_server, client, make_user(role=Role.SUPPORT, is_staff=True))
    ej, other = eg.entite_juridique, make_eg()
    closing = "?type_fermeture=DEF&date_fermeture=2030-12-31"
    paths = [
        reverse("admin:directory_entitejuridique_creer"),
        reverse("admin:directory_entitejuridique_creer_eg", args=[ej.pk]),
        reverse("admin:directory_entitejuridique_fermer", args=[ej.pk]) + closing,
        reverse("admin:directory_entitejuridique_fermer", args=[ej.pk]) + "?type_fermeture=DEF",
        reverse("admin:directory_uniteoperationnelle_deplacer", args=[uo.pk]),
        reverse("admin:directory_uniteoperationnelle_deplacer", args=[uo.pk]) + f"?vers={other.finess}",
        ej.get_absolute_url(),
        eg.get_absolute_url(),
        uo.get_absolute_url(),
    ]
    for path in paths:
        check(screen, live_server.url + path)


def test_pages_of_a_selection(screen, live_server, client, structure):
    eg, uo = structure
    hidden = make_uo(eg=eg, nom="Refuge (fictif)", unite_sensible=True)
    gone = make_uo(nom="Partie (fictif)")
    log_in(screen, live_server, client, make_user(role=Role.REGULATION))
    check(screen, live_server.url + "/selection/")
    client.post("/selection/ajouter/", {"f": [one.get_absolute_url() for one in (eg, uo, hidden, gone)]})
    client.post("/selection/notes/", {f"note-uo/{uo.cle}": "Demander Claire."})
    UniteOperationnelle.objects.filter(pk=gone.pk).update(version=0)
    token = links.make([("uo", uo.cle), ("uo", gone.cle)])
    paths = [
        "/selection/",
        "/selection/vider/",
        "/selection/partager/",
        "/selection/imprimer/",
        "/selection/imprimer/?pour=collegue&niveau3=on&sensibles=on&notes=on",
        reverse("restitutions:selection_partage", args=[token]),
        reverse("restitutions:selection_partage", args=["abime"]),
        reverse("search:results") + "?ou=75110&code=ror-type-uo|CSAPA",
        uo.get_absolute_url(),
    ]
    for path in paths:
        check(screen, live_server.url + path)
    client.post("/selection/vider/")
    check(screen, live_server.url + "/selection/imprimer/")


def test_pages_of_an_account(screen, live_server, client, structure):
    eg, _ = structure
    user = make_user(role=Role.REFERENT, eg=make_eg())
    client.post("/connexion/", {"login": user.email, "password": PASSWORD})  # a password given a moment ago
    share_session(screen.context, live_server, client)
    paths = [
        "/compte/",
        "/compte/confirmer/",
        reverse("mfa_activate_totp"),
        reverse("directory:demander_acces", args=[eg.cle]),
    ]
    for path in paths:
        check(screen, live_server.url + path)
    screen.goto(live_server.url + reverse("mfa_activate_totp"))
    secret = screen.locator(".ror-secret").inner_text()
    screen.locator("#id_code").fill(telephone_code(secret))
    screen.get_by_role("button", name="Activer").click()
    screen.get_by_role("heading", name="Codes de secours").wait_for()
    check_here(screen)
    for path in ("/compte/", reverse("mfa_generate_recovery_codes"), reverse("mfa_deactivate_totp")):
        check(screen, live_server.url + path)
    screen.context.clear_cookies()
    check(screen, live_server.url + "/connexion/?fin=inactivite")
    screen.locator("#id_login").fill(user.email)
    screen.locator("#id_password").fill(PASSWORD)
    screen.get_by_role("button", name="Se connecter").click()
    screen.get_by_role("heading", name="Votre code").wait_for()
    check_here(screen)


def test_pages_of_support_on_people(screen, live_server, client, structure):
    eg, _ = structure
    support, person = make_user(role=Role.SUPPORT, is_staff=True), make_user(role=Role.REFERENT, eg=eg)
    demande = demandes.ask(eg, by=make_user(), fonction="directrice", motif="Désignée par le conseil.")
    newcomer = User.objects.create_user("ana@exemple.fr", None, is_active=False)
    invitation = invitations.invite(newcomer, by=support, purpose="comme lecteur")
    for token in (invitations.token(invitation), "abime"):
        check(screen, live_server.url + reverse("accounts_invitation", args=[token]))
    log_in(screen, live_server, client, support)
    paths = [
        reverse("admin:directory_habilitation_inviter") + f"?structure={eg.cle}",
        reverse("admin:directory_habilitation_structures"),
        reverse("admin:directory_habilitation_referents", args=[eg.pk]),
        reverse("admin:directory_habilitation_retirer", args=[person.habilitations.get().pk]),
        reverse("admin:directory_demandeacces_decider", args=[demande.pk]),
        reverse("admin:accounts_user_fermer", args=[person.pk]),
        reverse("admin:accounts_invitation_renvoyer", args=[invitation.pk]),
    ]
    for path in paths:
        check(screen, live_server.url + path)
    screen.goto(live_server.url + reverse("admin:directory_habilitation_inviter"))
    screen.get_by_role("button", name="Inviter", exact=True).click()
    check_here(screen)


def test_pages_of_searches_and_extractions(screen, live_server, client, structure, settings, tmp_path):
    settings.EXTRACTIONS_DIR = tmp_path / "extractions"
    support = make_user(role=Role.SUPPORT)
    log_in(screen, live_server, client, support)
    for path in ("/recherches/", "/extractions/"):  # empty
        check(screen, live_server.url + path)
    saved = recherches.save(by=support, name="CSAPA de garde", query="q=csapa", alerte="hebdomadaire")
    for file_format in ("xlsx", "csv"):
        extraction = extractions.ask(by=support, perimetre="tout", file_format=file_format)
        extractions.run(extraction.pk)
    extractions.ask(by=support, perimetre="recherche", query="q=csapa", file_format="xlsx")
    paths = [
        "/",
        "/recherches/",
        "/recherches/enregistrer/?q=csapa",
        f"/recherches/{saved.pk}/modifier/",
        f"/recherches/{saved.pk}/supprimer/",
        f"/recherches/desabonner/{alertes.token(saved)}/",
        "/recherches/desabonner/nimporte/",
        "/extractions/",
        "/extractions/nouvelle/",
        "/extractions/nouvelle/?q=csapa",
    ]
    for path in paths:
        check(screen, live_server.url + path)
    screen.goto(f"{live_server.url}/recherches/enregistrer/?q=csapa")
    screen.get_by_label("Nom de la recherche").fill("csapa DE GARDE")
    screen.get_by_role("button", name="Enregistrer").click()
    check_here(screen)


def test_pages_of_a_dossier(screen, live_server, client):
    structure = dossier_builders.make_structure()
    make_type_uo("CJC", "Consultation jeunes consommateurs").categories.add(structure.eg.categorie)
    first = dossier_builders.opened(structure)
    unit = dossier_builders.draft_of(first, "uo")
    new = drafts.add_uo(first, name="CJC (fictif)", type_uo="ror-type-uo|CJC", by=structure.camille)
    remarks.add(first, text="À revoir ?", by=structure.karim, fiche=unit, address="conditions_accueil")
    presence.here(first, user=structure.karim, fiche=unit)
    other = make_eg()
    make_habilitation(structure.camille, Role.REFERENT, eg=other)
    log_in(screen, live_server, client, structure.camille)
    paths = [
        "/dossiers/",
        "/dossiers/?q=introuvable",
        reverse("dossiers:ouvrir"),
        reverse("dossiers:ouvrir") + f"?eg={other.cle}",
        first.get_absolute_url(),
        reverse("dossiers:abandonner", args=[first.pk]),
        reverse("dossiers:retirer", args=[first.pk, new.pk]),
        reverse("dossiers:fermer", args=[first.pk, unit.pk]),
    ]
    for path in paths:
        check(screen, live_server.url + path)
    drafts.remove(new, version=new.version, by=structure.camille)
    dossier_builders.step(first, "submit", structure.camille)
    dossier_builders.step(first, "take", structure.sophie)
    check(screen, live_server.url + first.get_absolute_url())
    refuse = {"is_accepted": False, "by": structure.sophie, "motif": "imprecise", "message": "Quels jours ?"}
    decisions.decide(unit.pk, ["conditions_accueil"], **refuse)
    dossier_builders.step(first, "return", structure.sophie, comment="Un point à préciser.")
    check(screen, live_server.url + first.get_absolute_url())
    log_in(screen, live_server, client, make_user(role=Role.LECTEUR))
    check(screen, live_server.url + "/dossiers/")
