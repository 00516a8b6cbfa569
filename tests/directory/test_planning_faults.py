"""Hours a person may not write: in disorder, or twice at the same time. The words stand next to the line."""

import pytest

from directory import checks, planning
from directory.documents import to_document
from directory.models import Kind
from tests.builders import make_horaire, make_uo

ORDINARY, MEETING, CLOSED = "TRE_R252|01", "TRE_R252|07", "TRE_R252|08"


def line(uid, jour=1, debut="09:00", fin="12:00", kind=None, du=None, au=None):
    return {
        "uid": uid,
        "jour_semaine": jour,
        "heure_debut": debut,
        "heure_fin": fin,
        "type_plage": kind,
        "date_debut": du,
        "date_fin": au,
    }


def told(*lines, known=()):
    return [(uid, field) for uid, field, _ in planning.faults(lines, known)]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (line("a", debut="12:00", fin="09:00"), "heure_fin"),
        (line("a", debut="09:00", fin="09:00"), "heure_fin"),
        (line("a", debut="09:00", fin=None), "heure_fin"),
        (line("a", debut=None, fin="12:00"), "heure_debut"),
        (line("a", jour=None), "date_debut"),
        (line("a", au="2025-09-20"), "date_debut"),
        (line("a", du="2025-09-20", au="2025-09-19"), "date_fin"),
    ],
)
def test_a_line_in_disorder_is_told_next_to_the_field_to_change(wrong, field):
    assert told(wrong) == [("a", field)]
    assert told(wrong, known=[dict(wrong)]) == []


@pytest.mark.parametrize(
    ("other", "overlaps"),
    [
        (line("b", debut="11:00", fin="13:00"), True),
        (line("b", debut="11:00", fin="13:00", kind=ORDINARY), True),
        (line("b", debut="12:00", fin="13:00"), False),
        (line("b", jour=2), False),
        (line("b", kind=MEETING), False),
        (line("b", kind=CLOSED), False),
        (line("b", du="2025-09-15", au="2025-09-15"), False),
    ],
)
def test_two_slots_of_the_typical_week_that_say_the_same_do_not_overlap(other, overlaps):
    assert told(line("a"), other) == ([("b", "heure_debut")] if overlaps else [])


@pytest.mark.parametrize(
    ("other", "overlaps"),
    [
        (line("b", du="2025-09-15", au="2025-09-15"), True),  # a Monday, in the period of « a »
        (line("b", None, du="2025-09-10", au="2025-09-15"), True),
        (line("b", None, du="2025-09-16", au="2025-09-21"), False),  # from Tuesday to Sunday
        (line("b", None, du="2025-09-16", au="2025-09-22"), True),
        (line("b", 2, du="2025-09-15", au="2025-09-30"), False),
        (line("b", du="2025-10-06"), False),
        (line("b", debut="14:00", fin="15:00", du="2025-09-15", au="2025-09-15"), False),
    ],
)
def test_dated_slots_overlap_on_a_day_both_hold(other, overlaps):
    mondays = line("a", du="2025-09-01", au="2025-09-30")
    assert told(mondays, other) == ([("b", "heure_debut")] if overlaps else [])


def test_the_new_line_is_the_one_at_fault():
    live, new = line("b"), line("a", debut="08:00", fin="10:00")
    assert told(new, live, known=[dict(live)]) == [("a", "heure_debut")]


@pytest.mark.django_db
def test_publishing_refuses_what_is_new_and_keeps_what_was_there():
    uo = make_uo()
    make_horaire(uo, 1, "09:00", "12:00")
    make_horaire(uo, 1, "11:00", "14:00")
    document = to_document(Kind.UO, uo.pk)
    assert checks.problems(Kind.UO, document, document) == []
    document["horaires"][0]["heure_debut"], live = "10:00", to_document(Kind.UO, uo.pk)
    [problem] = checks.problems(Kind.UO, document, live)
    assert problem.address == f"horaires/{document['horaires'][0]['uid']}/heure_debut"
    assert "11:00 à 14:00" in problem.message
