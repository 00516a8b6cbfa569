"""The Répertoire as an Excel file: criteria and date first, then one row per establishment. Typed text stays text."""

import datetime as dt
import io
from collections.abc import Iterator, Sequence

from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.formats import date_format

from directory.display.common import eg_badge
from directory.models import EntiteGeographique
from directory.workbook import CONTENT_TYPE, Sheet, content, table

__all__ = ["CONTENT_TYPE", "MAX_ROWS", "workbook"]

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
    total = rows.count()
    found = _with_columns(rows)[:MAX_ROWS].iterator(chunk_size=2000)
    sheets = [
        Sheet("Critères", (28, 60), _criteria(criteria, total)),
        table("Établissements", COLUMNS, (_row(eg, today) for eg in found)),
    ]
    return io.BytesIO(content(sheets))


def _with_columns(rows: QuerySet) -> QuerySet:
    """The columns the page does not show."""
    return rows.select_related("categorie", "entite_juridique").annotate(
        voie=F("entree__libelle_voie"), numero=F("entree__numero_voie"), extension=F("entree__extension")
    )


def _criteria(criteria: Sequence[tuple[str, str]], total: int) -> Iterator[tuple[str, str]]:
    now = timezone.localtime()
    yield "Répertoire du ROR", "établissements"
    yield "Extrait le", f"{date_format(now, 'd/m/Y')} à {now:%H:%M}"
    yield from criteria or [("Critères", "aucun : tout le répertoire")]
    yield "Établissements trouvés", str(total)
    if total > MAX_ROWS:
        yield "Attention", f"Seuls les {MAX_ROWS} premiers sont dans ce fichier : affinez les critères."


def _row(eg: EntiteGeographique, today: dt.date) -> list:
    ej = eg.entite_juridique
    return [
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
        eg.n_uo,
        eg_badge(eg, eg.n_uo, today).text,
        timezone.localdate(eg.updated_at),
    ]
