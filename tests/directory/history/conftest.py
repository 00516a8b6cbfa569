"""A unit published by an import, and who goes back on it."""

import pytest

from directory import publishing
from directory.models import Kind, Role
from tests import builders as b
from tests.directory.history.reading import TODAY


@pytest.fixture(autouse=True)
def _today(settings):
    settings.ROR_TODAY = TODAY


@pytest.fixture
def uo():
    for value_set, key, label in (
        ("JDV_J225", "TRE_R200|1", "Téléphone mobile"),
        ("JDV_J225", "TRE_R200|2", "Téléphone fixe"),
        ("JDV_J221", "TRE_R287|01", "Secrétariat"),
        ("JDV_J220", "TRE_R85|40", "Directeur"),
    ):
        b.make_concept(key, label, value_set=value_set)
    uo = b.make_uo(nom="CAMSP du Lys (fictif)", type_uo="CAMSP", publish=False)
    b.make_contact(
        uo, nature=b.make_concept("TRE_R287|01"), niveau=1, telecoms=[("2", "0102030401"), ("1", "0602030403", 3)]
    )
    b.make_contact(uo, nom="Ligne de crise (fictif)", niveau=3, telecoms=[("2", "0102030404")])
    publishing.publish_many(Kind.UO, [uo.pk], by=b.make_user(), origin="import:7")
    uo.refresh_from_db()
    return uo


@pytest.fixture
def support():
    return b.make_user(role=Role.SUPPORT)


@pytest.fixture
def own(uo):
    return b.make_user(role=Role.REFERENT, eg=uo.entite_geographique, first_name="Nadia", last_name="Référente")
