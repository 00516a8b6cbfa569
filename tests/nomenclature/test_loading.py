"""Rules of the loader on small lists made for the purpose."""

import datetime as dt
import json

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Model

from nomenclature.loading import LoadingError, load
from nomenclature.models import CodeSystem, Commune, Concept, ValueSet, ValueSetMembership
from tests.builders import make_activite, make_eg, make_uo
from tests.nomenclature.conftest import HEADER

pytestmark = pytest.mark.django_db
NEW = ["Un", "Deux", "Trois"]
URL = "https://mos.esante.gouv.fr/NOS/{0}-Essai/FHIR/{0}-Essai"


def concept(code: str, system: str = "TRE_R900") -> Concept:
    return Concept.objects.get(system__code=system, code=code)


def state(model: type[Model]) -> list:
    return list(model.objects.order_by("pk").values())


def tre(*concepts: dict, code: str = "TRE_R900", version: str = "2026") -> str:
    content = {"id": code, "name": f"{code}-Essai", "title": "Essai", "system": URL.format(code), "version": version}
    return json.dumps({**content, "concepts": concepts})


def jdv(code: str, *includes: dict) -> str:
    content = {"id": code, "name": f"{code}-Essai", "title": "Essai", "url": URL.format(code), "version": "2022"}
    return json.dumps({**content, "includes": [{"system": URL.format("TRE_R900"), **include} for include in includes]})


def labelled(**labels: str) -> dict:
    return {"concepts": [{"code": code, "label": label} for code, label in labels.items()]}


# --- One system -----------------------------------------------------------------------------------------------------


def test_a_table_adds_relabels_retires_and_reinstates(load_concepts):
    first = load_concepts("TRE_R900", "01,Un,,ancien|vieux,2015-04-08", "02,Deux", "03,Trois,,,,,1")
    assert first.systems["TRE_R900"].added == ["01", "02", "03"]
    assert concept("01").alt_labels == ["ancien", "vieux"]
    assert concept("01").valid_from.isoformat() == "2015-04-08"

    second = load_concepts("TRE_R900", "01,Premier", "03,Trois", "04,Quatre")
    changes = second.systems["TRE_R900"]
    assert changes.added == ["04"]
    assert changes.relabelled == [("01", "Un", "Premier")]
    assert changes.retired == ["02"]
    assert changes.reinstated == ["03"]
    assert concept("02").retired
    assert concept("02").label == "Deux"
    assert set(second.changed.values()) == {"TRE_R900|01", "TRE_R900|02", "TRE_R900|03"}
    assert second.text_changed == [concept("01").pk]


def test_the_same_table_twice_changes_nothing(load_concepts):
    rows = ["01,Un,U,Uno,2015-04-08,2020-01-01,1", "02,Deux,,,,,,TRE_R900|01"]
    load_concepts("TRE_R900", *rows)
    before = state(Concept)
    again = load_concepts("TRE_R900", *rows)
    assert not again.has_changes
    assert state(Concept) == before


def test_a_change_of_short_label_alone_is_told_and_refreshes_the_search_text(load_concepts):
    load_concepts("TRE_R900", "01,Un")
    report = load_concepts("TRE_R900", "01,Un,U")
    assert report.systems["TRE_R900"].details == ["01"]
    assert report.systems["TRE_R900"].relabelled == []
    assert report.text_changed == [concept("01").pk]


def test_a_dry_run_says_the_same_and_writes_nothing(load_concepts):
    load_concepts("TRE_R900", "01,Un", "02,Deux")
    before = state(Concept), state(CodeSystem)
    dry = load_concepts("TRE_R900", "01,Premier", "03,Trois", dry_run=True)
    assert (state(Concept), state(CodeSystem)) == before
    assert next(iter(dry.lines())) == "Essai à blanc : rien n’est enregistré."
    real = load_concepts("TRE_R900", "01,Premier", "03,Trois")
    assert dry.systems == real.systems


def test_a_partial_folder_leaves_the_rest_alone(load_concepts, write):
    load_concepts("TRE_R900", "01,Un")
    load(write({"members.csv": "value_set,system,code,label\nJDV_J900,TRE_R900,01,\n"}))
    report = load_concepts("TRE_R901", "A,Autre")
    assert list(report.systems) == ["TRE_R901"]
    assert not concept("01").retired
    assert ValueSetMembership.objects.count() == 1


def test_a_parent_may_come_later_in_the_file_or_from_another_system(load_concepts):
    load_concepts("TRE_R901", "N,Niveau")
    report = load_concepts("TRE_R900", "01,Un,,,,,,TRE_R900|02", "02,Deux,,,,,,TRE_R901|N")
    assert concept("01").parent == concept("02")
    assert concept("02").parent == concept("N", "TRE_R901")
    assert report.warnings == []


def test_an_unknown_parent_is_told_and_left_empty(load_concepts):
    report = load_concepts("TRE_R900", "01,Un,,,,,,TRE_R999|036")
    assert concept("01").parent is None
    assert report.warnings == ["TRE_R900|01 : parent inconnu « TRE_R999|036 », laissé vide."]
    assert list(report.lines())[-1].startswith("Attention : TRE_R900|01")


# --- Value sets -----------------------------------------------------------------------------------------------------


def test_leaving_a_value_set_retires_no_concept(load_concepts, write):
    load_concepts("TRE_R900", "01,Un", "02,Deux")
    head = "value_set,system,code,label\n"
    load(write({"members.csv": head + "JDV_J900,TRE_R900,01,\nJDV_J900,TRE_R900,02,Second\n"}))
    assert ValueSetMembership.objects.get(concept__code="02").label == "Second"

    report = load(write({"members.csv": head + "JDV_J900,TRE_R900,01,Premier\n"}))
    assert report.value_sets["JDV_J900"].removed == ["TRE_R900|02"]
    assert report.value_sets["JDV_J900"].reworded == ["TRE_R900|01"]
    assert not concept("02").retired
    assert concept("01").label == "Un"
    assert list(Concept.objects.in_value_set("JDV_J900")) == [concept("01")]


def test_a_retired_member_is_not_offered(load_concepts, write):
    load_concepts("TRE_R900", "01,Un", "02,Deux,,,,,1")
    load(write({"members.csv": "value_set,system,code,label\nJDV_J900,TRE_R900,01,\nJDV_J900,TRE_R900,02,\n"}))
    assert list(Concept.objects.in_value_set("JDV_J900")) == [concept("01")]
    assert set(Concept.objects.of("JDV_J900")) == {concept("01"), concept("02")}
    assert list(Concept.objects.in_value_set("TRE_R900")) == [concept("01")]


def test_a_code_in_no_list_refuses_the_value_set(load_concepts, write):
    load_concepts("TRE_R900", "01,Un")
    with pytest.raises(LoadingError, match=r"JDV_J900 : le code « TRE_R900\|77 » n’est dans aucune liste connue"):
        load(write({"members.csv": "value_set,system,code,label\nJDV_J900,TRE_R900,77,\n"}))
    assert not ValueSet.objects.exists()


def test_an_old_value_set_stands_for_its_system_when_it_is_the_only_one(write):
    old = write({"JDV_J900.json": jdv("JDV_J900", labelled(a="Un vieux", b="Deux", z="Disparu"))})
    new = write({
        "TRE_R900.json": tre(*({"code": code, "label": label} for code, label in zip("abc", NEW, strict=True))),
        "JDV_J900.json": jdv("JDV_J900", {"codes": ["a", "c"]}),
    })  # fmt: skip
    assert load(old).systems["TRE_R900"].added == ["a", "b", "z"]

    forward = load(new).systems["TRE_R900"]
    assert (forward.added, forward.relabelled, forward.retired) == (["c"], [("a", "Un vieux", "Un")], ["z"])
    assert not concept("b").retired  # left the value set, not the system

    back = load(old).systems["TRE_R900"]
    assert (back.relabelled, back.retired, back.reinstated) == ([("a", "Un", "Un vieux")], ["c"], ["z"])
    assert not load(old).has_changes


def test_a_concept_that_an_old_value_set_leaves_without_label_keeps_its_own_or_shows_its_code(write):
    old = write({"JDV_J900.json": jdv("JDV_J900", labelled(a="", b="Deux"))})
    report = load(old)
    assert concept("a").label == "a"
    assert report.warnings == ["TRE_R900|a : aucun libellé, montré par son code."]
    load(write({"TRE_R900.json": tre({"code": "a", "label": "Un"}, {"code": "b", "label": "Second"})}))
    again = load(old)
    assert concept("a").label == "Un"
    assert again.systems["TRE_R900"].relabelled == [("b", "Second", "Deux")]
    assert again.warnings == []


def test_a_value_set_among_several_only_words_its_members(write):
    load(write({
        "TRE_R900.json": tre({"code": "a", "label": "Un"}, {"code": "b", "label": "Deux"}),
        "JDV_J900.json": jdv("JDV_J900", {"codes": ["a", "b"]}),
        "JDV_J901.json": jdv("JDV_J901", {"codes": ["a"]}),
    }))  # fmt: skip
    report = load(write({"JDV_J901.json": jdv("JDV_J901", labelled(a="Un vieux", n="Nouveau"))}))
    assert report.systems["TRE_R900"].added == ["n"]
    assert report.systems["TRE_R900"].relabelled == report.systems["TRE_R900"].retired == []
    assert concept("a").label == "Un"
    assert ValueSetMembership.objects.get(value_set__code="JDV_J901", concept__code="a").label == "Un vieux"


def test_codes_deprecated_or_last_seen_elsewhere_arrive_retired(write):
    gone = {"code": "b", "label": "B", "last_seen": "JDV_J900 2022"}
    load(write({"TRE_R900.json": tre({"code": "a", "label": "A", "deprecated": True}, gone)}))
    assert concept("a").retired
    assert concept("b").retired


def test_the_same_value_set_twice_in_a_folder_is_refused(write):
    one = jdv("JDV_J900", labelled(a="A"))
    with pytest.raises(LoadingError, match="déjà dans le dossier"):
        load(write({"JDV_J900.json": one, "JDV_J900_2022.json": one}))


# --- Files that cannot be read --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["01,Un,,,,,,", "02,Deux"], "ligne 4 : 8 colonnes attendues, 2 lues"),
        (["01,Un,,,,,,", ",Deux,,,,,,"], "ligne 4 : colonne « code » vide"),
        (["01,Un,,,,,,", "02,,,,,,,"], "ligne 4 : colonne « label » vide"),
        (["01,Un,,,,,,", "01,Deux,,,,,,"], "ligne 4 : le code « 01 » est déjà"),
        (["01,Un,,,08/04/2015,,,"], "ligne 3 : « valid_from » : date AAAA-MM-JJ attendu"),
        (["01,Un,,,,,oui,"], "ligne 3 : « retired » vaut 1, 0 ou rien"),
        (['01,"Un,,,,,,'], "ligne 3"),
    ],
)
def test_a_bad_line_is_named_and_nothing_is_loaded(write, lines, message):
    good = f"{HEADER}\nA,Bon,,,,,,\n"
    bad = "\n".join(["# source : test", HEADER, *lines, ""])
    with pytest.raises(LoadingError, match=f"TRE_R901.csv, {message}"):
        load(write({"TRE_R900.csv": good, "TRE_R901.csv": bad}))
    assert not Concept.objects.exists()
    assert not CodeSystem.objects.exists()


def test_wrong_columns_wrong_encoding_and_empty_folders_are_refused(write, tmp_path):
    with pytest.raises(LoadingError, match=r"TRE_R900\.csv, ligne 1 : colonnes attendues « code,label"):
        load(write({"TRE_R900.csv": "code;label\n"}))
    folder = write({"TRE_R900.csv": ""})
    (folder / "TRE_R900.csv").write_bytes(f"{HEADER}\n01,Santé,,,,,,\n".encode("latin-1"))
    with pytest.raises(LoadingError, match="n’est pas en UTF-8"):
        load(folder)
    with pytest.raises(LoadingError, match="JSON illisible"):
        load(write({"TRE_R900.json": "{"}))
    with pytest.raises(LoadingError, match="contenu inattendu"):
        load(write({"TRE_R900.json": "{}"}))
    with pytest.raises(LoadingError, match="aucune liste à charger"):
        load(write({"LISEZMOI.txt": "rien"}))
    with pytest.raises(LoadingError, match="dossier introuvable"):
        load(tmp_path / "absent")


def test_a_later_table_that_fails_undoes_the_first_ones(load_concepts, write):
    files = {
        "TRE_R900.csv": f"{HEADER}\n01,Un,,,,,,\n",
        "synonymes.csv": "texte,system,code\nmot,TRE_R900,99\n",
    }
    with pytest.raises(LoadingError, match=r"TRE_R900\|99"):
        load(write(files))
    assert not Concept.objects.exists()


# --- Communes -------------------------------------------------------------------------------------------------------

TERRITORIES = {
    "regions.csv": "code,nom\n11,Île-de-France\n",
    "departements.csv": "code,nom,region,territoire_sante\n75,Paris,11,\n",
}
COMMUNES = "insee,nom,nom_ror,codes_postaux,departement,population,latitude,longitude,ville\n"


def test_a_commune_is_corrected_and_one_that_left_the_file_stays(write):
    load(
        write(
            {
                **TERRITORIES,
                "communes.csv": COMMUNES + "75001,A,A,75001|75002,75,10,48.5,2.5,\n75002,B,B,,75,,,,75001\n",
            }
        )
    )
    report = load(write({**TERRITORIES, "communes.csv": COMMUNES + "75001,A,A,75001,75,12,48.5,2.5,\n"}))
    assert (report.tables["Communes"].created, report.tables["Communes"].changed) == (0, 1)
    assert Commune.objects.get(pk="75001").codes_postaux == ["75001"]
    assert Commune.objects.get(pk="75002").ville_id == "75001"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("99001,A,A,,99,,,,", "communes : département inconnu"),
        ("75001,A,A,,75,,,,75999", "communes : commune inconnu"),
        ("75001,A,A,,75,dix,,,", "ligne 2 : « population » : nombre entier attendu, « dix » lu"),
        ("75001,A,A,,75,,48.5,,", "une valeur est refusée par la base"),
    ],
)
def test_a_commune_that_cannot_be_is_refused(write, line, message):
    with pytest.raises(LoadingError, match=message):
        load(write({**TERRITORIES, "communes.csv": COMMUNES + line + "\n"}))
    assert not Commune.objects.exists()


# --- Fiches and the command -----------------------------------------------------------------------------------------


def test_the_command_prints_a_report_and_refuses_in_words(write, capsys):
    folder = write({"TRE_R900.csv": f"{HEADER}\n01,Un,,,,,,\n"})
    call_command("load_nomenclature", folder, dry_run=True)
    assert "TRE_R900 : 1 ajouté(s), 0 renommé(s)" in capsys.readouterr().out
    assert not Concept.objects.exists()
    call_command("load_nomenclature", folder)
    assert concept("01").label == "Un"
    with pytest.raises(CommandError, match="dossier introuvable"):
        call_command("load_nomenclature", folder / "absent")


def test_a_change_says_how_many_fiches_carry_the_code_wherever_it_hangs(load_concepts):
    load_concepts("TRE_R66", "197,CSAPA", "190,CAMSP")
    load_concepts("TRE_R211", "001,Addictologie")
    for _ in range(2):
        eg = make_eg(categorie=concept("197", "TRE_R66"))
        make_activite(make_uo(eg=eg), "TRE_R211|001")
    make_eg(categorie=concept("190", "TRE_R66"))
    report = load_concepts("TRE_R66", "197,CSAPA nouveau", "190,CAMSP")
    assert report.fiches == {concept("197", "TRE_R66").pk: {"entité géographique": 2}}
    assert "Fiches touchées par TRE_R66|197 : entité géographique : 2" in list(report.lines())
    activite = load_concepts("TRE_R211", "001,Addictologie comportementale")
    assert activite.fiches == {concept("001", "TRE_R211").pk: {"unité opérationnelle": 2}}


def test_a_bare_code_counts_only_in_its_own_value_set(load_concepts, write):
    head = "value_set,system,code,label\n"
    load_concepts("TRE_R286", "DEF,Définitif", "PRO,Provisoire")
    load_concepts("TRE_R900", "DEF,Autre chose")
    load(write({"members.csv": f"{head}JDV_J201,TRE_R286,DEF,\nJDV_J201,TRE_R286,PRO,\n"}))
    make_eg(type_fermeture="DEF", date_fermeture=dt.date(2024, 1, 1))
    report = load_concepts("TRE_R286", "DEF,Définitive", "PRO,Provisoire")
    assert sum(report.fiches[concept("DEF", "TRE_R286").pk].values()) == 1
    assert load_concepts("TRE_R900", "DEF,Encore autre chose").fiches == {}


def test_the_command_refreshes_the_establishments_whose_text_changed(load_concepts, write, capsys, monkeypatch):
    load_concepts("TRE_R66", "197,CSAPA", "190,CAMSP")
    csapa, _ = make_eg(categorie=concept("197", "TRE_R66")), make_eg(categorie=concept("190", "TRE_R66"))
    calls = []
    monkeypatch.setattr("directory.publishing.run_projections", calls.append)
    folder = write({"TRE_R66.csv": f"{HEADER}\n197,CSAPA nouveau,,,,,,\n190,CAMSP,,,,,,\n"})
    call_command("load_nomenclature", folder, dry_run=True)
    assert calls == []
    call_command("load_nomenclature", folder)
    assert calls == [[csapa.pk]]
    assert "Texte de recherche rafraîchi pour 1 établissement(s)." in capsys.readouterr().out
