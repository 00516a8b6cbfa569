"""A text file as numbered cells: compression, encoding, separator, CSV quotes. One record is one line."""

import codecs
import csv
import gzip
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from directory.imports.records import FileRefused

MAX_LINE = 64 * 1024  # bytes; the longest real line has under 800
CHUNK = 1 << 20
# Bytes 80 to 9F mean nothing in ISO-8859-1: a file that has them was written by Windows (œ, ’, €).
_WINDOWS = {code: bytes([code]).decode("cp1252", "ignore") for code in range(0x80, 0xA0)}
_CONTROLS = dict.fromkeys(range(32), " ") | {0x7F: " "}
_SIGNATURES = {
    b"PK\x03\x04": "est une archive ou un classeur Excel : enregistrez-le au format CSV (séparateur point-virgule)",
    b"\xd0\xcf\x11\xe0": "est un classeur Excel : enregistrez-le au format CSV (séparateur point-virgule)",
    b"\xff\xfe": "est encodé en UTF-16 : enregistrez-le au format CSV UTF-8",
    b"\xfe\xff": "est encodé en UTF-16 : enregistrez-le au format CSV UTF-8",
    b"%PDF": "est un document PDF",
}


def open_binary(path: Path) -> BinaryIO:
    """The bytes of the file, unzipped when they are gzip, whatever its name."""
    raw = path.open("rb")
    if raw.read(2) == b"\x1f\x8b":
        raw.close()
        return gzip.open(path, "rb")
    raw.seek(0)
    return raw


def unreadable(path: Path, error: Exception) -> FileRefused:
    """The French sentence for an error of the system or of the decompression."""
    if isinstance(error, FileNotFoundError):
        return FileRefused(f"{path} : ce fichier n’existe pas.")
    if isinstance(error, IsADirectoryError):
        return FileRefused(f"{path} est un dossier : donnez le fichier.")
    if isinstance(error, PermissionError):
        return FileRefused(f"{path} : lecture interdite.")
    return FileRefused(f"{path} : fichier abîmé ou incomplet ({error}).")


READ_ERRORS = (OSError, EOFError, zlib.error)  # gzip.BadGzipFile is an OSError


def head(path: Path, size: int = 64 * 1024) -> bytes:
    """The first bytes; refuses what cannot be a FINESS file."""
    try:
        with open_binary(path) as file:
            start = file.read(size)
    except READ_ERRORS as error:
        raise unreadable(path, error) from error
    if not start.strip():
        raise FileRefused(f"{path} est vide.")
    for signature, reason in _SIGNATURES.items():
        if start.startswith(signature):
            raise FileRefused(f"{path} {reason}.")
    return start


def encoding_of(path: Path) -> str:
    """UTF-8 when the whole file is, else ISO-8859-1, that of the legacy files until 2025."""
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    try:
        with open_binary(path) as file:
            while chunk := file.read(CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "iso-8859-1"
    except READ_ERRORS as error:
        raise unreadable(path, error) from error
    return "utf-8-sig"


def read(path: Path, encoding: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """(line number from 1, clean cells) of every line that is not empty."""
    try:
        with open_binary(path) as file:
            for number, raw in enumerate(iter(lambda: file.readline(MAX_LINE), b""), start=1):
                if len(raw) == MAX_LINE:
                    raise FileRefused(f"{path}, ligne {number} : plus de {MAX_LINE // 1024} Ko sur une ligne.")
                line = raw.decode(encoding if number == 1 else encoding.removesuffix("-sig"))
                if encoding == "iso-8859-1":
                    line = line.translate(_WINDOWS)
                if line.strip():
                    yield number, cells(line, delimiter)
    except READ_ERRORS as error:
        raise unreadable(path, error) from error


def cells(line: str, delimiter: str = ";") -> list[str]:
    """Cells of one line. Each line is parsed alone: a stray quote spoils its own line, not the rest of the file."""
    bare = line.strip("\r\n").replace("\r", " ")  # csv refuses a carriage return inside a cell
    return [clean(cell) for cell in next(csv.reader((bare,), delimiter=delimiter))] or [""]


def clean(cell: str) -> str:
    """Without control characters or useless spaces; quotes that were doubled twice become quotes again."""
    return " ".join(cell.translate(_CONTROLS).replace('""', '"').split())
