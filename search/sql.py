"""The statement of a search, put together from what was asked. Values travel as parameters, never in the text.

Shape: `r` the matching UO (and the establishments matched by name), `m` one row per establishment with the union of
its facet values, `page` the rows shown. Facets and totals read `m`, the page reads `page`: one pass over the match.
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from django.conf import settings

from directory.permissions import Reader
from search import text

# Weights of the texts: A names of the establishment, B place and EJ, C names of its UO, D labels (types, category).
OWN, NAMES, EVERYTHING = "AB", "ABC", "ABCD"
NOT_OWN = str.maketrans("", "", OWN)


class Statement:
    """Builds one search. Call one `match_*`, any `select_facet`, `order`, then `build`."""

    def __init__(self, *, reader: Reader, today: date, systems: Mapping[str, str]):
        self._reader = reader
        self._match = "false"
        self._names_cte = ""
        self._facets: list[str] = []
        self._serves = "false"
        self._has_origin = False
        self._by_score = False
        self._params: dict = {
            "today": today,
            "fresh_from": today - timedelta(days=settings.STALE_AFTER_DAYS),
            "own_eg": list(reader.own_eg_ids),
            "departements": list(reader.departements),
            "systems": list(systems.values()),
            "keys": list(systems),
        }
        self._systems = systems

    # --- What matches ---------------------------------------------------------------------------------------------

    def match_concept(self, concept: int) -> None:
        """UO that carry this concept."""
        self._match = "o.concepts @> array[%(concept)s]::int[]"
        self._params["concept"] = concept

    def match_text(self, typed: str, concepts: Iterable[int], *, weights: str) -> None:
        """UO that carry one of `concepts`, and establishments that hold the words in texts of these `weights`.

        Found by its own words, an establishment brings all its UO; found thanks to some of its UO, only these.
        """
        found = list(concepts)
        conditions = []
        if found:
            conditions.append("o.concepts && %(concepts)s::int[]")
            self._params["concepts"] = found
        query = text.tsquery(typed, weights) if weights else None
        if query:
            self._params["query"] = query
            self._params["whole"] = text.whole_words(typed, "A")
            self._names_cte = f"""noms as materialized (
              select e.eg_id, ts_rank(e.texte, %(query)s::tsquery)
                + case when e.texte @@ %(whole)s::tsquery then 1 else 0 end as rang,
                e.texte @@ %(own)s::tsquery as par_nom
              from search_eg e where e.texte @@ %(query)s::tsquery and {_is_open("e")}),"""
            self._params["own"] = text.tsquery(typed, OWN)
            self._params["unit"] = text.tsquery(typed, weights.translate(NOT_OWN), every=False)
            conditions.append("o.eg_id in (select eg_id from noms where par_nom)")
            conditions.append("(o.eg_id in (select eg_id from noms) and o.texte @@ %(unit)s::tsquery)")
            if self._has_more_rights:
                conditions.append("(o.sensible and o.texte @@ %(query)s::tsquery)")
        self._match = " or ".join(conditions) or "false"

    def select_facet(self, key: str, codes: Iterable[str]) -> None:
        """Keep UO that hold one of these values of the facet."""
        self._facets.append(key)
        self._params[f"codes_{key}"] = sorted(codes)
        self._params[f"system_{key}"] = self._systems[key]

    def order(self, origin, *, by_score: bool) -> None:
        """By distance from `origin` (or by name without it), or by score then distance."""
        self._by_score = by_score
        if origin and origin.insee:
            self._serves = "%(insee)s = any(o.zones)"
            self._params["insee"] = origin.insee
        if origin and origin.latitude is not None:
            self._has_origin = True
            self._params |= {"latitude": origin.latitude, "longitude": origin.longitude}

    # --- Who reads ------------------------------------------------------------------------------------------------

    @property
    def _has_more_rights(self) -> bool:
        return bool(self._reader.sees_all or self._reader.departements or self._reader.own_eg_ids)

    def _privileged(self, alias: str) -> str:
        """SQL: this reader reads level 3 and sensitive units of the row's establishment."""
        if self._reader.sees_all:
            return "true"
        if not self._has_more_rights:
            return "false"
        return f"({alias}.eg_id = any(%(own_eg)s) or coalesce({alias}.departement = any(%(departements)s), false))"

    # --- The statement --------------------------------------------------------------------------------------------

    def build(self, *, limit: int, offset: int, with_counts: bool = True) -> tuple[str, dict]:
        """The SQL, answering one JSON value, and its parameters. `with_counts`: facets too, the costly part."""
        counts = self._counts() if with_counts else "'{}'::json"
        self._params |= {"limit": limit, "offset": offset}
        sql = f"""with {self._names_cte} {self._rows()}, {self._by_establishment()}, {self._page()}
        select json_build_object('totals', {TOTALS}, 'hits', {self._hits()}, 'facets', {counts},
          'selected', {self._selected()})"""
        return sql, self._params

    def _rows(self) -> str:
        visible = "" if self._privileged("o") == "true" else f"and (not o.sensible or {self._privileged('o')})"
        rank = "(select rang from noms where noms.eg_id = o.eg_id)" if self._names_cte and self._by_score else "0"
        score = f"coalesce({rank}, 0) + case when o.maj >= %(fresh_from)s then 0.2 else 0 end"
        rows = f"""select o.eg_id, o.uo_id, o.facettes, {self._distance("o")} as d, o.cle_tri,
            {self._serves} as dessert, {score if self._by_score else 0} as score {self._flags("o")}
          from search_offre o where ({self._match}) {visible} and {_is_open("o")}"""
        if self._names_cte:
            rows += f""" union all select e.eg_id, null, e.facettes, {self._distance("e")}, e.cle_tri, false, noms.rang
            {self._flags("e")} from noms join search_eg e on e.eg_id = noms.eg_id"""
        return f"r as materialized ({rows})"

    def _flags(self, row: str) -> str:
        """One boolean column per selected facet: does the row hold one of its chosen values?"""
        return "".join(f", {row}.facettes && {self._chosen(key)} as f_{key}" for key in self._facets)

    def _chosen(self, key: str) -> str:
        return f"""coalesce((select array_agg(c.id) from nomenclature_concept c join nomenclature_codesystem s
          on s.id = c.system_id where s.code = %(system_{key})s and c.code = any(%(codes_{key})s)), '{{}}')"""

    def _passes(self, but: str = "") -> str:
        """SQL: the row passes every selected facet, `but` one."""
        return " and ".join(f"f_{key}" for key in self._facets if key != but) or "true"

    def _by_establishment(self) -> str:
        others = "".join(
            f", union_agg(facettes) filter (where {self._passes(but=key)}) as fs_{key}" for key in self._facets
        )
        return f"""m as materialized (
          select eg_id, min(d) as d, min(cle_tri) as tri, bool_or({self._passes()}) as ok,
            count(uo_id) filter (where {self._passes()}) as n, bool_or(dessert) as dessert,
            max(score) + case when bool_or(dessert) then 0.2 else 0 end as score,
            union_agg(facettes) filter (where {self._passes()}) as fs {others}
          from r group by eg_id)"""

    def _page(self) -> str:
        return f"""page as materialized (
          select eg_id, n, dessert, d, tri, score from m where ok
          order by {self._order} limit %(limit)s offset %(offset)s)"""

    @property
    def _order(self) -> str:
        return ("score desc, " if self._by_score else "") + "d nulls last, tri, eg_id"

    def _distance(self, row: str) -> str:
        """SQL: chord in metres from the origin to the row, null without one of them."""
        return f"{row}.pos <-> search_ecef(%(latitude)s, %(longitude)s)" if self._has_origin else "null::float8"

    def _hits(self) -> str:
        level = f"case when {self._privileged('e')} then 3 else 2 end"
        uo_level = f"case when {self._privileged('o')} then 3 else 2 end"
        return f"""coalesce((select json_agg(json_build_array(e.eg_id, e.cle, e.nom, cat.label, d.nom, e.commune,
            e.telephones[{level}], page.d, page.n, e.pos is not null, e.ferme_du, e.ferme_au, page.dessert, uos.rows)
            order by {self._order.replace("eg_id", "page.eg_id")})
          from page join search_eg e on e.eg_id = page.eg_id
            left join nomenclature_concept cat on cat.id = e.categorie_id
            left join nomenclature_departement d on d.code = e.departement
            left join (
              select r.eg_id, json_agg(json_build_array(o.cle, o.nom, t.label, o.ferme_du, o.ferme_au, o.maj,
                o.telephones[{uo_level}], o.patientele, o.saisie_capacitaire_active)
                order by t.label, search_norm(o.nom), o.uo_id) as rows
              from page join r on r.eg_id = page.eg_id and {self._passes()} join search_offre o on o.uo_id = r.uo_id
                left join nomenclature_concept t on t.id = o.type_id
              group by r.eg_id) uos on uos.eg_id = page.eg_id), '[]')"""

    def _counts(self) -> str:
        """{facet: [[code, label, establishments]]}, each facet counted without its own filter."""
        parts = [_count("fs", "d.cle <> all(%(selected)s)")]
        parts += [_count(f"fs_{key}", f"d.cle = '{key}'") for key in self._facets]
        self._params["selected"] = self._facets
        return f"""coalesce((select json_object_agg(cle, valeurs) from (
          select cle, json_agg(json_build_array(code, label, n)) as valeurs from ({" union all ".join(parts)}) v
          group by cle) g), '{{}}')"""

    def _selected(self) -> str:
        """Labels of the chosen values, for those that no longer match anything."""
        if not self._facets:
            return "'{}'::json"
        parts = [
            f"""'{key}', coalesce((select json_agg(json_build_array(c.code, c.label)) from nomenclature_concept c
              where c.id = any({self._chosen(key)})), '[]')"""
            for key in self._facets
        ]
        return f"json_build_object({', '.join(parts)})"


TOTALS = "(select json_build_array(count(*) filter (where ok), coalesce(sum(n) filter (where ok), 0)) from m)"


def _is_open(alias: str) -> str:
    """SQL: shown today. A future opening or a definitive closing takes effect on its day, without any write."""
    return (
        f"({alias}.fin is null or {alias}.fin > %(today)s) and ({alias}.debut is null or {alias}.debut <= %(today)s)"
    )


def _count(values: str, condition: str) -> str:
    return f"""select d.cle, c.code, c.label, k.n
      from (select f, count(*) as n from (select unnest({values}) as f from m) u group by f) k
        join nomenclature_concept c on c.id = k.f join nomenclature_codesystem s on s.id = c.system_id
        join unnest(%(systems)s::text[], %(keys)s::text[]) as d(systeme, cle) on d.systeme = s.code
      where {condition}"""
