"""The statement of a search, put together from what was asked. Values travel as parameters, never in the text.

Shape: `r` the matching UO (and the establishments matched by name), `m` one row per establishment with the union of
its facet values, `page` the rows shown. Facets and totals read `m`, the page reads `page`: one pass over the match.
Questions of one concept, for what every professional may see, have a shorter way: `search.concept`.
"""

from collections.abc import Iterable
from datetime import date, timedelta

from django.conf import settings

from directory.permissions import Reader
from search import geo
from search.typed import TypedText

# Points of the order by relevance (docs/recherche.md), beside those of the words.
FRESH, SERVES, CLOSE = 0.2, 0.2, 1
HALF_AT = 10_000  # metres where being close is worth half its points
ORIGIN = "cube(array[%(x)s, %(y)s, %(z)s]::float8[])"
# From the origin to the nearest place of a UO, in metres of chord; null without a place.
DISTANCE = f"""case when o.autres is null then o.pos <-> {ORIGIN}
  else least(o.pos <-> {ORIGIN}, (select min(p <-> {ORIGIN}) from unnest(o.autres) p)) end"""
TOTALS = "(select json_build_array(count(*) filter (where ok), coalesce(sum(n) filter (where ok), 0)) from m)"


class Statement:
    """Builds one search. Call one `match_*`, any `select_facet` and `keep`, `order`, then `build`."""

    def __init__(self, *, reader: Reader, today: date):
        self._reader = reader
        self._match = "false"
        self._names_cte = ""
        self._facets: list[str] = []
        self._narrowing: set[str] = set()
        self._kept: list[str] = []
        self._kept_eg: list[str] = []
        self._serves = "false"
        self._of_type = "0"
        self._has_origin = False
        self._by_score = False
        self._params: dict = {
            "today": today,
            "fresh_from": fresh_from(today),
            "own_eg": list(reader.own_eg_ids),
            "departements": list(reader.departements),
        }

    # --- What matches ---------------------------------------------------------------------------------------------

    def match_concept(self, concept: int) -> None:
        """UO that carry this concept."""
        self._match = "o.concepts @> array[%(concept)s]::int[]"
        self._params["concept"] = concept

    def match_text(self, typed: TypedText) -> None:
        """What typed words find: UO, and establishments by their texts."""
        privileged = self._privileged("o")
        self._names_cte = typed.ctes(
            is_open_eg=is_open("e"), visible_uo=f"(not o.sensible or {privileged}) and {is_open('o')}"
        )
        self._match = typed.condition(more_rights=self._reader.has_more_rights)
        self._of_type = typed.of_type()
        self._params |= typed.params

    def select_facet(self, key: str, values: Iterable[int], *, every: bool = False) -> None:
        """Keep UO that hold one of these values of the facet, or `every` one: then it is counted with its filter."""
        self._facets.append(key)
        if every:
            self._narrowing.add(key)
        self._params[f"values_{key}"] = sorted(values)

    def keep(self, condition: str, params: dict, *, with_names: bool = False) -> None:
        """Keep the rows for which this SQL on `{row}` holds; establishments without UO too if `with_names`."""
        self._kept.append(condition.format(row="o"))
        self._kept_eg.append(condition.format(row="e") if with_names else "false")
        self._params |= params

    def order(self, origin, *, by_score: bool) -> None:
        """By distance from `origin` (or by name without it), or by score then distance."""
        self._by_score = by_score
        if origin and origin.insee:
            self._serves = "%(insee)s = any(o.zones)"
            self._params["insee"] = origin.insee
        if origin and origin.latitude is not None:
            self._has_origin = True
            self._params |= origin_params(origin)

    # --- Who reads ------------------------------------------------------------------------------------------------

    def _privileged(self, alias: str) -> str:
        """SQL: this reader reads level 3 and sensitive units of the row's establishment."""
        if self._reader.sees_all:
            return "true"
        if not self._reader.has_more_rights:
            return "false"
        return f"({alias}.eg_id = any(%(own_eg)s) or coalesce({alias}.departement = any(%(departements)s), false))"

    def _level(self, alias: str) -> str:
        return f"case when {self._privileged(alias)} then 3 else {self._reader.base_level} end"

    # --- The statement --------------------------------------------------------------------------------------------

    def build(self, *, limit: int, offset: int, with_counts: bool = True) -> tuple[str, dict]:
        """The SQL, answering one JSON value, and its parameters. `with_counts`: facets too, the costly part."""
        counts = self._counts() if with_counts else "json_build_object()"
        self._params |= {"limit": limit, "offset": offset}
        uos = f"({self._match}) and {self._visible_uo()} and {self._passes_inline()}"
        hits = hits_sql(
            order=self._order,
            uos=uos,
            serves=self._serves,
            level=self._level("e"),
            uo_level=self._level("o"),
        )
        sql = f"""with {self._names_cte} {self._rows()}, {self._by_establishment()}, {self._page()}
        select json_build_object('totals', {TOTALS}, 'hits', {hits}, 'facets', {counts}, 'found', {self._found()})"""
        return sql, self._params

    def keys(self, order: str) -> tuple[str, dict]:
        """The SQL that gives (EG, UO or null) of all that is found; `order` is on `search_eg e`, `search_offre o`."""
        sql = f"""with {self._names_cte} {self._rows()}
        select r.eg_id, r.uo_id from r join search_eg e on e.eg_id = r.eg_id
          left join search_offre o on o.uo_id = r.uo_id where {self._passes()} order by {order}"""
        return sql, self._params

    def _found(self) -> str:
        """SQL: something matches, whatever the filters leave of it. Looked for only when nothing is left."""
        if not self._facets and not self._kept:
            return "exists (select from m)"
        uo = f"""exists (select from search_offre o where ({self._match}) and {is_open("o")}
          and (not o.sensible or {self._privileged("o")}))"""
        by_name = "exists (select from noms) or " if self._names_cte else ""
        return f"case when exists (select from m where ok) then true else {by_name}{uo} end"

    def plannings(self) -> tuple[str, dict]:
        """The SQL that gives the hours (`models.SearchPlanning`) of the UO that match so far."""
        sql = f"""with {self._names_cte} o as materialized (
            select o.planning from search_offre o where ({self._match}) and {self._visible_uo()})
          select distinct planning from o where planning is not null"""
        return sql, self._params

    def _visible_uo(self) -> str:
        """SQL: a UO this reader may see, shown today, kept by what was asked."""
        privileged = self._privileged("o")
        visible = [] if privileged == "true" else [f"(not o.sensible or {privileged})"]
        return " and ".join([*visible, is_open("o"), *self._kept])

    def _rows(self) -> str:
        fresh = "case when {row}.maj_eg >= %(fresh_from)s then {points} else 0 end"
        points = {row: fresh.format(row=row, points=FRESH) if self._by_score else "0" for row in "oe"}
        distance = DISTANCE if self._has_origin else "null::float8"
        rows = f"""select o.eg_id, o.uo_id, o.facettes, {distance} as d,
            o.cle_tri, {self._serves} as dessert, 0::float8 as rang, {points["o"]} as points,
            {self._of_type if self._by_score else 0} as de_type {self._flags("o")}
          from search_offre o where ({self._match}) and {self._visible_uo()}"""
        if self._names_cte:
            kept = " and ".join(self._kept_eg) or "true"
            rows += f""" union all select e.eg_id, null, e.facettes, {self._distance("e.pos")}, e.cle_tri, false,
            e.rang, {points["e"]}, 0 {self._flags("e")}
            from noms e where {kept}"""
        return f"r as materialized ({rows})"

    def _flags(self, row: str) -> str:
        """One boolean column per selected facet: does the row hold one of its chosen values?"""
        return "".join(f", {self._holds(row, key)} as f_{key}" for key in self._facets)

    def _holds(self, row: str, key: str) -> str:
        return holds(f"{row}.facettes", key, every=key in self._narrowing)

    def _passes(self, but: str = "") -> str:
        """SQL: the row of `r` passes every selected facet, `but` one."""
        return " and ".join(f"f_{key}" for key in self._facets if key != but) or "true"

    def _passes_inline(self) -> str:
        return " and ".join(self._holds("o", key) for key in self._facets) or "true"

    @property
    def _counted_apart(self) -> list[str]:
        """Facets counted without their own filter."""
        return [key for key in self._facets if key not in self._narrowing]

    def _by_establishment(self) -> str:
        others = "".join(
            f", union_agg(facettes) filter (where {self._passes(but=key)}) as fs_{key}" for key in self._counted_apart
        )
        return f"""m as materialized (
          select eg_id, min(d) filter (where {self._passes()}) as d, min(cle_tri) as tri,
            bool_or({self._passes()}) as ok,
            count(uo_id) filter (where {self._passes()}) as n,
            max(rang) + max(points) + max(de_type) + {self._place_points} as score,
            union_agg(facettes) filter (where {self._passes()}) as fs {others}
          from r group by eg_id)"""

    @property
    def _place_points(self) -> str:
        """SQL: how near; a team that serves the commune comes to it, wherever it starts from."""
        if not self._by_score:
            return "0"
        near = f"coalesce({CLOSE} / (1 + min(d) / {HALF_AT}), 0)" if self._has_origin else "0"
        return f"case when bool_or(dessert) then {CLOSE + SERVES} else {near} end"

    def _page(self) -> str:
        return f"""page as materialized (
          select eg_id, d, tri, score from m where ok
          order by {self._order} limit %(limit)s offset %(offset)s)"""

    @property
    def _order(self) -> str:
        return ("score desc, " if self._by_score else "") + "d nulls last, tri, eg_id"

    def _distance(self, point: str) -> str:
        """SQL: chord in metres from the origin to the point, null without one of them."""
        return f"{point} <-> {ORIGIN}" if self._has_origin else "null::float8"

    def _counts(self) -> str:
        """{"": {value: establishments}, facet: {…}}: with every filter, then without the own filter of each facet."""
        apart = {key: count_values(f"fs_{key}") for key in self._counted_apart}
        parts = [f"'{key}', {counts}" for key, counts in {"": count_values("fs"), **apart}.items()]
        return f"json_build_object({', '.join(parts)})"


def fresh_from(today: date) -> date:
    """An establishment last checked before that day is to be checked again."""
    return today - timedelta(days=settings.STALE_AFTER_DAYS)


def origin_params(origin) -> dict[str, float]:
    """The parameters of `ORIGIN`."""
    return dict(zip("xyz", geo.ecef(origin.latitude, origin.longitude), strict=True))


def is_open(alias: str) -> str:
    """SQL: shown today. A future opening or a definitive closing takes effect on its day, without any write."""
    return (
        f"({alias}.fin is null or {alias}.fin > %(today)s) and ({alias}.debut is null or {alias}.debut <= %(today)s)"
    )


def holds(values: str, key: str, *, every: bool) -> str:
    """SQL: this array holds one of the values chosen in the facet `key`, or every one."""
    return f"{values} {'@>' if every else '&&'} %(values_{key})s::int[]"


def count_values(values: str, source: str = "m") -> str:
    """SQL: {value: number of rows of `source` that hold it}."""
    return f"""(select coalesce(json_object_agg(f, n), json_build_object()) from (
      select f, count(*) as n from (select unnest({values}) as f from {source}) u group by f) k)"""


def hits_sql(*, order: str, uos: str, serves: str, level: str, uo_level: str) -> str:
    """SQL: the rows of `page` (eg_id, d and what `order` names) as JSON, each with its UO that hold `uos` (on `o`)."""
    return f"""coalesce((select json_agg(json_build_array(e.eg_id, e.cle, e.nom, e.categorie_id, e.departement,
        e.commune, e.telephones[{level}], page.d, u.n, e.latitude, e.longitude, e.ferme_du, e.ferme_au, u.dessert,
        u.rows) order by {order.replace("eg_id", "page.eg_id")})
      from page join search_eg e on e.eg_id = page.eg_id cross join lateral (
        select count(*) as n, bool_or({serves}) as dessert, json_agg(json_build_array(o.cle, o.nom, o.type_id,
          o.ferme_du, o.ferme_au, o.maj, o.telephones[{uo_level}], o.patientele, o.saisie_capacitaire_active)
          order by o.tri_uo, o.uo_id) as rows
        from search_offre o where o.eg_id = page.eg_id and {uos}) u), '[]')"""
