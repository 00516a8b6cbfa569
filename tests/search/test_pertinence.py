"""The order by relevance, on a table of questions: what docs/recherche.md explains. Asked as the page asks."""

import datetime as dt

import pytest
from django.utils.datastructures import MultiValueDict

from directory.models import EntiteGeographique, UniteOperationnelle
from directory.permissions import Reader
from nomenclature.models import Synonyme
from search import engine
from search.forms import SearchForm
from tests.builders import make_commune, make_concept, make_eg, make_ej, make_type_uo, make_uo, project

pytestmark = pytest.mark.django_db

TOWNS = {
    "evry": ("91228", "Évry-Courcouronnes", 48.63, 2.44, "91000", 67_000),
    "saint-denis": ("93066", "Saint-Denis", 48.936, 2.357, "93200", 150_000),
    "viry": ("91687", "Viry-Châtillon", 48.67, 2.39, "91170", 31_000),
    "versailles": ("78646", "Versailles", 48.80, 2.13, "78000", 84_000),
    "clamart": ("92023", "Clamart", 48.80, 2.26, "92140", 54_000),
    "bondy": ("93010", "Bondy", 48.90, 2.48, "93140", 54_000),
    "kremlin": ("94043", "Le Kremlin-Bicêtre", 48.81, 2.36, "94270", 25_000),
    "meaux": ("77284", "Meaux", 48.96, 2.88, "77100", 55_000),
}
# (denomination, town, category, other attributes, [(name of a UO, code of its type)])
WORLD = [
    ("CSAPA Essonne Accueil", "evry", "CSAPA", {}, [("Consultation", "CSAPA")]),
    ("CSAPA Aurore 93", "saint-denis", "CSAPA", {}, [("Méthadone", "CSAPA")]),
    ("Centre Monceau", "clamart", "Centre", {}, [("Addictologie", "CSAPA")]),
    ("CMPP de Viry-Châtillon", "viry", "CMPP", {}, []),
    ("CMPP Les Tilleuls", "viry", "CMPP", {}, [("Accueil", "CMPP")]),
    ("CMP des Petits Bois", "versailles", "CMP", {}, []),
    ("CMPP Bois joli", "versailles", "CMPP", {}, []),
    ("Pharmacie de la Plaine", "clamart", "Pharmacie", {}, []),
    ("Pharmacie de la Plaine Saint-Denis", "saint-denis", "Pharmacie", {}, []),
    ("EHPAD Sainte-Anne", "versailles", "EHPAD", {}, []),
    ("Résidence Anne de Bretagne", "clamart", "EHPAD", {}, []),
    ("Hôpital Jean-Verdier", "bondy", "Hôpital", {}, [("Soins palliatifs", "USP"), ("Soins de suite", "SSR")]),
    ("Hôpitaux du Kremlin", "kremlin", "Hôpital", {}, []),
    ("Foyer Dupont", "evry", "Foyer", {"nom_operationnel": "La Maison bleue"}, []),
    ("Foyer L’Arche à Meaux", "meaux", "Foyer", {}, []),
    ("Appartements de coordination thérapeutique Cordia", "bondy", "ACT", {}, [("ACT", "ACT")]),
    ("Équipe mobile Horizon", "meaux", "Équipe", {}, [("Équipe mobile", "EMP")]),
    ("Équipe mobile Escale", "bondy", "Équipe", {}, [("Équipe mobile", "EMP")]),
    ("Foyer Les Lilas", "meaux", "Foyer", {"siret": "11111111111111"}, []),
    ("Foyer Les Lilas", "bondy", "Foyer", {"siret": "22222222222222"}, []),
]
QUESTIONS = {  # what is typed → the first names, in order
    # The same name exactly, whatever the case, the accents, the apostrophes, the hyphens.
    "Pharmacie de la Plaine": ["Pharmacie de la Plaine", "Pharmacie de la Plaine Saint-Denis"],
    "PHARMACIE PLAINE": ["Pharmacie de la Plaine"],
    "cmp petits-bois": ["CMP des Petits Bois"],
    "foyer l arche": ["Foyer L’Arche à Meaux"],
    "foyer arche a meaux": ["Foyer L’Arche à Meaux"],
    # Whole words before beginnings, a name before a place.
    "cmp bois": ["CMP des Petits Bois", "CMPP Bois joli"],
    "anne": ["EHPAD Sainte-Anne", "Résidence Anne de Bretagne"],  # the name that holds the fewest other words
    "aurore 93": ["CSAPA Aurore 93"],
    # St, Ste, sigles with dots, plural and singular.
    "ehpad ste anne": ["EHPAD Sainte-Anne"],
    "E.H.P.A.D. Sainte Anne": ["EHPAD Sainte-Anne"],
    "hopital kremlin": ["Hôpitaux du Kremlin"],
    "hôpitaux jean verdier": ["Hôpital Jean-Verdier"],
    "appartement coordination": ["Appartements de coordination thérapeutique Cordia"],
    # Usual name and former name.
    "maison bleue": ["La Maison bleue"],
    "foyer dupont": ["La Maison bleue"],
    # A town in the same box is a place, unless a name holds it.
    "csapa evry": ["CSAPA Essonne Accueil"],
    "csapa saint denis": ["CSAPA Aurore 93"],
    "csapa st-denis": ["CSAPA Aurore 93"],
    "csapa clamart": ["Centre Monceau"],
    "cmpp viry chatillon": ["CMPP de Viry-Châtillon", "CMPP Les Tilleuls"],
    "cmpp de viry-chatillon": ["CMPP de Viry-Châtillon"],
    "cmp versailles": ["CMP des Petits Bois"],
    "equipe mobile bondy": ["Équipe mobile Escale", "Équipe mobile Horizon"],
    # A team that serves the commune comes to it.
    "equipe mobile evry": ["Équipe mobile Horizon", "Équipe mobile Escale"],
    # Everyday words of the lexicon, then what they mean.
    "desintox evry": ["CSAPA Essonne Accueil"],
    # What is checked comes before what is not.
    "foyer les lilas": ["Foyer Les Lilas (bondy)", "Foyer Les Lilas (meaux)"],
    # Mistyped.
    "cspaa evry": ["CSAPA Essonne Accueil"],
    "csapa evyr": ["CSAPA Essonne Accueil"],
    "phramacie de la plaine": ["Pharmacie de la Plaine"],
    "pharmacie plaien": ["Pharmacie de la Plaine"],
    "hopital jean veridier": ["Hôpital Jean-Verdier"],
    "ehpad saintanne": [],  # « saint » and « anne », nowhere together as words
    "cmpp viry chatilon": ["CMPP de Viry-Châtillon"],
}


@pytest.fixture
def world():
    """The establishments above, and how their names are told: `name`, or `name (town)` for homonyms."""
    communes = {
        key: make_commune(insee, nom, latitude=lat, longitude=lon, codes_postaux=[code], population=people)
        for key, (insee, nom, lat, lon, code, people) in TOWNS.items()
    }
    make_concept("ror-type-offre|etablissement", "Établissement")
    told: dict[int, str] = {}
    ej = make_ej(raison_sociale="Association")
    for name, town, category, attrs, units in WORLD:
        eg = make_eg(
            ej=ej,
            denomination=name,
            commune=communes[town],
            categorie=make_concept(f"TRE_R66|{category}", category, value_set="JDV_J55"),
            **attrs,
        )
        shown = attrs.get("nom_operationnel", name)
        told[eg.pk] = f"{shown} ({town})" if [row[0] for row in WORLD].count(name) > 1 else shown
        for uo, code in units:
            serves = {"zones_intervention": [communes["evry"]]} if name == "Équipe mobile Horizon" else {}
            make_uo(eg=eg, nom=uo, type_uo=make_type_uo(code, code).concept.code, concepts=serves)
    Synonyme.objects.create(texte="désintox", concept=make_type_uo("CSAPA").concept)
    long_ago = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
    EntiteGeographique.objects.filter(denomination="Foyer Les Lilas", siret="1" * 14).update(
        updated_at=long_ago, verified_at=None
    )
    project(*EntiteGeographique.objects.all())
    return told


def found(typed: str, told: dict[int, str]) -> list[str]:
    form = SearchForm(MultiValueDict({"q": [typed]}))
    assert form.is_answerable, form.errors
    return [told[hit.eg_id] for hit in engine.search(form.criteria(), reader=Reader()).hits]


def test_each_question_has_its_answer_first(world):
    assert len(QUESTIONS) >= 25
    wrong = {
        typed: answers
        for typed, expected in QUESTIONS.items()
        if (answers := found(typed, world))[: len(expected) or 1] != expected
    }
    assert not wrong


def test_the_units_that_hold_every_word_come_alone(world):
    form = SearchForm(MultiValueDict({"q": ["soins palliatifs"]}))
    assert form.is_answerable
    [hit] = engine.search(form.criteria(), reader=Reader()).hits
    assert [uo.name for uo in hit.uos] == ["Soins palliatifs"]


def test_words_spread_over_an_establishment_and_its_units_bring_the_best_units(world):
    form = SearchForm(MultiValueDict({"q": ["verdier palliatifs"]}))
    assert form.is_answerable
    [hit] = engine.search(form.criteria(), reader=Reader()).hits
    assert [uo.name for uo in hit.uos] == ["Soins palliatifs"]


def test_a_hidden_unit_that_holds_more_words_does_not_push_the_others_away(world):
    uo = UniteOperationnelle.objects.get(nom="Soins palliatifs")
    make_uo(eg=uo.entite_geographique, nom="Soins palliatifs discrets verdier", unite_sensible=True)
    project(uo.entite_geographique)
    form = SearchForm(MultiValueDict({"q": ["soins palliatifs"]}))
    assert form.is_answerable
    [hit] = engine.search(form.criteria(), reader=Reader()).hits
    assert [uo.name for uo in hit.uos] == ["Soins palliatifs"]
