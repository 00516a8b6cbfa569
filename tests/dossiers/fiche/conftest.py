"""A dossier open on one structure, and Camille in front of the fiche of its unit."""

import pytest
from django.test import Client

from accounts.models import User
from directory import publishing
from dossiers import drafts
from dossiers.models import Dossier, DraftFiche
from tests.builders import make_concept, make_horaire
from tests.dossiers.builders import Structure, draft_of, make_structure
from tests.dossiers.fiche.sending import logged_in, make_modeles


@pytest.fixture
def structure() -> Structure:
    make_modeles()
    make_concept("TRE_R252|01", "Ouverture", value_set="JDV_J41")
    structure = make_structure()
    make_horaire(structure.uo, 1, "09:00", "17:00")
    publishing.publish_many("uo", [structure.uo.pk], by=User.objects.system(), origin="test", project=False)
    return structure


@pytest.fixture
def dossier(structure) -> Dossier:
    """Open, by Camille; every fiche starts green."""
    return drafts.open_dossier(structure.eg, by=structure.camille)


@pytest.fixture
def draft(dossier) -> DraftFiche:
    return draft_of(dossier, "uo")


@pytest.fixture
def camille(structure) -> Client:
    return logged_in(structure.camille)
