"""Encoding, quotes, compression, and which format a file is."""

import gzip

import pytest

from accounts.models import User
from directory.imports import finess, lines
from directory.imports.records import FileRefused

from .lines import ege, ej, et, geo, pmej


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ('a;"LIEU ""MAVOUNA 1""";c', ["a", 'LIEU "MAVOUNA 1"', "c"]),
        ('a;"Lieu dit """"LES BOURBES""""";c', ["a", 'Lieu dit "LES BOURBES"', "c"]),  # quoted twice
        ('a;LBM"NG BIO" SITE;c', ["a", 'LBM"NG BIO" SITE', "c"]),
        ("a;  b   c ;\x00d", ["a", "b c", "d"]),
        ("a;b\rc;d", ["a", "b c", "d"]),
        ("", [""]),
        ('a;"un ; dedans";c', ["a", "un ; dedans", "c"]),
    ],
)
def test_cells(written, read):
    assert lines.cells(written) == read


def test_a_stray_quote_spoils_its_own_line_only(load, folder, eg):
    report = load(folder.csv(et(rs='"ACT OUVERT'), et(nofinesset="750020729")))
    assert report.counts["eg"]["refused"] == 1
    assert eg("750020729").denomination == "ACT LES TILLEULS"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "iso-8859-1"])
def test_every_encoding_gives_the_same_name(load, folder, eg, encoding):
    load(folder.csv(et(rs="FOYER L'ÉTÉ À NOËL"), encoding=encoding))
    assert eg().denomination == "FOYER L'ÉTÉ À NOËL"


def test_windows_characters_of_a_latin_file_are_read(load, folder, eg):
    load(folder.csv(et(rs="CŒUR D’ARTICHAUT ÉTÉ"), encoding="cp1252"))
    assert eg().denomination == "CŒUR D’ARTICHAUT ÉTÉ"


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_line_endings(load, folder, eg, end):
    load(folder.csv(et(), geo(), end=end))
    assert eg().siret == "77567227200017"


def test_31_cells_as_in_the_specification(load, folder):
    assert load(folder.csv(et().rsplit(";", 1)[0])).counts["eg"]["created"] == 1


def test_tabulations_as_in_the_pdf(load, folder):
    assert load(folder.csv(et().replace(";", "\t"), geo().replace(";", "\t"))).counts["eg"]["created"] == 1


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (lambda f: f.csv(et(), geo()), "cs1100507"),
        (lambda f: f.csv(et()), "cs1100502"),
        (lambda f: f.csv(ej()), "cs1100501"),
        (lambda f: f.json(pmej(ege())), "FINESS+"),
        (lambda f: f.json(pmej(ege()), zipped=False), "FINESS+"),
        (lambda f: f.bytes(gzip.compress(f.csv(et()).read_bytes()), "liste.txt"), "cs1100502"),
    ],
)
def test_the_format_is_recognised_from_the_content(load, folder, content, name):
    assert name in load(content(folder)).label


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "est vide"),
        (b"   \n\n", "est vide"),
        (b"PK\x03\x04 un classeur", "classeur Excel"),
        ("nom;prénom\nA;B\n".encode("utf-16"), "UTF-16"),
        (b"nom;prenom\nA;B\n", "format non reconnu"),
        (b"# Un titre\n\nDu texte\n", "format non reconnu"),
        (b"finess;etalab;98;2026-05-12\n", "format non reconnu"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "format non reconnu"),
        (b"geolocalisation;750011728;1;2;x;\n", "que des lignes de géolocalisation"),
        (b"nofinesset;nofinessej;rs\n750011728;750721334;A\n", "ligne d’en-tête"),
        (b"structureet;750011728;750721334;NOM\n", "cs1100505"),
        (b"{}", "aucun enregistrement"),
        (b"[1, 2]", "aucun enregistrement"),
        (b'{"pmej": [{"numFiness": "750721334", "activitesAutorisees": []}]}', "activités"),
        (b'{"pmej": [{"informationsGeneralesPMEJ": {"num', "abîmé ou incomplet"),
        (b'{"pmej": [truc]}', "abîmé ou incomplet"),
        (b'{"generatedAt": "\xff\xfe"}', "abîmé ou incomplet"),
        (gzip.compress(b"structureet;" * 5000, mtime=0)[:-12], "abîmé ou incomplet"),
        (b"\x1f\x8bn'importe quoi", "abîmé ou incomplet"),
        (f"{et()}\nstructureet;{'x' * 70_000}".encode(), "Ko sur une ligne"),
    ],
    ids=lambda value: value if isinstance(value, str) else f"{len(value)} octets",
)
def test_any_other_file_is_refused_in_french(load, folder, content, words):
    with pytest.raises(FileRefused, match=words):
        load(folder.bytes(content))


def test_missing_file_and_folder(load, tmp_path):
    with pytest.raises(FileRefused, match="n’existe pas"):
        load(tmp_path / "absent.csv")
    with pytest.raises(FileRefused, match="est un dossier"):
        load(tmp_path)


@pytest.mark.django_db
def test_without_the_nomenclature_the_message_says_what_to_run(folder):
    with pytest.raises(FileRefused, match="load_nomenclature"):
        finess.run([folder.csv(et())], by=User.objects.system())
