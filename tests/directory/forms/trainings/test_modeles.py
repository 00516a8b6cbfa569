"""The modèles of the repository, against the structures of the trainings."""

import pytest

from directory import modeles
from directory.models import Kind

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", ["CSAPA – Accueil de jour", "CAMSP du Lys", "PCO TND du Lys", "CSAPA Les Mésanges"])
def test_the_structures_of_the_trainings_may_be_finalised(showcase, name):
    kind, document = showcase(name)
    assert modeles.missing(kind, document) == []
    assert modeles.completeness(kind, document).percent >= 60


@pytest.mark.parametrize("code", "80 81 86 61 62 84 94-46 94-59-hlm 94-59-ucsd 93 95".split())
def test_each_type_of_the_trainings_has_its_modele(seeded, db, code):
    general = modeles.modele_for(Kind.UO, {"type_uo": None})
    own = modeles.modele_for(Kind.UO, {"type_uo": f"ror-type-uo|{code}"})
    assert own.code != general.code
    assert own.champ("activites").proposes
    assert [title for title, _ in own.sections] == [
        "Identification",
        "Patientèle",
        "Offre",
        "Ressources",
        "Accueil et admission",
        "Contacts",
        "Horaires",
    ]


@pytest.mark.parametrize("code", "197 178 190 189 165 180 213".split())
def test_each_category_of_the_trainings_has_its_modele(seeded, db, code):
    modele = modeles.modele_for(Kind.EG, {"categorie": f"TRE_R66|{code}"})
    assert modele.champ("accessibilite").obligatoire
    assert [title for title, _ in modele.sections] == ["Identité", "Coordonnées", "Accès", "Compléments"]
