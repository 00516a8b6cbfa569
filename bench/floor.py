"""The best hand-written SQL for one page of one concept: what the results page is compared with.

Two statements without any of our code: totals and facets in one pass, then the fifteen nearest with their UO.
"""

import json

from django.db import connection

FACETS = """
with m as materialized (select eg_id, count(*) as n, union_agg(facettes) as fs from search_offre
  where concepts @> array[%(concept)s]::int[] and not sensible and (fin is null or fin > %(today)s)
    and (debut is null or debut <= %(today)s) group by eg_id)
select (select json_build_array(count(*), sum(n)) from m),
  (select json_agg(json_build_array(f, n)) from (
    select f, count(*) as n from (select unnest(fs) as f from m) u group by f) t)
"""
PAGE = """
with page as materialized (
  select eg_id, min(pos <-> search_ecef(%(latitude)s, %(longitude)s)) as d, min(cle_tri) as tri from search_offre
  where concepts @> array[%(concept)s]::int[] and not sensible and (fin is null or fin > %(today)s)
    and (debut is null or debut <= %(today)s) group by eg_id order by d, tri, eg_id limit 15)
select e.eg_id, e.nom, e.commune, e.telephones[2], page.d,
  (select json_agg(json_build_array(o.nom, o.telephones[2], o.patientele)) from search_offre o
   where o.eg_id = page.eg_id and o.concepts @> array[%(concept)s]::int[] and not o.sensible)
from page join search_eg e on e.eg_id = page.eg_id order by page.d, page.tri, e.eg_id
"""


def page(params: dict) -> str:
    """The page of this concept as JSON text."""
    with connection.cursor() as cursor:
        cursor.execute(FACETS, params)
        head = cursor.fetchone()
        cursor.execute(PAGE, params)
        return json.dumps([head, cursor.fetchall()], default=str)
