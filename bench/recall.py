"""Do people find the establishment they have in mind? Questions derived from real names by a seeded rule.

The names are those of a FINESS file (`--finess`, or `ROR_FINESS`), whose establishments are imported into the base of
the bench among the invented ones; without a file they are names of the base, and the report says so.
"""

import csv
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from statistics import median

from django.core.management import call_command
from django.db import connection
from django.utils.datastructures import MultiValueDict

from bench import cpu
from directory.permissions import Reader
from nomenclature.text import normalise
from search import engine
from search.forms import SearchForm
from search.results import Hit, Results

SEED = 2026
PER_KIND = 300
RULE = """Règle des questions (graine {seed}, {n} par sorte, noms : {source}) :
  nom            la raison sociale telle quelle
  permutation    la même, deux lettres voisines et différentes échangées dans un mot d’au moins 4 lettres
  sigle + ville  le premier mot de la raison sociale, quand c’est un sigle du libellé d’une catégorie, et la ville de
                 l’adresse (sans CEDEX)
  … avec faute   le même, une faute (lettres échangées, oubliée, doublée ou remplacée) dans un mot d’au moins 4 lettres
  Bonne réponse : l’établissement, ou un autre de même raison sociale (sans accents, ponctuation ni casse) ; pour
  « sigle + ville », tout établissement de cette ville qui porte ce sigle dans son nom ou sa catégorie, ou dont le nom
  porte le sigle et la ville."""
_SIGLE = re.compile(r"\(([A-Z]\.?(?:[A-Z]\.?){1,7})\)")
_WORD = re.compile(r"[^\W\d_]{4,}")
_CEDEX = re.compile(r"\bcede?x?\b.*$|\b\d+$")


@dataclass(frozen=True)
class Name:
    """An establishment to be found; texts in their compared form, but `written`."""

    finess: str
    written: str
    name: str
    town: str
    category: str


@dataclass(frozen=True)
class Question:
    typed: str
    is_right: Callable[[Hit], bool]


@dataclass
class Outcome:
    """Of one kind: rank (from 1, 0 when absent of the first page) and CPU of each question."""

    ranks: list[int] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)

    def share(self, within: int) -> float:
        return sum(1 <= rank <= within for rank in self.ranks) / len(self.ranks)


# --- Names ----------------------------------------------------------------------------------------------------------


def of_file(path: Path) -> list[Name]:
    """Establishments of a cs1100507 or cs1100502 file."""
    with path.open(encoding="latin-1", newline="") as file:
        rows = [row for row in csv.reader(file, delimiter=";") if row and row[0] == "structureet"]
    return [Name(r[1], r[3], normalise(r[3]), _town(r[15]), r[19]) for r in rows if normalise(r[3])]


def of_base() -> list[Name]:
    """Establishments of the base itself."""
    with connection.cursor() as cursor:
        cursor.execute(
            """select e.cle, e.nom, coalesce(l.code_postal || ' ' || l.localite, ''), c.label from search_eg e
              join nomenclature_concept c on c.id = e.categorie_id
              join directory_lieu l on l.entite_geographique_id = e.eg_id and l.est_principal order by e.cle"""
        )
        return [Name(cle, nom, normalise(nom), _town(town), label) for cle, nom, town, label in cursor.fetchall()]


def _town(line: str) -> str:
    """« 91011 EVRY CEDEX » → evry."""
    return _CEDEX.sub("", normalise(line).partition(" ")[2]).strip()


def load(path: Path, names: list[Name]) -> None:
    """Import the file among the establishments of the base, unless it is there."""
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from search_eg where cle = any(%s)", [[name.finess for name in names]])
        [present] = cursor.fetchone()
    if present < 0.9 * len(names):
        call_command("import_finess", str(path), stdout=StringIO())  # its report is long
        with connection.cursor() as cursor:
            cursor.execute("vacuum analyze")


# --- Questions ------------------------------------------------------------------------------------------------------


def _of_name(name: Name) -> Callable[[Hit], bool]:
    """This one, or one of the same name."""
    return lambda hit: _number(hit) == name.finess or normalise(hit.name) == name.name


def _of_town(sigle: str, town: str, communes: frozenset[str]) -> Callable[[Hit], bool]:
    """Any establishment there that bears this sigle, in its name or in its category; any with both in its name."""
    asked = {sigle, *town.split()}
    return lambda hit: (
        (hit.commune in communes and sigle in _borne(hit.name, hit.category)) or asked <= _borne(hit.name, "")
    )


def _number(hit: Hit) -> str:
    return hit.url.rstrip("/").rpartition("/")[2]


def _borne(name: str, category: str) -> set[str]:
    return set(normalise(f"{name} {category}").split())


def questions(names: list[Name], per_kind: int = PER_KIND) -> dict[str, list[Question]]:
    """By kind, always the same for the same names."""
    draw = random.Random(SEED)  # noqa: S311 - a repeatable draw
    found: dict[str, list[Question]] = {"name": [], "swap": []}
    for name in draw.sample(names, min(per_kind, len(names))):
        found["name"].append(Question(name.written, _of_name(name)))
    for name in draw.sample(names, len(names)):
        typed = _swapped(name.written, draw)
        if typed and len(found["swap"]) < per_kind:
            found["swap"].append(Question(typed, _of_name(name)))
    return found | _with_town(names, draw, per_kind)


def _with_town(names: list[Name], draw: random.Random, per_kind: int) -> dict[str, list[Question]]:
    sigles = {normalise(sigle) for label in {name.category for name in names} for sigle in _SIGLE.findall(label)}
    communes = _communes(names)
    asked = [name for name in names if name.town and name.name.split()[0] in sigles]
    right, wrong = [], []
    for name in draw.sample(asked, min(per_kind, len(asked))):
        sigle = name.name.split()[0]
        is_right = _of_town(sigle, name.town, communes[name.town])
        right.append(Question(f"{sigle} {name.town}", is_right))
        typed = _mistyped(f"{sigle} {name.town}", draw)
        wrong += [Question(typed, is_right)] if typed else []
    return {"sigle_town": right, "sigle_town_typo": wrong}


def _communes(names: list[Name]) -> dict[str, frozenset[str]]:
    """By town of an address, the communes of the establishments there, as results name them."""
    with connection.cursor() as cursor:
        cursor.execute("select cle, commune from search_eg where cle = any(%s)", [[name.finess for name in names]])
        known = dict(cursor.fetchall())
    found: dict[str, set[str]] = {}
    for name in names:
        found.setdefault(name.town, set()).add(known.get(name.finess) or "")
    return {town: frozenset(communes - {""}) for town, communes in found.items()}


def _swapped(text: str, draw: random.Random) -> str:
    """Two neighbours exchanged in one long word; empty when no word can be."""
    places = [
        at
        for word in _WORD.finditer(text)
        for at in range(word.start() + 1, word.end() - 1)
        if text[at].lower() != text[at + 1].lower()
    ]
    if not places:
        return ""
    at = draw.choice(places)
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def _mistyped(text: str, draw: random.Random) -> str:
    places = [at for word in _WORD.finditer(text) for at in range(word.start() + 1, word.end())]
    if not places:
        return ""
    kind = draw.choice(("swap", "miss", "double", "other"))
    if kind == "swap":
        return _swapped(text, draw) or _mistyped(text, draw)
    at = draw.choice(places)
    other = draw.choice([letter for letter in "abcdefghijklmnopqrstuvwxyz" if letter != text[at]])
    return text[:at] + {"miss": "", "double": text[at] * 2, "other": other}[kind] + text[at + 1 :]


# --- Answers --------------------------------------------------------------------------------------------------------


def ask(typed: str) -> Results:
    """As the page does: the form reads the box (words of a town become the place), the engine answers."""
    form = SearchForm(MultiValueDict({"q": [typed]}))
    if not form.is_answerable:
        raise RuntimeError(f"{typed!r}: {form.errors.as_json()}")
    return engine.search(form.criteria(), reader=Reader())


def answer(asked: list[Question], backend: Path) -> Outcome:
    outcome = Outcome()
    for question in asked:
        kept: list[Results] = []
        best = min(cpu.measure(_work(question.typed, kept), backend).cpu for _ in range(2))
        rank = next((rank for rank, hit in enumerate(kept[-1].hits, start=1) if question.is_right(hit)), 0)
        outcome.ranks.append(rank)
        outcome.cpu_ms.append(best)
        if rank != 1:
            first = kept[-1].hits[0].name if kept[-1].hits else "rien"
            outcome.missed.append(f"{question.typed} → {first} (rang {rank or 'absent'})")
    return outcome


def _work(typed: str, kept: list) -> Callable[[], None]:
    return lambda: kept.append(ask(typed))


def run(finess: Path | None, out, *, per_kind: int = PER_KIND, examples: int = 0) -> dict[str, float]:
    """The figures of the name search; `name_cpu_ms` is the median of all questions. Prints the rule, and `examples`
    of the missed questions of each kind.
    """
    names = of_file(finess) if finess else of_base()
    if finess:
        load(finess, names)
    source = f"fichier {finess.name}" if finess else "ceux de la base, faute de fichier FINESS (--finess)"
    print(RULE.format(seed=SEED, n=per_kind, source=source), file=out)
    backend = cpu.backend()
    outcomes = {kind: answer(asked, backend) for kind, asked in questions(names, per_kind).items()}
    for kind, outcome in outcomes.items():
        for line in outcome.missed[:examples]:
            print(f"  {kind} : {line}", file=out)
    figures = {
        "name_cpu_ms": median(ms for outcome in outcomes.values() for ms in outcome.cpu_ms),
        "name_first": outcomes["name"].share(1),
        "swap_in3": outcomes["swap"].share(3),
        "sigle_town_first": outcomes["sigle_town"].share(1),
        "sigle_town_typo_first": outcomes["sigle_town_typo"].share(1),
    }
    for kind, outcome in outcomes.items():
        figures[f"recall_{kind}_questions"] = len(outcome.ranks)
        figures[f"recall_{kind}_cpu_ms"] = median(outcome.cpu_ms)
        figures[f"recall_{kind}_p95_cpu_ms"] = cpu.quantile(outcome.cpu_ms, 0.95)
    return figures
