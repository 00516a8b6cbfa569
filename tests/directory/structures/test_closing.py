"""Support closes and reopens with all that follows, each shown before it is made; who may."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from directory import structures
from directory.closing import OPEN
from directory.models import (
    EntiteGeographique,
    FicheVersion,
    Kind,
    Role,
    UniteOperationnelle,
)
from directory.permissions import Reader
from tests import builders as b
from tests.directory.structures.acts import CLOSED, DEF, actions, seen_in, url

pytestmark = pytest.mark.django_db


# --- Closing ---------------------------------------------------------------------------------------------------------


def test_the_preview_of_a_closing_is_what_the_closing_does(client, support, ej):
    client.force_login(support)
    page = client.get(url(ej, "fermer"), CLOSED)
    text = page.content.decode()
    assert "2\xa0établissements, 2\xa0unités opérationnelles" in text
    for name in ("CAMSP du Lys", "CMPP des Saules", "CAMSP (fictif)", "PCO (fictif)"):
        assert name in text
    assert not FicheVersion.objects.filter(number__gt=1).exists()
    response = client.post(url(ej, "fermer"), CLOSED | {"seen": seen_in(page)}, follow=True)
    assert "fermeture au\xa031/12/2025" in response.content.decode()
    assert EntiteGeographique.objects.filter(date_fermeture=DEF[1], version=2).count() == 2
    assert UniteOperationnelle.objects.filter(type_fermeture="DEF", version=2).count() == 2
    [line] = actions("close")
    assert (line.author, line.detail["below"]) == (support, {"eg": 2, "uo": 2})
    assert FicheVersion.objects.get(kind=Kind.EJ, object_id=ej.pk, number=2).origin == "support"


def test_reopening_takes_back_what_that_closing_had_closed(client, support, ej):
    before = b.make_uo(eg=ej.etablissements.first(), type_fermeture="DEF", date_fermeture=dt.date(2020, 1, 1))
    plan = structures.plan_closing(Kind.EJ, ej, DEF)
    assert before not in plan.below[1][1]
    structures.close(Kind.EJ, ej.pk, DEF, seen=plan.seen, by=support)
    client.force_login(support)
    page = client.get(url(ej, "fermer"), {"type_fermeture": "rouvrir"})
    assert "Rouvrir et publier" in page.content.decode()
    client.post(url(ej, "fermer"), {"type_fermeture": "rouvrir", "seen": seen_in(page)})
    assert not EntiteGeographique.objects.exclude(date_fermeture=None).exists()
    assert list(UniteOperationnelle.objects.exclude(date_fermeture=None)) == [before]
    assert len(actions("reopen")) == 1


def test_a_closing_is_not_made_when_what_follows_has_moved(client, support, ej):
    client.force_login(support)
    page = client.get(url(ej, "fermer"), CLOSED)
    eg = ej.etablissements.last()
    b.make_uo(eg=eg, nom="Nouvelle unité (fictif)")
    response = client.post(url(ej, "fermer"), CLOSED | {"seen": seen_in(page)})
    text = response.content.decode()
    assert response.status_code == 409 and "rien n’a été fait" in text and "Nouvelle unité" in text
    assert not EntiteGeographique.objects.exclude(date_fermeture=None).exists()
    assert client.post(url(ej, "fermer"), CLOSED | {"seen": seen_in(response)}).status_code == 302


def test_a_double_click_closes_once(client, support, ej):
    client.force_login(support)
    form = CLOSED | {"seen": seen_in(client.get(url(ej, "fermer"), CLOSED))}
    assert client.post(url(ej, "fermer"), form).status_code == 302
    assert client.post(url(ej, "fermer"), form).status_code == 409
    assert len(actions("close")) == 1


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"type_fermeture": "DEF"}, "Donnez la date"),
        ({"type_fermeture": "DEF", "date_fermeture": "31/31/2025"}, "Une date"),
        ({"type_fermeture": "XXX", "date_fermeture": "2025-12-31"}, "Sélectionnez un choix valide"),
        (CLOSED | {"date_reouverture": "2026-02-01"}, "Seule une fermeture provisoire"),
        (CLOSED | {"type_fermeture": "PRO", "date_reouverture": "2025-01-01"}, "ne peut pas précéder"),
        (CLOSED | {"date_fermeture": "2001-05-01"}, "a ouvert le 02/05/2001"),
    ],
)
def test_a_closing_that_cannot_be_is_refused_in_words(client, support, typed, words):
    eg = b.make_eg(date_ouverture=dt.date(2001, 5, 2))
    client.force_login(support)
    assert words in client.get(url(eg, "fermer"), typed).content.decode()
    response = client.post(url(eg, "fermer"), typed | {"seen": "x"})
    assert response.status_code == 422 and words in response.content.decode()
    assert not actions("close")


def test_a_unit_does_not_reopen_under_a_closed_establishment(client, support, ej):
    eg = ej.etablissements.first()
    structures.close(Kind.EG, eg.pk, DEF, seen=structures.plan_closing(Kind.EG, eg, DEF).seen, by=support)
    uo = eg.unites.first()
    client.force_login(support)
    text = client.get(url(uo, "fermer"), {"type_fermeture": "rouvrir"}).content.decode()
    assert "ferme définitivement le 31/12/2025" in text and "Rouvrir et publier" not in text
    seen = structures.plan_closing(Kind.UO, uo, OPEN).seen
    response = client.post(url(uo, "fermer"), {"type_fermeture": "rouvrir", "seen": seen})
    assert response.status_code == 422
    uo.refresh_from_db()
    assert uo.date_fermeture == DEF[1]


def test_the_same_closing_changes_nothing(client, support, ej):
    client.force_login(support)
    structures.close(Kind.EJ, ej.pk, DEF, seen=structures.plan_closing(Kind.EJ, ej, DEF).seen, by=support)
    assert "la fiche dit déjà cela" in client.get(url(ej, "fermer"), CLOSED).content.decode()


# --- Who -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "departement", "status"),
    [
        (Role.SUPPORT, None, 200),
        (Role.SUPPORT, "75", 200),
        (Role.SUPPORT, "93", 404),
        (Role.REFERENT, None, 403),
        (Role.REGULATION, None, 403),
    ],
)
def test_support_of_the_territory_alone(client, ej, role, departement, status):
    eg = ej.etablissements.get(denomination__startswith="CAMSP")
    uo = eg.unites.first()
    more = {"eg": eg} if role == Role.REFERENT else {"departement": departement and b.make_departement(departement)}
    user = b.make_user(role=role, is_staff=True, **more)
    client.force_login(user)
    for address in (url(eg, "fermer"), url(uo, "fermer"), url(uo, "deplacer")):
        assert client.get(address).status_code == status
        assert client.post(address, {}).status_code == (422 if status == 200 else status)
    if status != 200:
        with pytest.raises(PermissionDenied):
            structures.close(Kind.EG, eg.pk, DEF, seen="", by=user)
        with pytest.raises(PermissionDenied):
            structures.move_uo(uo.pk, eg.pk, seen="", by=user)
    expected = 200 if role == Role.SUPPORT and not departement else 404 if role == Role.SUPPORT else 403
    assert client.get(url(ej, "fermer")).status_code == expected


def test_without_staff_one_does_not_enter(client, ej):
    client.force_login(b.make_user(role=Role.SUPPORT))
    assert client.get(url(ej, "fermer")).status_code in (302, 403)
    client.logout()
    assert client.get(url(ej, "fermer")).status_code == 302


def test_support_that_is_also_a_referent_elsewhere_stays_in_its_territory(ej):
    user = b.make_user(role=Role.SUPPORT, departement=b.make_departement("93"))
    eg = ej.etablissements.first()
    b.make_habilitation(user, eg=eg)
    assert not structures.supported(Kind.EG, user).exists()
    assert Reader.of(user).own_eg_ids == {eg.pk}


def test_buttons_lead_there(client, support, ej):
    eg = ej.etablissements.get(denomination__startswith="CAMSP")
    uo = eg.unites.first()
    client.force_login(support)
    for fiche, pages in ((ej, ["fermer", "creer_eg"]), (eg, ["fermer"]), (uo, ["fermer", "deplacer"])):
        text = client.get(fiche.get_absolute_url()).content.decode()
        for page in pages:
            assert url(fiche, page) in text
        change = client.get(reverse(f"admin:directory_{fiche._meta.model_name}_change", args=[fiche.pk]))
        assert all(url(fiche, page) in change.content.decode() for page in pages)
    listing = client.get(reverse("admin:directory_entitejuridique_changelist")).content.decode()
    assert reverse("admin:directory_entitejuridique_creer") in listing
    client.force_login(b.make_user(role=Role.REFERENT, eg=eg))
    assert "/admin/" not in client.get(eg.get_absolute_url()).content.decode()
