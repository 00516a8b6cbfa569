"""Reads a folder of our CSV tables (fixtures/nomenclature): one file per system, and a few tables beside them."""

import csv
import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path

from nomenclature.loading.rows import (
    Bundle,
    ChampRow,
    ConceptRow,
    FiliereRow,
    GroupeActesRow,
    LoadingError,
    Member,
    ModeleRow,
    Source,
    TypeUORow,
)

CONCEPT_COLUMNS = ["code", "label", "short_label", "alt_labels", "valid_from", "valid_to", "retired", "parent"]
SOURCE_COLUMNS = ["code", "name", "title", "url", "oid", "version"]
TYPE_UO_COLUMNS = [
    "code", "label", "short_label", "type_offre", "mode_prise_en_charge", "champ_activite", "categories",
]  # fmt: skip
CHAMP_COLUMNS = [
    "modele", "champ", "section", "ordre", "affiche", "attendu", "obligatoire", "minimum", "permis", "proposes",
    "aide",
]  # fmt: skip
COMMUNE_COLUMNS = [
    "insee", "nom", "nom_ror", "codes_postaux", "departement", "population", "latitude", "longitude", "ville",
]  # fmt: skip


class Line(dict):
    """A CSV row that knows where it comes from, so that every error names its file and line."""

    def __init__(self, values: dict[str, str], path: Path, number: int) -> None:
        super().__init__(values)
        self.path, self.number = path, number

    def error(self, message: str) -> LoadingError:
        return LoadingError(f"{self.path.name}, ligne {self.number} : {message}")

    def required(self, column: str) -> str:
        if not self[column]:
            raise self.error(f"colonne « {column} » vide.")
        return self[column]

    def several(self, column: str) -> tuple[str, ...]:
        return tuple(value for value in self[column].split("|") if value)

    def flag(self, column: str) -> bool:
        if self[column] not in ("", "0", "1"):
            raise self.error(f"« {column} » vaut 1, 0 ou rien, pas « {self[column]} ».")
        return self[column] == "1"

    def convert(self, column: str, convert: Callable, expected: str):
        """The value converted, None when empty."""
        if not self[column]:
            return None
        try:
            return convert(self[column])
        except ValueError as error:
            raise self.error(f"« {column} » : {expected} attendu, « {self[column]} » lu.") from error

    def date(self, column: str) -> dt.date | None:
        return self.convert(column, dt.date.fromisoformat, "date AAAA-MM-JJ")


def lines(path: Path, columns: list[str]) -> Iterator[Line]:
    """Rows of a table; lines starting with # are its header of sources. The line number is the file's (1 = first)."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise LoadingError(f"{path.name} : le fichier n’est pas en UTF-8.") from error
    raw = text.splitlines(keepends=True)
    skipped = next((n for n, line in enumerate(raw) if not line.startswith("#")), len(raw))
    reader = csv.reader(raw[skipped:], strict=True)
    try:
        found = next(reader, [])
        if found != columns:
            raise LoadingError(
                f"{path.name}, ligne {skipped + 1} : colonnes attendues « {','.join(columns)} », "
                f"colonnes lues « {','.join(found)} »."
            )
        for values in reader:
            line = Line(dict(zip(columns, values, strict=False)), path, skipped + reader.line_num)
            if len(values) != len(columns):
                raise line.error(f"{len(columns)} colonnes attendues, {len(values)} lues.")
            yield line
    except csv.Error as error:
        raise LoadingError(f"{path.name}, ligne {skipped + reader.line_num} : {error}.") from error


def read(folder: Path) -> Bundle:
    """The CSV tables of a folder and of its `regional` sub-folder."""
    bundle = Bundle()
    for path in sorted([*folder.glob("*.csv"), *folder.glob("regional/*.csv")]):
        TABLES.get(path.stem, read_concepts)(path, bundle)
    for system in bundle.concepts:
        bundle.systems.setdefault(system, Source(system, system, is_regional=system.startswith("ror-")))
    return bundle


def read_systems(path: Path, bundle: Bundle) -> None:
    for line in lines(path, [*SOURCE_COLUMNS, "is_regional"]):
        values = {column: line[column] for column in SOURCE_COLUMNS}
        bundle.systems[line.required("code")] = Source(**values, is_regional=line.flag("is_regional"))


def read_value_sets(path: Path, bundle: Bundle) -> None:
    for line in lines(path, SOURCE_COLUMNS):
        bundle.value_sets[line.required("code")] = Source(**line)


def read_concepts(path: Path, bundle: Bundle) -> None:
    rows = bundle.concepts.setdefault(path.stem, {})
    for line in lines(path, CONCEPT_COLUMNS):
        row = ConceptRow(
            code=line.required("code"),
            label=line.required("label"),
            short_label=line["short_label"],
            alt_labels=line.several("alt_labels"),
            valid_from=line.date("valid_from"),
            valid_to=line.date("valid_to"),
            retired=line.flag("retired"),
            parent=line["parent"],
        )
        add_concept(line, rows, row)


def add_concept(line: Line, rows: dict[str, ConceptRow], row: ConceptRow) -> None:
    if row.code in rows:
        raise line.error(f"le code « {row.code} » est déjà dans le fichier.")
    rows[row.code] = row


def read_members(path: Path, bundle: Bundle) -> None:
    seen: set[tuple[str, str, str]] = set()
    for line in lines(path, ["value_set", "system", "code", "label"]):
        key = (line.required("value_set"), line.required("system"), line.required("code"))
        if key in seen:
            raise line.error(f"« {key[1]}|{key[2]} » est déjà dans {key[0]}.")
        seen.add(key)
        bundle.members.setdefault(key[0], []).append(Member(key[1], key[2], line["label"]))
    for value_set in bundle.members:
        bundle.value_sets.setdefault(value_set, Source(value_set, value_set))


def read_types_uo(path: Path, bundle: Bundle) -> None:
    """One line is a concept of `ror-type-uo` and its detail."""
    rows = bundle.concepts.setdefault("ror-type-uo", {})
    for line in lines(path, TYPE_UO_COLUMNS):
        concept = ConceptRow(line.required("code"), line.required("label"), line["short_label"])
        add_concept(line, rows, concept)
        bundle.types_uo.append(
            TypeUORow(
                concept.code,
                f"TRE_R244|{line.required('type_offre')}",
                f"TRE_R213|{line['mode_prise_en_charge']}" if line["mode_prise_en_charge"] else "",
                f"TRE_R227|{line['champ_activite']}" if line["champ_activite"] else "",
                tuple(f"TRE_R66|{code}" for code in line.several("categories")),
            )
        )


def read_filieres(path: Path, bundle: Bundle) -> None:
    rows = bundle.concepts.setdefault("ror-filiere", {})
    for line in lines(path, ["code", "label", "types_uo", "activites"]):
        add_concept(line, rows, ConceptRow(line.required("code"), line.required("label")))
        types = tuple(f"ror-type-uo|{code}" for code in line.several("types_uo"))
        activites = tuple(f"TRE_R211|{code}" for code in line.several("activites"))
        bundle.filieres.append(FiliereRow(line["code"], types, activites))


def read_synonymes(path: Path, bundle: Bundle) -> None:
    for line in lines(path, ["texte", "system", "code"]):
        bundle.synonymes.append((line.required("texte"), f"{line.required('system')}|{line.required('code')}"))


def read_modeles(path: Path, bundle: Bundle) -> None:
    """Their fields come from `modeles_champs`, which is read before this file."""
    champs = {code: modele.champs for code, modele in bundle.modeles.items()}
    for line in lines(path, ["code", "libelle", "kind", "general", "categories", "types_uo"]):
        code = line.required("code")
        bundle.modeles[code] = ModeleRow(
            code=code,
            libelle=line.required("libelle"),
            kind=line.required("kind"),
            general=line.flag("general"),
            categories=tuple(f"TRE_R66|{one}" for one in line.several("categories")),
            types_uo=tuple(f"ror-type-uo|{one}" for one in line.several("types_uo")),
            champs=champs.pop(code, []),
        )
    if champs:
        raise LoadingError(f"modeles_champs.csv : modèle inconnu : {', '.join(champs)}.")


def read_modeles_champs(path: Path, bundle: Bundle) -> None:
    for line in lines(path, CHAMP_COLUMNS):
        code = line.required("modele")
        row = ChampRow(
            champ=line.required("champ"),
            section=line.required("section"),
            ordre=line.convert("ordre", int, "nombre entier") or 0,
            affiche=line.flag("affiche"),
            attendu=line.flag("attendu"),
            obligatoire=line.flag("obligatoire"),
            minimum=line.convert("minimum", int, "nombre entier") or 0,
            permis=_keys(line, "permis"),
            proposes=_keys(line, "proposes"),
            aide=line["aide"],
        )
        bundle.modeles.setdefault(code, ModeleRow(code, "", "", False, (), ())).champs.append(row)


def read_groupes_actes(path: Path, bundle: Bundle) -> None:
    for number, line in enumerate(lines(path, ["libelle", "actes"]), 1):
        actes = tuple(f"TRE_R210|{code}" for code in line["actes"].split())
        bundle.groupes_actes.append(GroupeActesRow(line.required("libelle"), number, actes))


def _keys(line: Line, column: str) -> tuple[str, ...]:
    """« TRE_R94/51 44 TRE_G15/60 »: a code without system is of the system before it."""
    keys, system = [], ""
    for word in line[column].split():
        before, _, code = word.rpartition("/")
        system = before or system
        if not system:
            raise line.error(f"« {column} » : le premier code doit nommer sa nomenclature (TRE_R210/0815).")
        keys.append(f"{system}|{code}")
    return tuple(keys)


def read_regions(path: Path, bundle: Bundle) -> None:
    bundle.tables["regions"] = [
        {"code": line.required("code"), "nom": line.required("nom")} for line in lines(path, ["code", "nom"])
    ]


def read_departements(path: Path, bundle: Bundle) -> None:
    bundle.tables["departements"] = [
        {
            "code": line.required("code"),
            "nom": line.required("nom"),
            "region_id": line.required("region"),
            "territoire_sante": f"TRE_R88|{line['territoire_sante']}" if line["territoire_sante"] else "",
        }
        for line in lines(path, ["code", "nom", "region", "territoire_sante"])
    ]


def read_communes(path: Path, bundle: Bundle) -> None:
    bundle.tables["communes"] = [
        {
            "insee": line.required("insee"),
            "nom": line.required("nom"),
            "nom_ror": line.required("nom_ror"),
            "codes_postaux": list(line.several("codes_postaux")),
            "departement_id": line.required("departement"),
            "population": line.convert("population", int, "nombre entier"),
            "latitude": line.convert("latitude", float, "nombre décimal"),
            "longitude": line.convert("longitude", float, "nombre décimal"),
            "ville_id": line["ville"] or None,
        }
        for line in lines(path, COMMUNE_COLUMNS)
    ]


TABLES = {
    "systems": read_systems,
    "value_sets": read_value_sets,
    "members": read_members,
    "types_uo": read_types_uo,
    "filieres": read_filieres,
    "modeles_champs": read_modeles_champs,
    "modeles_groupes_actes": read_groupes_actes,
    "modeles_saisie": read_modeles,
    "synonymes": read_synonymes,
    "sigles": read_synonymes,
    "regions": read_regions,
    "departements": read_departements,
    "communes": read_communes,
}
