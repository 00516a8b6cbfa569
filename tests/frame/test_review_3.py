"""Odd input on the pages of dossiers, people and accounts: never a 5xx, and nothing told to whom it is not for."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from post_office.models import Email

from accounts.models import Session, User
from dossiers import decisions, messages
from dossiers.models import Decision, Dossier, DraftFiche
from journal.models import Entry
from tests.dossiers.builders import Structure, draft_of, edit, make_structure, opened, step, taken

pytestmark = pytest.mark.django_db
NUL, LONG = "\x00", "9" * 5000
SECRET = "Maison des Tilleuls (fictif)"


@pytest.fixture
def structure() -> Structure:
    found = make_structure()
    User.objects.filter(pk=found.sophie.pk).update(is_staff=True)
    return found


@pytest.fixture
def sophie(structure) -> Client:
    return logged_in(structure.sophie)


@pytest.fixture
def camille(structure) -> Client:
    return logged_in(structure.camille)


def logged_in(user: User) -> Client:
    """Answers 500 like the server does, instead of raising."""
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


# --- What an address may hold ----------------------------------------------------------------------------------------

ADDRESSES = [
    "/dossiers/?q=0000-1",
    "/dossiers/?q=0001-1",
    "/dossiers/?q=9999-1",
    "/dossiers/?q=%00",
    "/dossiers/?q=%FF%FE&page=99999999999999999999",
    "/dossiers/ouvrir/?eg=%00",
    f"/dossiers/ouvrir/?eg={LONG}",
    "/dossiers/ouvrir/?q=%00a",
    "/repertoire/mes-structures/?page=zz&filtre=zz",
    "/repertoire/suggestions/?liste=%00",
    "/repertoire/suggestions/?liste=JDV_J17&champ=activites&type_uo=%00",
    "/repertoire/suggestions/?liste=JDV_J17&champ=activites&type_uo=ror-type-uo|CSAPA%00",
    "/repertoire/suggestions/?fiche=eg&categorie=%00|%00&champ=categorie&liste=JDV_J55",
]
ADMIN_ADDRESSES = [
    "/admin/dossiers/dossier/?q=0000-1",
    "/admin/dossiers/dossier/?q=9999-1",
    f"/admin/dossiers/dossier/?assigne={LONG}",
    f"/admin/dossiers/dossier/{LONG}/change/",
    f"/admin/directory/demandeacces/{LONG}/change/",
    f"/admin/directory/demandeacces/{'9' * 30}/decider/",
    "/admin/directory/habilitation/structures/?departement=zz&page=-4",
    f"/admin/accounts/user/{'9' * 40}/fermer/",
]


def test_an_odd_address_is_never_a_fault_of_ours(camille, sophie):
    answers = {address: camille.get(address).status_code for address in ADDRESSES}
    answers |= {address: sophie.get(address).status_code for address in ADMIN_ADDRESSES}
    assert {address: status for address, status in answers.items() if status >= 500} == {}


# --- What a form may hold --------------------------------------------------------------------------------------------

TYPED = [
    {"nom": f"a{NUL}b", "commentaire": f"a{NUL}b"},
    {"type_uo": f"{NUL}|{NUL}"},
    {"actes_specifiques": [f"x|{NUL}", "|", "a|b|c"]},
    {"contacts": [NUL, "x" * 33, "../"], f"contacts-{NUL}-nom": NUL},
    {"lieux_offre": [NUL, "inconnu"]},
    {"lieux_offre": ["inconnu"]},
    {"horaires": ["a"], "horaires-a-jour_semaine": "9", "horaires-a-heure_debut": "99:99"},
    {"horaires-semaine": "0000-W00", "horaires": ["a"]},
    {"ajouter": "contacts-zz-telecoms-zz"},
    {"age_min": LONG},
    {"base": f"é{NUL}:a:b"},
]


def test_an_odd_text_is_never_a_fault_of_ours(structure, camille):
    draft = draft_of(opened(structure), "uo")
    for typed in TYPED:
        version = DraftFiche.objects.values_list("version", flat=True).get(pk=draft.pk)
        address, data = draft.get_absolute_url(), {"version": version} | typed
        assert camille.post(address, data).status_code < 500, typed
        assert camille.post(f"{address}conflit/", data | {"sur": version}).status_code < 500, typed
        assert camille.get(address).status_code == 200, typed


def test_an_odd_decision_is_never_a_fault_of_ours(structure, sophie):
    draft = draft_of(taken(structure), "uo")
    address = reverse("admin:dossiers_dossier_decider", args=[draft.dossier_id])
    refusal = {"fiche": draft.pk, "d:conditions_accueil": "non", "t:conditions_accueil": f"Faux{NUL}."}
    assert sophie.post(address, refusal).status_code == 302
    assert Decision.objects.get(fiche=draft).message == "Faux."
    assert sophie.post(address, {"fiche": draft.pk, "annuler": f"a{NUL}b"}).status_code < 500


# --- What leaves by mail ---------------------------------------------------------------------------------------------


def mails() -> str:
    return "\n".join(f"{mail.subject}\n{mail.message}" for mail in Email.objects.all())


def make_refuge() -> tuple[Structure, Dossier]:
    """A dossier taken by support, whose unit becomes sensitive."""
    structure = make_structure()
    document = draft_of(opened(structure), "uo").content
    hidden = [
        contact | {"niveau": 3, "telecoms": [one | {"niveau": 3} for one in contact["telecoms"]]}
        for contact in document["contacts"]
    ]
    dossier = Dossier.objects.get(eg=structure.eg)
    edit(draft_of(dossier, "uo"), structure.camille, nom=SECRET, unite_sensible=True, contacts=hidden)
    return structure, step(step(dossier, "submit", structure.camille), "take", structure.sophie)


def test_no_mail_of_a_dossier_names_a_sensitive_unit():
    structure, dossier = make_refuge()
    refused = {"is_accepted": False, "by": structure.sophie, "message": "À revoir."}
    decisions.decide(draft_of(dossier, "uo").pk, ["nom"], **refused)
    dossier.fiches.filter(kind="uo").update(is_corrected=True)
    step(dossier, "return", structure.sophie, comment="Voyez la ligne refusée.")
    dossier.refresh_from_db()
    dossier.blocked = f"{SECRET}, Âge minimal : trop grand."
    messages.tell(dossier, "blocked", version=99, by=structure.sophie)
    told = mails()
    assert SECRET not in told
    assert re.search(rf"- {messages.SENSITIVE}, [^:]+ : À revoir\.", told)
    assert f"{messages.SENSITIVE}, Âge minimal : trop grand." in told
    assert f"a corrigé lui-même : {messages.SENSITIVE}" in told


# --- Accounts --------------------------------------------------------------------------------------------------------


def test_support_never_chooses_the_password_of_an_account(sophie):
    own = {
        "usable_password": "true",
        "password1": "une phrase choisie par support",
        "password2": "une phrase choisie par support",
    }
    typed = {"email": "Neuf@Exemple.fr", "first_name": "Ana", "last_name": "Neuf"}
    assert "password1" not in sophie.get("/admin/accounts/user/add/").content.decode()
    assert sophie.post("/admin/accounts/user/add/", typed | own).status_code == 302
    created = User.objects.get(email="neuf@exemple.fr")
    assert not created.has_usable_password()
    assert Entry.objects.get(action="create_user").target == f"user:{created.pk}"


def test_a_change_of_address_is_written_and_told_to_the_former_one(structure, sophie, camille):
    camille.get("/")
    address = f"/admin/accounts/user/{structure.camille.pk}/change/"
    typed = {"email": "autre@exemple.fr", "first_name": "Camille", "last_name": "Belkacem", "fonction": ""}
    assert sophie.post(address, typed).status_code == 302
    line = Entry.objects.get(action="change_user")
    assert line.detail["former"] == "camille@exemple.fr" and line.author == structure.sophie
    assert not Session.objects.filter(user=structure.camille).exists()
    [mail] = Email.objects.all()
    assert mail.to == ["camille@exemple.fr"] and "autre@exemple.fr" in mail.message
    assert sophie.post(address, typed | {"fonction": "Cheffe de service"}).status_code == 302
    assert Email.objects.count() == 1, "nothing to tell when the address stays"


# --- What a shared computer keeps ------------------------------------------------------------------------------------


def test_no_page_with_rights_in_it_is_kept_by_the_browser(structure, camille, sophie):
    dossier = opened(structure)
    own = [
        dossier.get_absolute_url(),
        "/dossiers/",
        "/dossiers/ouvrir/",
        "/repertoire/mes-structures/",
        structure.uo.get_absolute_url(),
        f"{structure.uo.get_absolute_url()}modifier/",
        f"{structure.uo.get_absolute_url()}historique/",
        "/compte/",
    ]
    support = [
        "/admin/dossiers/dossier/",
        reverse("admin:dossiers_dossier_change", args=[dossier.pk]),
        reverse("admin:directory_habilitation_referents", args=[structure.eg.pk]),
    ]
    answers = {path: camille.get(path) for path in own} | {path: sophie.get(path) for path in support}
    assert {path: answer.status_code for path, answer in answers.items() if answer.status_code != 200} == {}
    assert [path for path, answer in answers.items() if "no-store" not in answer.get("Cache-Control", "")] == []


def test_markup_typed_by_people_is_shown_as_text(structure, camille, sophie):
    markup = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    User.objects.filter(pk=structure.karim.pk).update(first_name=markup)
    dossier = opened(structure, nom=markup, conditions_accueil=markup)
    camille.post(reverse("dossiers:remarque", args=[dossier.pk]), {"text": markup})
    presents = reverse("dossiers:presents", args=[dossier.pk])
    logged_in(structure.karim).post(presents)
    draft = draft_of(dossier, "uo")
    pages = [
        dossier.get_absolute_url(),
        draft.get_absolute_url(),
        reverse("dossiers:apercu", args=[dossier.pk, draft.pk]),
    ]
    told = [camille.get(path) for path in pages] + [camille.post(presents)]
    told.append(sophie.get(f"{reverse('admin:dossiers_dossier_change', args=[dossier.pk])}?fiche={draft.pk}&vue=tout"))
    for answer in told:
        assert answer.status_code == 200
        assert "<script>alert" not in answer.content.decode() and "<img src=x" not in answer.content.decode()
        assert "&lt;script&gt;" in answer.content.decode()
