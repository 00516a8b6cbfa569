"""Documents and publication: nothing dropped, one version each, closings that go down, all or nothing."""

import copy
import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from directory import checks, documents, publishing
from directory.models import Contact, FicheVersion, Kind, UniteOperationnelle
from journal.models import Entry
from tests.builders import (
    make_activite,
    make_commune,
    make_concept,
    make_contact,
    make_eg,
    make_horaire,
    make_uo,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def full_uo():
    """A UO with a line of every kind."""
    actes = [make_concept(f"TRE_R210|{code}", value_set="JDV_J16") for code in ("0815", "0932", "1013")]
    uo = make_uo(
        concepts={"actes_specifiques": actes, "zones_intervention": [make_commune()]},
        age_min=6,
        age_max=18,
        publish=False,
    )
    make_activite(uo, famille=make_concept("TRE_R265|004", value_set="JDV_J51"))
    make_concept("TRE_R200|2", value_set="JDV_J225")
    make_contact(
        uo, niveau=1, nature=make_concept("TRE_R287|01", value_set="JDV_J221"), telecoms=[("2", "0199000001")]
    )
    make_horaire(uo, 1, "08:30", "12:00", type_plage=make_concept("TRE_R252|01", value_set="JDV_J41"))
    publishing.publish_many(Kind.UO, [uo.pk], by=make_user(), origin="test")
    return uo


def test_a_document_holds_national_keys_and_no_database_id(full_uo):
    document = documents.to_document(Kind.UO, full_uo.pk)
    assert document["schema"] == 1
    assert document["actes_specifiques"] == ["TRE_R210|0815", "TRE_R210|0932", "TRE_R210|1013"]
    assert document["entite_geographique"] == full_uo.entite_geographique.idnat_struct
    assert document["zones_intervention"] == ["75110"]
    assert document["age_min"] == "6"
    assert document["activites"][0]["famille"] == "TRE_R265|004"
    assert document["contacts"][0]["telecoms"][0]["adresse"] == "0199000001"
    assert document["horaires"][0]["heure_debut"] == "08:30"
    assert "id" not in document["contacts"][0]


def test_publishing_the_same_document_elsewhere_gives_the_same_document(full_uo):
    document = documents.to_document(Kind.UO, full_uo.pk)
    twin = copy.deepcopy(document) | {"identifiant": "11/copie-1"}
    version = publishing.publish(Kind.UO, twin, by=make_user(), origin="direct")
    assert documents.to_document(Kind.UO, version.object_id) == twin
    assert version.content == twin


def test_a_changed_line_keeps_its_row_and_the_others_keep_their_date(full_uo):
    document = documents.to_document(Kind.UO, full_uo.pk)
    second = {**copy.deepcopy(document["contacts"][0]), "uid": "deux", "ordre": 1}
    second["telecoms"][0]["uid"] = "deux"
    document["contacts"].append(second)
    publishing.publish(Kind.UO, document, by=make_user(), origin="direct")
    before = {row.uid: row for row in Contact.objects.all()}
    document = documents.to_document(Kind.UO, full_uo.pk)
    document["contacts"][1]["description"] = "Le matin"
    publishing.publish(Kind.UO, document, by=make_user(), origin="direct")
    after = {row.uid: row for row in Contact.objects.all()}
    assert {uid: row.pk for uid, row in after.items()} == {uid: row.pk for uid, row in before.items()}
    assert after["deux"].updated_at > before["deux"].updated_at
    first = document["contacts"][0]["uid"]
    assert after[first].updated_at == before[first].updated_at


def test_a_removed_line_goes_and_the_history_keeps_it(full_uo):
    document = documents.to_document(Kind.UO, full_uo.pk)
    document["contacts"] = []
    version = publishing.publish(Kind.UO, document, by=make_user(), origin="direct")
    assert not full_uo.contacts.exists()
    assert version.number == 2
    assert FicheVersion.objects.get(kind="uo", object_id=full_uo.pk, number=1).content["contacts"]


def test_publishing_writes_version_journal_and_refreshes_the_establishment(full_uo, monkeypatch):
    refreshed = []
    monkeypatch.setattr(publishing, "_projections", lambda paths: [refreshed.extend])
    author = make_user()
    document = documents.to_document(Kind.UO, full_uo.pk) | {"nom": "Nouveau nom"}
    publishing.publish(Kind.UO, document, by=author, origin="dossier:12")
    assert refreshed == [full_uo.entite_geographique_id]
    line = Entry.objects.get(target=f"uo:{full_uo.identifiant}")
    assert (line.author, line.detail["version"], line.detail["origin"]) == (author, 2, "dossier:12")


def test_an_unknown_code_is_reported_and_nothing_is_saved(full_uo):
    document = documents.to_document(Kind.UO, full_uo.pk)
    document["actes_specifiques"].append("TRE_R210|9999")
    with pytest.raises(checks.DocumentInvalid) as caught:
        publishing.publish(Kind.UO, document, by=make_user(), origin="direct")
    assert [p.address for p in caught.value.problems] == ["actes_specifiques"]
    document["nom"] = "x"
    with pytest.raises(documents.UnknownReference, match=r"TRE_R210\|9999"):
        documents.apply(UniteOperationnelle(), document, None, dt.datetime.now(dt.UTC))
    full_uo.refresh_from_db()
    assert full_uo.version == 1


def test_a_retired_code_stays_on_a_fiche_but_cannot_be_added(full_uo):
    make_concept("TRE_R210|0815").__class__.objects.filter(code="0815").update(retired=True)
    document = documents.to_document(Kind.UO, full_uo.pk) | {"nom": "Toujours là"}
    publishing.publish(Kind.UO, document, by=make_user(), origin="direct")
    document["actes_hors_cabinet"] = ["TRE_R210|0815"]
    with pytest.raises(checks.DocumentInvalid):
        publishing.publish(Kind.UO, document, by=make_user(), origin="direct")


@pytest.mark.parametrize(
    ("change", "address"),
    [
        (lambda d: d.update(nom=""), "nom"),
        (lambda d: d.update(champ_activite=None), "champ_activite"),
        (lambda d: d["contacts"][0]["telecoms"][0].update(niveau=1) or d["contacts"][0].update(niveau=2), "/niveau"),
        (lambda d: d.update(unite_sensible=True), "/niveau"),
        (lambda d: d["contacts"].append(d["contacts"][0]), "contacts"),
        (lambda d: d.update(lieux_offre=[{"uid": "a", "lieu_uid": "inconnu"}]), "lieux_offre/a"),
        (lambda d: d.update(complements="x" * 5000), "complements"),
    ],
)
def test_a_wrong_document_is_refused_with_the_address_of_the_mistake(full_uo, change, address):
    document = documents.to_document(Kind.UO, full_uo.pk)
    change(document)
    with pytest.raises(checks.DocumentInvalid) as caught:
        publishing.publish(Kind.UO, document, by=make_user(), origin="direct")
    assert any(address in problem.address for problem in caught.value.problems)
    assert FicheVersion.objects.filter(kind="uo", object_id=full_uo.pk).count() == 1


def test_what_only_the_database_can_see_comes_back_with_words(full_uo):
    document = documents.to_document(Kind.UO, full_uo.pk) | {"age_min": "30"}
    with pytest.raises(checks.DocumentInvalid, match="L’âge maximum est inférieur"):
        publishing.publish(Kind.UO, document, by=make_user(), origin="direct")


def test_a_stale_writer_is_told(full_uo):
    document = documents.to_document(Kind.UO, full_uo.pk)
    with pytest.raises(publishing.StaleVersion) as caught:
        publishing.publish(Kind.UO, document, by=make_user(), origin="direct", expected_version=7)
    assert caught.value.current == 1


def test_closing_an_establishment_closes_its_units_and_reopening_opens_them():
    eg = make_eg()
    uo = make_uo(eg=eg)
    long_gone = make_uo(eg=eg, type_fermeture="DEF", date_fermeture=dt.date(2020, 1, 1))
    for value in ("PRO",):
        make_concept(f"TRE_R286|{value}", value_set="JDV_J201")
    document = documents.to_document(Kind.EG, eg.pk)
    closed = document | {"type_fermeture": "PRO", "date_fermeture": "2026-03-01", "date_reouverture": "2026-09-01"}
    publishing.publish(Kind.EG, closed, by=make_user(), origin="direct")
    uo.refresh_from_db()
    assert (uo.type_fermeture, uo.date_fermeture, uo.date_reouverture) == (
        "PRO",
        dt.date(2026, 3, 1),
        dt.date(2026, 9, 1),
    )
    assert uo.version == 2
    long_gone.refresh_from_db()
    assert long_gone.date_fermeture == dt.date(2020, 1, 1)
    publishing.publish(Kind.EG, document, by=make_user(), origin="direct")
    uo.refresh_from_db()
    assert (uo.type_fermeture, uo.date_fermeture, uo.version) == ("", None, 3)
    long_gone.refresh_from_db()
    assert long_gone.version == 1


def test_reading_documents_costs_the_same_for_one_or_fifteen(full_uo):
    def cost(ids):
        documents._concept_keys.clear()
        with CaptureQueriesContext(
            connection,
        ) as queries:
            documents.to_documents(Kind.UO, ids)
        return len(queries)

    one = cost([full_uo.pk])
    assert one == cost([full_uo.pk, *[make_uo(eg=full_uo.entite_geographique).pk for _ in range(14)]])
