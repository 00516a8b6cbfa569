"""The Excel file: same question, same rows, and never a formula."""

import datetime as dt
import io

import openpyxl
import pytest

from search import exports, labels, places, suggestions
from tests.builders import make_commune, make_concept, make_contact, make_eg, make_type_uo, make_uo, make_user, project

pytestmark = pytest.mark.django_db

QUESTION = {"ou": "75110", "code": "ror-type-uo|ACT"}
EXPORT_QUERIES = 6  # those of the page, plus FINESS and addresses


@pytest.fixture(autouse=True)
def lists():
    make_concept("ror-type-offre|etablissement", "Établissement")
    make_type_uo("ACT", "ACT hors les murs")
    make_commune()


def make_hit(name, **uo):
    eg = make_eg(denomination=name)
    make_contact(eg, telecoms=[("1", "0102030413")])
    unit = make_uo(eg=eg, type_uo="ACT", **{"nom": f"UO de {name}"} | uo)
    project(eg)
    return eg, unit


def book(response):
    assert response.status_code == 200, response.content[:300]
    return openpyxl.load_workbook(io.BytesIO(response.content))


def rows(response):
    head, *lines = book(response)["Résultats"].iter_rows(values_only=True)
    return [dict(zip(head, line, strict=True)) for line in lines]


def export(client, query=QUESTION):
    return client.get("/recherche/export.xlsx", query)


def test_the_export_needs_a_login(client):
    assert export(client).status_code == 302


def test_name_and_type_of_the_file(reader, settings):
    settings.ROR_TODAY = dt.date(2026, 11, 22)
    response = export(reader)
    assert response["Content-Disposition"] == 'attachment; filename="ror-recherche-2026-11-22.xlsx"'
    assert response["Content-Type"] == exports.CONTENT_TYPE
    assert "no-store" in response["Cache-Control"]


def test_one_row_by_uo_with_the_columns_of_its_establishment(reader):
    eg, unit = make_hit("ACT Les Glycines (fictif)", age_min=18)
    make_uo(eg=eg, type_uo="ACT", nom="Deuxième")
    project(eg)
    found = rows(export(reader))
    assert [row["Nom de l’UO"] for row in found] == ["Deuxième", unit.nom]
    assert {row["FINESS"] for row in found} == {eg.finess}
    assert found[1]["Fiche"].startswith("http://testserver/repertoire/uo/")
    assert found[1] | {"Fiche": ""} == {
        "FINESS": eg.finess,
        "Établissement": "ACT Les Glycines (fictif)",
        "Catégorie": "CSAPA",
        "Adresse": "12 rue de Paradis, 75010 Paris 10e Arrondissement",
        "Commune": "Paris 10",
        "Département": "Paris",
        "Téléphone": "01 02 03 04 13",
        "Distance (km)": 0,
        "Durée (min)": 1,
        "Calcul de la durée": "estimée",
        "Type d’UO": "ACT hors les murs",
        "Nom de l’UO": unit.nom,
        "Statut": "Ouvert",
        "Disponibilité": "Saisie non activée",
        "Téléphone de l’UO": None,
        "Patientèle": "Adultes",
        "Fiche": "",
    }


def test_all_pages_are_there_in_the_order_of_the_list(reader, settings):
    settings.RESULTS_PER_PAGE = 2
    for name in ("B", "A", "C"):
        make_hit(name)
    assert [row["Établissement"] for row in rows(export(reader))] == ["A", "B", "C"]


def test_the_first_sheet_says_what_was_asked_and_not_by_whom(reader):
    make_hit("A")
    sheet = book(export(reader, QUESTION | {"tri": "distance"})).worksheets[0]
    assert sheet.title == "Critères"
    lines = dict(sheet.iter_rows(min_row=2, values_only=True))
    assert lines["Quoi"] == "Type d’UO\u00a0: ACT hors les murs"
    assert lines["Où"] == "Paris 10 (75010)"
    assert (lines["Établissements"], lines["UO"], lines["Tri"]) == ("1", "1", "Distance")
    assert "Fait le" in lines
    assert "professionnels" in lines["Coordonnées"]
    assert "@" not in str(lines)


@pytest.mark.parametrize("name", ['=HYPERLINK("http://x")', "+33", "-1", "@SUM(A1)", "\x07cloche"])
def test_no_text_becomes_a_formula(reader, name):
    make_hit(name)
    sheet = book(export(reader))["Résultats"]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n", "inlineStr"}
    assert sheet["B2"].value == name.replace("\x07", "")
    assert isinstance(sheet["G2"].value, str)  # a phone is a text


def test_the_header_is_frozen_filtered_and_wide_enough(reader):
    make_hit("A")
    sheet = book(export(reader))["Résultats"]
    assert sheet.freeze_panes == "C2"
    assert sheet.auto_filter.ref == "A1:Q2"
    assert sheet.column_dimensions["B"].width == 46


def test_a_wrong_question_gives_the_page_and_its_message(reader):
    response = export(reader, {"q": ""})
    assert response.status_code == 400
    assert "Choisissez ce que vous cherchez" in response.content.decode()


def test_levels_hold_in_the_file(client):
    eg, _ = make_hit("A")
    eg.contacts.all().delete()
    make_contact(eg, niveau=3, telecoms=[("1", "0102030499")])
    project(eg)
    client.force_login(make_user())
    assert rows(export(client))[0]["Téléphone"] is None
    client.force_login(make_user(role="regulation"))
    assert rows(export(client))[0]["Téléphone"] == "01 02 03 04 99"


@pytest.mark.parametrize("number", [1, 15])
def test_the_export_costs_the_same_whatever_the_number_of_rows(reader, number, django_assert_num_queries):
    for position in range(number):
        make_hit(f"Maison {position}")
    places.find("75110"), suggestions.find("ror-type-uo|ACT"), labels.get()  # what this process reads once
    with django_assert_num_queries(EXPORT_QUERIES):
        response = export(reader)
    assert len(rows(response)) == number
