"""The command: arguments, words on the screen, clear refusals."""

import io

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from directory.imports.progress import Progress
from directory.models import EntiteGeographique, FicheVersion
from tests.builders import make_user

from .lines import ej, et, geo


def run(*args, **options) -> str:
    out = io.StringIO()
    call_command("import_finess", *args, stdout=out, stderr=io.StringIO(), **options)
    return out.getvalue()


def test_report_on_the_screen(lists, folder):
    out = run(folder.csv(ej()), folder.csv(et(categetab="620"), et(nofinesset="?"), geo()))
    for words in (
        "établissements géolocalisés (cs1100507)",
        "Date du fichier : 12/05/2026",
        "1 création\n",
        "Refus : numéro FINESS illisible (1)",
        "ligne 3 – ? – numéro « ? »",
        "À vérifier : catégorie hors du jeu de valeurs JDV_J55, conservée (1)",
        "Compte rendu conservé : import",
    ):
        assert words in out


def test_dry_run(lists, folder):
    assert "rien n’a été enregistré" in run(folder.csv(et()), dry_run=True)
    assert not EntiteGeographique.objects.exists()


def test_author(lists, folder):
    author = make_user("import@exemple.fr")
    run(folder.csv(et()), par="Import@exemple.fr")
    assert set(FicheVersion.objects.values_list("author", flat=True)) == {author.pk}


def test_system_author_by_default(lists, folder):
    run(folder.csv(et()))
    assert set(FicheVersion.objects.values_list("author", flat=True)) == {User.objects.system().pk}


@pytest.mark.parametrize(
    ("options", "words"),
    [({"par": "personne@exemple.fr"}, "Aucun compte"), ({"departements": "75,XX"}, "Départements inconnus : XX")],
)
def test_wrong_options(lists, folder, options, words):
    with pytest.raises(CommandError, match=words):
        run(folder.csv(et()), **options)


def test_an_unreadable_file_is_one_french_sentence(lists, folder):
    with pytest.raises(CommandError, match="format non reconnu"):
        run(folder.bytes(b"bonjour"))


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("stream", "expected"), [(Terminal(), "\r"), (io.StringIO(), "liste.csv :  50% (1 / 2)\n")])
def test_progress(monkeypatch, stream, expected):
    clock = iter([0.0, 0.0, 5.0, 10.0])
    monkeypatch.setattr("directory.imports.progress.time.monotonic", lambda: next(clock))
    progress = Progress(stream)
    progress.start("liste.csv", 2)
    progress.advance()
    assert expected in stream.getvalue()
    assert "(1 / 2)" in stream.getvalue()
