"""An EJ with its tree, an agent of support, a unit about to move."""

import pytest

from directory.models import (
    EntiteGeographique,
    Role,
    UniteOperationnelle,
)
from tests import builders as b


@pytest.fixture(autouse=True)
def _types():
    for code, label in (("DEF", "Définitive"), ("PRO", "Provisoire")):
        b.make_concept(f"TRE_R286|{code}", label, value_set="JDV_J201")


@pytest.fixture
def support():
    return b.make_user("support@exemple.fr", role=Role.SUPPORT, is_staff=True)


@pytest.fixture
def ej():
    """An EJ with two EG; the first has two units."""
    ej = b.make_ej(raison_sociale="Association Eucalyptus (fictif)")
    eg = b.make_eg(ej=ej, denomination="CAMSP du Lys (fictif)")
    b.make_eg(ej=ej, denomination="CMPP des Saules (fictif)")
    b.make_uo(eg=eg, nom="CAMSP (fictif)")
    b.make_uo(eg=eg, nom="PCO (fictif)")
    return ej


@pytest.fixture
def move(ej):
    """(unit, EG it leaves, EG it joins)."""
    uo = UniteOperationnelle.objects.get(nom="PCO (fictif)")
    return uo, uo.entite_geographique, EntiteGeographique.objects.get(denomination__startswith="CMPP")
