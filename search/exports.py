"""The Excel file of a search: what was asked on the first sheet, one row per UO on the second.

Typed text never becomes a formula: see `directory.workbook`.
"""

from collections.abc import Iterator

from directory.models import EntiteGeographique, Lieu
from directory.permissions import Reader
from directory.workbook import CONTENT_TYPE, Sheet, content, table
from ror import clock
from ror.templatetags.ror import NBSP, date_fr, phone
from search import routing
from search.facets import FACETS
from search.forms import SearchForm, describe
from search.results import Hit, Results, UoHit

__all__ = ["CONTENT_TYPE", "workbook"]

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
    ("Durée (min)", 13),
    ("Calcul de la durée", 19),
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
    return content(
        [
            Sheet("Critères", (28, 90), _lines(form, results, reader)),
            table("Résultats", COLUMNS, _rows(results, reader, site), freeze="C2"),
        ]
    )


def _lines(form: SearchForm, results: Results, reader: Reader) -> Iterator[tuple[str, str]]:
    yield "Recherche dans le ROR", ""
    yield from _criteria(form, results, reader)


def _criteria(form: SearchForm, results: Results, reader: Reader) -> Iterator[tuple[str, str]]:
    found, origin = describe(form), form.origin
    yield "Quoi", f"{found['prefix']} : {found['label']}"
    yield "Où", (form.place.label if form.place else _point(form)) if origin else "Sans lieu"
    if origin and origin.territoire:
        yield "Territoire de santé", origin.territoire
    for facet in FACETS:
        if chosen := form.facets.get(facet.key):
            yield facet.title, ", ".join(chosen.values())
    if form.map_zone:
        yield "Zone de la carte", "Du {:.4f}, {:.4f} au {:.4f}, {:.4f} (latitude, longitude)".format(*form.map_zone)
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


def _rows(results: Results, reader: Reader, site: str) -> Iterator[list]:
    details = _details([hit.eg_id for hit in results.hits], reader)
    durations = routing.durations(results.criteria.origin, results.hits)
    for hit, duration in zip(results.hits, durations, strict=True):
        finess, address = details.get(hit.eg_id, ("", ""))
        first = [finess, hit.name, hit.category, address, hit.commune, hit.departement, _phone(hit.phone)]
        numbers: list = [None, None, ""]
        if duration is not None:
            numbers = [round(hit.distance_km, 1), duration.minutes, duration.label]
        for uo in hit.uos or [None]:
            yield [*first, *numbers, *_uo_values(hit, uo, site)]


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
