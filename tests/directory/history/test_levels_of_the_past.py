"""What each reader sees of the past: the levels of today hold in it."""

import pytest

from directory import publishing
from directory.models import Kind
from tests import builders as b
from tests.directory.history.reading import page, publish, read
from tests.directory.readers import readers_of

pytestmark = pytest.mark.django_db


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
