"""What an import writes, and what it leaves alone."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from directory.imports import finess
from directory.imports.etalab import ET_COLUMNS
from directory.imports.records import FileRefused
from directory.models import (
    Contact,
    EntiteGeographique,
    EntiteJuridique,
    FicheVersion,
    ImportRun,
    Lieu,
    Telecommunication,
)
from journal.models import Entry
from tests.builders import make_contact, make_eg, make_ej, make_lieu, make_user

from .lines import ej as ej_line
from .lines import et, geo, many


def test_a_new_establishment_is_complete_and_published(load, folder, eg):
    load(folder.csv(et(codesph="1", dateautor="1978-12-01"), geo()))
    fiche = eg()
    assert (fiche.denomination, fiche.categorie.code, fiche.siret) == ("ACT LES TILLEULS", "165", "77567227200017")
    assert (fiche.date_ouverture, fiche.date_autorisation) == (dt.date(1979, 2, 13), dt.date(1978, 12, 1))
    assert fiche.modalite_participation_sph.code == "1"
    assert [concept.code for concept in fiche.territoires_sante.all()] == ["113"]
    assert (fiche.version, fiche.idnat_struct) == (1, "1750011728")
    version = FicheVersion.objects.get(kind="eg")
    assert version.origin == f"import:{ImportRun.objects.get().pk}"
    assert version.content["lieux"][0]["libelle_voie"] == "Rue de Paradis"
    assert version.content["contacts"][0]["telecoms"][0]["adresse"] == "0146661267"


def test_it_is_found_by_name_at_once(load, folder, eg):
    load(folder.csv(et(), geo()))
    with connection.cursor() as cursor:
        cursor.execute("select nom from search_eg where eg_id = %s and pos is not null", [eg().pk])
        assert cursor.fetchone() == ("ACT LES TILLEULS",)


def test_the_telephone_is_a_standard_open_to_everybody(load, folder, eg):
    load(folder.csv(et()))
    contact = eg().contacts.get()
    telecom = contact.telecoms.get()
    assert (contact.uid, contact.nature.key, contact.niveau) == ("finess", "TRE_R287|06", 1)
    assert (telecom.uid, telecom.canal, telecom.adresse, telecom.niveau) == ("finess", "2", "0146661267", 1)


def test_a_mobile_number_has_its_own_channel(load, folder, eg):
    load(folder.csv(et(telephone="0667586262")))
    assert eg().contacts.get().telecoms.get().canal == "1"


def test_a_second_run_changes_nothing(load, folder):
    files = folder.csv(ej_line()), folder.csv(et(), et(nofinesset="750020729", telephone=""), geo())
    load(*files)
    before = FicheVersion.objects.count()
    report = load(*files)
    assert FicheVersion.objects.count() == before
    assert report.counts["eg"] == {"read": 2, "created": 0, "changed": 0, "unchanged": 2}
    assert not report.fields


def test_a_change_is_counted_field_by_field_and_makes_one_version(load, folder, eg):
    load(folder.csv(et(), geo()))
    report = load(folder.csv(et(rs="ACT LES ORMES", telephone="0146661268", compvoie=""), geo(), date="2026-06-01"))
    assert dict(report.fields) == {"EG – dénomination": 1, "EG – téléphone": 1, "EG – extension": 1}
    assert (eg().version, eg().denomination) == (2, "ACT LES ORMES")
    assert Telecommunication.objects.get().adresse == "0146661268"


def test_only_the_fields_of_finess_are_touched(load, folder, eg):
    load(folder.csv(et(), geo()))
    fiche = eg()
    fiche.nom_operationnel, fiche.commentaire, fiche.hebergement_famille = "Les Tilleuls", "Sonnez deux fois", True
    fiche.territoires_sante.clear()
    fiche.save()
    make_contact(fiche, nom="Camille Roux", telecoms=[("1", "0612345678")])
    make_lieu(fiche, nom="Antenne", libelle_voie="rue du Lys")
    Lieu.objects.filter(uid="finess").update(description="Au fond de la cour")
    load(folder.csv(et(rs="ACT LES ORMES", telephone="", voie="DES ORMES"), geo(), date="2026-06-01"))
    fiche = eg()
    assert (fiche.nom_operationnel, fiche.commentaire, fiche.hebergement_famille) == (
        "Les Tilleuls",
        "Sonnez deux fois",
        True,
    )
    assert not fiche.territoires_sante.exists()
    assert [contact.nom for contact in fiche.contacts.all()] == ["Camille Roux"]
    assert fiche.lieux.get(nom="Antenne").libelle_voie == "rue du Lys"
    main = fiche.lieux.get(uid="finess")
    assert (main.libelle_voie, main.description) == ("Rue des Ormes", "Au fond de la cour")


def test_a_level_that_somebody_raised_stays(load, folder, eg):
    load(folder.csv(et()))
    Telecommunication.objects.update(niveau=3)
    Contact.objects.update(niveau=2)
    load(folder.csv(et(telephone="0146661268"), date="2026-06-01"))
    contact = eg().contacts.get()
    assert (contact.niveau, contact.telecoms.get().niveau) == (2, 3)


def test_a_line_somebody_added_under_the_finess_contact_keeps_the_contact(load, folder, eg):
    load(folder.csv(et()))
    Telecommunication.objects.create(contact=eg().contacts.get(), canal="3", adresse="contact@exemple.fr", niveau=2)
    load(folder.csv(et(telephone=""), date="2026-06-01"))
    assert [telecom.adresse for telecom in eg().contacts.get().telecoms.all()] == ["contact@exemple.fr"]
    load(folder.csv(et(telephone="0146661268"), date="2026-07-01"))
    assert {telecom.adresse for telecom in eg().contacts.get().telecoms.all()} == {"contact@exemple.fr", "0146661268"}


def test_a_main_entrance_entered_by_a_person_stays_the_main_one(load, folder, eg, remarks):
    fiche = make_eg(finess="750011728")
    report = load(folder.csv(et(), geo()))
    assert eg() == fiche
    assert [lieu.est_principal for lieu in fiche.lieux.order_by("id")] == [True, False]
    assert remarks(report) == {"entrée principale saisie dans le ROR, adresse FINESS ajoutée à côté": 1}
    assert load(folder.csv(et(), geo())).counts["eg"]["unchanged"] == 1


def test_unknown_ej_is_a_placeholder_until_a_file_describes_it(load, folder, eg, ej):
    report = load(folder.csv(et(), et(nofinesset="750020729")))
    placeholder = ej()
    assert placeholder.a_identifier and placeholder.statut_juridique is None
    assert placeholder.raison_sociale == "À identifier (FINESS 750721334)"
    assert report.counts["ej"]["placeholders"] == 1
    report = load(folder.csv(ej_line()))
    described = ej()
    assert (described.pk, described.a_identifier) == (placeholder.pk, False)
    assert (described.raison_sociale, described.siren, described.version) == ("CROIX ROUGE FRANCAISE", "775672272", 2)
    assert described.street == "98 Rue Didot"
    assert described.contacts.get().telecoms.get().adresse == "0144431100"
    assert report.counts["ej"]["described"] == 1
    assert eg().entite_juridique == described


def test_ej_files_go_first_whatever_the_order_given(load, folder, ej):
    load(folder.csv(et()), folder.csv(ej_line()))
    assert not EntiteJuridique.objects.filter(a_identifier=True).exists()
    assert ej().version == 1


@pytest.mark.parametrize("statut", ["", "99"])
def test_ej_without_a_known_legal_status_is_refused(load, folder, statut):
    report = load(folder.csv(ej_line(statutjuridique=statut)))
    assert report.remarks["statut juridique inconnu"].examples[0]["where"] == "ligne 2"


def test_an_establishment_that_changes_hands(load, folder, eg):
    load(folder.csv(et()))
    report = load(folder.csv(et(nofinessej="930021480"), date="2026-06-01"))
    assert eg().entite_juridique.finess == "930021480"
    assert dict(report.fields) == {"EG – entité juridique": 1}


def test_identical_lines_are_counted_once(load, folder):
    report = load(folder.csv(et(), et()))
    assert report.counts["eg"]["created"] == report.counts["eg"]["duplicates"] == 1


def test_contradictory_lines_are_refused_with_both_numbers(load, folder):
    report = load(folder.csv(et(), et(rs="AUTRE NOM"), et(nofinesset="750020729")))
    assert report.counts["eg"]["refused"] == 2
    assert report.remarks["même numéro, contenu différent"].examples[0]["detail"] == "ligne 2 et ligne 3"
    assert list(EntiteGeographique.objects.values_list("finess", flat=True)) == ["750020729"]


def test_an_older_file_is_refused_and_nothing_changes(load, folder, eg):
    load(folder.csv(et()))
    with pytest.raises(FileRefused, match=r"12/05/2026.*déjà été importé"):
        load(folder.csv(ej_line()), folder.csv(et(rs="ANCIEN"), date="2021-01-08"))
    assert eg().denomination == "ACT LES TILLEULS"
    assert ImportRun.objects.count() == 1


def test_the_other_family_has_its_own_date(load, folder, ej):
    load(folder.csv(et()))
    load(folder.csv(ej_line(), date="2021-01-08"))
    assert ej().raison_sociale == "CROIX ROUGE FRANCAISE"


def test_dry_run_tells_all_and_writes_nothing(load, folder):
    report = load(folder.csv(et(), geo()), dry_run=True)
    assert report.counts["eg"]["created"] == 1
    assert report.counts["ej"]["placeholders"] == 1
    assert not EntiteGeographique.objects.exists()
    assert not ImportRun.objects.exists()
    assert not Entry.objects.exists()


@pytest.mark.parametrize("codes", [["92"], [" 92 ", ""]])
def test_only_the_departements_asked(load, folder, codes):
    in_92 = et(nofinesset="920000122", departement="92", commune="002", ligneacheminement="92160 ANTONY")
    report = load(folder.csv(et(), in_92), departements=codes)
    assert list(EntiteGeographique.objects.values_list("finess", flat=True)) == ["920000122"]
    assert report.counts["eg"]["filtered"] == 1


def test_overseas_departements_by_either_code(load, folder):
    in_974 = et(nofinesset="970400024", departement="9D", commune="411", ligneacheminement="97400 ST DENIS")
    for code in ("9d", "974"):
        assert load(folder.csv(et(), in_974), departements=[code], dry_run=True).counts["eg"]["created"] == 1


def test_the_ej_of_a_kept_establishment_is_kept_wherever_it_is(load, folder):
    in_92 = et(nofinesset="920000122", departement="92", commune="002", ligneacheminement="92160 ANTONY")
    elsewhere = ej_line(nofiness="750000127", rs="AUTRE")
    load(folder.csv(ej_line(), elsewhere), folder.csv(et(nofinessej="750000127"), in_92), departements=["92"])
    assert list(EntiteJuridique.objects.values_list("raison_sociale", flat=True)) == ["CROIX ROUGE FRANCAISE"]


def test_unknown_departement(load, folder):
    with pytest.raises(FileRefused, match="XX"):
        load(folder.csv(et()), departements=["XX"])


def test_an_establishment_absent_from_the_file_is_counted_and_stays_open(load, folder, eg):
    load(folder.csv(et(), et(nofinesset="750020729")))
    report = load(folder.csv(et()), departements=["75"])
    assert [line["finess"] for line in report.remarks["absents du fichier, laissés ouverts"].examples] == ["750020729"]
    assert eg("750020729").date_fermeture is None


def test_two_imports_at_the_same_time(load, folder, django_db_blocker, transactional_db):
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("begin")
            cursor.execute("select pg_advisory_xact_lock(hashtext(%s))", [finess.LOCK])
            with pytest.raises(FileRefused, match="en cours"):
                load(folder.csv(et()))
    finally:
        other.close()


def test_author_journal_and_stored_report(load, folder):
    author = make_user()
    report = load(folder.csv(et(nofinesset="?"), et()), by=author)
    run = ImportRun.objects.get()
    assert (run.source, run.file_date, run.author) == ("cs1100502", dt.date(2026, 5, 12), author)
    assert run.report == report.as_dict()
    assert run.report["counts"]["eg"]["refused"] == 1
    assert Entry.objects.get(action="import").target == f"import:{run.pk}"
    assert FicheVersion.objects.filter(author=author).count() == 2


def test_examples_are_capped_and_counts_exact(load, folder, monkeypatch):
    monkeypatch.setattr("directory.imports.report.EXAMPLES_STORED", 3)
    report = load(folder.csv(et(), *many(5, telephone="12345")))
    remarks = report.remarks["téléphone illisible, laissé vide"]
    assert (remarks.count, len(remarks.examples)) == (5, 3)
    assert "… et 3 de plus" in report.as_text(examples=2)


@pytest.mark.parametrize("changes", [{}, {"rs": "AUTRE NOM", "telephone": "0146661268", "numvoie": "14"}])
def test_the_number_of_statements_does_not_depend_on_the_number_of_lines(load, folder, changes):
    counted = []
    for start, number in (("92", 2), ("94", 40)):
        lines = many(number, start=start)
        load(folder.csv(*lines))
        again = [";".join(changed(line, changes)) for line in lines]
        with CaptureQueriesContext(
            connection,
        ) as queries:
            load(folder.csv(*again))
        counted.append(len(queries))
    assert counted[0] == counted[1] > 10


def changed(line: str, cells: dict) -> list[str]:
    return [cells.get(name, cell) for name, cell in zip(ET_COLUMNS, line.split(";"), strict=True)]


def test_creation_costs_the_same_statements_too(load, folder):
    load(folder.csv(et()))  # what is asked once per process
    counted = []
    for start, number in (("92", 2), ("94", 40)):
        path = folder.csv(*many(number, start=start, nofinessej=f"{start}0021480"))
        with CaptureQueriesContext(connection) as queries:
            load(path)
        counted.append(len(queries))
    assert counted[0] == counted[1] > 10


def test_several_batches(load, folder):
    path = folder.csv(*many(7), geo())
    assert load(path, batch=3).counts["eg"]["created"] == 7
    assert load(path, batch=2).counts["eg"]["unchanged"] == 7


def test_a_fiche_made_by_hand_is_recognised_by_its_number(load, folder, eg):
    fiche = make_eg(finess="750011728", lieu=False, ej=make_ej(finess="750721334"))
    load(folder.csv(et(), geo()))
    assert (eg().pk, eg().version) == (fiche.pk, 2)
