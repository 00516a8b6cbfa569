"""Three-way merge of documents: properties on invented documents, then what takes effect."""

import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from directory import diff
from directory.merge import at_effect, three_way
from directory.models import Kind

BASE = {
    "schema": 1,
    "kind": "uo",
    "identifiant": "11/1",
    "nom": "Accueil",
    "conditions_accueil": "Sur rendez-vous",
    "publics": ["TRE_R239|01", "TRE_R239|07"],
    "contacts": [
        {"uid": "c1", "nom": "Secrétariat", "niveau": 2, "telecoms": [{"uid": "t1", "adresse": "0199000001"}]},
        {"uid": "c2", "nom": "Directrice", "niveau": 3, "telecoms": []},
    ],
}


def edited(**changes):
    return copy.deepcopy(BASE) | changes


@st.composite
def documents(draw):
    """BASE with anything changed: a text, a code, a contact gone, changed or added."""
    document = copy.deepcopy(BASE)
    document["nom"] = draw(st.sampled_from(["Accueil", "Accueil de jour", "Consultation"]))
    document["conditions_accueil"] = draw(st.sampled_from(["Sur rendez-vous", "Sans rendez-vous"]))
    document["publics"] = sorted(draw(st.sets(st.sampled_from([f"TRE_R239|0{n}" for n in range(1, 8)]))))
    contacts = [contact for contact in document["contacts"] if draw(st.booleans())]
    for contact in contacts:
        contact["nom"] = draw(st.sampled_from([contact["nom"], "Autre"]))
        contact["telecoms"] = [telecom for telecom in contact["telecoms"] if draw(st.booleans())]
    if draw(st.booleans()):
        contacts.append({"uid": draw(st.sampled_from(["c3", "c4"])), "nom": "Nouveau", "niveau": 2, "telecoms": []})
    return document | {"contacts": contacts}


@settings(max_examples=300, deadline=None)
@given(theirs=documents(), mine=documents())
def test_nothing_is_lost_and_nothing_is_invented(theirs, mine):
    """Each of my changes is taken or told as a clash; each of theirs stands unless I was told to overrule it."""
    merge = three_way(BASE, theirs, mine)
    asked = {clash.address for clash in merge.clashes}
    shared = {(line.path, line.kind, repr(line.after)) for line in diff.compare(BASE, theirs)}
    for line in diff.compare(BASE, mine):
        same = (line.path, line.kind, repr(line.after)) in shared
        assert same or (line.address in asked) != (line in merge.taken)
    met = {line.path for clash in merge.clashes for line in clash.theirs}
    left = {line.path for line in diff.compare(theirs, merge.document)}
    assert not met & left, "a clash left to decide stays theirs"


@settings(max_examples=200, deadline=None)
@given(one=documents())
def test_one_side_alone_is_taken_whole(one):
    assert diff.compare(three_way(BASE, BASE, one).document, one) == []
    assert three_way(BASE, one, BASE).document == one
    merge = three_way(BASE, one, one)
    assert (merge.document, merge.clashes) == (one, [])


@settings(max_examples=200, deadline=None)
@given(theirs=documents(), mine=documents())
def test_keeping_mine_everywhere_gives_my_changes(theirs, mine):
    clashes = three_way(BASE, theirs, mine).clashes
    merged = three_way(BASE, theirs, mine, keep_mine={clash.address for clash in clashes}).document
    for line in diff.compare(BASE, mine):
        if len(line.path) == 1:
            assert merged[line.path[0]] == line.after


def test_two_contacts_of_one_fiche_do_not_clash():
    theirs, mine = edited(), edited()
    theirs["contacts"][0]["nom"], mine["contacts"][1]["nom"] = "Accueil", "Directeur"
    merge = three_way(BASE, theirs, mine)
    assert [contact["nom"] for contact in merge.document["contacts"]] == ["Accueil", "Directeur"]
    assert merge.clashes == []


def test_a_change_in_a_contact_that_is_gone_brings_it_back_when_it_is_kept():
    theirs, mine = edited(contacts=BASE["contacts"][1:]), edited()
    mine["contacts"][0]["telecoms"][0]["adresse"] = "0199000009"
    merge = three_way(BASE, theirs, mine)
    [clash] = merge.clashes
    kept = three_way(BASE, theirs, mine, keep_mine={clash.address}).document
    assert kept["contacts"][-1] == mine["contacts"][0]


@pytest.mark.parametrize(
    ("field", "wins"), [("nom", "validé"), ("conditions_accueil", "public"), ("date_fermeture", "public")]
)
def test_at_effect_the_public_side_wins_on_low_risk_fields_and_those_of_finess(field, wins):
    reference = edited(date_fermeture=None)
    merge = at_effect(Kind.UO, reference, reference | {field: "public"}, reference | {field: "validé"})
    assert merge.document[field] == wins
    assert [clash.address for clash in merge.clashes] == ([field] if wins == "public" else [])


def test_a_number_that_is_gone_comes_back_alone():
    """I corrected it, they removed it and renamed its contact: my number is kept, and so is their name."""
    contact, other = BASE["contacts"]
    number = contact["telecoms"][0]
    mine = edited(contacts=[contact | {"telecoms": [number | {"adresse": "0199000009"}]}, other])
    theirs = edited(contacts=[contact | {"nom": "Accueil", "telecoms": []}, other])
    [clash] = three_way(BASE, theirs, mine).clashes
    settled = three_way(BASE, theirs, mine, keep_mine={clash.address}).document["contacts"][0]
    assert settled["nom"] == "Accueil"
    assert settled["telecoms"] == [number | {"adresse": "0199000009"}]
