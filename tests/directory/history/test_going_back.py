"""Going back to an earlier version publishes a new one, and takes back no more than one may write."""

import pytest

from directory import history, ownership, publishing
from directory.documents import to_document
from directory.imports import upsert_eg, upsert_ej
from directory.models import Contact, FicheVersion, Kind, Niveau, Role
from directory.models.common import TEMPORARY_CLOSINGS
from journal.models import Entry
from tests import builders as b
from tests.directory.history.reading import go_back, page, publish, read, restoring, text

pytestmark = pytest.mark.django_db


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
