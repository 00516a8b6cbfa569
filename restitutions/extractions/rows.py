"""The lines of an extraction, 2,000 at a time, from the keys: rights are asked again with each thousand."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connections, transaction
from django.urls import reverse

from directory.permissions import Reader
from restitutions.extractions.matching import Keys, params_of, privileged, visible
from ror.templatetags.ror import NBSP, phone
from search import labels
from search.exports import PATIENTELES, STATUS
from search.labels import Labels
from search.sql import fresh_from

CHUNK = 2000
# (title, width in characters)
COLUMNS = (
    ("FINESS géographique", 13),
    ("SIRET", 16),
    ("Établissement", 46),
    ("Catégorie", 34),
    ("FINESS juridique", 13),
    ("Entité juridique", 40),
    ("Adresse", 36),
    ("Code postal", 12),
    ("Commune", 24),
    ("Code INSEE", 11),
    ("Département", 12),
    ("Latitude", 11),
    ("Longitude", 11),
    ("Téléphone", 16),
    ("Identifiant de l’UO", 16),
    ("Nom de l’UO", 40),
    ("Type d’UO", 46),
    ("Mode de prise en charge", 34),
    ("Activités opérationnelles", 60),
    ("Patientèle", 20),
    ("Statut", 22),
    ("Téléphone de l’UO", 18),
    ("Mise à jour le", 14),
    ("Confidentialité", 16),
    ("Fiche", 46),
)
# Look-ups by key, whatever the planner thinks: for each chunk of a country it would read a whole table.
BY_KEY = """select set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true),
  set_config('max_parallel_workers_per_gather', '0', true)"""
CLOSED = "({0}.ferme_du <= %(today)s and coalesce({0}.ferme_au > %(today)s, true))"
ESTABLISHMENTS = """
select e.eg_id, e.cle, case when {closed} then 'ferme_provisoire' end, g.finess, g.siret, e.nom, e.categorie_id,
  j.finess, concat_ws(' ', j.raison_sociale, nullif(j.complement_raison_sociale, '')),
  concat_ws(' ', nullif(l.numero_voie, ''), nullif(l.extension, ''), nullif(l.libelle_voie, '')), l.code_postal,
  e.commune, l.commune_id, e.departement, l.latitude, l.longitude, e.telephones[{level}]
from search_eg e
  join directory_entitegeographique g on g.id = e.eg_id
  join directory_entitejuridique j on j.id = g.entite_juridique_id
  left join directory_lieu l on l.entite_geographique_id = g.id and l.est_principal
where e.eg_id = any(%(eg)s)
"""
# A unit closed to this reader, or gone since the keys were read, gives no line.
UNITS = """
select o.eg_id, o.uo_id, o.cle, o.nom, o.type_id, o.facettes, o.patientele,
  case when {closed} then 'ferme_provisoire' when o.maj < %(fresh_from)s then 'a_actualiser' else 'ouvert' end,
  o.telephones[{level}], o.maj, o.sensible
from search_offre o where o.uo_id = any(%(uo)s) and {visible}
"""


def lines(keys: Keys, *, reader: Reader, today: date, tell: Callable[[int], None]) -> Iterator[list[Any]]:
    """One list per line, in the order of COLUMNS: texts, numbers, a date. `tell` hears how many keys are done."""
    level = f"case when {{}} then 3 else {reader.base_level} end"
    of_eg = ESTABLISHMENTS.format(level=level.format(privileged(reader, "e")), closed=CLOSED.format("e"))
    of_uo = UNITS.format(
        level=level.format(privileged(reader, "o")), closed=CLOSED.format("o"), visible=visible(reader, "o")
    )
    params = params_of(reader, today) | {"fresh_from": fresh_from(today)}
    words, done, database = _Words(labels.get()), 0, settings.SEARCH_DATABASE
    for eg_ids, uo_ids in keys.chunks(CHUNK):
        params |= {"eg": sorted(set(eg_ids)), "uo": [uo for uo in uo_ids if uo]}
        with transaction.atomic(using=database), connections[database].cursor() as cursor:
            cursor.execute(BY_KEY)
            cursor.execute(of_eg, params)
            heads = {row[0]: words.head(row) for row in cursor.fetchall()}
            cursor.execute(of_uo, params)
            units = {(row[0], row[1]): row for row in cursor.fetchall()}
        for eg, uo in zip(eg_ids, uo_ids, strict=True):
            head, unit = heads.get(eg), units.get((eg, uo))
            if head and unit:
                yield head.cells + words.unit(unit)
            elif head and not uo:
                yield head.cells + words.no_unit(head)
        done += len(eg_ids)
        tell(done)


class _Head(NamedTuple):
    """The beginning of each line of an establishment, and what its line says when it has no unit."""

    cells: list[Any]
    status: str | None
    address: str


class _Words:
    """Labels of the codes, from the process's own list: no sub-select per line."""

    def __init__(self, known: Labels) -> None:
        self._label, self._values = known.label, known.values
        self._known: dict[tuple[int, ...], tuple[str, str]] = {}
        self._eg = settings.SITE_URL + reverse("directory:eg", args=["-"]).removesuffix("-/")
        self._uo = settings.SITE_URL + reverse("directory:uo", args=["-"]).removesuffix("-/")

    def head(self, row: tuple) -> _Head:
        _, cle, status, finess, siret, nom, categorie, *rest, number = row
        cells = [finess, siret, nom, self._label(categorie), *rest, _phone(number)]
        return _Head(cells, STATUS.get(status), f"{self._eg}{cle}/")

    def no_unit(self, head: _Head) -> list[Any]:
        return [None, None, None, None, None, None, head.status, None, None, None, head.address]

    def unit(self, row: tuple) -> list[Any]:
        _, _, cle, nom, type_id, facettes, patientele, status, number, maj, sensible = row
        modes, activities = self._coded(facettes)
        return [
            cle.replace("-", "/", 1),
            nom,
            self._label(type_id),
            modes,
            activities,
            PATIENTELES[patientele],
            STATUS[status],
            _phone(number),
            maj,
            "unité sensible" if sensible else None,
            f"{self._uo}{cle}/",
        ]

    def _coded(self, facettes: list[int]) -> tuple[str, str]:
        """(modes, activities) of a unit; many units hold the same codes."""
        key = tuple(facettes)
        if key not in self._known:
            if len(self._known) > CHUNK:
                self._known.clear()
            found = [self._values[pk] for pk in key if pk in self._values]
            modes = sorted(value.label for value in found if value.facet == "mode")
            activities = sorted(value.label for value in found if value.facet == "activite")
            self._known[key] = (" | ".join(modes), " | ".join(activities))
        return self._known[key]


def _phone(number: str | None) -> str | None:
    """Pairs parted by plain spaces, as in the other exports."""
    if not number:
        return None
    if len(number) == 10 and number[0] == "0" and number.isdecimal():
        return f"{number[:2]} {number[2:4]} {number[4:6]} {number[6:8]} {number[8:]}"
    return phone(number).replace(NBSP, " ")
