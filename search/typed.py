"""What typed words find, in SQL, and how well: the part of a statement that reads texts (docs/recherche.md).

Weights of the texts: A names of the establishment, B place and EJ, C names of its UO, D labels (types, category).
"""

from collections.abc import Iterable, Sequence
from typing import Any

from search import text
from search.text import EVERYTHING, Group

OWN, NAMES = "AB", "ABC"
_SENSITIVE = "select uo_id from search_offre where sensible and texte @@ %(query)s::tsquery"
_NOT_OWN = str.maketrans("", "", OWN)

# Points of the order by relevance. All words are whole words of its names; of its names and place; begin words of
# these; then the same name exactly, names of the same length, and for each corrected word how close it is.
WHOLE, PLACED, NAMED, NEAR = 2, 1.6, 1.3, 1
EQUAL, LIKE, CORRECTED = 1.5, 0.5, 2  # the very name typed comes before all that is near
OF_TYPE = 0.3  # a UO carries a concept that these words mean


class TypedText:
    """`asked`: the words that must be found, as `text.groups` or `vocabulary.correct` give them; `concepts`: what
    they mean in the lists. `scored`: the words of the score when they are more (those of a place understood), and
    `name`: the whole text, corrected, in its compared form.
    """

    def __init__(
        self,
        asked: Sequence[Group],
        concepts: Iterable[int],
        *,
        weights: str,
        scored: Sequence[Group] = (),
        name: str = "",
    ) -> None:
        self._asked, self._scored = asked, scored or asked
        self._weights = weights if asked else ""
        self._concepts = sorted(concepts)
        self._name = name
        self.params: dict[str, Any] = {"concepts": self._concepts, "query": text.tsquery(asked, weights)}
        self.finds_names = bool(self._weights)

    def condition(self, *, more_rights: bool) -> str:
        """SQL on `search_offre o`; reads the CTE when it `finds_names`.

        Found by its own words, an establishment brings all its UO; found thanks to some of its UO, these (`unites`).
        `more_rights`: the reader may have sensitive UO to find, whose words stay out of `search_eg`.
        """
        found = ["o.concepts && %(concepts)s::int[]"] if self._concepts else []
        if self.finds_names:
            # Arrays and not subqueries: each condition then has its index, and the planner reads no whole table.
            found.append("o.eg_id = any(array(select eg_id from noms where par_nom))")
            found.append("o.uo_id = any(array(select uo_id from unites))")
            if more_rights:
                found.append(f"o.uo_id = any(array({_SENSITIVE}))")
        return " or ".join(found) or "false"

    def of_type(self) -> str:
        """SQL: points of a UO, on `search_offre o`."""
        return f"case when o.concepts && %(concepts)s::int[] then {OF_TYPE} else 0 end" if self._concepts else "0"

    def ctes(self, *, is_open_eg: str, visible_uo: str) -> str:
        """`noms`: the establishments found (par_nom: by their own words, rang: points, and what rows are made of:
        joining them again would read the whole table); `unites`: UO of the others. `is_open_eg` is SQL on `e`,
        `visible_uo` on `o`."""
        if not self.finds_names:
            return ""
        self.params["own"] = text.tsquery(self._asked, OWN)
        notes, points, join = "", self._points(), ""
        if list(self._scored) != list(self._asked):
            # Few establishments hold the words of the place too: an index finds them, the others have no points.
            notes = f"""notes as materialized (
              select e.eg_id, {points} as points from search_eg e where e.texte @@ %(near)s::tsquery),"""
            points, join = "coalesce(n.points, 0)", "left join notes n on n.eg_id = e.eg_id"
        return f"""{notes} noms as materialized (
          select e.eg_id, e.facettes, e.pos, e.latitude, e.longitude, e.cle_tri, e.maj_eg,
            e.texte @@ %(own)s::tsquery as par_nom, {points} {self._closeness()} as rang
          from search_eg e {join} where e.texte @@ %(query)s::tsquery and {is_open_eg}),
        unites as materialized ({self._units(visible_uo)}),"""

    def _points(self) -> str:
        """SQL: points of the names of the establishment, of `scored` as it is typed."""
        scored = text.as_typed(self._scored)
        self.params |= {
            "whole": text.whole_words(scored, "A"),
            "placed": text.whole_words(scored, OWN),
            "named": text.tsquery(scored, "A"),
            "near": text.tsquery(scored, OWN),
            "name": self._name,
            "letters": len(self._name),
        }
        alike = "least(length(e.cle_tri), %(letters)s)::float8 / greatest(length(e.cle_tri), %(letters)s, 1)"
        return f"""case when e.texte @@ %(whole)s::tsquery then {WHOLE} + {LIKE} * {alike}
              when e.texte @@ %(placed)s::tsquery then {PLACED} when e.texte @@ %(named)s::tsquery then {NAMED}
              when e.texte @@ %(near)s::tsquery then {NEAR} else 0 end
            + case when e.cle_tri = %(name)s then {EQUAL} else 0 end"""

    def _closeness(self) -> str:
        """SQL: for each corrected word, how close the closest of its readings that the establishment holds is."""
        parts = []
        for rank, group in enumerate(self._scored):
            if not group.is_corrected:
                continue
            cases = ""
            for other, form in enumerate(group.forms):
                self.params[f"form_{rank}_{other}"] = form.sql(EVERYTHING)
                cases += f" when e.texte @@ %(form_{rank}_{other})s::tsquery then {CORRECTED * form.closeness:.3f}"
            parts.append(f"+ (case{cases} else 0 end)")
        return " ".join(parts)

    def _units(self, visible: str) -> str:
        """Of the establishments found thanks to their UO, the UO that hold the most of the words; at least one. One
        that carries a concept they mean holds them all."""
        weights = self._weights.translate(_NOT_OWN)
        held = []
        for rank, group in enumerate(self._asked):
            self.params[f"unit_{rank}"] = text.tsquery([group], weights)
            held.append(f"(o.texte @@ %(unit_{rank})s::tsquery)::int")
        tenus = " + ".join(held)
        if self._concepts:
            tenus = f"case when o.concepts && %(concepts)s::int[] then {len(held)} else {tenus} end"
        # An array, as above: joined, the planner would read all the units of the country.
        return f"""select uo_id from (
            select o.uo_id, k.tenus, max(k.tenus) over (partition by o.eg_id) as plus
            from search_offre o cross join lateral (select {tenus} as tenus) k
            where o.eg_id = any(array(select eg_id from noms where not par_nom)) and {visible}) u
          where tenus = plus and tenus > 0"""
