"""The command: what a new list changes is found by the search at once."""

import pytest
from django.core.management import call_command

from directory.permissions import Reader
from nomenclature.models import CodeSystem, Concept
from search import engine
from search.criteria import Criteria
from tests.builders import make_uo, project

pytestmark = pytest.mark.django_db

SYSTEMS = "code,name,title,url,oid,version,is_regional\nror-filiere,Filiere,Filières,,,,1\n"
FILIERES = "code,label,types_uo,activites\nF1,Addictologie,CSAPA,\n"


def test_a_new_filiere_finds_the_units_that_were_there(tmp_path):
    uo = make_uo(type_uo="CSAPA")
    project(uo.entite_geographique)
    CodeSystem.objects.filter(code="ror-type-uo").update(is_regional=True)
    folder = tmp_path / "regional"
    folder.mkdir()
    (folder / "systems.csv").write_text(SYSTEMS, encoding="utf-8")
    (folder / "filieres.csv").write_text(FILIERES, encoding="utf-8")
    call_command("load_nomenclature", str(tmp_path), "--regional")
    filiere = Concept.objects.get(system__code="ror-filiere", code="F1")
    assert engine.search(Criteria(concept=filiere.pk), reader=Reader()).n_uo == 1
