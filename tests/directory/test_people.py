"""Rights given and taken back, invitations with them, référents of a structure, access requests."""

import datetime as dt
import threading

import pytest
from django.db import IntegrityError, connections, transaction
from django.test import Client
from django.urls import reverse
from post_office.models import Email

from accounts.models import User
from directory import demandes, habilitations
from directory.habilitations import Right
from directory.models import DemandeAcces, EntiteGeographique, Habilitation, Role
from directory.permissions import Reader, referents_of
from journal.models import Entry
from tests.builders import make_commune, make_departement, make_eg, make_ej, make_habilitation, make_user

pytestmark = pytest.mark.django_db
INVITE = "/admin/directory/habilitation/inviter/"
STRUCTURES = "/admin/directory/habilitation/structures/"


@pytest.fixture
def support(client):
    user = make_user("support@exemple.fr", role=Role.SUPPORT, is_staff=True)
    client.force_login(user)
    return user


@pytest.fixture
def eg():
    return make_eg(denomination="CSAPA Les Mésanges")


def support_of(code: str) -> User:
    return make_user(role=Role.SUPPORT, departement=make_departement(code), is_staff=True)


def form(eg=None, **more) -> dict:
    data = {"email": "ana@exemple.fr", "first_name": "Ana", "last_name": "Neuf", "fonction": "éducatrice"}
    return data | {"role": "referent", "structure": eg.cle if eg else "", "valid_from": "2025-01-01"} | more


# --- Inviting -----------------------------------------------------------------------------------------------------


def test_one_page_makes_the_account_the_right_and_the_mail(client, support, eg):
    assert f'value="{eg.cle}"' in client.get(f"{INVITE}?structure={eg.cle}").content.decode()
    response = client.post(INVITE, form(eg), follow=True)
    assert "Invitation envoyée à ana@exemple.fr" in response.content.decode()
    user = User.objects.get(email="ana@exemple.fr")
    assert not user.is_active
    assert user.habilitations.get().eg == eg
    assert "comme référent de CSAPA Les Mésanges" in Email.objects.get().message
    assert Entry.objects.get(action="add_habilitation").author == support
    page = client.get(reverse("admin:directory_habilitation_referents", args=[eg.pk])).content.decode()
    assert "Invitation en attente" in page
    assert "Aucun référent en activité" in page


def test_an_account_that_is_open_gets_the_right_and_a_message_without_a_link(client, support, eg):
    user = make_user("ana@exemple.fr", first_name="Anaïs")
    page = client.post(INVITE, form(eg, email="Ana@Exemple.fr"), follow=True).content.decode()
    assert "avait déjà un compte" in page
    message = Email.objects.get().message
    assert "/invitation/" not in message
    assert eg.get_absolute_url() in message
    user.refresh_from_db()
    assert user.first_name == "Anaïs"
    assert eg.pk in Reader.of(user).own_eg_ids


def test_inviting_twice_sends_a_new_link_and_gives_one_right(client, support, eg):
    client.post(INVITE, form(eg))
    client.post(INVITE, form(eg))
    assert User.objects.get(email="ana@exemple.fr").habilitations.count() == 1
    assert Email.objects.count() == 2


def test_a_closed_account_is_not_invited(client, support, eg):
    make_user("ana@exemple.fr", is_active=False)
    page = client.post(INVITE, form(eg)).content.decode()
    assert "Ce compte est fermé" in page
    assert "éducatrice" in page
    assert not Habilitation.objects.filter(eg=eg).exists()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"structure": "999999999"}, "Aucune structure de ce nom ou de ce numéro"),
        ({"structure": ""}, "porte sur une structure : dites laquelle"),
        ({"structure": "", "departement": "75"}, "pas sur un département"),
        ({"departement": "75"}, "un seul périmètre"),
        ({"role": "regulation"}, "porte sur un département, ou sur toute la région"),
        ({"valid_to": "2024-12-31"}, "La fin vient avant le début"),
        ({"valid_from": "hier"}, "Saisissez une date valide"),
        ({"email": "ana"}, "adresse"),
        ({"email": ""}, "obligatoire"),
        ({"role": "support"}, "Sélectionnez un choix valide"),  # an administrator alone makes support
        ({"structure": "\x00"}, "nul"),
    ],
)
def test_what_is_refused_is_said_and_the_text_is_kept(client, support, eg, more, said):
    make_departement("75")
    page = client.post(INVITE, form(eg) | more).content.decode()
    assert said in page
    assert "éducatrice" in page
    assert not User.objects.filter(email="ana@exemple.fr").exists()
    assert not Email.objects.exists()


def test_an_administrator_makes_support_who_enters_the_administration(client):
    admin = make_user(role=Role.ADMINISTRATEUR, is_staff=True)
    client.force_login(admin)
    client.post(INVITE, form(role="support"))
    made = User.objects.get(email="ana@exemple.fr")
    assert made.is_staff
    right = made.habilitations.get()
    assert habilitations.revoke(right.pk, by=admin)
    made.refresh_from_db()
    assert not made.is_staff


def test_support_of_a_departement_invites_for_its_establishments(client, eg):
    client.force_login(support_of("75"))
    assert client.post(INVITE, form(eg)).status_code == 302
    elsewhere = make_eg(commune=make_commune("93001", "Aubervilliers"))
    for refused in (form(elsewhere), form(eg.entite_juridique), form(role="lecteur")):
        page = client.post(INVITE, refused | {"email": "bob@exemple.fr"})
        assert "Nommez un établissement de votre territoire" in page.content.decode()
    assert not User.objects.filter(email="bob@exemple.fr").exists()


@pytest.mark.parametrize("path", [INVITE, STRUCTURES, "/admin/directory/habilitation/referents/1/"])
def test_the_pages_are_support_s(client, path):
    client.force_login(make_user(role=Role.REGULATION, is_staff=True))
    assert client.get(path).status_code == 403
    client.force_login(make_user())
    assert client.get(path).status_code == 302


# --- Rights -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"role": "referent"}, "porte sur une structure : dites laquelle"),
        ({"role": "referent", "departement": "75"}, "pas sur un département"),
        ({"role": "regulation", "eg": "EG"}, "ou sur toute la région"),
        ({"role": "lecteur", "eg": "EG", "ej": "EJ"}, "un seul périmètre"),
        ({"role": "referent", "eg": "EG", "valid_to": "2019-01-01"}, "La fin vient avant le début"),
        ({"role": "administrateur"}, "Un administrateur seul donne ce rôle"),
    ],
)
def test_the_admin_says_why_a_right_is_refused(client, support, eg, data, said):
    make_departement("75")
    names = {"EG": eg.pk, "EJ": eg.entite_juridique_id}
    values = {name: names.get(value, value) for name, value in data.items()}
    posted = {"user": make_user().pk, "valid_from": "2025-01-01"} | values
    page = client.post("/admin/directory/habilitation/add/", posted).content.decode()
    assert said in page
    assert "is violated" not in page
    assert not Habilitation.objects.exclude(user=support).exists()


def test_the_admin_gives_and_ends_a_right_with_its_journal_lines(client, support, eg):
    user = make_user()
    posted = {"user": user.pk, "role": "referent", "eg": eg.pk, "valid_from": "2025-01-01"}
    client.post("/admin/directory/habilitation/add/", posted)
    row = user.habilitations.get()
    page = f"/admin/directory/habilitation/{row.pk}/"
    client.post(f"{page}change/", {"valid_from": "2025-01-01", "valid_to": "2025-06-30"})
    row.refresh_from_db()
    assert row.valid_to == dt.date(2025, 6, 30)
    actions = set(Entry.objects.filter(target=f"habilitation:{row.pk}").values_list("action", flat=True))
    assert actions == {"add_habilitation", "change_habilitation"}


def test_taking_a_right_back_counts_at_the_next_request(client, support, eg):
    person, hers = make_user(role=Role.REFERENT, eg=eg), Client()
    hers.force_login(person)
    row = person.habilitations.get()
    assert eg.pk in Reader.of(person).own_eg_ids
    page = reverse("admin:directory_habilitation_retirer", args=[row.pk])
    back = reverse("admin:directory_habilitation_referents", args=[eg.pk])
    assert "C’est immédiat" in client.get(page, {"retour": back}).content.decode()
    assert eg.pk in Reader.of(person).own_eg_ids
    assert client.post(page, {"retour": back})["Location"] == back
    assert eg.pk not in Reader.of(person).own_eg_ids
    assert not referents_of(eg).exists()
    assert Entry.objects.get(action="revoke_habilitation").author == support
    assert "déjà terminé" in client.post(page, follow=True).content.decode()


def test_the_way_back_stays_on_the_site(client, support, eg):
    row = make_habilitation(make_user(), eg=eg)
    page = reverse("admin:directory_habilitation_retirer", args=[row.pk])
    assert "ailleurs" not in client.post(page, {"retour": "https://ailleurs.example/"})["Location"]


def test_support_of_a_departement_takes_back_its_own_only(client, eg):
    row = make_habilitation(make_user(), eg=eg)
    client.force_login(support_of("93"))
    page = reverse("admin:directory_habilitation_retirer", args=[row.pk])
    assert client.get(page).status_code == 404
    assert client.post(page).status_code == 404
    client.force_login(support_of("75"))
    assert client.post(page).status_code == 302
    row.refresh_from_db()
    assert row.revoked_at


def test_support_does_not_take_an_administrator_down(client, support):
    row = make_user(role=Role.ADMINISTRATEUR).habilitations.get()
    assert client.post(reverse("admin:directory_habilitation_retirer", args=[row.pk])).status_code == 403
    row.refresh_from_db()
    assert row.revoked_at is None


# --- Référents ----------------------------------------------------------------------------------------------------


def test_a_person_counts_once_and_an_invited_one_not_yet(client, support, eg):
    both = make_user(role=Role.REFERENT, eg=eg)
    make_habilitation(both, ej=eg.entite_juridique)
    make_habilitation(User.objects.create_user("x@exemple.fr", None, is_active=False), eg=eg)
    page = client.get(reverse("admin:directory_habilitation_referents", args=[eg.pk])).content.decode()
    assert "Un seul référent en activité" in page
    make_habilitation(make_user(), eg=eg)
    page = client.get(reverse("admin:directory_habilitation_referents", args=[eg.pk])).content.decode()
    assert "recommandées" not in page


def test_the_list_of_structures_short_of_referents(client, support, eg):
    make_habilitation(make_user(), eg=eg)
    well = make_eg(denomination="Bien tenu")
    make_habilitation(make_user(), eg=well)
    make_habilitation(make_user(), ej=well.entite_juridique)
    make_eg(denomination="Personne", commune=make_commune("93001", "Aubervilliers"))
    page = client.get(STRUCTURES).content.decode()
    assert "CSAPA Les Mésanges" in page
    assert "Personne" in page
    assert "Bien tenu" not in page
    assert "2\u00a0établissements" in page
    assert "CSAPA Les Mésanges" not in client.get(f"{STRUCTURES}?aucun=1").content.decode()
    assert "Personne" not in client.get(f"{STRUCTURES}?departement=75").content.decode()
    assert client.get(f"{STRUCTURES}?departement=zzz&page=x").status_code == 200


def test_support_of_a_departement_sees_its_structures(client, eg):
    client.force_login(support_of("93"))
    assert "Mésanges" not in client.get(STRUCTURES).content.decode()
    assert client.get(reverse("admin:directory_habilitation_referents", args=[eg.pk])).status_code == 404


@pytest.mark.parametrize("rows", [1, 15])
def test_the_list_of_structures_costs_the_same(client, support, rows, django_assert_num_queries):
    for _ in range(rows):
        make_eg()
    client.get("/aide/")
    with django_assert_num_queries(6):  # session, user; habilitations; count, rows; départements
        assert client.get(STRUCTURES).status_code == 200


@pytest.mark.parametrize("rows", [1, 8])
def test_the_page_of_referents_costs_the_same(client, support, eg, rows, django_assert_num_queries):
    for _ in range(rows):
        make_habilitation(make_user(), eg=eg)
    client.get("/aide/")
    with django_assert_num_queries(7):  # session, user; habilitations; EG; rights, invitations; requests
        assert client.get(reverse("admin:directory_habilitation_referents", args=[eg.pk])).status_code == 200


# --- Access requests ----------------------------------------------------------------------------------------------


def ask(eg: EntiteGeographique, user: User | None = None) -> DemandeAcces:
    return demandes.ask(eg, by=user or make_user(), fonction="cheffe de service", motif="Je remplace M. Oulad.")


def test_a_professional_asks_from_the_fiche(client, eg):
    user = make_user(fonction="directrice")
    client.force_login(user)
    page = reverse("directory:demander_acces", args=[eg.cle])
    assert page in client.get(eg.get_absolute_url()).content.decode()
    assert 'value="directrice"' in client.get(page).content.decode()
    assert not DemandeAcces.objects.exists()
    empty = client.post(page, {"fonction": "directrice", "motif": " "})
    assert "obligatoire" in empty.content.decode()
    client.post(page, {"fonction": "directrice", "motif": "Désignée par le CA."})
    assert DemandeAcces.objects.get().user == user
    assert "Vous avez demandé cet accès" in client.get(page).content.decode()
    client.post(page, {"fonction": "directrice", "motif": "Encore."})
    assert DemandeAcces.objects.count() == 1
    assert "en attente" in client.get("/compte/").content.decode()
    assert Entry.objects.get(action="ask_access").author == user


def test_one_pending_request_in_the_database_too(eg):
    user = make_user()
    ask(eg, user)
    with pytest.raises(demandes.AlreadyAsked):
        ask(eg, user)
    with pytest.raises(IntegrityError), transaction.atomic():
        DemandeAcces.objects.create(user=user, eg=eg, fonction="x", motif="x")


@pytest.mark.parametrize("attrs", [{"role": Role.REFERENT}, {"role": Role.SUPPORT}])
def test_who_has_it_asks_nothing(client, eg, attrs):
    client.force_login(make_user(eg=eg if attrs["role"] == Role.REFERENT else None, **attrs))
    page = reverse("directory:demander_acces", args=[eg.cle])
    assert page not in client.get(eg.get_absolute_url()).content.decode()
    assert "Vous avez déjà accès" in client.get(page).content.decode()
    client.post(page, {"fonction": "x", "motif": "x"})
    assert not DemandeAcces.objects.exists()


def test_an_establishment_not_published_is_not_there(client):
    client.force_login(make_user())
    hidden = make_eg(publish=False)
    assert client.get(reverse("directory:demander_acces", args=[hidden.cle])).status_code == 404


def test_support_accepts(client, support, eg):
    demande = ask(eg)
    assert "CSAPA Les Mésanges" in client.get("/admin/directory/demandeacces/", follow=True).content.decode()
    page = reverse("admin:directory_demandeacces_decider", args=[demande.pk])
    assert client.get(f"/admin/directory/demandeacces/{demande.pk}/change/")["Location"] == page
    assert "Je remplace M. Oulad." in client.get(page).content.decode()
    client.post(page, {"decision": "accepter"})
    assert eg.pk in Reader.of(demande.user).own_eg_ids
    assert "l’accepte" in Email.objects.get(to=demande.user.email).message
    assert Entry.objects.get(action="accept_access").author == support
    assert "acceptée" in client.get(page).content.decode()


def test_support_refuses_with_a_reason(client, support, eg):
    demande = ask(eg)
    page = reverse("admin:directory_demandeacces_decider", args=[demande.pk])
    assert "Dites pourquoi" in client.post(page, {"decision": "refuser", "reason": " "}).content.decode()
    assert client.post(page, {"decision": "autre"}).status_code == 200
    client.post(page, {"decision": "refuser", "reason": "La direction ne vous a pas désignée."})
    demande.refresh_from_db()
    assert demande.status == "refusee"
    assert eg.pk not in Reader.of(demande.user).own_eg_ids
    assert "La direction ne vous a pas désignée." in Email.objects.get(to=demande.user.email).message


def test_a_second_answer_is_told_who_gave_the_first(client, support, eg):
    demande = ask(eg)
    demandes.refuse(demande.pk, by=make_user(is_superuser=True, first_name="Paul", last_name="Lefort"), reason="Non.")
    page = reverse("admin:directory_demandeacces_decider", args=[demande.pk])
    said = client.post(page, {"decision": "accepter"}, follow=True).content.decode()
    assert "Paul Lefort a déjà répondu" in said
    assert not demande.user.habilitations.exists()
    assert Email.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_supports_at_once_give_one_decision():
    demande = ask(make_eg())
    start, decided = threading.Barrier(2), []

    def one(decide) -> None:
        by = supports.pop()
        try:
            start.wait()
            decided.append(decide(by).status)
        except demandes.AlreadyDecided:
            pass
        finally:
            connections.close_all()

    supports = [make_user(role=Role.SUPPORT, is_staff=True) for _ in range(2)]
    answers = [
        lambda by: demandes.accept(demande.pk, by=by),
        lambda by: demandes.refuse(demande.pk, by=by, reason="Non."),
    ]
    threads = [threading.Thread(target=one, args=(answer,)) for answer in answers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    demande.refresh_from_db()
    assert decided == [demande.status]
    assert demande.user.habilitations.count() == (1 if demande.status == "acceptee" else 0)
    assert Email.objects.count() == 1


def test_support_of_a_departement_sees_and_decides_its_own(client, eg):
    mine, other = ask(eg), ask(make_eg(denomination="Loin", commune=make_commune("93001", "Aubervilliers")))
    client.force_login(support_of("75"))
    page = client.get("/admin/directory/demandeacces/?status__exact=en_attente").content.decode()
    assert "Mésanges" in page
    assert "Loin" not in page
    decide = "admin:directory_demandeacces_decider"
    assert client.post(reverse(decide, args=[other.pk]), {"decision": "accepter"}).status_code == 404
    client.post(reverse(decide, args=[mine.pk]), {"decision": "accepter"})
    mine.refresh_from_db()
    other.refresh_from_db()
    assert (mine.status, other.status) == ("acceptee", "en_attente")


@pytest.mark.parametrize("attrs", [{}, {"role": Role.REGULATION, "is_staff": True}])
def test_nobody_else_decides(client, eg, attrs):
    demande = ask(eg)
    client.force_login(make_user(**attrs))
    page = reverse("admin:directory_demandeacces_decider", args=[demande.pk])
    assert client.post(page, {"decision": "accepter"}).status_code in (302, 403)
    demande.refresh_from_db()
    assert demande.status == "en_attente"


@pytest.mark.parametrize("rows", [1, 15])
def test_the_list_of_requests_costs_the_same(client, support, rows, django_assert_num_queries):
    for _ in range(rows):
        ask(make_eg())
    client.get("/aide/")
    # Session, user; role (who may), habilitations (which territory, here and in the admin's own count); counts; rows.
    with django_assert_num_queries(9):
        client.get("/admin/directory/demandeacces/?status__exact=en_attente")


def test_the_services_refuse_who_may_not(eg):
    for by in (make_user(), support_of("93")):
        with pytest.raises(habilitations.PermissionDenied):
            habilitations.grant(user=make_user(), right=Right(Role.REFERENT, eg=eg), by=by)
    with pytest.raises(habilitations.PermissionDenied):
        support = make_user(role=Role.SUPPORT)
        habilitations.grant(user=make_user(), right=Right(Role.ADMINISTRATEUR), by=support)
    assert make_ej().pk
