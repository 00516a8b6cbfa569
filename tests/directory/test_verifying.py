"""« Rien n’a changé »: from the fiche, from the link of a reminder, and the reminders themselves."""

import datetime as dt
import re

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from post_office.models import Email

from directory import publishing, reminders, structures, tasks, verifying
from directory.documents import to_document
from directory.models import FicheVersion, Kind, Role
from journal.models import Entry
from search.models import SearchOffre
from tests import builders as b

pytestmark = pytest.mark.django_db

LATER = dt.date.today() + dt.timedelta(days=400)


@pytest.fixture
def uo():
    return b.make_uo(nom="CSAPA Les Mésanges (fictif)")


@pytest.fixture
def referent(uo):
    return b.make_user("camille@exemple.fr", role=Role.REFERENT, eg=uo.entite_geographique)


def lines(fiche="") -> list[Entry]:
    return list(Entry.objects.filter(action="verify", target__startswith=fiche))


def post(client, user, uo, **more):
    client.force_login(user)
    return client.post(reverse("directory:uo_verifier", args=[uo.cle]), {"version": uo.version} | more)


# --- From the fiche --------------------------------------------------------------------------------------------------


def test_a_click_says_who_and_when_and_publishes_nothing(client, uo, referent, settings):
    settings.ROR_TODAY = LATER
    b.project(uo.entite_geographique)
    response = post(client, referent, uo)
    assert response.url == uo.get_absolute_url()
    uo.refresh_from_db()
    assert (uo.verified_by, uo.verified_at.date(), uo.version) == (referent, LATER, 1)
    assert FicheVersion.objects.filter(kind=Kind.UO, object_id=uo.pk).count() == 1
    [line] = lines()
    assert (line.author, line.target, line.detail) == (referent, f"uo:{uo.identifiant}", {"version": 1, "via": "page"})
    assert SearchOffre.objects.get(uo_id=uo.pk).maj == LATER
    client.force_login(b.make_user())
    page = client.get(uo.get_absolute_url()).content.decode()
    assert re.search(rf"vérifié le <b>{LATER:%d/%m/%Y}</b> par Nadia Belkacem", page)
    assert "Rien n’a changé" not in page


def test_a_double_click_is_one_line(client, uo, referent):
    post(client, referent, uo)
    response = client.post(reverse("directory:uo_verifier", args=[uo.cle]), {"version": 1}, follow=True)
    assert "à l’instant" in response.content.decode()
    assert len(lines()) == 1
    other = b.make_user(role=Role.REFERENT, eg=uo.entite_geographique)
    assert verifying.verify(Kind.UO, uo.pk, by=other) == 1  # somebody else also answers for it


def test_a_later_click_counts_again(uo, referent, settings):
    verifying.verify(Kind.UO, uo.pk, by=referent)
    settings.ROR_TODAY = LATER
    assert verifying.verify(Kind.UO, uo.pk, by=referent) == 1
    assert len(lines()) == 2


def test_an_establishment_with_its_open_units(client, uo, referent):
    eg = uo.entite_geographique
    closed = b.make_uo(eg=eg, type_fermeture="DEF", date_fermeture=dt.date(2020, 1, 1))
    client.force_login(referent)
    assert "Rien n’a changé, ni dans son unité" in client.get(eg.get_absolute_url()).content.decode()
    client.post(reverse("directory:eg_verifier", args=[eg.cle]), {"version": 1, "unites": "on"})
    assert {line.target for line in lines()} == {f"eg:{eg.idnat_struct}", f"uo:{uo.identifiant}"}
    closed.refresh_from_db()
    assert closed.verified_at is None


def test_who_read_another_version_is_told(client, uo, referent):
    document = to_document(Kind.UO, uo.pk) | {"conditions_accueil": "Sur rendez-vous."}
    publishing.publish(Kind.UO, document, by=b.make_user(), origin="test")
    response = post(client, referent, uo)
    assert "relisez-la" in client.get(response.url).content.decode()
    assert not lines()


@pytest.mark.parametrize("typed", [{}, {"version": ""}, {"version": "x"}, {"version": "-3"}, {"version": "9" * 40}])
def test_a_request_that_cannot_be_read_verifies_nothing(client, uo, referent, typed):
    client.force_login(referent)
    assert client.post(reverse("directory:uo_verifier", args=[uo.cle]), typed).status_code == 302
    assert not lines()


def test_the_right_is_looked_at_before_the_form(client, uo):
    client.force_login(b.make_user())
    for kind, fiche in (("uo", uo), ("eg", uo.entite_geographique)):
        assert client.post(reverse(f"directory:{kind}_verifier", args=[fiche.cle]), {}).status_code == 403
    hidden = b.make_uo(unite_sensible=True)
    assert client.post(reverse("directory:uo_verifier", args=[hidden.cle]), {}).status_code == 404


def test_readers_and_other_referents_may_not(client, uo):
    for user in (b.make_user(), b.make_user(role=Role.REFERENT, eg=b.make_eg()), b.make_user(role=Role.REGULATION)):
        assert post(client, user, uo).status_code == 403
        with pytest.raises(PermissionDenied):
            verifying.verify(Kind.UO, uo.pk, by=user)
    assert not lines()


def test_a_hidden_unit_is_not_there(client):
    uo = b.make_uo(unite_sensible=True)
    assert post(client, b.make_user(), uo).status_code == 404
    assert client.get(reverse("directory:uo_verifier", args=[uo.cle])).status_code == 405


def test_support_of_the_territory_may(client, uo):
    there = b.make_user(role=Role.SUPPORT, departement=b.make_departement("75"))
    elsewhere = b.make_user(role=Role.SUPPORT, departement=b.make_departement("93"))
    assert post(client, there, uo).status_code == 302
    assert post(client, elsewhere, uo).status_code == 403


def test_a_closed_unit_has_nothing_to_verify(client, referent, uo):
    closed = b.make_uo(eg=uo.entite_geographique, type_fermeture="DEF", date_fermeture=dt.date(2020, 1, 1))
    assert post(client, referent, closed).status_code == 403


def test_back_to_a_page_of_ours_only(client, uo, referent):
    assert post(client, referent, uo, suivant="/repertoire/?nom=a").url == "/repertoire/?nom=a"
    assert post(client, referent, uo, suivant="https://ailleurs.exemple/").url == uo.get_absolute_url()


# --- The link --------------------------------------------------------------------------------------------------------


@pytest.fixture
def link(uo, referent):
    return verifying.address(Kind.UO, uo, referent)


def test_a_scanner_that_follows_the_link_changes_nothing(client, uo, link):
    b.make_contact(uo, niveau=1, nom="Accueil (fictif)", telecoms=[("2", "0102030405")])
    b.make_contact(uo, niveau=2, nom="Secrétariat (fictif)", telecoms=[("2", "0102030406")])
    b.make_contact(uo, niveau=3, nom="Astreinte (fictif)", telecoms=[("2", "0102030407")])
    for _ in range(3):
        response = client.get(link)
        assert client.head(link).status_code == 200
    page = response.content.decode()
    assert "CSAPA Les Mésanges (fictif)" in page and "01\xa002\xa003\xa004\xa005" in page
    for hidden in ("Secrétariat", "Astreinte", "0102030406", "01\xa002\xa003\xa004\xa006", "04\xa007"):
        assert hidden not in page
    assert response["X-Robots-Tag"] == "noindex, nofollow"
    assert not lines()


def test_the_button_of_the_link_verifies_in_that_name(client, uo, referent, link):
    assert client.post(link, {"version": 1}).url == link
    uo.refresh_from_db()
    assert uo.verified_by == referent
    [line] = lines()
    assert (line.author, line.detail["via"]) == (referent, "mail")
    page = client.get(link).content.decode()
    assert "Fiche vérifiée le" in page and "en votre nom" in page and "<button" not in page
    client.post(link, {"version": 1})
    assert len(lines()) == 1


def test_the_button_needs_its_own_page(uo, referent, link, client):
    assert Client(enforce_csrf_checks=True).post(link, {"version": 1}).status_code == 403
    assert client.post(link, {}).status_code == 400
    assert not lines()


def test_the_fiche_moved_while_the_page_was_open(client, uo, link):
    document = to_document(Kind.UO, uo.pk) | {"conditions_accueil": "Sur rendez-vous."}
    publishing.publish(Kind.UO, document, by=b.make_user(), origin="test")
    response = client.post(link, {"version": 1})
    assert response.status_code == 409 and "La fiche a changé" in response.content.decode()
    assert not lines()


def _end_right(uo, referent):
    referent.habilitations.update(valid_to=dt.date(2021, 1, 1))


def _deactivate(uo, referent):
    referent.is_active = False
    referent.save()


def _move(uo, referent):
    target = b.make_eg()
    b.make_habilitation(referent, eg=target)
    support = b.make_user(role=Role.SUPPORT)
    structures.move_uo(uo.pk, target.pk, seen=structures.plan_move(uo, target).seen, by=support)


def _close(uo, referent):
    type(uo).objects.filter(pk=uo.pk).update(type_fermeture="DEF", date_fermeture=dt.date(2020, 1, 1))


def _hide(uo, referent):
    type(uo).objects.filter(pk=uo.pk).update(unite_sensible=True)


@pytest.mark.parametrize(
    ("meanwhile", "status", "words"),
    [
        (_end_right, 403, "plus référent"),
        (_deactivate, 403, "plus actif"),
        (_move, 410, "changé de structure"),
        (_close, 410, "a fermé"),
        (_hide, 403, "après connexion"),
    ],
)
def test_a_link_that_lost_its_reason_says_so_and_shows_nothing(client, uo, referent, link, meanwhile, status, words):
    meanwhile(uo, referent)
    for response in (client.get(link), client.post(link, {"version": 1})):
        page = response.content.decode()
        assert response.status_code == status and words in page
        assert "Mésanges" not in page and "<form" not in page
    assert not lines()


def test_a_link_serves_thirty_days(client, uo, referent, settings):
    settings.ROR_TODAY = dt.date(2026, 1, 1)
    link = verifying.address(Kind.UO, uo, referent)
    settings.ROR_TODAY = dt.date(2026, 1, 30)
    assert client.get(link).status_code == 200
    settings.ROR_TODAY = dt.date(2026, 2, 1)
    response = client.get(link)
    assert response.status_code == 410 and "30\xa0jours" in response.content.decode()


@pytest.mark.parametrize("token", ["x", "a:b:c", "é", "0" * 3000])
def test_a_link_that_is_not_ours(client, token):
    response = client.get(reverse("directory:verifier_lien", args=[token]))
    assert response.status_code == 404 and "incomplet" in response.content.decode()


def test_a_link_is_for_one_fiche(uo, referent, link):
    other = b.make_uo(eg=uo.entite_geographique)
    assert verifying.read(link.rstrip("/").rpartition("/")[2]).fiche == uo
    assert verifying.address(Kind.UO, other, referent) != link


# --- Reminders -------------------------------------------------------------------------------------------------------


@pytest.fixture
def old(uo, referent, settings):
    """The same unit, 400 days later."""
    settings.ROR_TODAY = LATER
    return uo


def test_a_reminder_names_the_fiches_and_their_links(client, old, referent):
    assert tasks.remind_verification() == 1
    mail = Email.objects.get()
    assert mail.to == ["camille@exemple.fr"]
    assert "2 fiches à vérifier" in mail.subject  # the establishment and its unit
    assert "CSAPA Les Mésanges (fictif)" in mail.message
    links = re.findall(r"http://[^\s]+(/repertoire/verifier/\S+)", mail.message)
    assert len(links) == 2
    for link in links:
        assert client.post(link, {"version": 1}).status_code == 302
    old.refresh_from_db()
    assert old.verified_by == referent
    assert reminders.send_all() == 0


def test_no_fiche_is_told_twice_in_a_period(old, settings):
    assert reminders.send_all() == 1
    assert reminders.send_all() == 0
    settings.ROR_TODAY = LATER + dt.timedelta(days=20)
    assert reminders.send_all() == 0
    settings.ROR_TODAY = LATER + dt.timedelta(days=31)
    assert reminders.send_all() == 1


def test_each_referent_has_a_mail_with_links_of_her_own(old):
    second = b.make_user("karim@exemple.fr", role=Role.REFERENT, ej=old.entite_geographique.entite_juridique)
    gone = b.make_user("partie@exemple.fr")
    b.make_habilitation(gone, eg=old.entite_geographique, valid_to=dt.date(2021, 1, 1))
    inactive = b.make_user("inactif@exemple.fr", role=Role.REFERENT, eg=old.entite_geographique, is_active=False)
    assert reminders.send_all() == 2
    by_person = {mail.to[0]: mail.message for mail in Email.objects.all()}
    assert set(by_person) == {"camille@exemple.fr", second.email}
    assert gone.email not in by_person and inactive.email not in by_person
    tokens = [set(re.findall(r"/repertoire/verifier/(\S+)/", text)) for text in by_person.values()]
    assert not tokens[0] & tokens[1]


def test_who_was_told_does_not_silence_the_others(old, settings):
    reminders.send_all()
    b.make_user("nouveau@exemple.fr", role=Role.REFERENT, eg=old.entite_geographique)
    settings.ROR_TODAY = LATER + dt.timedelta(days=7)
    assert reminders.send_all() == 1
    assert Email.objects.order_by("-pk").first().to == ["nouveau@exemple.fr"]


def test_a_recent_word_is_enough(uo, referent, settings):
    assert reminders.send_all() == 0
    settings.ROR_TODAY = LATER
    verifying.verify(Kind.EG, uo.entite_geographique_id, by=referent, with_units=True)
    assert reminders.send_all() == 0


def test_nothing_is_asked_of_what_is_closed_or_not_described(settings):
    b.make_user(role=Role.REFERENT, eg=b.make_eg())
    closed = b.make_uo(type_fermeture="DEF", date_fermeture=dt.date(2020, 1, 1))
    b.make_user(role=Role.REFERENT, eg=closed.entite_geographique)
    settings.ROR_TODAY = LATER
    assert reminders.send_all() == 0


def test_the_name_of_a_sensitive_unit_leaves_by_no_mail(settings):
    uo = b.make_uo(nom="Refuge secret (fictif)", unite_sensible=True)
    b.make_user(role=Role.REFERENT, eg=uo.entite_geographique)
    settings.ROR_TODAY = LATER
    reminders.send_all()
    mail = Email.objects.get()
    assert "Refuge" not in mail.message and "Refuge" not in mail.subject
    assert "1\xa0unité réservée" in mail.message and reverse("dossiers:structures") in mail.message


def test_the_number_of_queries_follows_the_people_not_the_fiches(uo, referent, settings):
    settings.ROR_TODAY = LATER
    with CaptureQueriesContext(connection) as few:
        reminders.send_all()
    for _ in range(8):
        b.make_uo(eg=uo.entite_geographique)
    type(uo).objects.update(updated_at=timezone.now())
    settings.ROR_TODAY = LATER + dt.timedelta(days=60)
    with CaptureQueriesContext(connection) as many:
        assert reminders.send_all() == 1
    assert len(many) == len(few)
