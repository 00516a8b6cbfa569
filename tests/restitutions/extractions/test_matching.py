"""Which lines the file has: those of the search and its filters, read chunk by chunk."""

import dataclasses
import datetime as dt

import pytest
from django.db import connection, transaction

from directory.permissions import Reader
from restitutions import questions
from restitutions.extractions import matching, rows
from ror import clock
from search import engine, labels
from tests import builders as b

pytestmark = pytest.mark.django_db


def same_as_the_page(criteria, sees_all):
    reader = Reader(sees_all=sees_all, may_extract=True)
    results = engine.search_all(criteria, reader=reader)
    on_the_page = {(hit.name, uo.name) for hit in results.hits for uo in hit.uos}
    on_the_page |= {(hit.name, None) for hit in results.hits if not hit.uos}
    keys = matching.of_search(criteria, reader=reader, today=clock.today())
    written = rows.lines(keys, reader=reader, today=clock.today(), tell=lambda done: None)
    assert {(row[2], row[15]) for row in written} == on_the_page


@pytest.mark.parametrize(
    "query",
    [
        "q=csapa",
        "q=bêta",
        "q=gamma&dans=noms",
        "q=csapa&dans=types_uo",
        "q=csapa&patientele=A",
        "code=ror-type-uo|CSAPA",
        "code=ror-type-uo|CAMSP&ou=91228",
        "q=refuge",
        "q=sans unite",
        "q=csapa&zone=48.8,2.3,48.9,2.4",
        "q=introuvable",
        "q=gamam",
    ],
)
@pytest.mark.parametrize("sees_all", [False, True])
def test_a_search_extracts_what_its_page_finds(offer, query, sees_all):
    form = questions.read(query)
    assert form.is_answerable, form.errors
    same_as_the_page(form.criteria(), sees_all)


@pytest.mark.parametrize(
    "more",
    [
        {"age_days": (7305.0, 7305.0)},
        {"age_days": (365.0, 365.0)},
        {"ouvert": dt.datetime(2026, 11, 23, 10, 0, tzinfo=dt.UTC)},
        {"ouvert": dt.date(2026, 11, 23)},
        {"rayon_km": 5.0},
    ],
)
@pytest.mark.parametrize("sees_all", [False, True])
def test_filters_hold_in_an_extraction(offer, more, sees_all):
    unit = offer["alpha"].unites.get()
    b.make_horaire(unit, 1, "09:00", "12:30")
    with transaction.atomic():
        b.project(offer["alpha"])
    for query in ("q=csapa&ou=75110", "code=ror-type-uo|CSAPA&ou=75110"):
        form = questions.read(query)
        assert form.is_answerable, form.errors
        same_as_the_page(dataclasses.replace(form.criteria(), **more), sees_all)


def test_a_unit_made_sensitive_while_the_file_is_written_is_left_out(offer):
    reader, today = Reader(may_extract=True), clock.today()
    keys = matching.of_directory(reader=reader, today=today)
    unit = offer["alpha"].unites.get()
    with connection.cursor() as cursor:
        cursor.execute("update search_offre set sensible = true where uo_id = %s", [unit.pk])
    found = list(rows.lines(keys, reader=reader, today=today, tell=lambda done: None))
    assert len(found) == len(keys) - 1 and "CSAPA un" not in str(found)


@pytest.mark.parametrize("number", [1, 12])
def test_lines_cost_the_same_whatever_their_number(number, django_assert_num_queries):
    for _ in range(number):
        b.project(b.make_uo().entite_geographique)
    reader, today = Reader(may_extract=True), clock.today()
    labels.get()  # what this process reads once
    with django_assert_num_queries(6):  # keys; one chunk: its transaction (2), its settings, establishments, units
        keys = matching.of_directory(reader=reader, today=today)
        assert len(list(rows.lines(keys, reader=reader, today=today, tell=lambda done: None))) == number


def test_it_goes_chunk_by_chunk_and_says_how_far(offer, support, monkeypatch):
    monkeypatch.setattr(rows, "CHUNK", 2)
    told = []
    keys = matching.of_directory(reader=Reader(sees_all=True), today=clock.today())
    list(rows.lines(keys, reader=Reader(sees_all=True), today=clock.today(), tell=told.append))
    assert told == [2, 4, 5]
