"""Support on the tree: create, close with all that follows, reopen, move a unit; each shown before it is made."""

import datetime as dt
import re

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from stdnum import luhn

from directory import history, publishing, structures
from directory.closing import OPEN
from directory.documents import to_document
from directory.models import (
    EntiteGeographique,
    EntiteJuridique,
    FicheVersion,
    Kind,
    LieuDeLOffre,
    Role,
    UniteOperationnelle,
)
from directory.permissions import Reader
from journal.models import Entry
from search.models import SearchEg, SearchOffre
from tests import builders as b

pytestmark = pytest.mark.django_db

DEF = ("DEF", dt.date(2025, 12, 31), None)
CLOSED = {"type_fermeture": "DEF", "date_fermeture": "2025-12-31"}


@pytest.fixture(autouse=True)
def _types():
    for code, label in (("DEF", "Définitive"), ("PRO", "Provisoire")):
        b.make_concept(f"TRE_R286|{code}", label, value_set="JDV_J201")


@pytest.fixture
def support():
    return b.make_user("support@exemple.fr", role=Role.SUPPORT, is_staff=True)


@pytest.fixture
def ej():
    """An EJ with two EG; the first has two units."""
    ej = b.make_ej(raison_sociale="Association Eucalyptus (fictif)")
    eg = b.make_eg(ej=ej, denomination="CAMSP du Lys (fictif)")
    b.make_eg(ej=ej, denomination="CMPP des Saules (fictif)")
    b.make_uo(eg=eg, nom="CAMSP (fictif)")
    b.make_uo(eg=eg, nom="PCO (fictif)")
    return ej


def url(fiche, page: str) -> str:
    return reverse(f"admin:directory_{fiche._meta.model_name}_{page}", args=[fiche.pk])


def seen_in(response) -> str:
    return re.search(r'name="seen" value="(\w+)"', response.content.decode())[1]


def actions(action: str) -> list[Entry]:
    return list(Entry.objects.filter(action=action).order_by("pk"))


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


# --- Creating --------------------------------------------------------------------------------------------------------


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


# --- Moving ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def move(ej):
    """(unit, EG it leaves, EG it joins)."""
    uo = UniteOperationnelle.objects.get(nom="PCO (fictif)")
    return uo, uo.entite_geographique, EntiteGeographique.objects.get(denomination__startswith="CMPP")


def work_at(uo, lieu) -> None:
    LieuDeLOffre.objects.create(unite=uo, lieu_uid=lieu.uid)


def moved(uo, target, by):
    return structures.move_uo(uo.pk, target.pk, seen=structures.plan_move(uo, target).seen, by=by)


def test_a_unit_moves_with_its_identifier(client, support, move):
    uo, source, target = move
    b.project(source, target)
    left = b.make_user(role=Role.REFERENT, eg=source)
    joined = b.make_user(role=Role.REFERENT, eg=target)
    client.force_login(support)
    page = client.get(url(uo, "deplacer"), {"vers": target.finess})
    text = page.content.decode()
    assert "CMPP des Saules" in text and uo.identifiant in text
    response = client.post(url(uo, "deplacer"), {"vers": target.finess, "seen": seen_in(page)})
    assert response.url == uo.get_absolute_url()
    identifiant = uo.identifiant
    uo.refresh_from_db()
    assert (uo.entite_geographique, uo.identifiant, uo.version) == (target, identifiant, 2)
    editable = UniteOperationnelle.objects.editable_by
    assert not editable(Reader.of(left)).filter(pk=uo.pk).exists()
    assert editable(Reader.of(joined)).filter(pk=uo.pk).exists()
    assert SearchOffre.objects.get(uo_id=uo.pk).eg_id == target.pk
    assert {line.target for line in actions("move_uo")} == {f"eg:{source.idnat_struct}", f"uo:{uo.identifiant}"}
    for eg in (source, target):
        assert EntiteGeographique.objects.get(pk=eg.pk).version == 1  # nothing of theirs changed


def test_a_place_of_its_own_follows_a_shared_one_stays_a_twin_is_found_again(support, move):
    uo, source, target = move
    own = b.make_lieu(source, libelle_voie="allée des Frênes")
    shared = b.make_lieu(source, libelle_voie="place du Marché")
    twin = b.make_lieu(source, libelle_voie="quai des Brumes")
    other = b.make_lieu(target, libelle_voie="Quai des brumes", nom="Antenne")
    for lieu in (own, shared, twin):
        work_at(uo, lieu)
    work_at(source.unites.exclude(pk=uo.pk).get(), shared)
    assert [place.fate for place in structures.plan_move(uo, target).places] == ["taken", "left", "same"]
    moved(uo, target, support)
    assert set(uo.lieux_offre.values_list("lieu_uid", flat=True)) == {own.uid, other.uid}
    assert set(target.lieux.values_list("libelle_voie", flat=True)) >= {"allée des Frênes", "Quai des brumes"}
    assert set(source.lieux.values_list("uid", flat=True)).isdisjoint({own.uid, twin.uid})
    assert source.lieux.filter(uid=shared.uid).exists()


def test_the_address_of_a_refuge_does_not_show_once_it_is_gone(client, support, move):
    uo, source, target = move
    refuge = b.make_lieu(source, libelle_voie="impasse du Secret")
    work_at(uo, refuge)
    UniteOperationnelle.objects.filter(pk=uo.pk).update(unite_sensible=True)
    publishing.publish_many(Kind.EG, [source.pk], by=support, origin="test")
    uo.refresh_from_db()
    moved(uo, target, support)
    client.force_login(b.make_user())
    for eg in (source, target):
        pages = [eg.get_absolute_url(), f"{eg.get_absolute_url()}historique/"]
        pages += [f"{eg.get_absolute_url()}historique/?de={de}&a={a}" for de, a in ((1, 2), (2, 3), (3, 2))]
        for page in pages:
            assert "Secret" not in client.get(page).content.decode(), page
    assert history.hides_places(source.pk) and history.hides_places(target.pk)
    assert not history.hides_places(b.make_eg().pk)
    client.force_login(support)
    text = client.get(f"{source.get_absolute_url()}historique/?de=2&a=3").content.decode()
    assert "Secret" in text  # level 3 reads it


def test_a_move_is_not_made_when_something_moved(client, support, move):
    uo, source, target = move
    client.force_login(support)
    page = client.get(url(uo, "deplacer"), {"vers": target.finess})
    document = to_document(Kind.EG, target.pk) | {"commentaire": "Entre-temps."}
    publishing.publish(Kind.EG, document, by=support, origin="test")
    response = client.post(url(uo, "deplacer"), {"vers": target.finess, "seen": seen_in(page)})
    assert response.status_code == 409 and "rien n’a été fait" in response.content.decode()
    uo.refresh_from_db()
    assert uo.entite_geographique == source


def test_where_a_unit_cannot_go(client, support, move):
    uo, source, _ = move
    closed = b.make_eg(type_fermeture="PRO", date_fermeture=dt.date(2020, 1, 1))
    client.force_login(support)
    for vers, words in (
        (source.finess, "déjà dans cet établissement"),
        (closed.finess, "est fermé"),
        ("", "obligatoire"),
        ("999", "Aucun établissement de votre territoire"),
    ):
        response = client.post(url(uo, "deplacer"), {"vers": vers, "seen": "x"})
        assert response.status_code == 422 and words in response.content.decode()


def test_a_unit_does_not_leave_the_territory_of_its_support(client, move):
    uo, _, _ = move
    outside = b.make_eg(commune=b.make_commune("93001", "Aubervilliers"))
    user = b.make_user(role=Role.SUPPORT, is_staff=True, departement=b.make_departement("75"))
    client.force_login(user)
    assert "Aucun établissement" in client.get(url(uo, "deplacer"), {"vers": outside.finess}).content.decode()
    with pytest.raises(PermissionDenied):
        structures.move_uo(uo.pk, outside.pk, seen="", by=user)


def test_a_unit_follows_the_closing_announced_where_it_goes(client, support, move):
    uo, _, target = move
    later = dt.date.today() + dt.timedelta(days=90)
    EntiteGeographique.objects.filter(pk=target.pk).update(type_fermeture="DEF", date_fermeture=later)
    client.force_login(support)
    page = client.get(url(uo, "deplacer"), {"vers": target.finess})
    response = client.post(url(uo, "deplacer"), {"vers": target.finess, "seen": seen_in(page)})
    assert response.status_code == 422 and "ferme définitivement" in response.content.decode()


# --- Undoing ---------------------------------------------------------------------------------------------------------


def test_support_undoes_the_last_publication(client, support, move):
    uo, source, _ = move
    document = to_document(Kind.UO, uo.pk) | {"nom": "Nom faux (fictif)", "complements": "Faux."}
    publishing.publish(Kind.UO, document, by=b.make_user(), origin="dossier:1")
    history_url = f"{uo.get_absolute_url()}historique/"
    client.force_login(b.make_user(role=Role.REFERENT, eg=source))
    assert "Annuler cette publication" not in client.get(history_url).content.decode()
    client.force_login(support)
    assert "Annuler cette publication" in client.get(history_url).content.decode()
    client.post(f"{history_url}1/retablir/", {"version": 2})
    uo.refresh_from_db()
    assert (uo.nom, uo.complements, uo.version) == ("PCO (fictif)", "", 3)
