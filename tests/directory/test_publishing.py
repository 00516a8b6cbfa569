"""Documents and publication: nothing dropped, one version each, closings that go down, all or nothing."""

import copy
import datetime as dt
import json
import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Barrier, BrokenBarrierError

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from directory import checks, documents, publishing
from directory.models import Contact, FicheVersion, Kind, LieuDeLOffre, UniteOperationnelle
from journal.models import Entry
from search.models import SearchEg, SearchOffre
from tests.builders import (
    make_activite,
    make_commune,
    make_concept,
    make_contact,
    make_eg,
    make_horaire,
    make_lieu,
    make_uo,
    make_user,
    project,
)

pytestmark = pytest.mark.django_db
# Savepoint (2), locks (2), document (2), closing of the EG, saving, constraints, version, journal; of the index: locks
# and day (2), pairs (2), deletion, settings (2), insertions (4).
PUBLISH_QUERIES = 22


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


def test_only_what_changed_is_written(full_uo):
    make_horaire(full_uo, 2, "08:30", "12:00")
    author, document = make_user(), documents.to_document(Kind.UO, full_uo.pk)
    document["complements"] = "Sonner deux fois"
    document["horaires"][1]["heure_fin"] = "13:00"
    with CaptureQueriesContext(connection) as queries:
        publishing.publish(Kind.UO, document, by=author, origin="direct")
    said = "\n".join(query["sql"] for query in queries)
    assert re.findall(r'(INSERT|UPDATE|DELETE).*? "directory_(\w+)"', said) == [
        ("UPDATE", "uniteoperationnelle"),
        ("DELETE", "horaire"),  # those that are no more in the document: none
        ("UPDATE", "horaire"),
        ("INSERT", "ficheversion"),
    ]
    assert documents.to_document(Kind.UO, full_uo.pk) == document


def test_publishing_a_changed_text_takes_few_statements(full_uo, django_assert_num_queries):
    author, document = make_user(), documents.to_document(Kind.UO, full_uo.pk) | {"complements": "Sonner deux fois"}
    with django_assert_num_queries(PUBLISH_QUERIES):
        publishing.publish(Kind.UO, document, by=author, origin="direct")


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
        (lambda d: d.update(nom="a\x00b"), "nom"),
        (lambda d: d["contacts"][0].update(niveau=None), "/niveau"),
    ],
)
def test_a_wrong_document_is_refused_with_the_address_of_the_mistake(full_uo, change, address):
    document = documents.to_document(Kind.UO, full_uo.pk)
    change(document)
    with pytest.raises(checks.DocumentInvalid) as caught:
        publishing.publish(Kind.UO, document, by=make_user(), origin="direct")
    assert any(address in problem.address for problem in caught.value.problems)
    assert FicheVersion.objects.filter(kind="uo", object_id=full_uo.pk).count() == 1


def test_a_place_where_a_unit_works_cannot_be_removed():
    uo = make_uo()
    lieu = make_lieu(uo.entite_geographique, nom="Antenne")
    LieuDeLOffre.objects.create(unite=uo, lieu_uid=lieu.uid)
    document = documents.to_document(Kind.EG, uo.entite_geographique_id)
    document["lieux"] = [line for line in document["lieux"] if line["est_principal"]]
    with pytest.raises(checks.DocumentInvalid, match="Une unité travaille dans ce lieu"):
        publishing.publish(Kind.EG, document, by=make_user(), origin="direct")
    uo.lieux_offre.all().delete()
    publishing.publish(Kind.EG, document, by=make_user(), origin="direct")
    assert uo.entite_geographique.lieux.count() == 1


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


def test_a_transferred_uo_leaves_the_index_of_its_former_establishment(full_uo):
    left, joined = full_uo.entite_geographique, make_eg()
    project(left, joined)
    document = documents.to_document(Kind.UO, full_uo.pk) | {"entite_geographique": joined.idnat_struct}
    publishing.publish(Kind.UO, document, by=make_user(), origin="direct")
    assert SearchOffre.objects.get(uo_id=full_uo.pk).eg_id == joined.pk
    words = {eg.eg_id: str(eg.texte) for eg in SearchEg.objects.all()}
    (word,) = set(full_uo.nom.lower().split()) - {"uo"}
    assert f"'{word}'" in words[joined.pk]
    assert f"'{word}'" not in words[left.pk]


@pytest.mark.parametrize("field", ["champ_activite", "mode_prise_en_charge"])
def test_champ_and_mode_are_refused_with_words_once_published(full_uo, field):
    value_set = {"champ_activite": "JDV_J20", "mode_prise_en_charge": "JDV_J19"}[field]
    document = documents.to_document(Kind.UO, full_uo.pk)
    document[field] = make_concept(f"{document[field].split('|')[0]}|99", value_set=value_set).key
    with pytest.raises(checks.DocumentInvalid, match="Ne change plus après publication"):
        publishing.publish(Kind.UO, document, by=make_user(), origin="direct")


@pytest.mark.django_db(transaction=True)
def test_the_closing_of_an_establishment_and_a_publication_of_its_uo_do_not_wait_for_each_other(monkeypatch):
    eg, by = make_eg(), make_user()
    uo = make_uo(eg=eg)
    make_concept("TRE_R286|PRO", value_set="JDV_J201")  # a definitive one, first, would rightly refuse the UO
    both_wrote, record = Barrier(2), publishing._record

    def slow_record(*args, **kwargs):
        written = record(*args, **kwargs)
        with suppress(BrokenBarrierError):
            both_wrote.wait(0.5)  # each holds its own fiche when it asks for the other's, if nothing orders them
        return written

    def publish(kind, pk, **changes):
        try:
            publishing.publish(kind, documents.to_document(kind, pk) | changes, by=by, origin="direct")
        finally:
            connections.close_all()

    monkeypatch.setattr(publishing, "_record", slow_record)
    with ThreadPoolExecutor(2) as threads:
        closing = {"type_fermeture": "PRO", "date_fermeture": "2026-01-01"}
        jobs = [
            threads.submit(publish, Kind.UO, uo.pk, nom="Autre nom"),
            threads.submit(publish, Kind.EG, eg.pk, **closing),
        ]
        for job in jobs:
            job.result(timeout=20)
    uo.refresh_from_db()
    assert uo.nom == "Autre nom"


def test_a_document_of_the_first_schema_can_be_published_for_ever():
    """`data/uo_schema_1.json` is never edited: a stored version of any age is read through `upgrade()`."""
    document = json.loads((Path(__file__).parent / "data" / "uo_schema_1.json").read_text())
    make_eg(finess="910900018")
    make_commune()
    for key, value_set in {
        "ror-type-uo|80": "",
        "TRE_R244|80": "JDV_J238",
        "TRE_R227|04": "JDV_J20",
        "TRE_R213|47": "JDV_J19",
        "TRE_R210|0815": "JDV_J16",
        "TRE_R210|0932": "JDV_J16",
        "TRE_R210|1013": "JDV_J16",
        "TRE_R245|10": "JDV_J35",
        "TRE_R211|404": "JDV_J17",
        "TRE_R252|01": "JDV_J41",
        "TRE_R287|01": "JDV_J221",
        "TRE_R200|2": "JDV_J225",
    }.items():
        make_concept(key, value_set=value_set)
    version = publishing.publish(Kind.UO, document, by=make_user(), origin="import:1")
    published = documents.to_document(Kind.UO, version.object_id)
    assert {name: published[name] for name in document} == document


def test_publishing_what_is_already_there_changes_nothing(full_uo):
    document = documents.to_document(Kind.UO, full_uo.pk)
    version = publishing.publish(Kind.UO, document, by=make_user(), origin="direct")
    full_uo.refresh_from_db()
    assert (version.number, full_uo.version) == (1, 1)


def test_a_stale_document_does_not_reopen_a_unit_of_a_closed_establishment(full_uo):
    eg = full_uo.entite_geographique
    open_unit = documents.to_document(Kind.UO, full_uo.pk)
    make_concept("TRE_R286|DEF", value_set="JDV_J201")
    closed = documents.to_document(Kind.EG, eg.pk) | {"type_fermeture": "DEF", "date_fermeture": "2026-03-01"}
    publishing.publish(Kind.EG, closed, by=make_user(), origin="direct")
    with pytest.raises(checks.DocumentInvalid) as caught:
        publishing.publish(Kind.UO, open_unit | {"nom": "Encore là"}, by=make_user(), origin="direct")
    assert [problem.address for problem in caught.value.problems] == ["date_fermeture"]


def test_the_main_entrance_can_move_to_another_place():
    eg = make_eg()
    make_lieu(eg, uid="annexe")
    document = documents.to_document(Kind.EG, eg.pk)
    for lieu in document["lieux"]:
        lieu["est_principal"] = lieu["uid"] == "annexe"
    publishing.publish(Kind.EG, document, by=make_user(), origin="direct")
    assert eg.lieux.get(est_principal=True).uid == "annexe"


def test_a_number_already_taken_is_said_next_to_it(full_uo):
    taken = make_eg().finess
    document = documents.to_document(Kind.EG, full_uo.entite_geographique_id) | {"finess": taken}
    with pytest.raises(checks.DocumentInvalid) as caught:
        publishing.publish(Kind.EG, document, by=make_user(), origin="direct")
    assert [problem.address for problem in caught.value.problems] == ["finess"]


@pytest.mark.parametrize(
    ("changes", "address"),
    [
        ({"type_fermeture": "PRO"}, "date_fermeture"),
        ({"date_fermeture": "2026-01-01"}, "date_fermeture"),
        (
            {"type_fermeture": "DEF", "date_fermeture": "2026-01-01", "date_reouverture": "2026-02-01"},
            "date_reouverture",
        ),
        (
            {"type_fermeture": "PRO", "date_fermeture": "2026-02-01", "date_reouverture": "2026-01-01"},
            "date_reouverture",
        ),
        ({"age_min": "6", "age_max": "60", "age_max_unite": "mo"}, "age_max"),
    ],
)
def test_rules_between_fields_are_said_next_to_one_of_them(changes, address):
    for code in ("PRO", "DEF"):
        make_concept(f"TRE_R286|{code}", value_set="JDV_J201")
    uo = make_uo()
    with pytest.raises(checks.DocumentInvalid) as refused:
        publishing.publish(Kind.UO, documents.to_document(Kind.UO, uo.pk) | changes, by=make_user(), origin="direct")
    assert [problem.address for problem in refused.value.problems] == [address]


def test_the_same_activity_twice_is_said_on_the_second():
    uo = make_uo()
    make_concept("TRE_R211|404", value_set="JDV_J17")
    lines = [{"uid": uid, "activite": "TRE_R211|404", "famille": None} for uid in ("a", "b")]
    document = documents.to_document(Kind.UO, uo.pk) | {"activites": lines}
    with pytest.raises(checks.DocumentInvalid) as refused:
        publishing.publish(Kind.UO, document, by=make_user(), origin="direct")
    assert [problem.address for problem in refused.value.problems] == ["activites/b/famille"]
