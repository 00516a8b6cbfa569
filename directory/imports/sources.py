"""Which kind of file this is, from its content: a name says nothing once a file has been renamed."""

from pathlib import Path

from directory.imports import etalab, finess_plus, lines
from directory.imports.lists import Lists
from directory.imports.records import FileRefused, Source
from directory.imports.report import Report


def open_source(path: Path, lists: Lists, report: Report, departements: set[str]) -> Source:
    """The reader for this file, or `FileRefused` saying what was expected."""
    start = lines.head(path)
    try:
        if finess_plus.is_json(start):
            return finess_plus.FinessPlusFile(path, lists, report, departements)
        found = etalab.recognise(start)
    except FileRefused as refusal:
        raise FileRefused(f"{path} : {refusal}") from refusal
    if found is None:
        raise FileRefused(
            f"{path} : format non reconnu. Fichiers acceptés : etalab-cs1100507, cs1100502 ou cs1100501 (CSV, "
            "point-virgule) et FINESS+ « structures » (JSON, gzip ou non)."
        )
    section, delimiter = found
    return etalab.EtalabFile(path, section, delimiter, lists, report, departements)
