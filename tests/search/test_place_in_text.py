"""Words of a town inside « Quoi ? »: what is understood, what stays a name, and what the page says of it."""

import re
import time

import pytest
from django.urls import reverse

from nomenclature import refreshed
from nomenclature.models import Concept, Synonyme
from search import places
from search.place_in_text import split
from tests.builders import make_commune, make_concept, make_eg, make_type_uo, make_uo, project
from tests.search.communes import use_real_communes
from tests.search.screens import text_of

pytestmark = pytest.mark.django_db

UNDERSTOOD = {  # typed → (what is left, where)
    "csapa evry": ("csapa", "Évry-Courcouronnes (91000)"),
    "CSAPA à Évry": ("CSAPA", "Évry-Courcouronnes (91000)"),
    "evry csapa": ("csapa", "Évry-Courcouronnes (91000)"),
    "csapa evry 91": ("csapa", "Évry-Courcouronnes (91000)"),
    "csapa, Évry-Courcouronnes": ("csapa", "Évry-Courcouronnes (91000)"),
    "cmpp kremlin bicetre": ("cmpp", "Kremlin-Bicêtre (Le) (94270)"),
    "cmpp Le Kremlin-Bicêtre": ("cmpp", "Kremlin-Bicêtre (Le) (94270)"),
    "CMPP Kremlin-Bicêtre (Le)": ("CMPP", "Kremlin-Bicêtre (Le) (94270)"),
    "camsp 91": ("camsp", "Essonne (91)"),
    "csapa du 93": ("csapa", "Seine-Saint-Denis (93)"),
    "csapa seine saint denis": ("csapa", "Seine-Saint-Denis (93)"),
    "camsp essonne": ("camsp", "Essonne (91)"),
    "csapa la reunion": ("csapa", "La Réunion (974)"),
    "csapa lyon 3": ("csapa", "Lyon 3 (69003)"),
    "csapa lyon 3eme": ("csapa", "Lyon 3 (69003)"),
    "csapa paris 13e arrondissement": ("csapa", "Paris 13 (75013)"),
    "csapa paris": ("csapa", "Paris (75)"),
    "paris 75013 csapa": ("csapa", "Paris 13 (75013)"),
    "csapa 75010": ("csapa", "Paris 10 (75010)"),
    "csapa 92205": ("csapa", "Neuilly-sur-Seine (92200)"),
    "hopital saint denis": ("hopital", "Saint-Denis (93200)"),
    "csapa saint-denis (93)": ("csapa", "Saint-Denis (93200)"),
    "csapa st denis 974": ("csapa", "Saint-Denis (97400)"),
    "camsp sainte marie reunion": ("camsp", "Sainte-Marie (97438)"),
    "csapa saint etienne": ("csapa", "Saint-Étienne (42000)"),
    "csapa, marseille": ("csapa", "Marseille (13)"),
    "csapa aulnay": ("csapa", "Aulnay-sous-Bois (93600)"),
    "csapa vitry": ("csapa", "Vitry-sur-Seine (94400)"),
    "maison de santé de la Courneuve": ("maison de santé", "Courneuve (La) (93120)"),
    "équipe mobile Montreuil": ("équipe mobile", "Montreuil (93100)"),
    "C.M.P.P. Créteil": ("C.M.P.P", "Créteil (94000)"),
    "dammarie les lys camsp": ("camsp", "Dammarie-les-Lys (77190)"),
    "centre d'accueil l'hay les roses": ("centre d'accueil", "Haÿ-les-Roses (L') (94240)"),
    # misspelt, and in no name nor label
    "csapa evri": ("csapa", "Évry-Courcouronnes (91000)"),
    "cmpp kremlin bicettre": ("cmpp", "Kremlin-Bicêtre (Le) (94270)"),
    "csapa vilejuif": ("csapa", "Villejuif (94800)"),
}
NOT_UNDERSTOOD = [
    "csapa",
    "evry",  # nothing would be left to look for
    "le kremlin bicetre",
    "75010",
    "93",
    "csapa villeneuve",  # forty of them
    "csapa neuilly",  # sur-Seine, sur-Marne, Plaisance
    "clinique saint martin",
    "foyer bois",  # the beginning of many names
    "camsp lys",
    "résidence du mont",
    "hopital nord",  # a point of the compass before a département
    "trouble des sens",  # a word of a label
    "lits halte soins santé",  # a label
    "ehpad les lilas",  # a name that homes have in the whole country
    "foyer orange",
    "centre monceau",
    "unité 3",
    "12345",
    "de la",
    "?? !!",
]


@pytest.fixture(autouse=True)
def communes(monkeypatch):
    return use_real_communes(monkeypatch)


@pytest.fixture
def names():
    """Homes called « Les Lilas » and « Orange » far from both towns; a label that holds a town's name."""
    for insee in ("59350", "33063", "13055"):
        commune = make_commune(insee, f"Ville {insee}", codes_postaux=[f"{insee[:2]}000"], latitude=45, longitude=2)
        project(make_eg(denomination="EHPAD Les Lilas", commune=commune))
        project(make_eg(denomination="Foyer Orange", commune=commune))
    make_concept("TRE_R210|0001", "Troubles des sens", value_set="JDV_J16")
    make_type_uo("LHSS", "Lits halte soins santé (LHSS)")


def understood(text):
    rest, place = split(text)
    return rest, place and place.label


def test_a_town_in_the_text_is_understood(names):
    assert {text: understood(text) for text in UNDERSTOOD} == UNDERSTOOD


def test_what_may_be_a_name_stays_one(names):
    assert {text: understood(text) for text in NOT_UNDERSTOOD} == {text: (text, None) for text in NOT_UNDERSTOOD}


def test_a_town_whose_establishments_bear_its_name_stays_a_town():
    commune = make_commune("91228", "Évry-Courcouronnes", codes_postaux=["91000"], latitude=48.6, longitude=2.4)
    for number in range(2):
        project(make_eg(denomination=f"Clinique d’Évry {number}", commune=commune))
    elsewhere = make_commune("59350", "Lille", codes_postaux=["59000"], latitude=50.6, longitude=3)
    project(make_eg(denomination="Foyer d’Évry", commune=elsewhere))
    assert split("csapa evry")[1].insee == "91228"


def test_a_misspelt_word_that_a_name_holds_is_that_name():
    project(make_eg(denomination="Maison Evri"))
    refreshed.reset_all()
    assert split("csapa evri") == ("csapa evri", None)


def test_a_departement_is_the_middle_of_its_inhabitants():
    place = split("camsp 91")[1]
    assert place.insee == ""
    assert 48.5 < place.latitude < 48.75
    assert 2.2 < place.longitude < 2.5


def test_a_synonym_with_a_town_in_it_is_a_synonym():
    make_type_uo("ACC", "Accueil de jour")
    Synonyme.objects.create(texte="accueil paris", concept=Concept.objects.get(code="ACC"))
    assert split("accueil paris") == ("accueil paris", None)


def test_it_costs_little():
    for text in UNDERSTOOD:
        split(text)
    spent = []
    for text in [*UNDERSTOOD, *NOT_UNDERSTOOD]:
        start = time.thread_time()
        split(text)
        spent.append((time.thread_time() - start) * 1000)
    spent.sort()
    assert spent[len(spent) // 2] < 1
    assert spent[int(len(spent) * 0.95)] < 6


# --- The page -------------------------------------------------------------------------------------------------------


@pytest.fixture
def csapa():
    """One in Évry, one in Paris 10 that is much nearer to nobody in Évry."""
    make_concept("ror-type-offre|etablissement", "Établissement")
    make_type_uo("CSAPA", "Centre de soins (CSAPA)")
    evry = make_commune("91228", "Évry-Courcouronnes", codes_postaux=["91000"], latitude=48.62684, longitude=2.43013)
    for name, commune in (("Centre du Parc", evry), ("Centre Dix", make_commune())):
        eg = make_eg(denomination=name, commune=commune)
        make_uo(eg=eg, type_uo="CSAPA", nom=name)
        project(eg)


URL = "/recherche/"


def test_the_nearest_come_first_and_the_page_says_what_it_understood(reader, csapa):
    response = reader.get(URL, {"q": "csapa evry"})
    assert response.status_code == 200
    text = text_of(response)
    assert "Lieu compris : Évry-Courcouronnes (91000)" in text
    assert "autour de Évry-Courcouronnes" in text
    assert text.index("Centre du Parc") < text.index("Centre Dix")
    assert 'value="csapa evry"' in response.content.decode()  # the box keeps what was typed


def test_one_click_makes_it_a_name_again(reader, csapa):
    body = reader.get(URL, {"q": "csapa evry"}).content.decode()
    [url] = re.findall(r'href="([^"]+)">chercher «\xa0csapa evry\xa0» comme un nom', body)
    assert url == "/recherche/?q=csapa+evry&amp;lieu_compris=non"
    response = reader.get(url.replace("&amp;", "&"))
    text = text_of(response)
    assert "Lieu compris" not in text
    assert "Centre Dix" not in text  # the words are all required again
    assert "lieu_compris=non" in response.content.decode()  # filters and pages keep it


@pytest.mark.parametrize(
    "query",
    [
        {"q": "csapa evry", "ou": "75110"},
        {"q": "csapa evry", "lat": "48.8", "lon": "2.3"},
        {"q": "csapa evry", "dans": "noms"},
        {"q": "csapa evry", "code": "ror-type-uo|CSAPA", "lieu_compris": "non"},
    ],
)
def test_nothing_is_understood_when_a_place_or_a_name_is_asked(reader, csapa, query):
    make_commune()
    assert "Lieu compris" not in text_of(reader.get(URL, query, follow=True))


def test_an_unknown_value_of_the_parameter_is_ignored(reader, csapa):
    assert "Lieu compris" in text_of(reader.get(URL, {"q": "csapa evry", "lieu_compris": "x"}))


def test_filters_and_order_keep_the_text_whole(reader, csapa):
    body = reader.get(URL, {"q": "csapa evry"}).content.decode()
    assert '<input type="hidden" name="q" value="csapa evry">' in body
    assert "ou=91228" not in body
    assert "q=csapa+evry&amp;tri=pertinence" in body


def test_the_export_asks_the_same(reader, csapa):
    response = reader.get(reverse("search:export"), {"q": "csapa evry"})
    assert response.status_code == 200
    assert places.find("91228")
