"""The Excel file of a search: what was asked on the first sheet, one row per UO on the second.

Typed text never becomes a formula: every text goes through `directory.exports.text_cell`.
"""

from collections.abc import Iterator
from io import BytesIO

from openpyxl import Workbook
from openpyxl.utils import get_column_letter

from directory.exports import text_cell
from directory.models import EntiteGeographique, Lieu
from directory.permissions import Reader
from ror import clock
from ror.templatetags.ror import NBSP, date_fr, phone
from search import routing
from search.engine import Hit, Results, UoHit
from search.facets import FACETS
from search.forms import SearchForm, describe

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
STATUS = {"ouvert": "Ouvert", "ferme_provisoire": "Fermé provisoirement", "a_actualiser": "À actualiser"}
PATIENTELES = {"E": "Enfants", "A": "Adultes", "E+A": "Enfants et adultes", "": ""}
# (title, width in characters)
COLUMNS = (
    ("FINESS", 12),
    ("Établissement", 46),
    ("Catégorie", 34),
    ("Adresse", 40),
    ("Commune", 24),
    ("Département", 20),
    ("Téléphone", 16),
    ("Distance (km)", 13),
    ("Durée estimée (min)", 19),
    ("Type d’UO", 52),
    ("Nom de l’UO", 40),
    ("Statut", 22),
    ("Disponibilité", 20),
    ("Téléphone de l’UO", 18),
    ("Patientèle", 20),
    ("Fiche", 34),
)


def workbook(form: SearchForm, results: Results, *, reader: Reader, site: str) -> bytes:
    """The file; `site` (scheme and host) completes the addresses of the fiches.

    Phones are those of the results, hence of this reader's level; nothing says who asked.
    """
    book = Workbook(write_only=True)
    _criteria_sheet(book, form, results, reader)
    _results_sheet(book, results, reader, site)
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def _criteria_sheet(book: Workbook, form: SearchForm, results: Results, reader: Reader) -> None:
    sheet = book.create_sheet("Critères")
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 28, 90
    sheet.append([text_cell(sheet, "Recherche dans le ROR", bold=True)])
    for label, value in _criteria(form, results, reader):
        sheet.append([text_cell(sheet, label, bold=True), text_cell(sheet, value)])


def _criteria(form: SearchForm, results: Results, reader: Reader) -> Iterator[tuple[str, str]]:
    found, origin = describe(form), form.origin
    yield "Quoi", f"{found['prefix']} : {found['label']}"
    yield "Où", (form.place.label if form.place else _point(form)) if origin else "Sans lieu"
    if origin and origin.territoire:
        yield "Territoire de santé", origin.territoire
    for facet in FACETS:
        if chosen := form.facets.get(facet.key):
            yield facet.title, ", ".join(chosen.values())
    yield "Tri", "Distance" if origin and form.sort == "distance" else "Pertinence"
    yield "Établissements", f"{results.n_eg}"
    if results.is_capped:
        yield (
            "Attention",
            f"Ce fichier s’arrête aux {len(results.hits)} premiers établissements : affinez la recherche.",
        )
    yield "UO", f"{results.n_uo}"
    if origin:
        yield "Distances", f"À vol d’oiseau, calculées à partir de {origin.label} ; les durées sont estimées."
    yield "Fait le", date_fr(clock.now(), "heure")
    level = "professionnels et régulation, selon vos droits" if _has_more_rights(reader) else "professionnels"
    yield "Coordonnées", f"Niveau de confidentialité : {level}. Ne pas diffuser au public."


def _has_more_rights(reader: Reader) -> bool:
    return bool(reader.sees_all or reader.departements or reader.own_eg_ids)


def _point(form: SearchForm) -> str:
    return f"{form.origin.latitude:.5f}, {form.origin.longitude:.5f}".replace(".", ",")


def _results_sheet(book: Workbook, results: Results, reader: Reader, site: str) -> None:
    sheet = book.create_sheet("Résultats")
    for number, (_, width) in enumerate(COLUMNS, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.freeze_panes = "C2"
    details = _details([hit.eg_id for hit in results.hits], reader)
    n_rows = 1 + sum(max(1, len(hit.uos)) for hit in results.hits)
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(COLUMNS))}{n_rows}"
    sheet.append([text_cell(sheet, title, bold=True) for title, _ in COLUMNS])
    for hit in results.hits:
        finess, address = details.get(hit.eg_id, ("", ""))
        first = [finess, hit.name, hit.category, address, hit.commune, hit.departement, _phone(hit.phone)]
        numbers: list = [None, None]
        if hit.distance_km is not None:
            numbers = [round(hit.distance_km, 1), routing.minutes(hit.distance_km)]
        for uo in hit.uos or [None]:
            cells = [text_cell(sheet, value) for value in (*first, *_uo_values(hit, uo, site))]
            sheet.append([*cells[: len(first)], *numbers, *cells[len(first) :]])


def _uo_values(hit: Hit, uo: UoHit | None, site: str) -> list[str]:
    if uo is None:
        return ["", "", "", "", "", "", site + hit.url]
    capacity = "Saisie activée" if uo.capacity_entry else "Saisie non activée"
    status = STATUS[uo.status]
    if uo.closed_until:
        status += f" jusqu’au {date_fr(uo.closed_until)}"
    return [uo.type_label, uo.name, status, capacity, _phone(uo.phone), PATIENTELES[uo.patientele], site + uo.url]


def _phone(number: str) -> str:
    """Pairs parted by plain spaces: « 01 83 » typed in Excel's own search finds it."""
    return phone(number).replace(NBSP, " ")


def _details(eg_ids: list[int], reader: Reader) -> dict[int, tuple[str, str]]:
    """FINESS and postal address of each establishment: two queries."""
    addresses: dict[int, str] = {}
    for lieu in Lieu.objects.filter(entite_geographique__in=eg_ids).order_by("est_principal", "-id"):
        addresses[lieu.entite_geographique_id] = ", ".join(lieu.postal_lines)  # the main entrance comes last and wins
    numbers = (
        EntiteGeographique.objects.visible_to(reader).filter(pk__in=eg_ids).values_list("pk", "finess", "idnat_struct")
    )
    return {pk: (finess or idnat, addresses.get(pk, "")) for pk, finess, idnat in numbers}
