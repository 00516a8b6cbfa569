"""A unit whose form shows a field of each sort."""

import pytest

from directory.documents import to_document
from directory.models import Kind
from tests.builders import make_concept, make_contact, make_horaire, make_modele, make_uo

EVERYTHING = ("nom", "age_min", "age_max", "contacts", "horaires", "activites", "conditions_accueil", "unite_sensible")


@pytest.fixture
def uo(db):
    """A UO document whose form shows everything, medico-social, with one contact, two slots and one activity."""
    make_modele("uo", general=True, **{name: {} for name in EVERYTHING})
    for key in ("TRE_R287|07", "TRE_R287|10"):
        make_concept(key, value_set="JDV_J221")
    make_concept("TRE_R251|01", "Directeur", value_set="JDV_J220")
    for code in "1234":
        make_concept(f"TRE_R200|{code}", value_set="JDV_J225")
    make_concept("TRE_R252|01", "Horaire d'ouverture", value_set="JDV_J41")
    make_concept("TRE_R252|08", "Horaire de fermeture", value_set="JDV_J41")
    make_concept("TRE_R211|404", "Addictologie", value_set="JDV_J17")
    made = make_uo(age_min=18)
    make_contact(made, nature=make_concept("TRE_R287|07"), telecoms=[("2", "0183763031")])
    make_horaire(made, 1, "09:00", "12:00")
    make_horaire(made, 3, "14:00", "18:00")
    return to_document(Kind.UO, made.pk)
