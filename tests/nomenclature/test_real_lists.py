"""The tables of the repository, loaded once for the module; each test reads, or undoes what it writes."""

import pytest
from django.conf import settings
from django.db import ProgrammingError, connection, transaction

from nomenclature.loading import load
from nomenclature.models import CodeSystem, Commune, Concept, Departement, Filiere, Region, Synonyme, TypeUO, ValueSet

FOLDER = settings.FIXTURES / "nomenclature"


# The mark sets the test database up, and gives each test its savepoint inside the transaction of the module.
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("loaded")]


@pytest.fixture(scope="module")
def loaded(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        report = load(FOLDER)
        connection.check_constraints()  # once here: what stays deferred is checked again after each test
        yield report
        transaction.set_rollback(True)


def active(value_set: str) -> int:
    return Concept.objects.in_value_set(value_set).count()


@pytest.mark.parametrize(
    ("value_set", "members"),
    [("JDV_J17", 554), ("JDV_J16", 1320), ("JDV_J238", 307), ("JDV_J41", 11), ("JDV_J201", 7), ("JDV_J249", 132)],
)
def test_active_members_of_the_main_value_sets(value_set, members):
    assert active(value_set) == members


def test_a_member_that_its_system_deprecates_is_not_offered_but_stays_readable():
    retired = Concept.objects.of("JDV_J55").filter(retired=True)
    assert set(retired.values_list("code", flat=True)) == {"130", "252", "253", "377", "379", "382", "437", "439"}
    assert active("JDV_J55") == Concept.objects.of("JDV_J55").count() - 8


def test_every_value_set_is_there_with_its_national_address():
    assert ValueSet.objects.count() == 79
    assert not ValueSet.objects.exclude(url__startswith="https://mos.esante.gouv.fr/NOS/JDV_").exists()


def test_keys_are_resolved_in_one_query(django_assert_num_queries):
    with django_assert_num_queries(1):
        found = Concept.objects.by_key(["TRE_R244|80", "TRE_R66|197", "ror-type-uo|94-46", "TRE_R66|zzz", "x"])
    assert set(found) == {"TRE_R244|80", "TRE_R66|197", "ror-type-uo|94-46"}
    assert found["TRE_R244|80"].display == "CSAPA"
    assert found["TRE_R66|197"].parent.key == "TRE_R65|4604"


def test_there_is_a_type_uo_for_each_current_type_offre_and_three_for_act():
    types = TypeUO.objects.select_related("concept__system", "type_offre")
    by_offre: dict[str, list[str]] = {}
    for type_uo in types:
        by_offre.setdefault(type_uo.type_offre.code, []).append(type_uo.concept.code)
    assert set(by_offre) == set(Concept.objects.in_value_set("JDV_J238").values_list("code", flat=True))
    assert sorted(by_offre.pop("94")) == ["94-46", "94-59-hlm", "94-59-ucsd"]
    assert all(codes == [offre] for offre, codes in by_offre.items())


@pytest.mark.parametrize(
    ("code", "label", "mode"),
    [
        ("94-46", "Appartement de Coordination Thérapeutique (ACT) Hébergement (accueil jour et nuit)", "46"),
        ("94-59-hlm", "Appartement de Coordination Thérapeutique (ACT) hors les murs (Equipe mobile)", "59"),
        ("94-59-ucsd", "Appartement de Coordination Thérapeutique (ACT) un chez soi d'abord (Equipe mobile)", "59"),
    ],
)
def test_the_act_of_the_trainings(code, label, mode):
    act = TypeUO.objects.get(concept__code=code)
    assert act.concept.label == label
    assert act.type_offre.key == "TRE_R244|94"
    assert act.mode_prise_en_charge.key == f"TRE_R213|{mode}"
    assert act.champ_activite.key == "TRE_R227|04"
    assert [concept.key for concept in act.categories.all()] == ["TRE_R66|165"]


def test_types_uo_name_only_current_codes():
    assert not TypeUO.objects.filter(mode_prise_en_charge__retired=True).exists()
    in_j55 = set(Concept.objects.in_value_set("JDV_J55").values_list("pk", flat=True))
    proposed = set(TypeUO.categories.through.objects.values_list("concept_id", flat=True))
    assert proposed <= in_j55
    assert not Filiere.activites.through.objects.filter(concept__retired=True).exists()


@pytest.mark.parametrize(
    ("word", "key"),
    [
        ("csapa", "ror-type-uo|80"),
        ("lam", "ror-type-uo|95"),
        ("bapu", "ror-type-uo|64"),
        ("tdah", "TRE_R245|03"),
        ("tnd", "TRE_R211|448"),
        ("seringues", "ror-type-uo|81"),
        ("desintox", "ror-type-uo|80"),
        ("sans abri", "ror-type-uo|93"),
    ],
)
def test_sigles_and_everyday_words_lead_to_concepts(word, key):
    found = Synonyme.objects.filter(texte_normalise=word).select_related("concept__system")
    assert key in {synonyme.concept.key for synonyme in found}


def test_no_synonyme_leads_to_a_retired_concept():
    assert not Synonyme.objects.filter(concept__retired=True).exists()


@pytest.mark.parametrize(
    ("insee", "shown"),
    [
        ("75110", "Paris 10"),
        ("75101", "Paris 1"),
        ("13201", "Marseille 1"),
        ("94043", "Kremlin-Bicêtre (Le)"),
        ("93062", "Raincy (Le)"),
        ("94038", "Haÿ-les-Roses (L')"),
        ("78481", "Pecq (Le)"),
        ("91692", "Ulis (Les)"),
        ("91228", "Évry-Courcouronnes"),
    ],
)
def test_communes_are_named_the_way_the_ror_does(insee, shown):
    assert Commune.objects.get(pk=insee).nom_ror == shown


def test_territories_are_whole():
    assert Commune.objects.count() == 35_014
    assert Departement.objects.count() == 109
    assert Region.objects.count() == 26
    assert Commune.objects.filter(ville__isnull=False).count() == 45
    assert Commune.objects.get(pk="75110").ville_id == "75056"
    assert Commune.objects.filter(latitude__isnull=True).count() == 5
    assert set(Commune.objects.filter(codes_postaux__contains=["75010"]).values_list("pk", flat=True)) == {
        "75056",
        "75110",
    }


def test_ile_de_france_has_its_territoires_de_sante():
    rows = Departement.objects.filter(territoire_sante__isnull=False).select_related("territoire_sante")
    assert {row.code: (row.territoire_sante.code, row.territoire_sante.label) for row in rows} == {
        "75": ("113", "Paris"),
        "77": ("114", "Seine-et-Marne"),
        "78": ("118", "Yvelines"),
        "91": ("111", "Essonne"),
        "92": ("112", "Hauts-de-Seine"),
        "93": ("115", "Seine-Saint-Denis"),
        "94": ("116", "Val-de-Marne"),
        "95": ("117", "Val-d'Oise"),
    }
    assert Commune.objects.get(pk="75110").territoire_sante.label == "Paris"
    assert Commune.objects.get(pk="69123").territoire_sante is None


def test_a_second_load_changes_nothing(loaded):
    assert loaded.total("added") == Concept.objects.count() > 4_700
    again = load(FOLDER)
    assert not again.has_changes
    assert list(again.lines())[-1] == "Aucun changement."
    assert again.warnings == []


def test_a_load_costs_few_statements_whatever_the_number_of_rows(django_assert_max_num_queries):
    with django_assert_max_num_queries(30):
        load(FOLDER)


def test_the_database_refuses_to_delete_a_concept():
    never_used = Concept.objects.create(system=CodeSystem.objects.get(code="TRE_R248"), code="X", label="Jamais servi")
    with pytest.raises(ProgrammingError, match="Cannot delete"), transaction.atomic():
        never_used.delete()
    with pytest.raises(ProgrammingError, match="Cannot delete"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM nomenclature_concept WHERE id = %s", [never_used.pk])
    assert Concept.objects.filter(pk=never_used.pk).exists()


def test_what_a_region_changed_survives_a_load_and_gives_way_when_told():
    csapa = Concept.objects.get(system__code="ror-type-uo", code="80")
    Concept.objects.filter(pk=csapa.pk).update(label="CSAPA de la région")
    TypeUO.objects.get(pk=csapa.pk).categories.clear()
    Departement.objects.filter(pk="75").update(
        territoire_sante=Concept.objects.get(system__code="TRE_R88", code="118")
    )
    assert not load(FOLDER).has_changes
    csapa.refresh_from_db()
    assert csapa.label == "CSAPA de la région"

    report = load(FOLDER, overwrite_regional=True)
    csapa.refresh_from_db()
    assert csapa.label.startswith("Centre de Soins")
    assert [code for code, _, _ in report.systems["ror-type-uo"].relabelled] == ["80"]
    assert [concept.code for concept in csapa.type_uo.categories.all()] == ["197"]
    assert Departement.objects.get(pk="75").territoire_sante.code == "113"
    assert not load(FOLDER, overwrite_regional=True).has_changes
