"""The two boxes: what comes first, what is marked, what a typed place or text means."""

import pytest
from django.urls import reverse

from nomenclature.models import Concept, Synonyme
from nomenclature.refreshed import Refreshed
from search import places, suggestions
from tests.builders import make_commune, make_concept, make_type_uo

pytestmark = pytest.mark.django_db

ACT = "Appartement de Coordination Thérapeutique (ACT)"
ACTES = {
    "1076": "Prise en charge en Appartements Thérapeutiques (AT)",
    "1077": "Prise en charge en Centres Thérapeutiques Résidentiels (CTR)",
    "1079": "Prise en charge en Centre d'Accueil d'Urgence et de Transition (CAUT)",
    "1080": "Prise en charge en Appartements de Coordination Thérapeutique (ACT)",
    "0600": "Coordination de parcours",
}


@pytest.fixture
def lists():
    make_type_uo("94-46", f"{ACT} Hébergement (accueil jour et nuit)")
    make_type_uo("94-59-hlm", f"{ACT} hors les murs (Equipe mobile)")
    make_type_uo("94-59-ucsd", f"{ACT} un chez soi d'abord (Equipe mobile)")
    make_type_uo("80", "Centre de Soins, d'Accompagnement et de Prévention en Addictologie (CSAPA)")
    for code, label in ACTES.items():
        make_concept(f"TRE_R210|{code}", label, value_set="JDV_J16")
    make_concept("TRE_R211|448", "Coordination de parcours complexes", value_set="JDV_J17")


def labels(groups):
    return {group.title: [option.label for option in group.options] for group in groups}


def marked(option):
    return "".join(f"[{text}]" if is_match else text for text, is_match in option.segments)


# --- Quoi ---------------------------------------------------------------------------------------------------------


def test_the_search_of_the_training_comes_in_its_order(lists):
    found = labels(suggestions.suggest_quoi("appartement de coo"))
    assert list(found) == ["Types d’UO", "Actes spécifiques"]
    assert found["Types d’UO"] == [
        f"{ACT} Hébergement (accueil jour et nuit)",
        f"{ACT} hors les murs (Equipe mobile)",
        f"{ACT} un chez soi d'abord (Equipe mobile)",
    ]
    assert found["Actes spécifiques"][:2] == [ACTES["1080"], ACTES["1076"]]
    assert set(found["Actes spécifiques"][2:]) == {ACTES["1077"], ACTES["1079"]}  # neighbours, after the matches


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("appartement de coo", "Prise en charge en [Appartements de Coo]rdination Thérapeutique (ACT)"),
        ("coord therap", "Prise en charge en Appartements de [Coord]ination [Thérap]eutique (ACT)"),
    ],
)
def test_what_was_typed_is_marked_accents_kept(lists, typed, expected):
    [actes] = [group for group in suggestions.suggest_quoi(typed) if group.title == "Actes spécifiques"]
    assert marked(actes.options[0]) == expected


@pytest.mark.parametrize("typed", ["csapa", "CSAPA", "Addicto", "soins d’acc", "prévention, addictologie"])
def test_case_accents_and_signs_do_not_matter(lists, typed):
    assert suggestions.suggest_quoi(typed)[0].options[0].value == "ror-type-uo|80"


def test_a_synonym_leads_to_its_concept_and_says_so(lists):
    concept = Concept.objects.get(code="80")
    Synonyme.objects.create(texte="Centre méthadone", concept=concept)
    [group] = suggestions.suggest_quoi("methad")
    assert group.options[0].value == "ror-type-uo|80"
    assert group.options[0].segments[-1] == ("Centre méthadone", True)


def test_a_retired_concept_is_not_proposed(lists):
    Concept.objects.filter(code="80").update(retired=True)
    assert suggestions.suggest_quoi("csapa") == []


def test_each_scope_proposes_its_own_dimension(lists):
    assert list(labels(suggestions.suggest_quoi("coordination", "actes"))) == ["Actes spécifiques"]
    assert list(labels(suggestions.suggest_quoi("coordination", "types_uo"))) == ["Types d’UO"]
    assert "Activités opérationnelles" in labels(suggestions.suggest_quoi("coordination", "tout"))
    assert suggestions.suggest_quoi("coordination", "noms") == []


def test_at_most_eight_a_group():
    for number in range(12):
        make_type_uo(f"T{number}", f"Service numéro {number}")
    assert len(suggestions.suggest_quoi("service")[0].options) == 8


def test_stop_words_alone_are_looked_for_and_empty_text_is_not(lists):
    assert suggestions.suggest_quoi("de") != []
    assert suggestions.suggest_quoi(" ’-") == []


def test_typed_text_means_the_concepts_with_every_word(lists):
    ids = suggestions.concept_ids_matching("coordination thérap", "types_uo")
    assert sorted(Concept.objects.filter(pk__in=ids).values_list("code", flat=True)) == [
        "94-46",
        "94-59-hlm",
        "94-59-ucsd",
    ]
    assert suggestions.concept_ids_matching("coordination csapa", "tout") == []
    assert suggestions.concept_ids_matching("coordination", "noms") == []


def test_a_change_of_list_is_seen_at_the_next_look(lists):
    assert suggestions.suggest_quoi("nouveau") == []
    make_type_uo("N", "Nouveau service")
    assert suggestions.suggest_quoi("nouveau") == []  # looked at less than CHECK_EVERY seconds ago
    suggestions._index._asked_at = float("-inf")
    assert suggestions.suggest_quoi("nouveau") != []
    Concept.objects.filter(code="N").update(label="Ancien service")  # even behind the back of the models
    suggestions._index._asked_at = float("-inf")
    assert suggestions.suggest_quoi("nouveau") == []


def test_an_unchanged_stamp_rebuilds_nothing():
    built = []
    value = Refreshed(lambda: built.append(1) or len(built), lambda: "same", every=0)
    assert [value.get(), value.get(), value.get()] == [1, 1, 1]


# --- Où -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def communes():
    paris = make_commune(
        "75056", "Paris", population=2_100_000, latitude=48.85, longitude=2.34, codes_postaux=["75001", "75010"]
    )
    here = {"latitude": 48.9, "longitude": 2.3}
    make_commune(population=84_000, ville=paris)
    make_commune("75101", "Paris 1er Arrondissement", "Paris 1", ville=paris, codes_postaux=["75001"], **here)
    make_commune("93066", "Saint-Denis", population=150_000, codes_postaux=["93200"], **here)
    make_commune("77406", "Saint-Denis-lès-Rebais", population=900, codes_postaux=["77510"], **here)
    make_commune("91228", "Évry-Courcouronnes", population=66_000, codes_postaux=["91000"], **here)
    make_commune("77175", "Évry", population=300, codes_postaux=["77166"], **here)
    make_commune("77200", "Grégy", population=800, codes_postaux=["77166"], **here)
    make_commune(
        "94043", "Le Kremlin-Bicêtre", "Kremlin-Bicêtre (Le)", population=25_000, codes_postaux=["94270"], **here
    )


def proposed(text):
    return [option.label for group in places.suggest_ou(text) for option in group.options]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("75010", ["Paris 10 (75010)", "Paris (75010)"]),
        ("paris 10", ["Paris 10 (75010)"]),
        ("PARIS 10ème", ["Paris 10 (75010)"]),
        ("75110", ["Paris 10 (75010)"]),
        ("paris", ["Paris (75)", "Paris 1 (75001)", "Paris 10 (75010)"]),
        ("par", ["Paris (75)"]),
        ("st denis", ["Saint-Denis (93200)", "Saint-Denis-lès-Rebais (77510)"]),
        ("saint-d", ["Saint-Denis (93200)", "Saint-Denis-lès-Rebais (77510)"]),
        ("kremlin", ["Kremlin-Bicêtre (Le) (94270)"]),
        ("le kremlin bicetre", ["Kremlin-Bicêtre (Le) (94270)"]),
        ("bicetre", ["Kremlin-Bicêtre (Le) (94270)"]),
        ("932", ["Saint-Denis (93200)"]),
        ("evry", ["Évry-Courcouronnes (91000)", "Évry (77166)"]),
    ],
)
def test_communes_by_name_postal_code_or_insee_code(communes, typed, first):
    assert proposed(typed) == first


@pytest.mark.parametrize(
    ("typed", "insee"),
    [
        ("75010", "75110"),
        ("Paris 10 (75010)", "75110"),
        ("Paris (75)", "75056"),
        ("st denis", "93066"),
        ("kremlin", "94043"),
        ("93 200", "93066"),
    ],
)
def test_a_text_that_can_mean_one_place_only_is_that_place(communes, typed, insee):
    place, candidates = places.resolve(typed)
    assert (place.insee, candidates) == (insee, [])


@pytest.mark.parametrize("typed", ["77166", "evry", "saint"])
def test_a_text_that_can_mean_several_places_gives_them(communes, typed):
    place, candidates = places.resolve(typed)
    assert place is None
    assert len(candidates) == 2


def test_an_unknown_place_has_no_candidate(communes):
    assert places.resolve("zzz") == (None, [])


# --- JSON ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["search:suggestions_ou", "search:suggestions_quoi"])
def test_suggestions_need_a_login(client, name):
    assert client.get(reverse(name), {"q": "paris"}).status_code == 302


def test_places_as_json(reader, communes):
    response = reader.get(reverse("search:suggestions_ou"), {"q": "75010"})
    [group] = response.json()["groups"]
    assert (group["title"], group["kind"]) == ("Communes", "ou")
    assert group["options"][0] == {
        "value": "75110",
        "label": "Paris 10 (75010)",
        "segments": [["Paris 10 (", False], ["75010", True], [")", False]],
    }
    assert response["Cache-Control"] == "private, max-age=60"


def test_the_first_group_proposes_the_typed_text_in_each_scope(reader, lists):
    groups = reader.get(reverse("search:suggestions_quoi"), {"q": "csapa"}).json()["groups"]
    assert [group["kind"] for group in groups] == ["dans", "code"]
    assert groups[0]["title"] == "Rechercher «\u00a0csapa\u00a0»"
    assert [option["value"] for option in groups[0]["options"]] == ["tout", "types_uo", "actes", "noms"]


@pytest.mark.parametrize("query", [{}, {"q": ""}, {"q": "   "}, {"q": "\x00"}, {"dans": "inconnu"}])
def test_nothing_typed_gives_nothing(reader, lists, query):
    assert reader.get(reverse("search:suggestions_ou"), query).json() == {"groups": []}
    assert reader.get(reverse("search:suggestions_quoi"), query).json() == {"groups": []}


def test_a_very_long_text_is_cut(reader, lists):
    groups = reader.get(reverse("search:suggestions_quoi"), {"q": "x" * 5000}).json()["groups"]
    assert len(groups[0]["title"]) < 130
