"""Saved searches: one's own, by name; their alerts: what is new, once, to who may read it."""

import datetime as dt
import re

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from post_office.models import Email

from directory.models import Role
from journal.models import Entry
from restitutions import tasks
from restitutions.models import Alerte, RechercheEnregistree
from restitutions.recherches import alertes, services
from tests import builders as b

pytestmark = pytest.mark.django_db
LIST = "/recherches/"
SAVE = "/recherches/enregistrer/"
MONDAY = dt.date(2026, 11, 23)
LIST_QUERIES = 3  # session, user with her rights, the rows; the dossiers counted in the frame


@pytest.fixture(autouse=True)
def _lists(settings):
    settings.ROR_TODAY = MONDAY
    b.make_concept("ror-patientele|A", "Adultes")


@pytest.fixture
def nadia(client):
    user = b.make_user("nadia@exemple.fr")
    client.force_login(user)
    client.get("/")  # the first request of the day publishes what is due
    return user


def described(name, **uo):
    eg = b.make_eg(denomination=name)
    b.make_uo(eg=eg, **{"nom": f"Unité de {name}"} | uo)
    b.project(eg)
    return eg


def saved(user, name="CSAPA", query="q=csapa", alerte=Alerte.AUCUNE):
    return services.save(by=user, name=name, query=query, alerte=alerte)


def next_day(settings, days=1):
    settings.ROR_TODAY += dt.timedelta(days=days)


# --- Saving ----------------------------------------------------------------------------------------------------------


def test_save_from_the_results_then_run_it_again(client, nadia):
    described("CSAPA A")
    b.make_commune()
    page = client.get("/recherche/", {"ou": "75110", "q": "csapa"}).content.decode()
    address = re.search(r'href="(/recherches/enregistrer/[^"]+)"', page)[1].replace("&amp;", "&")
    form = client.get(address).content.decode()
    assert "«\u00a0csapa\u00a0» autour de Paris 10 (75010)" in form and "Enregistrer cette recherche" in form
    assert client.post(address, {"name": "CSAPA près d’ici", "alerte": "aucune"}).status_code == 302
    recherche = RechercheEnregistree.objects.get()
    assert (recherche.user, recherche.query) == (nadia, "ou=75110&q=csapa")
    page = client.get(LIST).content.decode()
    assert 'href="/recherche/?ou=75110&amp;q=csapa"' in page and "CSAPA près d’ici" in page
    assert "CSAPA près d’ici" in client.get("/").content.decode()
    assert Entry.objects.get(action="save_search").target == f"recherche:{recherche.pk}"


def test_the_same_question_is_kept_in_the_same_words(nadia):
    one = saved(nadia, "a", "q=csapa&patientele=A&page=3&dans=tout")
    other = saved(nadia, "b", "patientele=A&patientele=zz&q=csapa&lieu=")
    assert one.query == other.query == "q=csapa&patientele=A"


def test_its_criteria_are_said_in_words(nadia):
    b.make_commune()
    recherche = saved(nadia, query="ou=75110&q=csapa&dans=noms&patientele=A")
    assert recherche.words == "«\u00a0csapa\u00a0» dans «\u00a0Noms\u00a0» autour de Paris 10 (75010), Adultes"


def test_nothing_asked_nothing_saved(client, nadia):
    response = client.get(SAVE, follow=True)
    assert (
        response.redirect_chain[0][0] == "/recherche/" and "Faites d’abord une recherche" in response.content.decode()
    )
    assert client.post(SAVE, {"name": "x", "alerte": "aucune"}).status_code == 302
    assert not RechercheEnregistree.objects.exists()
    with pytest.raises(services.Refused):
        saved(nadia, query="ou=00000&q=")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"name": "", "alerte": "aucune"}, "Donnez un nom"),
        ({"name": "x" * 81, "alerte": "aucune"}, "80 caractères au plus"),
        ({"name": "déjà LÀ", "alerte": "aucune"}, "porte déjà ce nom"),
        ({"name": "a\x00b", "alerte": "aucune"}, "ror-error"),
        ({"name": "x"}, "Choisissez une fréquence"),
        ({"name": "x", "alerte": "chaque heure"}, "ror-error"),
    ],
)
def test_a_wrong_form_says_why_and_keeps_what_was_typed(client, nadia, data, words):
    saved(nadia, "Déjà là")
    response = client.post(f"{SAVE}?q=csapa", data)
    assert response.status_code == 422 and words in response.content.decode()
    if data["name"].strip("\x00").isalnum():
        assert f'value="{data["name"]}"' in response.content.decode()
    assert RechercheEnregistree.objects.count() == 1


def test_another_person_may_use_the_same_name(nadia):
    saved(nadia)
    saved(b.make_user())


def test_no_more_than_fifty(nadia, monkeypatch):
    monkeypatch.setattr(services, "MAX_PER_PERSON", 1)
    saved(nadia)
    with pytest.raises(services.Refused, match="déjà 1"):
        saved(nadia, "Autre")


def test_rename_and_delete(client, nadia):
    recherche = saved(nadia)
    address = reverse("restitutions:recherche_modifier", args=[recherche.pk])
    assert 'value="CSAPA"' in client.get(address).content.decode()
    client.post(address, {"name": "Addictions", "alerte": "quotidienne"})
    recherche.refresh_from_db()
    assert (recherche.name, recherche.alerte) == ("Addictions", Alerte.QUOTIDIENNE)
    address = reverse("restitutions:recherche_supprimer", args=[recherche.pk])
    assert "Supprimer «\u00a0Addictions\u00a0»" in client.get(address).content.decode()
    assert RechercheEnregistree.objects.exists()
    client.post(address)
    assert not RechercheEnregistree.objects.exists()


@pytest.mark.parametrize("action", ["modifier", "supprimer"])
def test_those_of_others_do_not_exist(client, nadia, action):
    other = b.make_user()
    recherche = saved(other)
    address = reverse(f"restitutions:recherche_{action}", args=[recherche.pk])
    for response in (client.get(address), client.post(address, {"name": "x", "alerte": "aucune"})):
        assert response.status_code == 404
    assert "CSAPA" not in client.get(LIST).content.decode()
    with pytest.raises(PermissionDenied):
        services.change(recherche, by=nadia, name="x", alerte="aucune")
    with pytest.raises(PermissionDenied):
        services.delete(recherche, by=nadia)


@pytest.mark.parametrize("number", [1, 15])
def test_the_list_costs_the_same_whatever_its_length(client, nadia, number, django_assert_num_queries):
    for position in range(number):
        saved(nadia, f"Recherche {position}")
    client.get(LIST)
    with django_assert_num_queries(LIST_QUERIES):
        client.get(LIST)


# --- Alerts ----------------------------------------------------------------------------------------------------------


def test_what_is_new_is_told_once(nadia, settings):
    described("CSAPA connu")
    saved(nadia, alerte=Alerte.QUOTIDIENNE)
    assert tasks.send_alerts() == 0
    described("CSAPA nouveau")
    next_day(settings)
    assert tasks.send_alerts() == 1
    message = Email.objects.get()
    assert message.to == [nadia.email] and message.subject == "[ROR] Une nouvelle réponse à votre recherche"
    assert "Unité de CSAPA nouveau (CSAPA nouveau), Paris 10" in message.message
    assert "connu" not in message.message and "/recherche/?q=csapa" in message.message
    assert "&amp;" not in message.message and "&#x27;" not in message.message
    assert tasks.send_alerts() == 0
    next_day(settings)
    assert tasks.send_alerts() == 0
    assert Email.objects.count() == 1 and Entry.objects.filter(action="send_alert").count() == 1


def test_a_new_unit_of_a_known_establishment_is_new(nadia, settings):
    eg = described("CSAPA connu")
    saved(nadia, alerte=Alerte.QUOTIDIENNE)
    b.make_uo(eg=eg, nom="Consultation jeunes")
    b.project(eg)
    next_day(settings)
    assert tasks.send_alerts() == 1
    assert "Consultation jeunes" in Email.objects.get().message


def test_the_same_day_never_writes_twice_even_when_the_row_forgets(nadia, settings):
    recherche = saved(nadia, alerte=Alerte.QUOTIDIENNE)
    described("CSAPA nouveau")
    next_day(settings)
    assert tasks.send_alerts() == 1
    RechercheEnregistree.objects.filter(pk=recherche.pk).update(known=[], checked_on=None)
    assert tasks.send_alerts() == 0 and Email.objects.count() == 1


def test_each_week_is_seven_days_after_the_last_look(nadia, settings):
    saved(nadia, alerte=Alerte.HEBDOMADAIRE)
    described("CSAPA nouveau")
    next_day(settings, 6)
    assert tasks.send_alerts() == 0
    next_day(settings)
    assert tasks.send_alerts() == 1


def test_no_alert_no_look(nadia, settings):
    saved(nadia)
    described("CSAPA nouveau")
    next_day(settings)
    assert tasks.send_alerts() == 0 and not mail.outbox


def test_an_alert_that_starts_later_tells_what_comes_after(nadia, settings):
    recherche = saved(nadia)
    described("CSAPA entre-temps")
    services.change(recherche, by=nadia, name="CSAPA", alerte=Alerte.QUOTIDIENNE)
    next_day(settings)
    assert tasks.send_alerts() == 0


def test_an_inactive_account_gets_nothing(nadia, settings):
    saved(nadia, alerte=Alerte.QUOTIDIENNE)
    nadia.is_active = False
    nadia.save()
    described("CSAPA nouveau")
    next_day(settings)
    assert tasks.send_alerts() == 0 and not Email.objects.exists()


def test_a_sensitive_unit_is_told_to_nobody_who_may_not_see_it(nadia, settings):
    saved(nadia, query="q=refuge", alerte=Alerte.QUOTIDIENNE)
    described("Maison", nom="Refuge", unite_sensible=True)
    next_day(settings)
    assert tasks.send_alerts() == 0


def test_a_mail_never_names_a_sensitive_unit(settings):
    chief = b.make_user(role=Role.REGULATION)
    saved(chief, query="q=refuge", alerte=Alerte.QUOTIDIENNE)
    described("Maison", nom="Refuge", unite_sensible=True)
    next_day(settings)
    assert tasks.send_alerts() == 1
    text = Email.objects.get().message
    assert "1\u00a0unité réservée à lire après connexion" in text
    assert "Refuge" not in text and "Maison" not in text and "/repertoire/uo/" not in text


def test_rights_are_those_of_the_day(settings):
    chief = b.make_user(role=Role.REGULATION)
    saved(chief, query="q=refuge", alerte=Alerte.QUOTIDIENNE)
    chief.habilitations.update(valid_to=MONDAY)
    described("Maison", nom="Refuge", unite_sensible=True)
    next_day(settings)
    assert tasks.send_alerts() == 0


def test_a_long_mail_is_cut_and_says_so(nadia, settings, monkeypatch):
    monkeypatch.setattr(alertes, "LISTED", 1)
    saved(nadia, alerte=Alerte.QUOTIDIENNE)
    for name in ("CSAPA A", "CSAPA B", "CSAPA C"):
        described(name)
    next_day(settings)
    tasks.send_alerts()
    message = Email.objects.get()
    assert message.subject == "[ROR] 3 nouvelles réponses" and "2\u00a0autres réponses" in message.message


def test_a_search_that_is_too_wide_has_no_alert(client, nadia, settings):
    settings.RESULTS_MAX = 1
    described("CSAPA A")
    described("CSAPA B")
    response = client.post(f"{SAVE}?q=csapa", {"name": "Tout", "alerte": "quotidienne"})
    assert response.status_code == 422 and "affinez-la pour recevoir une alerte" in response.content.decode()
    assert client.post(f"{SAVE}?q=csapa", {"name": "Tout", "alerte": "aucune"}).status_code == 302


def test_a_search_that_became_too_wide_tells_nothing_and_loses_nothing(nadia, settings):
    described("CSAPA A")
    recherche = saved(nadia, alerte=Alerte.QUOTIDIENNE)
    known = recherche.known
    settings.RESULTS_MAX = 1
    described("CSAPA B")
    next_day(settings)
    assert tasks.send_alerts() == 0
    recherche.refresh_from_db()
    assert (recherche.n_found, recherche.known) == (2, known)
    settings.RESULTS_MAX = 200
    next_day(settings)
    assert tasks.send_alerts() == 1


def test_a_code_that_went_tells_nothing(nadia, settings):
    concept = b.make_type_uo("CSAPA", "CSAPA").concept
    recherche = saved(nadia, query="code=ror-type-uo|CSAPA", alerte=Alerte.QUOTIDIENNE)
    RechercheEnregistree.objects.update(query="code=ror-type-uo|PARTI")
    next_day(settings)
    assert concept and tasks.send_alerts() == 0
    recherche.refresh_from_db()
    assert recherche.n_found is None and recherche.checked_on == settings.ROR_TODAY


# --- The link that stops an alert ------------------------------------------------------------------------------------


def test_the_link_of_the_mail_asks_then_stops(client, nadia, settings):
    recherche = saved(nadia, "Mes secrets", alerte=Alerte.QUOTIDIENNE)
    described("CSAPA nouveau")
    next_day(settings)
    tasks.send_alerts()
    address = re.search(r"http\S+(/recherches/desabonner/\S+)", Email.objects.get().message)[1]
    client.logout()
    page = client.get(address)
    assert page.status_code == 200 and "Arrêter cette alerte" in page.content.decode()
    assert "Mes secrets" not in page.content.decode() and "csapa" not in page.content.decode().lower()
    recherche.refresh_from_db()
    assert recherche.alerte == Alerte.QUOTIDIENNE  # a scanner that follows the link stops nothing
    page = client.post(address, follow=True)
    assert "L’alerte est arrêtée" in page.content.decode()
    recherche.refresh_from_db()
    assert recherche.alerte == Alerte.AUCUNE
    assert Entry.objects.get(action="stop_alert").author == nadia
    client.post(address)
    assert Entry.objects.filter(action="stop_alert").count() == 1
    recherche.delete()
    assert client.get(address).status_code == 410 and client.post(address).status_code == 410


def test_a_link_made_elsewhere_is_nothing(client):
    assert client.get(reverse("restitutions:desabonner", args=["1:abc:def"])).status_code == 404
