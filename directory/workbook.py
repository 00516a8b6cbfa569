"""Excel files written as they are sent: standard library alone, a few megabytes of memory whatever the rows.

Why not a library: docs/decisions/0022. A text stays a text: inline strings only, so nothing typed becomes a formula.
"""

import datetime as dt
import math
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MAX_ROWS = 1_048_576  # of a sheet, heading included: Excel's own limit
MAX_TEXT = 32_767  # characters of a cell: Excel declares a file with more damaged
CHUNK = 64 * 1024  # bytes handed over at a time

# Bytes XML has no room for: control characters, deleted from a hundred rows at once; then U+FFFE and U+FFFF.
_CONTROL = bytes({*range(32)} - {0x09, 0x0A})
_NOT_CHARACTERS = re.compile(b"\xef\xbf[\xbe\xbf]")
# « _x0041_ »: Excel would make an A of it.
_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_EPOCH = dt.date(1899, 12, 30)  # day 0 of the serial numbers, which are right from 1 March 1900 on
_FIRST_DAY = dt.date(1900, 3, 1)
_SECONDS = 86_400
BOLD, DATE, INSTANT = 1, 2, 3  # places in `cellXfs` below

_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_STYLES = (
    f'{_XML}<styleSheet xmlns="{_MAIN}"><numFmts count="2"><numFmt numFmtId="164" formatCode="dd/mm/yyyy"/>'
    '<numFmt numFmtId="165" formatCode="dd/mm/yyyy\\ hh:mm"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '</fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="4"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


@dataclass(frozen=True)
class Sheet:
    """One sheet. `rows`: any iterable, read once, when its turn comes; a cell is a text, a number, a boolean, a date,
    a datetime (its wall time) or None.

    With `headings` the first row holds them, in bold, frozen down to `freeze` and filtered. Without, the first column
    of each row is in bold: a list of label and value.
    """

    title: str  # at most 31 characters, none of []:*?/\
    widths: Sequence[int]  # in characters, one per column
    rows: Iterable[Sequence[Any]]
    headings: Sequence[str] = ()
    freeze: str = "A2"


def table(title: str, columns: Sequence[tuple[str, int]], rows: Iterable[Sequence[Any]], freeze: str = "A2") -> Sheet:
    """A sheet from its columns: (heading, width in characters)."""
    headings, widths = zip(*columns, strict=True)
    return Sheet(title, widths, rows, headings, freeze)


def stream(sheets: Sequence[Sheet]) -> Iterator[bytes]:
    """The file, piece by piece; nothing of it is kept. Raises ValueError past `MAX_ROWS`."""
    sink = _Sink()
    # Nothing is known of the end when the beginning leaves: sizes follow the data (data descriptors). Level 1: a
    # third of the CPU of level 6 for a file a fifth larger.
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("[Content_Types].xml", _content_types(len(sheets)))
        archive.writestr("_rels/.rels", _relations([("officeDocument", "xl/workbook.xml")]))
        targets = [("worksheet", f"worksheets/sheet{number}.xml") for number in range(1, len(sheets) + 1)]
        archive.writestr("xl/_rels/workbook.xml.rels", _relations([*targets, ("styles", "styles.xml")]))
        archive.writestr("xl/styles.xml", _STYLES)
        filtered = []
        for number, sheet in enumerate(sheets, start=1):
            with archive.open(f"xl/worksheets/sheet{number}.xml", "w") as part:
                n_rows = 0
                for n_rows, text in _sheet(sheet):  # noqa: B007 - the last one counts
                    part.write(_encoded(text))
                    if sink.size >= CHUNK:
                        yield sink.taken()
                area = _area(sheet, n_rows)
                part.write(_encoded(_sheet_end(area)))
                filtered.append(area)
        archive.writestr("xl/workbook.xml", _workbook(sheets, filtered))
    yield sink.taken()


def content(sheets: Sequence[Sheet]) -> bytes:
    """The whole file, for a small one."""
    return b"".join(stream(sheets))


class _Sink:
    """What zipfile writes to: it cannot seek, and is emptied as it fills."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self.size = 0

    def write(self, data: bytes) -> int:
        self.parts.append(bytes(data))
        self.size += len(data)
        return len(data)

    def flush(self) -> None:
        """Nothing to do: `taken` empties it."""

    def taken(self) -> bytes:
        data = b"".join(self.parts)
        self.parts.clear()
        self.size = 0
        return data


# --- A sheet ---------------------------------------------------------------------------------------------------------


def _sheet(sheet: Sheet) -> Iterator[tuple[int, str]]:
    """(rows so far, XML) pieces of about a hundred rows."""
    letters = [_letters(index) for index in range(len(sheet.widths))]
    yield 0, _sheet_start(sheet)
    done, bold, batch = 0, 1, []
    if sheet.headings:
        done, bold = 1, 0
        batch.append(_row(1, letters, sheet.headings, bold=len(letters)))
    for number, row in enumerate(sheet.rows, start=done + 1):
        if number > MAX_ROWS:
            raise ValueError(f"Plus de {MAX_ROWS} lignes dans la feuille «\u00a0{sheet.title}\u00a0»")
        batch.append(_row(number, letters, row, bold=bold))
        done = number
        if len(batch) >= 100:
            yield done, "".join(batch)
            batch.clear()
    yield done, "".join(batch)


def _row(number: int, letters: Sequence[str], values: Sequence[Any], *, bold: int) -> str:
    """One `<row>`; the first `bold` cells are in bold. An empty value makes no cell."""
    cells = [f'<row r="{number}">']
    middle = f'{number}" t="inlineStr"><is><t>'
    for letter, value in zip(letters, values, strict=True):
        if value is None or value == "":
            continue
        # The ordinary text, nine cells out of ten: written as it is.
        if not bold and type(value) is str and len(value) <= MAX_TEXT and not _needs_care(value):
            cells.append(f'<c r="{letter}{middle}{value}</t></is></c>')
        else:
            cells.append(_cell(f'r="{letter}{number}"', value, f' s="{BOLD}"' if len(cells) <= bold else ""))
    cells.append("</row>")
    return "".join(cells)


def _needs_care(text: str) -> bool:
    """Markup, what Excel would decode, a blank at an end. Five looks cost a third of one regular expression."""
    return "&" in text or "<" in text or "_x" in text or text[0] <= " " or text[-1] <= " "


def _cell(place: str, value: object, style: str) -> str:
    if not isinstance(value, str):
        return _typed(place, value, style)
    text = _escaped(value[:MAX_TEXT])
    return f'<c {place} t="inlineStr"{style}><is><t xml:space="preserve">{text}</t></is></c>'


def _escaped(text: str) -> str:
    return _ESCAPE.sub("_x005F_", text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _encoded(text: str) -> bytes:
    """UTF-8 without what XML refuses."""
    data = text.encode("utf-8", "ignore").translate(None, _CONTROL)
    return _NOT_CHARACTERS.sub(b"", data) if b"\xef\xbf" in data else data


def _typed(place: str, value: object, style: str) -> str:
    """A number, a boolean or a date. Raises TypeError for anything else."""
    if isinstance(value, bool):
        return f'<c {place} t="b"{style}><v>{int(value)}</v></c>'
    if isinstance(value, int | float):
        return f"<c {place}{style}><v>{value!r}</v></c>" if math.isfinite(value) else ""
    if not isinstance(value, dt.date):
        raise TypeError(f"Une cellule ne tient pas {type(value)}")
    day = value.date() if isinstance(value, dt.datetime) else value
    if day < _FIRST_DAY:
        return f'<c {place} t="inlineStr"{style}><is><t>{value.isoformat()}</t></is></c>'
    serial: float = (day - _EPOCH).days
    if isinstance(value, dt.datetime):
        serial += (value.hour * 3600 + value.minute * 60 + value.second) / _SECONDS
        return f'<c {place} s="{INSTANT}"><v>{serial:.10f}</v></c>'
    return f'<c {place} s="{DATE}"><v>{serial}</v></c>'


def _letters(index: int) -> str:
    """« A » for 0, « AA » for 26."""
    text = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        text = chr(65 + rest) + text
    return text


def _sheet_start(sheet: Sheet) -> str:
    view = '<sheetView workbookViewId="0"/>'
    if sheet.headings:
        letters, number = re.fullmatch(r"([A-Z]+)(\d+)", sheet.freeze).groups()
        columns = next(index for index in range(len(sheet.widths) + 1) if _letters(index) == letters)
        side = f' xSplit="{columns}"' if columns else ""
        pane = "bottomRight" if columns else "bottomLeft"
        view = (
            f'<sheetView workbookViewId="0"><pane{side} ySplit="{int(number) - 1}" topLeftCell="{sheet.freeze}" '
            f'activePane="{pane}" state="frozen"/></sheetView>'
        )
    columns = "".join(
        f'<col min="{place}" max="{place}" width="{width}" customWidth="1"/>'
        for place, width in enumerate(sheet.widths, start=1)
    )
    return f'{_XML}<worksheet xmlns="{_MAIN}"><sheetViews>{view}</sheetViews><cols>{columns}</cols><sheetData>'


def _area(sheet: Sheet, n_rows: int) -> str:
    """What the filter of the headings covers, « A1:P12 »; empty without headings."""
    return f"A1:{_letters(len(sheet.widths) - 1)}{n_rows}" if sheet.headings else ""


def _sheet_end(area: str) -> str:
    return "</sheetData>" + (f'<autoFilter ref="{area}"/>' if area else "") + "</worksheet>"


# --- The parts around ------------------------------------------------------------------------------------------------


def _workbook(sheets: Sequence[Sheet], filtered: Sequence[str]) -> str:
    listed = "".join(
        f'<sheet name="{_attribute(sheet.title)}" sheetId="{number}" r:id="rId{number}"/>'
        for number, sheet in enumerate(sheets, start=1)
    )
    names = "".join(
        f'<definedName name="_xlnm._FilterDatabase" localSheetId="{index}" hidden="1">'
        f"{_attribute(_absolute(sheets[index].title, area))}</definedName>"
        for index, area in enumerate(filtered)
        if area
    )
    names = f"<definedNames>{names}</definedNames>" if names else ""
    return f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{listed}</sheets>{names}</workbook>'


def _absolute(title: str, area: str) -> str:
    """« 'Résultats'!$A$1:$P$12 »."""
    cells = re.sub(r"([A-Z]+)(\d+)", r"$\1$\2", area)
    return "'" + title.replace("'", "''") + "'!" + cells


def _attribute(text: str) -> str:
    return _escaped(text).replace('"', "&quot;")


def _content_types(n_sheets: int) -> str:
    parts = [("/xl/workbook.xml", f"{_TYPES}.sheet.main+xml"), ("/xl/styles.xml", f"{_TYPES}.styles+xml")]
    parts += [(f"/xl/worksheets/sheet{n}.xml", f"{_TYPES}.worksheet+xml") for n in range(1, n_sheets + 1)]
    listed = "".join(f'<Override PartName="{name}" ContentType="{kind}"/>' for name, kind in parts)
    return (
        f'{_XML}<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
        f'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>{listed}</Types>'
    )


def _relations(targets: Sequence[tuple[str, str]]) -> str:
    listed = "".join(
        f'<Relationship Id="rId{number}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, start=1)
    )
    return f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{listed}</Relationships>'
