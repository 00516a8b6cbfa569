"""Support creates an EJ or an EG."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from stdnum import luhn

from directory import structures
from directory.models import (
    EntiteGeographique,
    EntiteJuridique,
    FicheVersion,
    Kind,
    Role,
)
from search.models import SearchEg
from tests import builders as b
from tests.directory.structures.acts import actions, url

pytestmark = pytest.mark.django_db


def siren(body: str = "12345678") -> str:
    return body + luhn.calc_check_digit(body)


def siret(body: str) -> str:
    return body + luhn.calc_check_digit(body)


@pytest.fixture
def new_ej():
    b.make_concept("TRE_R72|60", "Association L.1901 non R.U.P.", value_set="JDV_J199")
    return {
        "finess": "",
        "siren": siren(),
        "raison_sociale": "Association Nouvelle (fictif)",
        "statut_juridique": "TRE_R72|60",
        "libelle_voie": "rue du Lys",
        "code_postal": "75010",
        "localite": "Paris",
    }


CREATE_EJ = "/admin/directory/entitejuridique/creer/"


def test_support_creates_an_ej(client, support, new_ej):
    client.force_login(support)
    assert client.get(CREATE_EJ).status_code == 200
    response = client.post(CREATE_EJ, new_ej)
    made = EntiteJuridique.objects.get(siren=new_ej["siren"])
    assert response.url == made.get_absolute_url()
    assert (made.idnat_struct, made.version, made.finess) == (f"2{made.siren}", 1, None)
    assert FicheVersion.objects.get(kind=Kind.EJ, object_id=made.pk).origin == "support"
    assert [line.target for line in actions("create")] == [f"ej:{made.idnat_struct}"]
    assert "Association L.1901" in client.get(response.url).content.decode()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"siren": ""}, "un numéro FINESS juridique ou un SIREN"),
        ({"siren": "123456789"}, "la clé de celui-ci est fausse"),
        ({"finess": "750000001"}, "clé de ce numéro FINESS"),
        ({"statut_juridique": "TRE_R72|inconnu"}, "Sélectionnez un choix valide"),
        ({"raison_sociale": ""}, "obligatoire"),
        ({"raison_sociale": "a" * 300}, "255"),
        ({"raison_sociale": "a\x00b"}, "nul"),
    ],
)
def test_what_cannot_be_an_ej_is_said_and_kept(client, support, new_ej, change, words):
    client.force_login(support)
    response = client.post(CREATE_EJ, new_ej | change)
    text = response.content.decode()
    assert response.status_code == 422 and words in text and "rue du Lys" in text
    assert not EntiteJuridique.objects.exists()


def test_the_same_ej_twice_is_refused_with_the_way_to_it(client, support, new_ej):
    client.force_login(support)
    known = b.make_ej(siren=new_ej["siren"], raison_sociale="Déjà là (fictif)")
    text = client.post(CREATE_EJ, new_ej).content.decode()
    assert "existe déjà" in text and f'href="{known.get_absolute_url()}"' in text
    assert EntiteJuridique.objects.count() == 1


def test_only_support_of_the_region_creates_an_ej(client, new_ej):
    for attrs in ({"role": Role.SUPPORT, "departement": b.make_departement("75")}, {}):
        user = b.make_user(is_staff=True, **attrs)
        client.force_login(user)
        assert client.post(CREATE_EJ, new_ej).status_code == 403
        with pytest.raises(PermissionDenied):
            structures.create_ej({}, by=user)


@pytest.fixture
def new_eg(ej):
    b.make_commune()
    b.make_concept("TRE_R66|197", "CSAPA", value_set="JDV_J55")
    return {
        "finess": b.make_finess(),
        "siret": "",
        "denomination": "CSAPA nouveau (fictif)",
        "nom_operationnel": "",
        "categorie": "TRE_R66|197",
        "date_ouverture": "2025-09-01",
        "numero_voie": "12 bis",
        "libelle_voie": "rue de Paradis",
        "code_postal": "75010",
        "localite": "PARIS 10",
    }


def test_support_creates_an_eg_that_the_search_knows(client, support, ej, new_eg):
    client.force_login(support)
    address = url(ej, "creer_eg")
    assert "Eucalyptus" in client.get(address).content.decode()
    response = client.post(address, new_eg)
    eg = EntiteGeographique.objects.get(finess=new_eg["finess"])
    assert response.url == eg.get_absolute_url()
    assert (eg.entite_juridique, eg.version, eg.categorie.label) == (ej, 1, "CSAPA")
    lieu = eg.lieux.get()
    assert lieu.est_principal and lieu.commune_id == "75110" and lieu.coordonnees_fiables is False
    assert lieu.latitude == pytest.approx(48.8762)
    assert SearchEg.objects.get(eg_id=eg.pk).commune == "Paris 10"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"finess": ""}, "un numéro FINESS géographique ou un SIRET"),
        ({"code_postal": "99999"}, "Aucune commune n’a ce code postal"),
        ({"categorie": ""}, "obligatoire"),
        ({"libelle_voie": ""}, "obligatoire"),
        ({"code_postal": "77000", "localite": "Ailleurs"}, "Plusieurs communes ont ce code postal"),
        ({"siret": siret(siren("98765432") + "0001")}, "pas de cette entité juridique"),
    ],
)
def test_what_cannot_be_an_eg_is_said(client, support, ej, new_eg, change, words):
    EntiteJuridique.objects.filter(pk=ej.pk).update(siren=siren())
    for insee, nom in (("77001", "Achères"), ("77002", "Amillis")):
        b.make_commune(insee, nom, codes_postaux=["77000"])
    client.force_login(support)
    response = client.post(url(ej, "creer_eg"), new_eg | change)
    assert response.status_code == 422 and words in response.content.decode()
    assert EntiteGeographique.objects.count() == 2


def test_the_same_eg_twice_is_refused(client, support, ej, new_eg):
    client.force_login(support)
    b.make_eg(finess=new_eg["finess"], denomination="Déjà là (fictif)")
    assert "existe déjà" in client.post(url(ej, "creer_eg"), new_eg).content.decode()
    number = siret(siren() + "0001")
    b.make_eg(siret=number)
    form = new_eg | {"finess": "", "siret": number}
    assert "existe déjà" in client.post(url(ej, "creer_eg"), form).content.decode()
    shared = new_eg | {"finess": b.make_finess(), "siret": number}  # one SIRET, two FINESS: normal
    assert client.post(url(ej, "creer_eg"), shared).status_code == 302


def test_an_eg_is_created_in_its_territory_alone(client, ej, new_eg):
    b.make_commune("93001", "Aubervilliers", codes_postaux=["93300"])
    client.force_login(b.make_user(role=Role.SUPPORT, is_staff=True, departement=b.make_departement("75")))
    elsewhere = new_eg | {"code_postal": "93300", "localite": "Aubervilliers"}
    assert "pas de votre territoire" in client.post(url(ej, "creer_eg"), elsewhere).content.decode()
    assert client.post(url(ej, "creer_eg"), new_eg).status_code == 302
    user = b.make_user(role=Role.SUPPORT, departement=b.make_departement("93"))
    with pytest.raises(PermissionDenied):
        structures.create_eg(ej, {}, lieu={}, commune=b.make_commune(), by=user)


def test_nothing_is_created_under_a_closed_ej(client, support, new_eg, ej):
    EntiteJuridique.objects.filter(pk=ej.pk).update(type_fermeture="DEF", date_fermeture=dt.date(2020, 1, 1))
    client.force_login(support)
    response = client.post(url(ej, "creer_eg"), new_eg)
    assert response.status_code == 422 and "ferme définitivement" in response.content.decode()
