"""The mass in blocks: several processes, tables without their indexes meanwhile, the same rules at the end."""

import datetime as dt
from itertools import pairwise

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction

from directory.demo import accounts, blocks, bulk, load
from directory.demo.encode import RangeExhausted, cell, tables
from directory.demo.world import load_world
from directory.documents import MODELS, to_documents
from directory.models import Contact, EntiteGeographique, FicheVersion, Kind, Telecommunication, UniteOperationnelle
from nomenclature.loading import load as load_nomenclature

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("loaded")]
TODAY = dt.date(2026, 3, 4)
EG = 60


def catalogue():
    with connection.cursor() as cursor:
        found = []
        for query in (bulk.CONSTRAINTS, bulk.INDEXES, bulk.TRIGGERS):
            cursor.execute(query, [tables()])
            found.append(sorted(cursor.fetchall()))
        return found


@pytest.fixture(scope="module")
def loaded(django_db_setup, django_db_blocker):
    """(the mass, catalogue before, catalogue after): two blocks over the whole country, by other processes."""
    with django_db_blocker.unblock(), transaction.atomic():
        load_nomenclature(settings.FIXTURES / "nomenclature")
        accounts.create_accounts()
        mass = load.mass_of(load_world(national=True), today=TODAY, first_offre=1, eg=EG, blocks=2)
        before = catalogue()
        load.write(mass, lambda line: None)
        connection.check_constraints()
        yield mass, before, catalogue()
        transaction.set_rollback(True)


def test_every_index_key_and_trigger_is_back(loaded):
    _, before, after = loaded
    assert all(before)
    assert after == before


def test_all_is_written_and_says_what_its_version_keeps(loaded):
    assert EntiteGeographique.objects.count() == EG
    for kind in Kind:
        kept = dict(FicheVersion.objects.filter(kind=kind).values_list("object_id", "content"))
        assert len(kept) == MODELS[kind].objects.count() > 0
        assert to_documents(kind, kept) == kept


def test_the_country_is_not_the_region(loaded):
    mass, _, _ = loaded
    regions = {place.region for place in mass.world.places.values()}
    assert len(regions) == 18
    assert {place.departement for place in mass.world.places.values()} >= {"2A", "971", "972", "973", "974", "976"}
    assert all(identifiant[2] == "/" for (identifiant,) in UniteOperationnelle.objects.values_list("identifiant"))


def test_a_block_is_the_same_whoever_makes_it_and_unlike_the_others(loaded):
    mass, _, _ = loaded
    rows = [[chunk.rows for chunk in blocks.make(mass, block)] for block in (0, 0, 1)]
    assert rows[0] == rows[1]
    assert rows[0] != rows[2]


def test_ids_of_a_block_stay_in_its_range(loaded, monkeypatch):
    mass, _, _ = loaded
    monkeypatch.setattr(blocks, "IDS_PER_EG", 1)
    with pytest.raises(RangeExhausted):
        list(blocks.make(mass, 0))


def test_sequences_stand_after_the_last_row(loaded):
    with connection.cursor() as cursor:
        for model in (EntiteGeographique, UniteOperationnelle, Contact, Telecommunication):
            cursor.execute(f"select nextval(pg_get_serial_sequence('{model._meta.db_table}', 'id'))")
            assert cursor.fetchone()[0] > model.objects.order_by("-pk").values_list("pk", flat=True)[0]


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        ("update directory_telecommunication set niveau = 1", "telecom_level"),
        ("update directory_uniteoperationnelle set unite_sensible = true", "contact_sensitive"),
        ("update directory_contact set unite_id = -1 where unite_id is not null", "directory_contact_unite_id"),
        ("update directory_entitegeographique set idnat_struct = 'double'", "idnat_struct"),
        ("update directory_horaire set uid = 'double'", "horaire_uid_unique"),
    ],
)
def test_a_row_that_breaks_a_rule_refuses_the_load(damage, says):
    before = catalogue()
    with pytest.raises(IntegrityError, match=says), transaction.atomic():  # noqa: SIM117
        with bulk.bare(tables()), connection.cursor() as cursor:
            cursor.execute(damage)
    assert catalogue() == before


def test_names_are_those_of_a_register(loaded):
    names = list(EntiteGeographique.objects.order_by("pk").values_list("denomination", flat=True))
    assert all(name.endswith(" (fictif)") and len(name) < 100 for name in names)
    upper = [name for name in names if name.removesuffix(" (fictif)").isupper()]
    assert len(upper) > len(names) / 2
    assert all(a != b for a, b in pairwise(sorted(names)) if "–" not in a)


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, r"\N"), (True, "t"), (False, "f"), (3, "3"), ("a\tb\\c\nd", r"a\tb\\c\nd"), ("é", "é")],
)
def test_cells_are_written_as_copy_reads_them(value, text):
    assert cell(value) == text


def test_every_trigger_on_inserted_rows_has_its_query():
    """A rule set aside during the load and not asked at the end would be lost."""
    inserted = 1 << 2  # pg_trigger.tgtype
    with connection.cursor() as cursor:
        cursor.execute(
            "select tgname from pg_trigger "
            "where tgrelid = any(%s::regclass[]) and not tgisinternal and tgtype & %s > 0",
            [tables(), inserted],
        )
        found = [name for (name,) in cursor.fetchall()]
    assert found
    assert [name for name in found if not any(rule in name for rule in bulk.RULES)] == []
