"""History of a fiche: what each reader sees of the past, in words, and going back to it."""

import copy
import datetime as dt
import re

import pytest
from django.urls import reverse

from directory import history, ownership, publishing
from directory.documents import to_document
from directory.imports import upsert_eg, upsert_ej
from directory.models import Contact, FicheVersion, Kind, Niveau, Role
from directory.models.common import TEMPORARY_CLOSINGS
from journal.models import Entry
from tests import builders as b

pytestmark = pytest.mark.django_db

TODAY = dt.date(2025, 9, 17)
# Session and user; habilitations; the fiche; level (lieux); count of versions, versions.
LIST_QUERIES = 7
# And: the two versions, their documents; lines once confidential, sensitive units; concepts.
COMPARED_QUERIES = LIST_QUERIES + 5


@pytest.fixture(autouse=True)
def _today(settings):
    settings.ROR_TODAY = TODAY


@pytest.fixture
def uo():
    for value_set, key, label in (
        ("JDV_J225", "TRE_R200|1", "Téléphone mobile"),
        ("JDV_J225", "TRE_R200|2", "Téléphone fixe"),
        ("JDV_J221", "TRE_R287|01", "Secrétariat"),
        ("JDV_J220", "TRE_R85|40", "Directeur"),
    ):
        b.make_concept(key, label, value_set=value_set)
    uo = b.make_uo(nom="CAMSP du Lys (fictif)", type_uo="CAMSP", publish=False)
    b.make_contact(
        uo, nature=b.make_concept("TRE_R287|01"), niveau=1, telecoms=[("2", "0102030401"), ("1", "0602030403", 3)]
    )
    b.make_contact(uo, nom="Ligne de crise (fictif)", niveau=3, telecoms=[("2", "0102030404")])
    publishing.publish_many(Kind.UO, [uo.pk], by=b.make_user(), origin="import:7")
    uo.refresh_from_db()
    return uo


def publish(kind, pk, *, by=None, origin="direct", **changes):
    """A new version with these fields of its document changed, or `change(document)`."""
    document = copy.deepcopy(to_document(kind, pk))
    change = changes.pop("change", None)
    document |= changes
    if change:
        change(document)
    return publishing.publish(kind, document, by=by or b.make_user(), origin=origin)


def page(kind, cle, **query):
    return reverse(f"directory:{kind}_historique", args=[cle], query=query)


def restoring(kind, cle, number):
    return reverse(f"directory:{kind}_retablir", args=[cle, number])


def text(response, status=200) -> str:
    """What the page says, without markup."""
    assert response.status_code == status
    bare = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"\s+", " ", bare).replace("&#x27;", "'")


def read(client, user, url, status=200) -> str:
    client.force_login(user)
    return text(client.get(url), status)


# --- What is said ----------------------------------------------------------------------------------------------------


def test_each_version_says_when_who_and_where_from(client, uo):
    author = b.make_user(first_name="Camille", last_name="Durand")
    for n, origin in enumerate(["direct", "demo", "dossier:12", "retour:v3"]):
        publish(Kind.UO, uo.pk, by=author, origin=origin, complements=f"Texte {n}")
    said = read(client, b.make_user(), page("uo", uo.cle))
    for words in ("import FINESS", "correction directe", "démonstration", "dossier n° 12", "retour à la version 3"):
        assert words in said, words
    assert said.count("Camille Durand") == 4 and "5 versions" in said and "Première version" in said
    assert "De la version 4 à la version 5" in said and "Texte 2" in said and "Texte 3" in said
    assert "Texte 0" not in said and "Rétablir" not in said


def test_any_two_versions_in_any_order(client, uo):
    for n in range(4):
        publish(Kind.UO, uo.pk, complements=f"Texte {n}")
    user = b.make_user()
    said = read(client, user, page("uo", uo.cle, de=2, a=5))
    assert "Texte 0" in said and "Texte 3" in said and "Texte 1" not in said
    assert "De la version 5 à la version 2" in read(client, user, page("uo", uo.cle, de=5, a=2))
    assert "Aucune différence" in read(client, user, page("uo", uo.cle, de=3, a=3))
    for de, a in ((0, 1), (1, 99), ("x", 2), ("", ""), (1, 10**30), (-1, 2)):
        assert "ne peuvent pas être comparées" in read(client, user, page("uo", uo.cle, de=de, a=a))


def test_values_are_told_in_words(client, uo):
    actes = [b.make_concept(f"TRE_R210|{n}", label, value_set="JDV_J16") for n, label in ((1, "Bilan"), (2, "Visite"))]
    family = b.make_concept("TRE_R265|1", "Accompagnement", value_set="JDV_J51")
    b.make_concept("TRE_R211|404", "Addictologie", value_set="JDV_J17")
    lundi = {"uid": "h1", "type_plage": None, "jour_semaine": 1, "heure_debut": "08:30", "heure_fin": "12:00"}
    lundi |= {"date_debut": None, "date_fin": None}
    publish(
        Kind.UO,
        uo.pk,
        actes_specifiques=[actes[0].key],
        conditions_admission="Sur rendez-vous, du lundi au vendredi, avec une notification de la MDPH.",
        age_min="2.5",
    )

    def change(document):
        document["contacts"][0]["telecoms"][0] |= {"adresse": "0102030409", "niveau": 2}
        new = {"uid": "c9", "nom": "Luc Petit (fictif)", "fonction": "TRE_R85|40", "nature": None, "description": ""}
        mobile = {"uid": "t9", "canal": "1", "adresse": "0600000009", "utilisation": "", "niveau": 2}
        document["contacts"].append(new | {"niveau": 2, "ordre": 5, "telecoms": [mobile]})

    publish(
        Kind.UO,
        uo.pk,
        change=change,
        actes_specifiques=[actes[1].key],
        conditions_admission="Sur rendez-vous, du lundi au samedi, avec une notification de la MDPH.",
        age_min=None,
        habilitation_soins_sans_consentement=True,
        zones_intervention=[b.make_commune().insee],
        activites=[{"uid": "a1", "activite": "TRE_R211|404", "famille": family.key}],
        horaires=[lundi],
    )
    said = read(client, b.make_user(), page("uo", uo.cle))
    for words in (
        "Actes spécifiques Modifié Bilan Visite",
        "du lundi au vendredi , avec",
        "du lundi au samedi , avec",
        "Âge minimum Modifié 2,5 « vide »",
        "Habilitée aux soins sans consentement Modifié « vide » Oui",
        "Zone d’intervention Ajout « vide » Paris 10",
        "Activité opérationnelle Ajout « vide » Addictologie (Accompagnement)",
        "Horaire Ajout « vide » Lundi 08:30–12:00",
        "Secrétariat · Téléphone fixe Numéro ou adresse Modifié 01 02 03 04 01 01 02 03 04 09",
        "Niveau de confidentialité Modifié 1 · Grand public 2 · Professionnels",
        "Luc Petit (fictif), Directeur Ajout « vide »",
        "Téléphone mobile : 06 00 00 00 09",
    ):
        assert words.replace("du lundi au vendredi , avec", "vendredi, avec") in said or words in said, words


def test_a_slot_is_told_whole(client, uo):
    b.make_horaire(uo, 1, "09:00", "17:00")
    publish(Kind.UO, uo.pk, complements="Texte")

    def change(document):
        document["horaires"][0] |= {"heure_debut": "08:00", "heure_fin": "19:00", "date_debut": "2025-10-01"}

    publish(Kind.UO, uo.pk, change=change)
    said = read(client, b.make_user(), page("uo", uo.cle))
    assert "Horaire Modifié Lundi 09:00–17:00 Lundi 08:00–19:00, du 01/10/2025" in said


def test_entities_places_and_short_lists_are_named(client):
    other = b.make_ej(raison_sociale="Association Eucalyptus (fictif)")
    b.make_concept("TRE_R286|DEF", "Fermeture définitive", value_set="JDV_J201")
    uo = b.make_uo(eg=b.make_eg())
    eg = uo.entite_geographique
    annexe = b.make_lieu(eg, uid="annexe", nom="Antenne (fictif)")
    b.project(eg)
    publish(Kind.UO, uo.pk, lieux_offre=[{"uid": "l1", "lieu_uid": annexe.uid}])
    user = b.make_user()
    assert "Antenne (fictif)" in read(client, user, page("uo", uo.cle))

    def move(document):
        document["entite_juridique"] = other.idnat_struct
        document["lieux"][0]["commune"] = b.make_commune("93048", "Montreuil").insee

    publish(Kind.EG, eg.pk, change=move)
    publish(Kind.EG, eg.pk, type_fermeture="DEF", date_fermeture="2025-12-31")
    said = read(client, user, page("eg", eg.cle, de=1, a=3))
    for words in ("Association Eucalyptus (fictif)", "Fermeture définitive", "31/12/2025", "Paris 10 Montreuil"):
        assert words in said, words


def test_one_version_and_a_version_never_kept(client, uo):
    said = read(client, b.make_user(), page("uo", uo.cle))
    assert "Cette fiche n’a qu’une version" in said and "1 version." in said
    ej = b.make_ej()
    type(ej).objects.filter(pk=ej.pk).update(version=3)
    assert "ne peuvent pas être comparées" in read(client, b.make_user(), page("ej", ej.cle))


def test_a_document_of_a_later_release_is_told_not_guessed(client, uo):
    row = FicheVersion.objects.get(kind=Kind.UO, object_id=uo.pk)
    later = {**row.content, "schema": 99}
    FicheVersion.objects.create(
        kind=Kind.UO, object_id=uo.pk, key=row.key, number=2, content=later, author=row.author, origin="direct"
    )
    type(uo).objects.filter(pk=uo.pk).update(version=2)
    own = b.make_user(role=Role.REFERENT, eg=uo.entite_geographique)
    assert "version plus récente du ROR" in read(client, own, page("uo", uo.cle))
    assert read(client, own, restoring("uo", uo.cle, 2), 404)


def test_the_fiche_leads_to_its_history(client, uo):
    client.force_login(b.make_user())
    eg = uo.entite_geographique
    for kind, fiche in (("uo", uo), ("eg", eg), ("ej", eg.entite_juridique)):
        assert f'href="{page(kind, fiche.cle)}"' in client.get(fiche.get_absolute_url()).content.decode()
        paper = client.get(reverse(f"directory:{kind}_imprimer", args=[fiche.cle])).content.decode()
        assert "historique/" not in paper
    moved = client.get(page("eg", eg.idnat_struct, de=1, a=2))
    assert (moved.status_code, moved.url) == (301, page("eg", eg.cle, de=1, a=2))
    for cle in ("11-999999", "x"):
        assert client.get(page("uo", cle)).status_code == client.get(page("eg", cle)).status_code == 404
    client.logout()
    assert client.get(page("uo", uo.cle)).url.startswith("/connexion/")


@pytest.mark.parametrize(("rows", "expected"), [(1, LIST_QUERIES), (2, COMPARED_QUERIES), (15, COMPARED_QUERIES)])
def test_the_list_costs_the_same_whatever_the_number_of_versions(
    client, uo, rows, expected, django_assert_num_queries
):
    for n in range(rows - 1):
        publish(Kind.UO, uo.pk, complements=f"Texte {n}", type_uo=b.make_type_uo(f"T{n}").concept.key)
    client.force_login(b.make_user())
    text(client.get(page("uo", uo.cle)))
    with django_assert_num_queries(expected):
        text(client.get(page("uo", uo.cle)))


def test_fifty_a_page(client, uo):
    row = FicheVersion.objects.get(kind=Kind.UO, object_id=uo.pk)
    FicheVersion.objects.bulk_create(
        FicheVersion(
            kind=Kind.UO, object_id=uo.pk, key=row.key, number=n, content=row.content, author=row.author, origin="demo"
        )
        for n in range(2, 61)
    )
    type(uo).objects.filter(pk=uo.pk).update(version=60)
    user = b.make_user()
    assert read(client, user, page("uo", uo.cle)).count("· démonstration") == 50
    assert read(client, user, page("uo", uo.cle, page=2, de=1, a=2)).count("· démonstration") == 9


# --- Who sees what ---------------------------------------------------------------------------------------------------


def readers_of(eg):
    return {
        "pro": b.make_user(),
        "own": b.make_user(role=Role.REFERENT, eg=eg),
        "own_by_ej": b.make_user(role=Role.REFERENT, ej=eg.entite_juridique),
        "other": b.make_user(role=Role.REFERENT, eg=b.make_eg()),
        "regulation": b.make_user(role=Role.REGULATION),
        "regulation_75": b.make_user(role=Role.REGULATION, departement=b.make_departement("75")),
        "regulation_91": b.make_user(role=Role.REGULATION, departement=b.make_departement("91")),
    }


LEVEL_3 = {"own", "own_by_ej", "regulation", "regulation_75"}
EVERYONE = sorted(LEVEL_3 | {"pro", "other", "regulation_91"})


@pytest.mark.parametrize("who", EVERYONE)
def test_levels_hold_in_the_past(client, uo, who):
    def change(document):
        crisis, desk = sorted(document["contacts"], key=lambda contact: contact["nature"] or "")
        crisis["telecoms"][0]["adresse"] = "0102030405"
        crisis["nom"] = "Ligne d’urgence (fictif)"
        desk["telecoms"][0]["adresse"] = "0102030402"
        desk["telecoms"][1]["adresse"] = "0602030404"

    publish(Kind.UO, uo.pk, change=change)
    said = read(client, readers_of(uo.entite_geographique)[who], page("uo", uo.cle))
    assert "01 02 03 04 01" in said and "01 02 03 04 02" in said
    for secret in ("crise", "urgence", "01 02 03 04 04", "01 02 03 04 05", "06 02 03 04 03", "06 02 03 04 04"):
        assert (secret in said) is (who in LEVEL_3), secret
    assert ("réservé à la régulation" in said) is (who not in LEVEL_3)


@pytest.mark.parametrize("who", ["pro", "own"])
def test_what_was_made_confidential_is_hidden_in_every_version(client, uo, who):
    """A number that is hidden today, or was before it went, is not read in the versions where it was public."""

    def hide(document):
        document["contacts"][0] |= {"niveau": 3}
        for telecom in document["contacts"][0]["telecoms"]:
            telecom["niveau"] = 3

    def rename(document):
        document["contacts"][0]["telecoms"][0]["adresse"] = "0102030402"

    publish(Kind.UO, uo.pk, change=rename)
    publish(Kind.UO, uo.pk, change=hide)
    publish(Kind.UO, uo.pk, contacts=[])
    user = readers_of(uo.entite_geographique)[who]
    for de, a in ((1, 2), (2, 3), (3, 4), (1, 4), (4, 1)):
        said = read(client, user, page("uo", uo.cle, de=de, a=a))
        assert any(words in said for words in ("Secrétariat", "01 02 03 04 01", "01 02 03 04 02")) is (who == "own")
        assert ("Niveau de confidentialité" in said) is (who == "own" and (de, a) != (1, 2))


@pytest.mark.parametrize("who", EVERYONE)
def test_versions_of_a_sensitive_unit(client, who):
    uo = b.make_uo(nom="Refuge secret (fictif)", unite_sensible=True)
    publish(Kind.UO, uo.pk, complements="Code du portail")
    user = readers_of(uo.entite_geographique)[who]
    client.force_login(user)
    assert client.get(page("uo", uo.cle)).status_code == (200 if who in LEVEL_3 else 404)
    publish(Kind.UO, uo.pk, nom="Foyer (fictif)", unite_sensible=False, complements="")
    for de, a in ((1, 2), (2, 3)):
        said = read(client, user, page("uo", uo.cle, de=de, a=a))
        assert ("Code du portail" in said) is (who in LEVEL_3)
        assert ("unité sensible : elle est réservée" in said) is (who not in LEVEL_3)


@pytest.mark.parametrize("who", EVERYONE)
def test_orsan_and_landing_zone_in_the_past(client, who):
    eg = b.make_eg()
    orsan = b.make_concept("TRE_R284|1", "Première ligne ORSAN", value_set="JDV_J204")
    publish(Kind.EG, eg.pk, niveau_recours_orsan=orsan.key, zone_poser=True, commentaire="Sonner")
    said = read(client, readers_of(eg)[who], page("eg", eg.cle))
    assert "Sonner" in said
    for secret in ("ORSAN", "hélicoptère"):
        assert (secret in said) is (who in LEVEL_3), secret


@pytest.mark.parametrize("who", EVERYONE)
@pytest.mark.parametrize("is_sensitive", [True, False])
def test_places_beside_a_sensitive_unit(client, who, is_sensitive):
    eg = b.make_eg()
    refuge = b.make_lieu(eg, uid="refuge", nom="Maison bleue (fictif)", libelle_voie="rue Cachée")
    b.make_uo(eg=eg, unite_sensible=is_sensitive)
    beside = b.make_uo(eg=eg)
    publish(Kind.UO, beside.pk, lieux_offre=[{"uid": "l1", "lieu_uid": refuge.uid}])

    def move(document):
        for lieu in document["lieux"]:
            lieu["libelle_voie"] = "rue Neuve" if lieu["est_principal"] else "rue Secrète"

    publish(Kind.EG, eg.pk, change=move)
    user, seen = readers_of(eg)[who], who in LEVEL_3 or not is_sensitive
    said = read(client, user, page("eg", eg.cle))
    assert "rue Neuve" in said
    assert ("rue Secrète" in said) is seen and ("Maison bleue" in said) is seen
    assert ("Maison bleue" in read(client, user, page("uo", beside.cle))) is seen


@pytest.mark.parametrize(("who", "sees"), [("pro", False), ("own", False), ("own_by_ej", True), ("regulation", True)])
def test_contacts_of_an_ej_in_the_past(client, uo, who, sees):
    ej = uo.entite_geographique.entite_juridique
    b.make_contact(ej, nom="Astreinte (fictif)", niveau=3)
    publishing.publish_many(Kind.EJ, [ej.pk], by=b.make_user(), origin="direct")
    said = read(client, readers_of(uo.entite_geographique)[who], page("ej", ej.cle))
    assert ("Astreinte (fictif)" in said) is sees


# --- Going back ------------------------------------------------------------------------------------------------------


@pytest.fixture
def support():
    return b.make_user(role=Role.SUPPORT)


@pytest.fixture
def own(uo):
    return b.make_user(role=Role.REFERENT, eg=uo.entite_geographique, first_name="Nadia", last_name="Référente")


def go_back(client, user, kind, cle, number, expected, **more):
    client.force_login(user)
    return client.post(restoring(kind, cle, number), {"version": expected}, **more)


def test_going_back_publishes_a_new_version(client, uo, support):
    before = to_document(Kind.UO, uo.pk)
    publish(Kind.UO, uo.pk, nom="Autre nom (fictif)", contacts=[], complements="Texte")
    said = read(client, support, restoring("uo", uo.cle, 1))
    assert "Autre nom (fictif)" in said and "CAMSP du Lys (fictif)" in said and "Rétablir la version 1" in said
    assert to_document(Kind.UO, uo.pk)["nom"] == "Autre nom (fictif)"  # a GET writes nothing
    said = text(go_back(client, support, "uo", uo.cle, 1, 2, follow=True))
    assert "Version 1 rétablie : c’est maintenant la version 3." in said and "retour à la version 1" in said
    after = to_document(Kind.UO, uo.pk)
    assert (after["nom"], after["complements"]) == (before["nom"], "")
    assert {contact["uid"] for contact in after["contacts"]} == {contact["uid"] for contact in before["contacts"]}
    row = FicheVersion.objects.get(kind=Kind.UO, object_id=uo.pk, number=3)
    assert (row.author, row.origin, row.content) == (support, "retour:v1", after)
    entry = Entry.objects.get(target=f"uo:{uo.identifiant}", detail__version=3)
    assert (entry.action, entry.author, entry.detail["origin"]) == ("publish", support, "retour:v1")
    assert "déjà la même chose" in read(client, support, restoring("uo", uo.cle, 3))


def test_going_back_to_what_is_there_changes_nothing(client, uo, own):
    said = text(go_back(client, own, "uo", uo.cle, 1, 1, follow=True))
    assert "rien n’a changé" in said
    assert FicheVersion.objects.filter(kind=Kind.UO, object_id=uo.pk).count() == 1


@pytest.mark.parametrize("method", ["get", "post"])
def test_who_may_go_back(client, uo, method):
    publish(Kind.UO, uo.pk, nom="Autre nom (fictif)")
    eg, url = uo.entite_geographique, restoring("uo", uo.cle, 1)
    here, there = b.make_departement("75"), b.make_departement("91")
    allowed = {
        "own": b.make_user(role=Role.REFERENT, eg=eg),
        "own_by_ej": b.make_user(role=Role.REFERENT, ej=eg.entite_juridique),
        "support": b.make_user(role=Role.SUPPORT),
        "support_75": b.make_user(role=Role.SUPPORT, departement=here),
    }
    refused = {
        "pro": b.make_user(),
        "other": b.make_user(role=Role.REFERENT, eg=b.make_eg()),
        "regulation": b.make_user(role=Role.REGULATION),
        "support_91": b.make_user(role=Role.SUPPORT, departement=there),
    }
    for who, user in refused.items():
        client.force_login(user)
        assert getattr(client, method)(url, {"version": 2}).status_code == 403, who
    assert to_document(Kind.UO, uo.pk)["nom"] == "Autre nom (fictif)"
    for who, user in allowed.items():
        client.force_login(user)
        assert "/retablir/" in client.get(page("uo", uo.cle)).content.decode(), who
        response = getattr(client, method)(url, {"version": 2})
        assert response.status_code in (200, 302, 409), who  # 409: one of them did it before
    client.logout()
    assert getattr(client, method)(url, {"version": 2}).url.startswith("/connexion/")


def test_a_sensitive_unit_of_others_is_not_found(client):
    uo = b.make_uo(unite_sensible=True)
    client.force_login(b.make_user(role=Role.REFERENT, eg=b.make_eg()))
    assert client.get(restoring("uo", uo.cle, 1)).status_code == 404
    assert client.post(restoring("uo", uo.cle, 1), {"version": 1}).status_code == 404


def test_numbers_that_lead_nowhere(client, uo, own):
    client.force_login(own)
    for number in (0, 2, 10**30):
        assert client.get(restoring("uo", uo.cle, number)).status_code == 404
        assert client.post(restoring("uo", uo.cle, number), {"version": 1}).status_code == 404
    for version in ("", "x", "-1"):
        assert "Rétablir la version 1" in text(client.post(restoring("uo", uo.cle, 1), {"version": version}))
    assert client.put(restoring("uo", uo.cle, 1)).status_code == 405


def test_somebody_published_meanwhile(client, uo, own):
    publish(Kind.UO, uo.pk, nom="Autre nom (fictif)")
    publish(Kind.UO, uo.pk, by=b.make_user(first_name="Camille", last_name="Durand"), nom="Troisième (fictif)")
    said = text(go_back(client, own, "uo", uo.cle, 1, 2), 409)
    assert "Camille Durand a publié la version 3" in said and "Rien n’a été rétabli" in said
    assert to_document(Kind.UO, uo.pk)["nom"] == "Troisième (fictif)"
    assert text(go_back(client, own, "uo", uo.cle, 1, 10**30), 409)


def test_a_code_retired_since_is_refused_in_words(client, uo, support):
    acte = b.make_concept("TRE_R210|7", "Atelier (fictif)", value_set="JDV_J16")
    publish(Kind.UO, uo.pk, actes_specifiques=[acte.key])
    publish(Kind.UO, uo.pk, actes_specifiques=[], complements="Texte")
    acte.retired = True
    acte.save()
    refusal = "Actes spécifiques : « Atelier (fictif) » n’est pas une valeur proposée ici, ou a été retirée."
    said = read(client, support, restoring("uo", uo.cle, 2))
    assert (
        refusal in said
        and "<button" not in client.get(restoring("uo", uo.cle, 2)).content.decode().split("ror-bar")[1]
    )
    assert refusal in text(go_back(client, support, "uo", uo.cle, 2, 3), 422)
    live = to_document(Kind.UO, uo.pk)
    assert (live["complements"], live["actes_specifiques"]) == ("Texte", [])


def test_a_retired_code_the_live_fiche_still_carries_is_kept(client, uo, own):
    acte = b.make_concept("TRE_R210|7", "Atelier (fictif)", value_set="JDV_J16")
    publish(Kind.UO, uo.pk, actes_specifiques=[acte.key])
    publish(Kind.UO, uo.pk, complements="Texte")
    acte.retired = True
    acte.save()
    assert go_back(client, own, "uo", uo.cle, 2, 3).status_code == 302
    live = to_document(Kind.UO, uo.pk)
    assert (live["complements"], live["actes_specifiques"]) == ("", [acte.key])


def test_a_place_that_is_gone_is_refused_in_words(client, uo, support):
    eg = uo.entite_geographique
    place = b.make_lieu(eg, uid="annexe", nom="Antenne (fictif)")
    publish(Kind.UO, uo.pk, lieux_offre=[{"uid": "l1", "lieu_uid": "annexe"}])
    publish(Kind.UO, uo.pk, lieux_offre=[])
    place.delete()
    said = text(go_back(client, support, "uo", uo.cle, 2, 3), 422)
    assert "Ce lieu n’existe pas dans l’établissement." in said and "Lieu retiré depuis" in said


def test_a_place_where_a_unit_works_does_not_go(client, uo, support):
    eg = uo.entite_geographique
    b.make_lieu(eg, uid="annexe", nom="Antenne (fictif)")
    publish(Kind.EG, eg.pk, commentaire="Texte")
    publish(Kind.UO, uo.pk, lieux_offre=[{"uid": "l1", "lieu_uid": "annexe"}])
    said = text(go_back(client, support, "eg", eg.cle, 1, 2), 422)
    assert "Lieu : Une unité travaille dans ce lieu" in said


def test_what_finess_owns_stays(client):
    standard = b.make_concept("TRE_R287|06", "Standard", value_set="JDV_J221")
    b.make_concept("TRE_R200|2", "Téléphone fixe", value_set="JDV_J225")
    eg = b.make_eg(commentaire="Avant", nom_operationnel="Ancien nom", lieu={"uid": "finess", "description": "Métro"})
    b.make_lieu(eg, uid="annexe", nom="Antenne")
    b.make_contact(eg, uid="finess", nature=standard, niveau=1, telecoms=[("2", "0102030401")])
    publishing.publish_many(Kind.EG, [eg.pk], by=b.make_user(), origin="import:1")

    def finess(document):
        document["denomination"] = "NOM OFFICIEL"
        document["commentaire"] = "Après"
        document["nom_operationnel"] = "Nouveau nom"
        main, annexe = document["lieux"]
        main |= {"libelle_voie": "rue Neuve", "description": "Bus"}
        annexe |= {"libelle_voie": "rue de l’Annexe"}
        document["contacts"][0]["telecoms"][0]["adresse"] = "0102030402"

    publish(Kind.EG, eg.pk, change=finess, origin="import:2")
    support = b.make_user(role=Role.SUPPORT)
    assert go_back(client, support, "eg", eg.cle, 2, 3).status_code == 302
    live = to_document(Kind.EG, eg.pk)
    main, annexe = live["lieux"]
    assert (live["denomination"], live["commentaire"], live["nom_operationnel"]) == (
        "NOM OFFICIEL",
        "Avant",
        "Ancien nom",
    )
    assert (main["libelle_voie"], main["description"]) == ("rue Neuve", "Métro")
    assert annexe["libelle_voie"] == "rue de Paradis"
    assert live["contacts"][0]["telecoms"][0]["adresse"] == "0102030402"


def test_the_main_entrance_stays_the_main_entrance(client):
    eg = b.make_eg(commentaire="Avant", lieu={"uid": "ancienne"})
    publish(
        Kind.EG,
        eg.pk,
        commentaire="Après",
        change=lambda document: document["lieux"][0].update(uid="finess", libelle_voie="rue Neuve"),
    )
    assert go_back(client, b.make_user(role=Role.SUPPORT), "eg", eg.cle, 1, 2).status_code == 302
    live = to_document(Kind.EG, eg.pk)
    assert live["commentaire"] == "Avant"
    assert {lieu["uid"]: lieu["est_principal"] for lieu in live["lieux"]} == {"finess": True, "ancienne": False}


@pytest.mark.parametrize("closing", TEMPORARY_CLOSINGS)
def test_going_back_neither_closes_nor_opens(client, uo, own, closing):
    b.make_concept(f"TRE_R286|{closing}", value_set="JDV_J201")
    publish(Kind.UO, uo.pk, type_fermeture=closing, date_fermeture="2025-09-01", complements="Texte")
    go_back(client, own, "uo", uo.cle, 1, 2)
    live = to_document(Kind.UO, uo.pk)
    assert (live["complements"], live["type_fermeture"], live["date_fermeture"]) == ("", closing, "2025-09-01")
    publish(Kind.UO, uo.pk, type_fermeture="", date_fermeture=None)
    go_back(client, own, "uo", uo.cle, 2, 4)
    live = to_document(Kind.UO, uo.pk)
    assert (live["complements"], live["type_fermeture"]) == ("Texte", "")


def test_going_back_makes_nothing_more_visible(client, uo, own):
    def hide(document):
        document["contacts"][0]["niveau"] = 3
        for telecom in document["contacts"][0]["telecoms"]:
            telecom["niveau"] = 3

    publish(Kind.UO, uo.pk, change=hide)
    go_back(client, own, "uo", uo.cle, 1, 2)
    publish(Kind.UO, uo.pk, contacts=[])
    number = FicheVersion.objects.filter(kind=Kind.UO, object_id=uo.pk).count()
    go_back(client, own, "uo", uo.cle, 1, number)
    contacts = Contact.objects.filter(unite=uo)
    assert [contact.niveau for contact in contacts] == [3, 3]
    assert {telecom.niveau for contact in contacts for telecom in contact.telecoms.all()} == {3}


def test_a_unit_made_sensitive_stays_so(client, uo, own):
    def hide(document):
        document |= {"unite_sensible": True, "contacts": []}

    publish(Kind.UO, uo.pk, change=hide, complements="Texte")
    assert go_back(client, own, "uo", uo.cle, 1, 2).status_code == 302
    live = to_document(Kind.UO, uo.pk)
    assert live["unite_sensible"] and live["complements"] == ""
    assert {contact["niveau"] for contact in live["contacts"]} == {Niveau.REGULATION}


def test_support_goes_back_on_an_ej(client):
    ej = b.make_ej(commentaire="Avant", raison_sociale="ASSOCIATION")
    publish(Kind.EJ, ej.pk, commentaire="Après", raison_sociale="ASSOCIATION NOUVELLE")
    client.force_login(b.make_user(role=Role.REFERENT, ej=ej))
    assert client.get(restoring("ej", ej.cle, 1)).status_code == 403
    assert go_back(client, b.make_user(role=Role.SUPPORT), "ej", ej.cle, 1, 2).status_code == 302
    live = to_document(Kind.EJ, ej.pk)
    assert (live["commentaire"], live["raison_sociale"]) == ("Avant", "ASSOCIATION NOUVELLE")


def test_what_the_imports_write_is_what_a_return_keeps():
    def names(owned):
        return {name.removesuffix("_id") for name in owned}

    assert names(upsert_eg.OWNED) <= set(ownership.KEPT[Kind.EG])
    assert names(upsert_ej.OWNED) | set(upsert_ej.TRIPLE) <= set(ownership.KEPT[Kind.EJ])
    assert names(upsert_eg.LIEU_OWNED) <= set(ownership.KEPT_OF_LIEU)
    assert upsert_eg.UID == ownership.UID


def test_confidential_lines_are_found_in_one_query(uo, django_assert_num_queries):
    with django_assert_num_queries(1):
        found = history.ever_above(Kind.UO, uo.pk, Niveau.PROFESSIONNELS)
    assert len(found.contacts) == 1 and len(found.telecoms) == 2


def test_a_referent_brings_back_only_what_needs_no_dossier(client, uo, own):
    publish(Kind.UO, uo.pk, nom="Autre nom (fictif)", contacts=[], conditions_accueil="Sur rendez-vous.")
    said = read(client, own, restoring("uo", uo.cle, 1))
    assert "le reste passe par un dossier" in said
    go_back(client, own, "uo", uo.cle, 1, 2)
    after = to_document(Kind.UO, uo.pk)
    assert (after["nom"], after["conditions_accueil"], len(after["contacts"])) == ("Autre nom (fictif)", "", 2)
