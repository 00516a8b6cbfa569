"""Modèles de saisie and groups of actes loaded from tables, without touching what support edited."""

import pytest

from nomenclature.loading import LoadingError, load
from nomenclature.models import ChampSaisie, GroupeActes, ModeleSaisie
from tests.builders import make_concept

pytestmark = pytest.mark.django_db

MODELES = "code,libelle,kind,general,categories,types_uo\nuo-general,Général,uo,1,,\nuo-csapa,CSAPA,uo,,,80\n"
HEAD = "modele,champ,section,ordre,affiche,attendu,obligatoire,minimum,permis,proposes,aide\n"
CHAMPS = HEAD + "uo-csapa,actes_specifiques,Offre,3,1,1,,2,TRE_R210/0815,TRE_R210/0815 0932,Choisir.\n"
GROUPES = "libelle,actes\nAides,0815\n"


@pytest.fixture
def folder(write):
    def make(*, modeles=MODELES, champs=CHAMPS, groupes=GROUPES):
        for key in ("TRE_R210|0815", "TRE_R210|0932", "ror-type-uo|80"):
            make_concept(key)
        return write(
            {
                "regional/modeles_saisie.csv": modeles,
                "regional/modeles_champs.csv": champs,
                "regional/modeles_groupes_actes.csv": groupes,
            }
        )

    return make


def test_a_modele_comes_with_its_fields_and_codes(folder):
    report = load(folder())
    modele = ModeleSaisie.objects.get(code="uo-csapa")
    assert [concept.key for concept in modele.types_uo.all()] == ["ror-type-uo|80"]
    champ = modele.champs.get()
    assert (champ.section, champ.ordre, champ.attendu, champ.obligatoire, champ.minimum) == (
        "Offre",
        3,
        True,
        False,
        2,
    )
    assert [concept.code for concept in champ.codes_proposes.order_by("code")] == ["0815", "0932"]
    assert [concept.code for concept in champ.codes_permis.all()] == ["0815"]
    assert [concept.code for concept in GroupeActes.objects.get().actes.all()] == ["0815"]
    assert report.tables["Modèles de saisie"].created == 3


def test_a_second_load_changes_nothing_and_keeps_what_support_edited(folder):
    path = folder()
    load(path)
    ChampSaisie.objects.update(obligatoire=True, aide="La nôtre")
    ChampSaisie.objects.get().codes_proposes.clear()
    GroupeActes.objects.get().actes.clear()
    assert not load(path).has_changes
    champ = ChampSaisie.objects.get()
    assert (champ.aide, champ.codes_proposes.count(), GroupeActes.objects.get().actes.count()) == ("La nôtre", 0, 0)


def test_a_new_field_of_the_file_is_added(folder):
    load(folder())
    load(folder(champs=CHAMPS + "uo-csapa,nom,Identité,1,1,,1,,,,\n"))
    assert sorted(ModeleSaisie.objects.get(code="uo-csapa").champs.values_list("champ", flat=True)) == [
        "actes_specifiques",
        "nom",
    ]


def test_told_to_overwrite_the_file_wins(folder):
    path = folder()
    load(path)
    ChampSaisie.objects.update(aide="La nôtre")
    ChampSaisie.objects.get().codes_proposes.clear()
    report = load(path, overwrite_regional=True)
    champ = ChampSaisie.objects.get()
    assert (champ.aide, champ.codes_proposes.count()) == ("Choisir.", 2)
    assert report.tables["Modèles de saisie"].changed == 1


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"champs": HEAD + "uo-autre,nom,A,1,1,,,,,,\n"}, "modèle inconnu"),
        ({"champs": HEAD + "uo-csapa,nom,A,1,1,,,,,TRE_R210/9999,\n"}, "TRE_R210|9999"),
        ({"champs": HEAD + "uo-csapa,nom,A,1,1,,,,,9999,\n"}, "ligne 2"),
        ({"groupes": "libelle,actes\nAides,9999\n"}, "TRE_R210|9999"),
        ({"modeles": MODELES.replace(",80", ",99")}, "ror-type-uo|99"),
    ],
)
def test_what_cannot_be_read_refuses_the_load(folder, wrong, said):
    with pytest.raises(LoadingError, match=said.replace("|", r"\|")):
        load(folder(**wrong))
    assert not ModeleSaisie.objects.exists()
