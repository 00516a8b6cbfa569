"""Files that went through a spreadsheet."""

import datetime as dt

import pytest

from directory.imports.records import FileRefused
from directory.models import ImportRun

from .lines import ej, et, geo

DAMAGED = {
    "commune": "2",
    "departement": "92",
    "ligneacheminement": "92160 ANTONY",
    "telephone": "146661267",
    "siret": "7,85003E+13",
    "dateouv": "06/10/1960",
    "datemaj": "14/03/2016",
}


def test_what_can_be_repaired_is_and_the_line_tells_it(load, folder, eg):
    report = load(folder.csv(et(**DAMAGED), date=None))
    fiche = eg()
    lieu = fiche.lieux.get()
    assert lieu.commune_id == "92002"
    assert fiche.contacts.get().telecoms.get().adresse == "0146661267"
    assert fiche.date_ouverture == dt.date(1960, 10, 6)
    assert fiche.siret is None
    [line] = report.remarks["ligne abîmée par un tableur"].examples
    assert line["where"] == "ligne 1"
    for words in ("telephone 146661267 → 0146661267", "commune 2 → 002", "siret 7,85003E+13 illisible, laissé vide"):
        assert words in line["detail"]


def test_a_departement_without_its_zero(load, folder, eg):
    cells = {"departement": "1", "commune": "451", "nofinesset": "10000024", "nofinessej": "10780054"}
    load(folder.csv(et(**cells, ligneacheminement="01440 VIRIAT"), date=None))
    fiche = eg("010000024")
    assert fiche.lieux.get().commune_id == "01451"
    assert fiche.entite_juridique.finess == "010780054"


def test_an_eight_digit_number_whose_key_stays_wrong_is_refused(load, folder):
    report = load(folder.csv(et(nofinesset="10000025"), et(), date=None))
    assert report.counts["eg"]["refused"] == 1


def test_a_lost_cell_does_not_erase_what_the_directory_has(load, folder, eg):
    load(folder.csv(et()))
    report = load(folder.csv(et(siret="7,75672E+13", telephone="1,46E+08", dateouv="13/02/79"), date="2026-06-01"))
    fiche = eg()
    assert (fiche.siret, fiche.date_ouverture) == ("77567227200017", dt.date(1979, 2, 13))
    assert fiche.contacts.get().telecoms.get().adresse == "0146661267"
    assert report.counts["eg"]["unchanged"] == 1


def test_missing_first_line_is_told_and_the_latest_update_dates_the_file(load, folder, remarks):
    report = load(folder.csv(et(datemaj="29/12/2025"), date=None))
    assert remarks(report)["première ligne absente ou sans date"] == 1
    assert ImportRun.objects.get().file_date == dt.date(2025, 12, 29)


def test_the_date_of_such_a_file_may_be_given(load, folder):
    load(folder.csv(et()))
    with pytest.raises(FileRefused, match="plus récent"):
        load(folder.csv(et(datemaj="29/12/2025"), date=None))
    load(folder.csv(et(datemaj="29/12/2025"), date=None), date=dt.date(2026, 6, 1))
    assert ImportRun.objects.count() == 2


def test_french_date_on_the_first_line_and_padding_cells(load, folder, eg):
    head = "finess;etalab;98;12/05/2026" + ";" * 28
    load(folder.csv(head, et() + ";;;", geo("652600,0", "6863700,0") + ";" * 26, date=None))
    assert ImportRun.objects.get().file_date == dt.date(2026, 5, 12)
    assert eg().lieux.get().latitude == pytest.approx(48.8717, abs=0.01)


def test_legal_entities_too(load, folder):
    line = ej(statutjuridique="61", siren="7,75672E+08", datecrea="01/01/1945", telephone="144431100", commune="14")
    report = load(folder.csv(line, date="2026-05-12"))
    assert report.counts["ej"]["created"] == 1
    assert report.remarks["ligne abîmée par un tableur"].count == 1
