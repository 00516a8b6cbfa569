"""Two documents compared, and one brought to the other: whatever they hold."""

import copy
import json
from pathlib import Path

import pytest
from django.db import models
from hypothesis import given, settings
from hypothesis import strategies as st

from directory.diff import Change, Line, Unplaced, compare, patch, shape_for
from directory.documents import MODELS, Shape, shape_of
from directory.models import Kind

UIDS = ["a", "b", "c"]
KEYS = ["TRE_R1|1", "TRE_R1|2", "TRE_R2|a/b", "75110"]


def scalars(field: models.Field) -> st.SearchStrategy:
    match field:
        case models.BooleanField():
            return st.sampled_from([True, False, None])
        case models.IntegerField():
            return st.sampled_from([None, 1, 2, 3])
        case models.FloatField():
            return st.sampled_from([None, 48.5, 2.0])
    return st.sampled_from(["", "x", "un texte, é « »", None])


def lines(shape: Shape, *, uid: str | None = None) -> st.SearchStrategy:
    """Documents of this shape: any field, any subset of codes, lines that may be in both documents."""
    fields = {field.name: scalars(field) for field in shape.scalars if field.name != "uid"}
    fields |= {field.name: st.sampled_from([None, *KEYS]) for field in shape.links}
    fields |= {field.name: st.sets(st.sampled_from(KEYS)).map(sorted) for field in shape.many}
    for name, _, child in shape.children:
        found = st.lists(st.sampled_from(UIDS), unique=True)
        fields[name] = found.flatmap(
            lambda uids, child=child: st.tuples(*[lines(child, uid=uid) for uid in uids]).map(list)
        )
    return st.fixed_dictionaries({**fields, **({"uid": st.just(uid)} if uid else {})})


def fiches(kind: Kind) -> st.SearchStrategy:
    return lines(shape_of(MODELS[kind])).map(lambda document: {"schema": 1, "kind": str(kind), **document})


pairs = st.sampled_from(list(Kind)).flatmap(lambda kind: st.tuples(fiches(kind), fiches(kind)))


def in_order(shape: Shape, document: dict) -> dict:
    """The same document with its lines by uid: their order carries nothing."""
    children = {
        name: sorted((in_order(child, line) for line in document[name]), key=lambda line: line["uid"])
        for name, _, child in shape.children
    }
    return document | children


@settings(max_examples=60, deadline=None)
@given(pairs)
def test_the_lines_applied_to_before_give_after(pair):
    before, after = pair
    untouched = copy.deepcopy(before)
    patched = patch(before, compare(before, after))
    assert in_order(shape_for(after), patched) == in_order(shape_for(after), after)
    assert compare(patched, after) == []
    assert before == untouched


@settings(max_examples=30, deadline=None)
@given(pairs)
def test_each_address_is_said_once_and_each_line_changes_something(pair):
    before, after = pair
    found = compare(before, after)
    assert len({line.path for line in found}) == len(found)
    for line in found:
        assert line.before != line.after
        assert compare(before, patch(before, [line])) == [line]


@settings(max_examples=20, deadline=None)
@given(pairs)
def test_a_document_compared_to_itself_has_no_line(pair):
    assert compare(pair[0], copy.deepcopy(pair[0])) == []


UO = json.loads((Path(__file__).parent / "data" / "uo_schema_1.json").read_text())


def test_addresses_and_kinds():
    after = copy.deepcopy(UO)
    after["nom"] = "Accueil"
    after["actes_specifiques"] = ["TRE_R210|0815", "TRE_R210|9999", "TRE_R210|1013"]
    after["contacts"][0]["telecoms"][0]["adresse"] = "0199000002"
    after["contacts"][0]["telecoms"].append({"uid": "t2", "canal": "3", "adresse": "a@exemple.fr"})
    after["horaires"] = []
    said = {line.address: (line.kind, line.before, line.after) for line in compare(UO, after)}
    assert said == {
        "nom": (Change.CHANGED, "CSAPA – Accueil de jour (fictif)", "Accueil"),
        "actes_specifiques/TRE_R210|0932": (Change.REMOVED, "TRE_R210|0932", None),
        "actes_specifiques/TRE_R210|9999": (Change.ADDED, None, "TRE_R210|9999"),
        "contacts/c1/telecoms/t1/adresse": (Change.CHANGED, "0199000001", "0199000002"),
        "contacts/c1/telecoms/t2": (Change.ADDED, None, after["contacts"][0]["telecoms"][1]),
        "horaires/h1": (Change.REMOVED, UO["horaires"][0], None),
    }


def test_a_field_that_did_not_exist_yet_was_empty_and_one_not_said_has_not_changed():
    older = {name: value for name, value in UO.items() if name not in ("unite_sensible", "complements", "activites")}
    assert [line.address for line in compare(older, UO)] == ["activites/a1"]
    assert compare(UO, older) == []
    assert compare(older, UO | {"activites": [], "complements": "Texte"}) == [
        Line(("complements",), Change.CHANGED, "", "Texte")
    ]


def test_the_order_of_lines_and_codes_carries_nothing():
    twice = copy.deepcopy(UO)
    twice["contacts"].append(twice["contacts"][0] | {"uid": "c2"})
    turned = twice | {"contacts": twice["contacts"][::-1], "actes_specifiques": twice["actes_specifiques"][::-1]}
    assert compare(twice, turned) == []


def test_a_change_of_a_line_that_is_gone_is_refused():
    with pytest.raises(Unplaced, match="contacts/perdu/nom"):
        patch(UO, [Line(("contacts", "perdu", "nom"), Change.CHANGED, "", "Nadia")])
