"""The best hand-written SQL and the barest page: what the results page is compared with.

Two statements without any of our code (search-performance.md, §4, D3): facets from the pair counts, then the fifteen
nearest with their UO, walking outwards or collecting by the exact count; then HTML of the same kind, by f-strings.
No session, no rights, no middleware, nothing of the page around: one concept, what every professional may see.
"""

import math
from dataclasses import dataclass
from html import escape

from django.db import connection

from bench.questions import Question
from nomenclature.models import Concept, Departement
from ror.database import planned_once
from search.facets import FACETS
from search.geo import ecef
from search.models import PairCount

COUNTS = "select f, n from search_cofacette where concept_id = %(concept)s and avec = 0"
PAGE = """
select e.eg_id, e.cle, e.nom, e.departement, e.commune, e.telephones[2], g.d, u.rows
from (select eg_id, d, tri from (
    select eg_id, pos <-> cube(array[%(x)s, %(y)s, %(z)s]::float8[]) as d, tri from (
      select * from search_lieu where {with_the_concept}) l) p
    order by d, tri, eg_id limit 15
  ) g join search_eg e using (eg_id) cross join lateral (
    select json_agg(json_build_array(o.cle, o.nom, o.type_id, o.telephones[2], o.patientele, o.maj) order by o.tri_uo)
      as rows
    from search_offre o where o.eg_id = g.eg_id and o.concepts @> array[%(concept)s]::int[] and not o.sensible) u
order by g.d, g.tri, g.eg_id
"""
HELD = "concepts @> array[%(concept)s]::int[]"
WALK = PAGE.format(with_the_concept=f"({HELD}) is true")  # by the index of positions, and no other
COLLECT = PAGE.format(with_the_concept=f"{HELD} offset 0")
TOTAL = PairCount.EG


@dataclass(frozen=True)
class Floor:
    """What a process would keep: labels, names of départements, number of places."""

    labels: dict[int, tuple[str, str, str]]
    departements: dict[str, str]
    places: int

    @classmethod
    def read(cls) -> "Floor":
        keys = {facet.system: facet.key for facet in FACETS}
        rows = Concept.objects.filter(system__code__in=keys).values_list("pk", "system__code", "code", "label")
        with connection.cursor() as cursor:
            cursor.execute("select count(*) from search_lieu")
            [places] = cursor.fetchone()
        labels = {pk: (keys[system], code, label) for pk, system, code, label in rows}
        return cls(labels, dict(Departement.objects.values_list("code", "nom")), places)

    def page(self, question: Question) -> str:
        """The HTML of one question; its facets are left aside."""
        x, y, z = ecef(question.commune.latitude, question.commune.longitude)
        params = {"concept": question.concept.pk, "x": x, "y": y, "z": z}
        with planned_once(connection) as cursor:
            cursor.execute(COUNTS, params)
            counts = dict(cursor.fetchall())
            walk = counts.get(TOTAL, 0) > 1.8 * math.sqrt(15 * self.places)
            cursor.execute(WALK if walk else COLLECT, params)
            rows = cursor.fetchall()
        return f"<h2>{counts.get(TOTAL, 0)} établissements</h2>{self._facets(counts)}{self._table(rows)}"

    def _facets(self, counts: dict[int, int]) -> str:
        groups: dict[str, list] = {facet.key: [] for facet in FACETS}
        for value, n in sorted(counts.items(), key=lambda item: -item[1]):
            if value in self.labels:
                key, code, label = self.labels[value]
                groups[key].append(
                    f'<label class="ror-facet" for="f-{key}-{code}"><input class="form-check-input" type="checkbox" '
                    f'id="f-{key}-{code}" name="{key}" value="{code}"><span>{escape(label)}</span><span>{n}'
                    '<span class="visually-hidden"> établissement(s)</span></span></label>'
                )
        return "".join(f"<details open><summary>{key}</summary>{''.join(g)}</details>" for key, g in groups.items())

    def _table(self, rows: list[tuple]) -> str:
        return f'<table class="ror-table ror-cards ror-hits">{"".join(map(self._establishment, rows))}</table>'

    def _establishment(self, row: tuple) -> str:
        eg_id, cle, nom, departement, commune, phone, metres, units = row
        nom, km = escape(nom), "" if metres is None else f"{round(metres / 1000)} km"
        head = (
            f'<tr role="row"><td role="cell"><input class="form-check-input" type="checkbox" name="f" '
            f'value="/repertoire/eg/{cle}/" aria-label="Choisir {nom}"><button class="ror-unfold" type="button" '
            f'aria-controls="uo-{eg_id}" aria-label="UO de {nom}"></button></td><th role="rowheader" scope="row">'
            f'<a class="ror-plain" href="/repertoire/eg/{cle}/">{nom}</a></th><td role="cell">'
            f"{escape(self.departements.get(departement, ''))}</td><td role='cell'>{escape(commune or '')}</td>"
            f'<td role="cell"><a href="tel:{phone}">{phone}</a></td><td role="cell" class="ror-num">{km}</td>'
            f'<td role="cell" class="ror-num">{len(units or ())}</td></tr>'
        )
        return f'{head}<tr class="ror-sub" id="uo-{eg_id}"><td><table>{"".join(map(self._unit, units or ()))}</table>'

    def _unit(self, unit: list) -> str:
        cle, nom, type_id, phone, patientele, maj = unit
        label = self.labels[type_id][2] if type_id in self.labels else ""
        return (
            f'<tr role="row"><td role="cell"><input class="form-check-input" type="checkbox" name="f" '
            f'value="/repertoire/uo/{cle}/" aria-label="Choisir {escape(nom)}">{escape(label)}</td>'
            f'<th role="rowheader"><a href="/repertoire/uo/{cle}/">{escape(nom)}</a></th><td role="cell">{maj}</td>'
            f'<td role="cell"><a href="tel:{phone}">{phone}</a></td><td role="cell">{patientele}</td></tr>'
        )
