"""The streaming workbook: what openpyxl, which shares no code with it, reads back."""

import datetime as dt
import io
import tracemalloc
import zipfile
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as effort
from hypothesis import strategies as st
from openpyxl import load_workbook

from directory import workbook
from directory.workbook import Sheet, content, stream, table

COLUMNS = (("Nom", 30), ("Nombre", 9), ("Jour", 12))


def read(*sheets):
    return load_workbook(io.BytesIO(content(sheets)))


def test_several_sheets_with_their_titles_widths_and_headings():
    rows = [("Alpha", 1, dt.date(2026, 11, 22)), ("Bêta", 2.5, None)]
    book = read(Sheet("Critères", (28, 60), [("Où", "Évry")]), table("L’offre & « tout »", COLUMNS, rows, freeze="B2"))
    assert book.sheetnames == ["Critères", "L’offre & « tout »"]
    criteria, sheet = book.worksheets
    assert [cell.value for cell in criteria[1]] == ["Où", "Évry"]
    assert (criteria["A1"].font.b, criteria["B1"].font.b) == (True, False)
    assert criteria.freeze_panes is None and criteria.auto_filter.ref is None
    assert sheet.freeze_panes == "B2" and sheet.auto_filter.ref == "A1:C3"
    assert [sheet.column_dimensions[letter].width for letter in "ABC"] == [30, 9, 12]
    assert all(cell.font.b for cell in sheet[1]) and not any(cell.font.b for cell in sheet[2])
    assert [cell.value for cell in sheet[3]] == ["Bêta", 2.5, None]


def test_numbers_dates_and_booleans_keep_their_type():
    values = (7, -21.115, True, dt.date(2026, 11, 22), dt.datetime(2026, 11, 22, 8, 30), float("nan"), "0102")
    cells = read(Sheet("A", (9,) * 7, [values]))["A"][1]
    assert [cell.value for cell in cells] == [
        7,
        -21.115,
        True,
        dt.datetime(2026, 11, 22),
        dt.datetime(2026, 11, 22, 8, 30),
        None,
        "0102",
    ]
    assert (cells[3].number_format, cells[4].number_format) == ("dd/mm/yyyy", r"dd/mm/yyyy\ hh:mm")


def test_a_date_older_than_excel_is_a_text():
    assert read(Sheet("A", (9,), [(dt.date(1850, 2, 1),)]))["A"]["A1"].value == "1850-02-01"


def test_what_no_cell_can_hold_is_refused():
    with pytest.raises(TypeError):
        content([Sheet("A", (9,), [(object(),)])])


@pytest.mark.parametrize("text", ["=1+1", "+33", "-1", "@SUM(A1)", "#N/A", "{=A1}", '=HYPERLINK("http://x")'])
def test_no_text_becomes_a_formula(text):
    cell = read(Sheet("A", (9,), [(text,)]))["A"]["A1"]
    assert cell.value == text and cell.data_type in ("s", "inlineStr")


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("\x07cloche\x00", "cloche"),
        ("a\ud800b\ufffe", "ab"),
        ("<b>&amp;</b>", "<b>&amp;</b>"),
        (" avant et après ", " avant et après "),
        ("deux\r\nlignes\tet tabulation", "deux\nlignes\tet tabulation"),
        ("x" * 40_000, "x" * 32_767),
    ],
)
def test_what_xml_refuses_is_left_out_and_nothing_else(text, kept):
    assert read(Sheet("A", (9,), [(text,)]))["A"]["A1"].value == kept


def test_what_excel_would_decode_is_protected():
    """Excel reads « _x0041_ » as « A »; openpyxl leaves inline strings alone, hence the look at the XML."""
    file = zipfile.ZipFile(io.BytesIO(content([Sheet("A", (9,), [("_x0041_",)])])))
    assert b'<t xml:space="preserve">_x005F_x0041_</t>' in file.read("xl/worksheets/sheet1.xml")


@effort(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a busy machine is no fault of the writer
@given(st.lists(st.tuples(st.text(), st.text()), max_size=5))
def test_any_text_makes_wellformed_xml(rows):
    file = zipfile.ZipFile(io.BytesIO(content([Sheet("A", (9, 9), rows)])))
    assert file.testzip() is None
    for name in file.namelist():
        ElementTree.fromstring(file.read(name))


def test_columns_past_z():
    sheet = read(table("A", [(str(number), 5) for number in range(30)], [range(30)], freeze="AB2"))["A"]
    assert (sheet["AD1"].value, sheet["AD2"].value) == ("29", 29)
    assert sheet.auto_filter.ref == "A1:AD2" and sheet.freeze_panes == "AB2"


def test_a_row_of_another_length_is_refused():
    with pytest.raises(ValueError, match="zip"):
        content([table("A", COLUMNS, [("trop", "court")])])


def test_more_rows_than_excel_has_is_refused(monkeypatch):
    monkeypatch.setattr(workbook, "MAX_ROWS", 3)
    assert read(table("A", COLUMNS[:1], [("a",), ("b",)]))["A"].max_row == 3
    with pytest.raises(ValueError, match="Plus de 3 lignes"):
        content([table("A", COLUMNS[:1], [("a",), ("b",), ("c",)])])


def test_it_leaves_piece_by_piece_and_keeps_nothing():
    """50,000 rows of eight texts: the first bytes leave before the last row is made; no part of the file is kept."""
    made = 0

    def rows():
        nonlocal made
        for number in range(50_000):
            made = number
            yield [f"Texte {number * place}" for place in range(8)]

    tracemalloc.start()
    pieces = stream([table("A", [("c", 9)] * 8, rows())])
    first, size = next(pieces), 0
    assert first and made < 40_000
    for piece in pieces:
        size += len(piece)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert size > 1_000_000 and peak < 2_000_000
