"""The selection as a workbook: what it is on the first sheet, one row per line on the second."""

from collections.abc import Mapping, Sequence

from directory.display import uo as uo_display
from directory.display.common import state_badge
from directory.models import Kind, Niveau
from directory.workbook import CONTENT_TYPE, Sheet, content, table
from restitutions.selection import sheets
from restitutions.selection.contents import Line, Ref
from restitutions.selection.loading import Found
from ror import clock
from ror.templatetags.ror import NBSP, date_fr, phone

__all__ = ["CONTENT_TYPE", "workbook"]

# (title, width in characters)
COLUMNS = (
    ("Établissement", 46),
    ("FINESS", 12),
    ("Unité", 40),
    ("Type ou catégorie", 46),
    ("Adresse", 46),
    ("Commune", 24),
    ("Téléphone", 18),
    ("Courriel", 30),
    ("État", 30),
    ("Patientèle", 28),
    ("Fiche", 40),
)
NOTES = ("Notes", 60)
LEVELS = {
    Niveau.PUBLIC: "grand public.",
    Niveau.PROFESSIONNELS: "professionnels. Ne pas diffuser au public.",
    Niveau.REGULATION: "régulation. Ne pas diffuser.",
}


def workbook(lines: Sequence[Line], found: Mapping[Ref, Found], *, site: str, with_notes: bool) -> bytes:
    """The file. Numbers are those this reader may see; `site` (scheme and host) completes the addresses.

    What is no longer available is counted on the first sheet, never named.
    """
    there = [(line, found[line.ref]) for line in lines if line.ref in found]
    rows = [_row(line, one, site) + ([line.note] if with_notes else []) for line, one in there]
    level = max((contact.niveau for _, one in there for contact in _telecoms(one)), default=Niveau.PUBLIC)
    about = [
        ("Ma sélection du ROR", ""),
        ("Lignes", str(len(there))),
        *([("N’est plus disponible", str(len(lines) - len(there)))] if len(there) < len(lines) else []),
        ("Fait le", date_fr(clock.now(), "heure")),
        ("Coordonnées", f"Niveau de confidentialité : {LEVELS[Niveau(level)]}"),
    ]
    columns = [*COLUMNS, NOTES] if with_notes else COLUMNS
    return content([Sheet("À propos", (28, 60), about), table("Sélection", columns, rows, freeze="B2")])


def _row(line: Line, found: Found, site: str) -> list[str]:
    is_uo, eg = found.kind == Kind.UO, found.eg
    place = next(iter(sheets.places(found)), None)
    telecoms = _telecoms(found)
    phones = [phone(one.address).replace(NBSP, " ") for one in telecoms if one.kind == "phone"]
    return [
        eg.display_name,
        eg.finess or eg.idnat_struct,
        found.fiche.nom if is_uo else "",
        sheets.kind_label(found),
        ", ".join(place.lines) if place else "",
        _commune(found),
        ", ".join(phones),
        ", ".join(one.address for one in telecoms if one.kind == "email"),
        state_badge(found.fiche, clock.today()).text.replace(NBSP, " "),
        uo_display.patientele(found.fiche).replace(NBSP, " ") if is_uo else "",
        site + line.ref.address,
    ]


def _telecoms(found: Found) -> list:
    return [one for contact in sheets.contacts(found, found.level) for one in contact.telecoms]


def _commune(found: Found) -> str:
    communes = [lieu.commune.nom_ror for lieu in found.lieux if lieu.commune and lieu.est_principal]
    return communes[0] if communes else ""
