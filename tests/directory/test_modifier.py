"""Direct correction: live at once, only the low-risk part, and nobody's text is lost."""

import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connections
from django.urls import reverse

from accounts import kept_text
from accounts.models import Session
from directory import modifying, publishing
from directory.checks import DocumentInvalid
from directory.documents import to_document
from directory.forms import FicheForm
from directory.models import FicheVersion, Kind, Role, UniteOperationnelle
from directory.modifying import Choice, Clashed, Keep
from directory.ownership import DIRECT
from journal.models import Entry
from tests import builders as b

pytestmark = pytest.mark.django_db


@pytest.fixture
def uo():
    """A published unit with a contact and a slot."""
    b.make_concept("TRE_R200|2", "Téléphone fixe", value_set="JDV_J225")
    uo = b.make_uo(nom="CSAPA (fictif)", conditions_accueil="Sur rendez-vous.", publish=False)
    b.make_contact(uo, nom="Accueil (fictif)", telecoms=[("2", "0102030401")])
    b.make_horaire(uo, 1, "09:00", "17:00")
    publishing.publish_many(Kind.UO, [uo.pk], by=b.make_user(), origin="test")
    uo.refresh_from_db()
    return uo


@pytest.fixture
def referent(client, uo):
    user = b.make_user("camille@exemple.fr", role=Role.REFERENT, eg=uo.entite_geographique)
    client.force_login(user)
    return user


def url(uo) -> str:
    return reverse("directory:uo_modifier", args=[uo.cle])


def sent(uo, **changes) -> dict:
    """What the form of the live fiche sends, with these fields changed."""
    document = to_document(Kind.UO, uo.pk)
    form = FicheForm(Kind.UO, document, only=DIRECT[Kind.UO], live=document)
    version = UniteOperationnelle.objects.values_list("version", flat=True).get(pk=uo.pk)
    return form.saisie | {"champs": form.shown, "version": version} | changes


def phone_of(uo) -> str:
    """Name of the field of its only number."""
    document = to_document(Kind.UO, uo.pk)
    [contact] = document["contacts"]
    return f"contacts-{contact['uid']}-telecoms-{contact['telecoms'][0]['uid']}-adresse"


def other_publishes(uo, **changes) -> int:
    document = to_document(Kind.UO, uo.pk) | changes
    other = b.make_user(first_name="Karim", last_name="Oulad")
    return publishing.publish(Kind.UO, document, by=other, origin="direct").number


def live(uo) -> dict:
    return to_document(Kind.UO, uo.pk)


def test_a_change_is_live_at_once_and_can_be_undone(client, uo, referent):
    assert client.get(url(uo)).status_code == 200
    response = client.post(url(uo), sent(uo, **{phone_of(uo): "0102030499"}), follow=True)
    assert live(uo)["contacts"][0]["telecoms"][0]["adresse"] == "0102030499"
    version = FicheVersion.objects.get(kind=Kind.UO, object_id=uo.pk, number=2)
    assert (version.author, version.origin) == (referent, "direct")
    assert Entry.objects.filter(action="publish", target=f"uo:{uo.identifiant}", author=referent).exists()
    text = response.content.decode()
    assert "version\xa02" in text and "Revenir à la version du" in text
    undo = re.search(r'href="(\S+/historique/1/retablir/)"', text)[1]
    client.post(undo, {"version": 2})
    assert live(uo)["contacts"][0]["telecoms"][0]["adresse"] == "0102030401"


def test_an_establishment_too(client, uo, referent):
    eg = uo.entite_geographique
    document = to_document(Kind.EG, eg.pk)
    form = FicheForm(Kind.EG, document, only=DIRECT[Kind.EG], live=document)
    data = form.saisie | {"champs": form.shown, "version": 1, "commentaire": "Sonner deux fois."}
    assert client.post(reverse("directory:eg_modifier", args=[eg.cle]), data).status_code == 302
    assert to_document(Kind.EG, eg.pk)["commentaire"] == "Sonner deux fois."


def test_nothing_else_than_the_low_risk_part_changes(client, uo, referent):
    before = live(uo)
    forged = sent(uo, nom="Autre nom", unite_sensible="on", age_min="3", type_fermeture="DEF", complements="Oui.")
    forged["champs"] += " nom unite_sensible age_min type_fermeture"
    client.post(url(uo), forged)
    after = live(uo)
    assert {name for name in after if after[name] != before[name]} == {"complements"}
    mine = before | {"nom": "Autre nom", "complements": "Encore."}
    modifying.save(Kind.UO, uo.pk, mine, read=2, by=referent)
    assert (live(uo)["nom"], live(uo)["complements"]) == ("CSAPA (fictif)", "Encore.")


def test_a_form_that_changes_nothing_publishes_nothing(client, uo, referent):
    response = client.post(url(uo), sent(uo), follow=True)
    assert "rien changé" in response.content.decode()
    assert UniteOperationnelle.objects.get().version == 1


def test_what_cannot_be_published_is_said_and_kept(client, uo, referent):
    contact = live(uo)["contacts"][0]["uid"]
    response = client.post(
        url(uo), sent(uo, **{f"contacts-{contact}-niveau": "3", "complements": "Ce que j’ai écrit."})
    )
    text = response.content.decode()
    assert response.status_code == 422 and "plus visible que le contact" in text and "Ce que j’ai écrit." in text
    assert live(uo)["complements"] == ""


# --- Two people ------------------------------------------------------------------------------------------------------


def test_changes_that_do_not_meet_are_both_kept(client, uo, referent):
    mine = sent(uo, **{phone_of(uo): "0102030499"})
    assert other_publishes(uo, conditions_accueil="Sans rendez-vous.") == 2
    response = client.post(url(uo), mine, follow=True)
    assert "ce qu’une autre personne a changé" in response.content.decode()
    now = live(uo)
    assert now["conditions_accueil"] == "Sans rendez-vous."
    assert now["contacts"][0]["telecoms"][0]["adresse"] == "0102030499"


@pytest.fixture
def clash(client, uo, referent):
    """My form, once Karim has changed the same text; and one more change of mine that meets nobody."""
    mine = sent(uo, conditions_accueil="Le mardi matin, sans rendez-vous.", complements="Parking.")
    other_publishes(uo, conditions_accueil="Le jeudi, sur rendez-vous.")
    return mine


def test_a_clash_shows_both_texts_and_saves_nothing(client, uo, clash):
    response = client.post(url(uo), clash)
    text = response.content.decode()
    assert response.status_code == 409
    assert "Karim Oulad" in text and "jeudi" in text and "mardi" in text
    assert "1\xa0autre changement" in text
    assert 'name="conditions_accueil" value="Le mardi matin, sans rendez-vous."' in text
    assert live(uo)["conditions_accueil"] == "Le jeudi, sur rendez-vous." and live(uo)["complements"] == ""


@pytest.mark.parametrize(
    ("garder", "kept"),
    [("mien", "Le mardi matin, sans rendez-vous."), ("leur", "Le jeudi, sur rendez-vous.")],
)
def test_a_clash_is_settled_by_one_button(client, uo, clash, garder, kept):
    response = client.post(url(uo), clash | {"garder": garder, "sur": 2})
    assert response.status_code == 302
    assert (live(uo)["conditions_accueil"], live(uo)["complements"]) == (kept, "Parking.")


def test_going_back_to_my_text_keeps_it(client, uo, clash):
    response = client.post(url(uo), clash | {"garder": "reprendre", "sur": 2})
    assert response.status_code == 200 and "Le mardi matin, sans rendez-vous." in response.content.decode()
    assert UniteOperationnelle.objects.get().version == 2


def test_a_choice_made_over_an_older_text_is_asked_again(client, uo, clash):
    other_publishes(uo, conditions_accueil="Le samedi.")
    response = client.post(url(uo), clash | {"garder": "mien", "sur": 2})
    assert response.status_code == 409 and "samedi" in response.content.decode()
    assert live(uo)["conditions_accueil"] == "Le samedi."


@pytest.mark.parametrize("garder", ["", "n’importe quoi"])
@pytest.mark.parametrize("sur", ["", "x", "²", "9" * 5000])
def test_a_choice_that_cannot_be_read_is_no_choice(client, uo, clash, garder, sur):
    assert client.post(url(uo), clash | {"garder": garder, "sur": sur}).status_code == 409


@pytest.mark.parametrize("version", ["", "x", "0", "99", "²", "9" * 30])
def test_a_version_nobody_published(client, uo, referent, version):
    assert client.post(url(uo), sent(uo, version=version)).status_code == 302
    assert UniteOperationnelle.objects.get().version == 1


def test_the_contact_of_finess_is_left_alone(uo, referent):
    contact = b.make_contact(uo, nom="Standard", telecoms=[("2", "0102030400")])
    type(contact).objects.filter(pk=contact.pk).update(uid="finess")
    publishing.publish_many(Kind.UO, [uo.pk], by=referent, origin="import:1")
    mine = live(uo)
    mine["contacts"] = [one | {"nom": f"{one['nom']} changé"} for one in mine["contacts"]]
    with pytest.raises(DocumentInvalid, match="repris de FINESS"):
        modifying.save(Kind.UO, uo.pk, mine, read=2, by=referent)


# --- Who -------------------------------------------------------------------------------------------------------------


def test_who_may(client, uo):
    def status(user):
        client.force_login(user)
        got = client.get(url(uo)).status_code
        assert client.post(url(uo), sent(uo, complements="x")).status_code == (302 if got == 200 else got)
        return got

    eg = uo.entite_geographique
    assert status(b.make_user()) == 403
    assert status(b.make_user(role=Role.REFERENT, eg=b.make_eg())) == 403
    assert status(b.make_user(role=Role.REGULATION)) == 403
    assert status(b.make_user(role=Role.SUPPORT, departement=b.make_departement("93"))) == 403
    assert live(uo)["complements"] == ""
    assert status(b.make_user(role=Role.SUPPORT, departement=b.make_departement("75"))) == 200
    assert status(b.make_user(role=Role.REFERENT, ej=eg.entite_juridique)) == 200
    with pytest.raises(PermissionDenied):
        modifying.save(Kind.UO, uo.pk, live(uo), read=1, by=b.make_user())
    client.logout()
    assert client.get(url(uo)).status_code == 302


def test_a_hidden_unit_is_not_there(client):
    client.force_login(b.make_user())
    assert client.get(url(b.make_uo(unite_sensible=True))).status_code == 404


def test_the_button_is_for_who_may(client, uo, referent):
    assert url(uo) in client.get(uo.get_absolute_url()).content.decode()
    client.force_login(b.make_user())
    assert url(uo) not in client.get(uo.get_absolute_url()).content.decode()


# --- Races -----------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_of_eight_at_once_none_is_silently_lost(uo):
    """Eight people write the same text from the same version: one is saved, seven are told."""
    people = [b.make_user(role=Role.REFERENT, eg=uo.entite_geographique) for _ in range(8)]
    start, gate = live(uo), Barrier(8)

    def write(n: int) -> str:
        gate.wait(timeout=20)
        try:
            mine = start | {"conditions_accueil": f"Texte {n}."}
            modifying.save(Kind.UO, uo.pk, mine, read=1, by=people[n])
        except Clashed:
            return "told"
        finally:
            connections.close_all()
        return "saved"

    with ThreadPoolExecutor(8) as pool:
        ends = list(pool.map(write, range(8)))
    assert sorted(ends) == ["saved"] + ["told"] * 7
    assert UniteOperationnelle.objects.get().version == 2


@pytest.mark.django_db(transaction=True)
def test_different_lines_at_once_are_all_kept(uo):
    person = b.make_user(role=Role.REFERENT, eg=uo.entite_geographique)
    start, gate = live(uo), Barrier(5)
    names = ("conditions_admission", "conditions_accueil", "animaux_domestiques", "complements")

    def write(name: str) -> None:
        gate.wait(timeout=20)
        try:
            modifying.save(Kind.UO, uo.pk, start | {name: f"De {name}."}, read=1, by=person)
        finally:
            connections.close_all()

    def write_hours(_: str) -> None:
        gate.wait(timeout=20)
        try:
            mine = start | {"horaires": [start["horaires"][0] | {"heure_fin": "18:00"}]}
            modifying.save(Kind.UO, uo.pk, mine, read=1, by=person)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(5) as pool:
        done = [pool.submit(write, name) for name in names] + [pool.submit(write_hours, "")]
        [one.result() for one in done]
    now = live(uo)
    assert [now[name] for name in names] == [f"De {name}." for name in names]
    assert now["horaires"][0]["heure_fin"] == "18:00"
    choice = Choice(Keep.MINE, 6)
    saved = modifying.save(Kind.UO, uo.pk, start | {"complements": "Fin."}, read=1, by=person, choice=choice)
    assert saved.was_merged and live(uo)["complements"] == "Fin."


# --- A session that ends ---------------------------------------------------------------------------------------------


def test_a_text_sent_on_a_session_that_is_over_comes_back_after_the_login(client, uo, referent):
    data = sent(uo, complements="Écrit avant la fin.", auteur=kept_text.author(referent))
    other_publishes(uo, animaux_domestiques="Acceptés")
    Session.objects.all().delete()
    assert "/connexion/" in client.post(url(uo), data)["Location"]
    client.force_login(referent)
    page = client.get(url(uo)).content.decode()
    assert "voici votre texte" in page and "Écrit avant la fin." in page
    assert 'name="version" value="1"' in page, "the version that text was written on"
    assert live(uo)["complements"] == ""
    assert client.post(url(uo), data).status_code == 302
    assert live(uo)["complements"] == "Écrit avant la fin."
    assert "voici votre texte" not in client.get(url(uo)).content.decode()


def test_another_person_does_not_find_that_text(client, uo, referent):
    data = sent(uo, complements="Écrit avant la fin.", auteur=kept_text.author(referent))
    Session.objects.all().delete()
    client.post(url(uo), data)
    client.force_login(b.make_user(role=Role.REFERENT, eg=uo.entite_geographique))
    assert "Écrit avant la fin." not in client.get(url(uo)).content.decode()


def test_both_pages_that_hold_a_text_say_whose_it_is(client, uo, referent, clash):
    signed = f'name="auteur" value="{kept_text.author(referent)}"'
    assert client.get(url(uo)).content.decode().count(signed) == 1
    assert client.post(url(uo), clash).content.decode().count(signed) == 1
