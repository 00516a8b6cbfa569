import csv
from pathlib import Path

import pytest
from django.conf import settings

from nomenclature.loading import Report, load

HEADER = "code,label,short_label,alt_labels,valid_from,valid_to,retired,parent"


@pytest.fixture
def tables():
    """Rows of one of the CSV tables of the repository."""

    def read(name: str) -> list[dict]:
        with (settings.FIXTURES / "nomenclature" / name).open(encoding="utf-8") as stream:
            return list(csv.DictReader(line for line in stream if not line.startswith("#")))

    return read


@pytest.fixture
def write(tmp_path):
    """Writes files in a folder, and gives the folder: `write({"TRE_T.csv": "…"})`."""
    serial = iter(range(100))

    def to_folder(files: dict[str, str]) -> Path:
        folder = tmp_path / str(next(serial))
        for name, content in files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
        return folder

    return to_folder


@pytest.fixture
def load_concepts(db, write):
    """Loads one system from lines `code,label[,…]`, the missing columns being empty."""

    def run(system: str, *rows: str, **options) -> Report:
        padded = [row + "," * (7 - row.count(",")) for row in rows]
        return load(write({f"{system}.csv": "\n".join(["# source : test", HEADER, *padded]) + "\n"}), **options)

    return run
