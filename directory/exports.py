"""The Répertoire as an Excel file: criteria and date first, then one row per establishment. Typed text stays text."""

import datetime as dt
import io
from collections.abc import Iterable, Sequence

from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from directory.display.common import eg_badge
from directory.models import EntiteGeographique

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MAX_ROWS = 20_000
# Heading and width in characters.
COLUMNS = (
    ("FINESS géographique", 20),
    ("SIRET", 17),
    ("Nom", 46),
    ("Catégorie", 46),
    ("Entité juridique", 46),
    ("FINESS juridique", 18),
    ("Adresse", 36),
    ("Code postal", 12),
    ("Commune", 26),
    ("Département", 13),
    ("Nombre d’UO", 13),
    ("État", 20),
    ("Mis à jour le", 14),
)


def workbook(rows: QuerySet, *, criteria: Sequence[tuple[str, str]], today: dt.date) -> io.BytesIO:
    """The file, at its beginning. `rows`: `listing.for_listing(…)`; `criteria`: (label, value) of the filters."""
    book = Workbook(write_only=True)
    total = rows.count()
    _criteria_sheet(book, criteria, total)
    sheet = book.create_sheet("Établissements")
    sheet.freeze_panes = "A2"
    for index, (_, width) in enumerate(COLUMNS, start=1):
        sheet.column_dimensions[get_column_letter(index)].width = width
    sheet.append([text_cell(sheet, heading, bold=True) for heading, _ in COLUMNS])
    for eg in _with_columns(rows)[:MAX_ROWS].iterator(chunk_size=2000):
        sheet.append(_row(sheet, eg, today))
    file = io.BytesIO()
    book.save(file)
    file.seek(0)
    return file


def _with_columns(rows: QuerySet) -> QuerySet:
    """The columns the page does not show."""
    return rows.select_related("categorie", "entite_juridique").annotate(
        voie=F("entree__libelle_voie"), numero=F("entree__numero_voie"), extension=F("entree__extension")
    )


def _criteria_sheet(book: Workbook, criteria: Sequence[tuple[str, str]], total: int) -> None:
    sheet = book.create_sheet("Critères")
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 28, 60
    now = timezone.localtime()
    lines: list[tuple[str, str]] = [
        ("Répertoire du ROR", "établissements"),
        ("Extrait le", f"{date_format(now, 'd/m/Y')} à {now:%H:%M}"),
        *(criteria or [("Critères", "aucun : tout le répertoire")]),
        ("Établissements trouvés", str(total)),
    ]
    if total > MAX_ROWS:
        lines.append(("Attention", f"Seuls les {MAX_ROWS} premiers sont dans ce fichier : affinez les critères."))
    for label, value in lines:
        sheet.append([text_cell(sheet, label, bold=True), text_cell(sheet, value)])


def _row(sheet, eg: EntiteGeographique, today: dt.date) -> list:
    ej = eg.entite_juridique
    texts: Iterable[str | None] = (
        eg.finess,
        eg.siret,
        eg.display_name,
        eg.categorie.label,
        ej.display_name,
        ej.finess,
        " ".join(part for part in (eg.numero, eg.extension, eg.voie) if part),
        eg.code_postal,
        eg.commune_ror,
        eg.departement,
    )
    state = eg_badge(eg, eg.n_uo, today).text
    updated = WriteOnlyCell(sheet, value=timezone.localdate(eg.updated_at))
    updated.number_format = "dd/mm/yyyy"
    return [*(text_cell(sheet, text) for text in texts), eg.n_uo, text_cell(sheet, state), updated]


def text_cell(sheet, value: str | None, *, bold: bool = False) -> Cell | str | None:
    """What to append so that the text stays text: openpyxl makes a formula of « =… » and an error of « #N/A », and
    refuses control characters. A plain string where there is no such risk (a third less CPU), nothing for
    an empty text."""
    if not value:
        return None
    text = ILLEGAL_CHARACTERS_RE.sub("", value)
    if not bold and not text.startswith(("=", "#")):
        return text
    cell = WriteOnlyCell(sheet, value=text)
    cell.data_type = "s"
    if bold:
        cell.font = Font(bold=True)
    return cell
