"""History of a fiche: each version and the difference of any two, in words."""

import pytest
from django.urls import reverse

from directory.models import FicheVersion, Kind, Role
from tests import builders as b
from tests.directory.history.reading import page, publish, read, restoring, text

pytestmark = pytest.mark.django_db
# Session and user; habilitations; the fiche; level (lieux); count of versions, versions.
LIST_QUERIES = 6
# And: the two versions, their documents; lines once confidential, sensitive units; concepts.
COMPARED_QUERIES = LIST_QUERIES + 5


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
