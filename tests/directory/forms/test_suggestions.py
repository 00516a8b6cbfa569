"""What a field of chips proposes: found as one types, allowed and proposed by the modèle, used by the same type."""

import pytest
from django.core.cache import caches
from django.urls import reverse

from directory import usage
from directory.models import Kind
from nomenclature.models import GroupeActes, Synonyme
from tests.builders import make_activite, make_concept, make_eg, make_modele, make_type_uo, make_uo, make_user

pytestmark = pytest.mark.django_db
ACTES = {
    "0988": "Téléconsultation",
    "1474": "Télésoin",
    "0814": "Soutien et écoute à distance (par téléphone)",
    "0932": "Test Rapide d’Orientation Diagnostique (TROD)",
    "0815": "Acceptation d'animaux",
}


@pytest.fixture(autouse=True)
def _no_usage(settings):
    caches[usage.CACHE].clear()
    yield
    caches[usage.CACHE].clear()


@pytest.fixture
def actes():
    return {code: make_concept(f"TRE_R210|{code}", label, value_set="JDV_J16") for code, label in ACTES.items()}


@pytest.fixture
def ask(client):
    client.force_login(make_user())

    def get(q: str = "", **asked) -> list[tuple[str, list[str]]]:
        query = {"liste": "JDV_J16", "fiche": "uo", "champ": "actes_specifiques", "q": q} | asked
        answer = client.get(reverse("directory:suggestions"), query)
        assert answer.status_code == 200
        return [
            (group["title"], [option["value"].rpartition("|")[2] for option in group["options"]])
            for group in answer.json()["groups"]
        ]

    return get


def test_an_anonymous_visitor_gets_nothing(client):
    assert client.get(reverse("directory:suggestions")).status_code == 302


def test_words_begin_what_they_find_and_are_marked(actes, ask, client):
    assert ask("tele") == [("", ["0988", "1474", "0814"])]
    answer = client.get(reverse("directory:suggestions"), {"liste": "JDV_J16", "q": "tele"}).json()
    assert answer["groups"][0]["options"][0]["segments"] == [["Télé", True], ["consultation", False]]
    assert ask("soutien tele") == [("", ["0814"])]
    assert ask("zzz") == []


def test_sigles_and_synonyms_find_too(actes, ask):
    Synonyme.objects.create(texte="dépistage VIH", concept=actes["0932"])
    actes["0815"].alt_labels = ["NAC"]
    actes["0815"].save()
    assert ask("VIH") == [("", ["0932"])]
    assert ask("nac") == [("", ["0815"])]


def test_actes_stand_under_their_group_and_the_others_last(actes, ask):
    GroupeActes.objects.create(libelle="Exercice spécifique").actes.set([actes["1474"]])
    assert ask("tele") == [("Exercice spécifique", ["1474"]), ("Autres", ["0988", "0814"])]


def test_activites_stand_under_their_parent_which_is_their_family(ask, client):
    parent = make_concept("TRE_R265|031", "Accompagnements en addictologie")
    make_concept("TRE_R211|404", "Addictologie avec substance", value_set="JDV_J17", parent=parent)
    assert ask("addicto", liste="JDV_J17") == [("Accompagnements en addictologie", ["404"])]
    answer = client.get(reverse("directory:suggestions"), {"liste": "JDV_J17", "q": "addicto"}).json()
    assert answer["groups"][0]["options"][0]["sets"] == {"famille": "TRE_R265|031"}


def test_without_text_come_the_proposed_then_the_rest(actes, ask):
    make_modele("uo", general=True, actes_specifiques={"proposes": [actes["1474"]]})
    assert ask() == [("Proposés par le modèle de saisie", ["1474"]), ("", ["0815", "0814", "0988", "0932"])]


def test_only_the_codes_the_modele_allows(actes, ask):
    make_modele("uo", codes=["ror-type-uo|80"], actes_specifiques={"permis": [actes["1474"], actes["0815"]]})
    assert ask("tele", type_uo="ror-type-uo|80") == [("", ["1474"])]
    assert ask(type_uo="ror-type-uo|80") == [("", ["0815", "1474"])]
    assert ask("tele", type_uo="ror-type-uo|81") == [("", ["0988", "1474", "0814"])]


def test_a_type_says_what_it_decides_and_those_of_the_category_come_first(ask, client):
    ms = make_concept("TRE_R227|04")
    csapa = make_type_uo("80", "CSAPA", champ_activite=ms)
    csapa.categories.add(make_concept("TRE_R66|197"))
    make_type_uo("10", "CMP")
    make_modele("uo", general=True, type_uo={})
    found = ask(liste="ror-type-uo", champ="type_uo", categorie="TRE_R66|197")
    assert found == [("Pour cette catégorie d’établissement", ["80"]), ("", ["10"])]
    answer = client.get(reverse("directory:suggestions"), {"liste": "ror-type-uo", "q": "csapa"}).json()
    assert answer["groups"][0]["options"][0]["sets"] == {"champ_activite": "TRE_R227|04", "mode_prise_en_charge": ""}


@pytest.mark.parametrize(
    "asked", [{"liste": ""}, {"liste": "JDV_J999"}, {"fiche": "x"}, {"champ": "x"}, {"q": "x" * 5000}]
)
def test_a_strange_question_gets_an_answer(actes, ask, asked):
    ask(**asked)


def test_a_keystroke_costs_no_query_on_the_lists(actes, ask, django_assert_num_queries):
    ask("tele")
    with django_assert_num_queries(2):  # session and account
        ask("telec")


# --- What the same type uses ---


def use(acte, times: int, **attrs) -> None:
    eg = make_eg()
    for _ in range(times):
        make_uo(eg=eg, type_uo="80", concepts={"actes_specifiques": [acte]}, **attrs)


def test_what_the_type_uses_most_is_proposed(actes, ask):
    make_modele("uo", general=True, actes_specifiques={})
    use(actes["0932"], 3)
    use(actes["1474"], 4)
    use(actes["0988"], 2)  # the habit of nobody
    found = dict(ask(type_uo="ror-type-uo|80"))
    assert found["Les plus utilisés"] == ["1474", "0932"]
    assert "Les plus utilisés" not in dict(ask(type_uo="ror-type-uo|81"))


def test_sensitive_units_are_never_counted(actes):
    use(actes["0932"], 5, unite_sensible=True)
    assert usage.most_used(Kind.UO, "actes_specifiques", "ror-type-uo|80") == ()


def test_units_never_published_are_not_counted(actes):
    use(actes["0932"], 5, publish=False)
    assert usage.most_used(Kind.UO, "actes_specifiques", "ror-type-uo|80") == ()


def test_activites_and_categories_are_counted_too():
    eg = make_eg(publish=True)
    for _ in range(3):
        make_activite(make_uo(eg=eg, type_uo="80"), "TRE_R211|404")
        make_eg(territoires_sante=[make_concept("TRE_R88|91")])
    assert usage.most_used(Kind.UO, "activites", "ror-type-uo|80") == ("TRE_R211|404",)
    assert usage.most_used(Kind.EG, "territoires_sante", "TRE_R66|197") == ("TRE_R88|91",)


def test_counted_once_a_day(actes, django_assert_num_queries):
    use(actes["0932"], 3)
    found = usage.most_used(Kind.UO, "actes_specifiques", "ror-type-uo|80")
    with django_assert_num_queries(0):
        assert usage.most_used(Kind.UO, "actes_specifiques", "ror-type-uo|80") == found == ("TRE_R210|0932",)
