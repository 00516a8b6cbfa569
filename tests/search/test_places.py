"""The « Où ? » box over the real communes: what comes first for what people type, and what it costs."""

import time

import pytest

from search import places
from tests.builders import make_commune, make_eg
from tests.search.communes import use_real_communes

# What is typed → the first place proposed. A hundred traps met by people who orient others.
FIRST = {
    # whole names: without accents, hyphens, apostrophes or article, in any case, « st » for « saint »
    "paris": "Paris (75)",
    "evry": "Évry-Courcouronnes (91000)",
    "Évry-Courcouronnes": "Évry-Courcouronnes (91000)",
    "courcouronnes": "Évry-Courcouronnes (91000)",
    "st denis": "Saint-Denis (93200)",
    "SAINT DENIS": "Saint-Denis (93200)",
    "saintdenis": "Saint-Denis (93200)",
    "kremlin bicetre": "Kremlin-Bicêtre (Le) (94270)",
    "le kremlin-bicêtre": "Kremlin-Bicêtre (Le) (94270)",
    "bicetre": "Kremlin-Bicêtre (Le) (94270)",
    "le havre": "Havre (Le) (76600)",
    "havre": "Havre (Le) (76600)",
    "L'Haÿ": "Haÿ-les-Roses (L') (94240)",
    "lhay les roses": "Haÿ-les-Roses (L') (94240)",
    "hay les roses": "Haÿ-les-Roses (L') (94240)",
    "l’île-saint-denis": "Île-Saint-Denis (L') (93450)",
    "lisle adam": "Isle-Adam (L') (95290)",
    "pre saint gervais": "Pré-Saint-Gervais (Le) (93310)",
    "le pre st gervais": "Pré-Saint-Gervais (Le) (93310)",
    "les lilas": "Lilas (Les) (93260)",
    "lilas": "Lilas (Les) (93260)",
    "ste genevieve des bois": "Sainte-Geneviève-des-Bois (91700)",
    "vitry s/seine": "Vitry-sur-Seine (94400)",
    "fontenay ss bois": "Fontenay-sous-Bois (94120)",
    "bourg en bresse": "Bourg-en-Bresse (01000)",
    "saint étienne": "Saint-Étienne (42000)",
    "ajaccio": "Ajaccio (20000)",
    # beginnings and middles
    "par": "Paris (75)",
    "vill": "Villejuif (94800)",
    "saint-m": "Saint-Maur-des-Fossés (94100)",
    "aulnay": "Aulnay-sous-Bois (93600)",
    "boulogne": "Boulogne-Billancourt (92100)",
    "clichy sous": "Clichy-sous-Bois (93390)",
    "issy moulineaux": "Issy-les-Moulineaux (92130)",
    "e": "Évry-Courcouronnes (91000)",
    "aix": "Aix-en-Provence (13080)",
    # postal codes, whole or begun, in two pieces, CEDEX; INSEE codes
    "75010": "Paris 10 (75010)",
    "75116": "Paris 16 (75116)",
    "75 010": "Paris 10 (75010)",
    "932": "Saint-Denis (93200)",
    "9427": "Kremlin-Bicêtre (Le) (94270)",
    "97400": "Saint-Denis (97400)",
    "75": "Paris (75)",
    "69003": "Lyon 3 (69003)",
    "13013": "Marseille 13 (13013)",
    "92205": "Neuilly-sur-Seine (92200)",
    "94804": "Villejuif (94800)",
    "75110": "Paris 10 (75010)",
    "93066": "Saint-Denis (93200)",
    "2A004": "Ajaccio (20000)",
    "2a": "Ajaccio (20000)",
    # arrondissements, both ways
    "paris 10": "Paris 10 (75010)",
    "paris 10e": "Paris 10 (75010)",
    "PARIS 10ème": "Paris 10 (75010)",
    "paris 10 eme arrondissement": "Paris 10 (75010)",
    "10 paris": "Paris 10 (75010)",
    "10e arrondissement de paris": "Paris 10 (75010)",
    "10e arrondissement": "Paris 10 (75010)",
    "paris 1": "Paris 1 (75001)",
    "paris 1er": "Paris 1 (75001)",
    "paris 05": "Paris 5 (75005)",
    "paris xvi": "Paris 16 (75016)",
    "xvie paris": "Paris 16 (75016)",
    "paris 75010": "Paris 10 (75010)",
    "75010 paris": "Paris 10 (75010)",
    "paris cedex 12": "Paris 12 (75012)",
    "lyon 3": "Lyon 3 (69003)",
    "lyon 3eme": "Lyon 3 (69003)",
    "marseille 13e": "Marseille 13 (13013)",
    "lyon": "Lyon (69)",
    # a name and where it is
    "93 saint denis": "Saint-Denis (93200)",
    "saint denis 93": "Saint-Denis (93200)",
    "saint denis 974": "Saint-Denis (97400)",
    "saint denis la reunion": "Saint-Denis (97400)",
    "sainte marie reunion": "Sainte-Marie (97438)",
    "sainte marie de la réunion": "Sainte-Marie (97438)",
    "evry 91": "Évry-Courcouronnes (91000)",
    "evry 89": "Évry (89140)",
    "boulogne 62": "Boulogne-sur-Mer (62200)",
    "argenteuil val d'oise": "Argenteuil (95100)",
    "93200 saint denis": "Saint-Denis (93200)",
    "neuilly cedex": "Neuilly-sur-Seine (92200)",
    "Saint-Denis (97400)": "Saint-Denis (97400)",
    "Paris 16 (75116)": "Paris 16 (75016)",
    # a département: its towns
    "seine saint denis": "Saint-Denis (93200)",
    "essonne": "Évry-Courcouronnes (91000)",
    "la reunion": "Saint-Denis (97400)",
}
# Misspelt, or said otherwise: the first of « Communes au nom proche ».
NEAR = {
    "vilejuif": "Villejuif (94800)",
    "villjeuif": "Villejuif (94800)",
    "vilejui": "Villejuif (94800)",
    "creuteil": "Créteil (94000)",
    "nantere": "Nanterre (92000)",
    "argentueil": "Argenteuil (95100)",
    "evri": "Évry-Courcouronnes (91000)",
    "kremlin bicettre": "Kremlin-Bicêtre (Le) (94270)",
    "sait denis": "Saint-Denis (93200)",
    "saint jermain en laye": "Saint-Germain-en-Laye (78100)",
    "saint maur des fosés": "Saint-Maur-des-Fossés (94100)",
    "marseile": "Marseille (13)",
    "toulouze": "Toulouse (31000)",
    "cergy pontoise": "Cergy (95000)",
    "montreuil sous bois": "Montreuil (93100)",
}


@pytest.fixture
def communes(monkeypatch):
    return use_real_communes(monkeypatch)


def proposed(text: str) -> dict[str, list[str]]:
    return {group.title: [option.label for option in group.options] for group in places.suggest_ou(text)}


@pytest.mark.parametrize(("typed", "first"), FIRST.items())
def test_the_first_place_proposed(communes, typed, first):
    [title, *_] = found = proposed(typed)
    assert (title, found[title][0]) == (places.EXACT, first)


@pytest.mark.parametrize(("typed", "first"), NEAR.items())
def test_a_misspelt_town_comes_in_a_group_that_says_so(communes, typed, first):
    assert proposed(typed)[places.NEAR][0] == first


@pytest.mark.parametrize(("typed", "first"), NEAR.items())
def test_a_misspelt_town_is_never_taken_silently(communes, typed, first):
    place, candidates = places.resolve(typed)
    assert place is None
    assert not candidates or first in [one.label for one in (*candidates, *places.near(typed))]


@pytest.mark.parametrize("typed", ["paris", "vitry", "creteil", "75010", "villejuif", "toulouse", "saint denis"])
def test_nothing_is_approximate_when_the_name_is_right(communes, typed):
    assert places.NEAR not in proposed(typed)


def test_what_begins_so_stands_above_what_is_close(communes):
    assert list(proposed("evri")) == [places.EXACT, places.NEAR]  # Évriguet exists


@pytest.mark.parametrize(("typed", "n"), [("paris", 21), ("lyon", 10), ("marseille", 17)])
def test_a_city_is_followed_by_all_its_arrondissements(communes, typed, n):
    labels = proposed(typed)[places.EXACT]
    assert len(labels) == n
    assert all(label.lower().startswith(typed) for label in labels)


@pytest.mark.parametrize(
    "typed", ["zzzzzz", "12 rue de la Paix", "?", "1234567", "x" * 100, "a b c d e f g h i j k l"]
)
def test_what_is_no_place_proposes_nothing(communes, typed):
    assert proposed(typed) == {}


@pytest.mark.parametrize(
    ("typed", "insee"),
    [
        ("69003", "69383"),  # the postal code, not the INSEE code of Albigny
        ("93 saint denis", "93066"),
        ("sainte marie reunion", "97418"),
        ("75010 paris", "75110"),
        ("92205", "92051"),
        ("Paris 16 (75116)", "75116"),
    ],
)
def test_a_place_named_without_a_doubt(communes, typed, insee):
    place, candidates = places.resolve(typed)
    assert (place and place.insee, candidates) == (insee, [])


@pytest.mark.parametrize("typed", ["la reunion", "evry", "neuilly", "seine saint denis", "77166"])
def test_a_text_that_may_mean_several_places(communes, typed):
    place, candidates = places.resolve(typed)
    assert place is None
    assert len(candidates) > 1


def test_a_cedex_says_what_it_is(communes):
    [group] = places.suggest_ou("92205")
    assert "".join(text for text, _ in group.options[0].segments) == "Neuilly-sur-Seine (92200) · CEDEX 92205"


def test_a_keystroke_costs_little(communes):
    """Half a millisecond of CPU for half of them, three for nearly all (issue 4, 3.1), misspellings included."""
    typed = [text[:end] for text in (*FIRST, *NEAR) for end in range(1, len(text) + 1)]
    spent = []
    for text in typed:
        best = float("inf")
        for _ in range(2):
            start = time.thread_time()
            places.suggest_ou(text)
            best = min(best, time.thread_time() - start)
        spent.append(best * 1000)
    spent.sort()
    assert spent[len(spent) // 2] < 0.5
    assert spent[int(len(spent) * 0.95)] < 3


# --- CEDEX codes learned from addresses -----------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_cedex_is_learned_from_the_main_entrances():
    neuilly = make_commune("92051", "Neuilly-sur-Seine", codes_postaux=["92200"], latitude=48.88, longitude=2.26)
    make_commune("92062", "Puteaux", codes_postaux=["92800"], latitude=48.88, longitude=2.24)
    for number in range(2):
        make_eg(
            denomination=f"Clinique {number}",
            commune=neuilly,
            lieu={"code_postal": "92205", "localite": "Neuilly-sur-Seine Cedex"},
        )
    assert places.resolve("92205")[0].insee == "92051"
    assert places.resolve("92206") == (None, [])


@pytest.mark.django_db
def test_another_place_of_an_establishment_teaches_nothing():
    commune = make_commune("92051", "Neuilly-sur-Seine", codes_postaux=["92200"], latitude=48.88, longitude=2.26)
    eg = make_eg(commune=commune)
    eg.lieux.create(code_postal="92299", localite="Neuilly Cedex", commune=commune, est_principal=False)
    assert places.resolve("92299") == (None, [])
