"""One ISO week of opening hours: typical week, dated openings, closures."""

import datetime as dt

import pytest

from directory import planning

MONDAY = dt.date(2025, 9, 15)


def line(jour=None, debut=None, fin=None, type_plage=None, du=None, au=None) -> dict:
    return {
        "jour_semaine": jour,
        "heure_debut": debut,
        "heure_fin": fin,
        "type_plage": type_plage,
        "date_debut": du,
        "date_fin": au,
    }


USUAL = [line(1, "09:00", "12:00"), line(1, "14:00", "18:00"), line(2, "09:00", "17:00")]
CLOSED = planning.FERMETURE


def texts(horaires: list[dict], weekday: int) -> list[str]:
    return [slot.text for slot in planning.week_of(planning.of_lines(horaires), MONDAY).days[weekday - 1].slots]


@pytest.mark.parametrize(
    ("exception", "monday"),
    [
        (line(du="2025-09-15", au="2025-09-15", type_plage=CLOSED), []),
        (line(None, "08:00", "10:00", CLOSED, "2025-09-15", "2025-09-15"), ["10:00–12:00", "14:00–18:00"]),
        (line(None, "11:00", "15:00", CLOSED, "2025-09-01", None), ["09:00–11:00", "15:00–18:00"]),
        (
            line(None, "10:00", "11:00", CLOSED, "2025-09-15", "2025-09-15"),
            ["09:00–10:00", "11:00–12:00", "14:00–18:00"],
        ),
        (line(None, "12:00", "14:00", CLOSED, "2025-09-15", "2025-09-15"), ["09:00–12:00", "14:00–18:00"]),
        (line(1, "10:00", "23:59", None, "2025-09-01", "2025-09-30"), ["10:00–24:00"]),
        (line(2, "10:00", "16:00", None, "2025-09-01", "2025-09-30"), ["09:00–12:00", "14:00–18:00"]),
        (line(du="2025-09-16", au="2025-09-16", type_plage=CLOSED), ["09:00–12:00", "14:00–18:00"]),
        (line(du="2025-09-01", au="2025-09-14", type_plage=CLOSED), ["09:00–12:00", "14:00–18:00"]),
    ],
)
def test_a_dated_slot_changes_its_days_only(exception, monday):
    assert texts([*USUAL, exception], 1) == monday
    day = planning.week_of(planning.of_lines([*USUAL, exception]), MONDAY).days[0]
    assert day.is_changed is (monday != ["09:00–12:00", "14:00–18:00"])
    assert bool(day.usual) is day.is_changed


def test_a_typical_closure_is_not_an_opening():
    assert texts([line(1, "09:00", "12:00", CLOSED)], 1) == []


def test_summary_groups_days():
    horaires = [line(day, "08:00", "19:00") for day in range(1, 6)] + [line(6, "08:30", "13:00")]
    assert planning.typical_summary(planning.of_lines(horaires)) == "lundi au vendredi 08:00–19:00, samedi 08:30–13:00"
    assert planning.typical_summary(planning.of_lines(USUAL)) == "lundi 09:00–12:00 et 14:00–18:00, mardi 09:00–17:00"
    two = [line(1, "08:00", "12:00"), line(2, "08:00", "12:00"), line(4, None, None)]
    assert planning.typical_summary(planning.of_lines(two)) == "lundi et mardi 08:00–12:00, jeudi horaires à préciser"
    assert planning.typical_summary(planning.of_lines([])) == ""


def test_weeks_across_a_new_year():
    week = planning.week_of(planning.of_lines([]), planning.monday_of("2026-W01", MONDAY))
    assert (week.monday, week.number, week.previous, week.next) == (dt.date(2025, 12, 29), 1, "2025-W52", "2026-W02")
    assert planning.monday_of("2025-W53", dt.date(2025, 9, 17)) == MONDAY
