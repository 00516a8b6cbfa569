"""The results page: what it shows, what it refuses, what it costs, with and without JavaScript."""

import datetime as dt
import re

import pytest
from django.urls import reverse

from nomenclature.models import Concept
from search import labels, places, routing, suggestions
from tests import builders as b
from tests.search.screens import text_of

pytestmark = pytest.mark.django_db

URL = "/recherche/"
ACT = "ror-type-uo|94-59-hlm"
QUESTION = {"ou": "75110", "code": ACT}
RESULTS_QUERIES = 4  # session, user with her rights; counts and page of the search; nothing by row


@pytest.fixture(autouse=True)
def lists(facet_values):
    b.make_type_uo("94-59-hlm", "Appartement de Coordination Thérapeutique (ACT) hors les murs")
    b.make_commune()


def make_hit(name="ACT Les Glycines (fictif)", *, km=5.0, located=True, eg_phone="", uo=None, **lieu):
    """An EG `km` north of Paris 10 with one « hors les murs » UO, indexed."""
    position = {"latitude": 48.8762 + km / 111.2, "longitude": 2.3590} if located else {"latitude": None}
    position.setdefault("longitude", None)
    eg = b.make_eg(denomination=name, lieu=position | lieu)
    if eg_phone:
        b.make_contact(eg, telecoms=[("1", eg_phone)])
    unit = b.make_uo(eg=eg, type_uo="94-59-hlm", **{"nom": "ACT hors les murs", "age_min": 18} | (uo or {}))
    b.project(eg)
    return eg, unit


def get(client, query=QUESTION, **headers):
    return client.get(URL, query, headers=headers)


# --- Before a search, and wrong ones ------------------------------------------------------------------------------


def test_the_page_needs_a_login(client):
    assert get(client).status_code == 302


def test_the_bare_page_shows_the_form_examples_and_the_support(reader):
    response = reader.get(URL)
    text = text_of(response)
    assert "Exemples" in text
    assert "01 83 76 30 31" in text
    assert "Choisissez ce que vous cherchez" not in text


def test_both_boxes_empty_is_an_error_next_to_the_field(reader):
    response = reader.get(URL, {"lieu": "", "q": "", "dans": "tout"})
    assert "Choisissez ce que vous cherchez" in text_of(response)
    assert 'aria-describedby="recherche-q-erreur"' in response.content.decode()


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"q": "csapa", "ou": "99999"}, "n’est le code d’aucune commune"),
        ({"q": "csapa", "ou": "9" * 300}, "n’est le code d’aucune commune"),
        ({"q": "csapa", "lieu": "Xanadu"}, "Aucune commune ne s’appelle « Xanadu »"),
        ({"q": "csapa", "lat": "200", "lon": "2"}, "La latitude est un nombre de degrés entre -90 et 90."),
        ({"q": "csapa", "lat": "abc", "lon": "2"}, "La latitude est un nombre de degrés"),
        ({"q": "csapa", "lat": "48.8"}, "Il manque la latitude ou la longitude"),
        ({"q": "x" * 201}, "dépasse 200 caractères"),
        ({"code": "ror-type-uo|inconnu"}, "Cette suggestion n’existe plus."),
        ({"code": "nimporte"}, "Cette suggestion n’existe plus."),
    ],
)
def test_what_cannot_be_understood_is_said_next_to_its_box(reader, query, message):
    response = reader.get(URL, query)
    assert message in text_of(response)
    for name in ("q", "lieu"):
        if name in query:
            assert f'value="{query[name]}"' in response.content.decode()  # what was typed is kept


def test_an_ambiguous_place_lists_the_candidates_as_links(reader):
    for insee, nom in (("77175", "Évry"), ("77200", "Grégy")):
        b.make_commune(insee, nom, codes_postaux=["77166"], latitude=48.6, longitude=2.6)
    body = reader.get(URL, {"lieu": "77166", "q": "csapa", "dans": "noms"}).content.decode()
    assert "/recherche/?ou=77175&amp;q=csapa&amp;dans=noms" in body
    assert "/recherche/?ou=77200&amp;q=csapa&amp;dans=noms" in body


def test_values_of_presentation_that_are_wrong_are_ignored(reader):
    make_hit()
    odd = QUESTION | {"tri": "x", "dans": "x", "page": "-3", "vue": "x", "mode": ["zz", "\x00"], "inconnu": "1"}
    assert "1 établissement" in text_of(get(reader, odd))


# --- Without JavaScript -------------------------------------------------------------------------------------------


def test_typed_texts_alone_lead_to_the_address_worth_sharing(reader):
    make_hit()
    form = {"lieu": "75010", "ou": "", "q": "hors les murs", "code": "", "dans": "types_uo"}
    response = reader.get(URL, form, follow=True)
    assert response.redirect_chain == [("/recherche/?ou=75110&q=hors+les+murs&dans=types_uo", 302)]
    assert "1 établissement" in text_of(response)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ({"lieu": "Paris 10 (75010)", "q": "Appartement de Coordination Thérapeutique (ACT) hors les murs"}, True),
        ({"lieu": "Paris 10 (75010)", "q": "glycines"}, False),
        ({"lieu": "", "q": "glycines"}, False),
    ],
)
def test_a_code_left_behind_an_edited_text_is_not_believed(reader, typed, kept):
    make_hit()
    address = reader.get(URL, QUESTION | typed, follow=True).redirect_chain[-1][0]
    assert ("code=" in address) is kept
    assert ("ou=75110" in address) is bool(typed["lieu"])


# --- Results ------------------------------------------------------------------------------------------------------


def test_a_row_says_where_how_far_and_how_many(reader):
    make_hit(km=7, eg_phone="0102030413", uo={"age_min": None, "age_max": None})
    response = get(reader)
    text = text_of(response)
    assert "1 établissement autour de Paris 10" in text
    for expected in ("ACT Les Glycines (fictif)", "01 02 03 04 13", "7 km", "00:08", "8 minutes, durée estimée"):
        assert expected in text
    assert "1 établissement(s), 1 UO en" in text
    assert "Distances calculées à partir de Paris 10" in text
    assert "Saisie non activée" in text
    assert "Durée<br>estimée" in response.content.decode()


def test_badges_and_statuts(reader):
    make_hit("Sans position", located=False)
    eg, uo = make_hit("Intervient ici", km=40)
    uo.zones_intervention = [b.make_commune()]
    uo.save()
    closed = dt.date.today() - dt.timedelta(days=3)
    make_hit("Fermé un temps", uo={"type_fermeture": "PRO", "date_fermeture": closed})
    b.project(eg)
    text = text_of(get(reader))
    assert "Non géolocalisé" in text
    assert "inconnue" in text
    assert "Intervient à Paris 10" in text
    assert "Fermé provisoirement" in text


def test_the_territoire_de_sante_stands_under_the_place(reader):
    make_hit()
    territoire = b.make_concept("TRE_R88|11-75", "Paris")
    departement = b.make_commune().departement
    departement.territoire_sante = territoire
    departement.save()
    assert "Territoire de santé : Paris" in text_of(get(reader))


def test_patienteles_are_letters_with_their_meaning(reader):
    make_hit(uo={"age_min": 0, "age_max": 99})
    assert '<abbr title="Enfants et adultes">E+A</abbr>' in get(reader).content.decode()


def test_a_phone_above_the_readers_level_is_not_there(client):
    eg, _ = make_hit()
    b.make_contact(eg, niveau=3, telecoms=[("1", "0102030499")])
    b.project(eg)
    client.force_login(b.make_user())
    assert "01 02 03 04 99" not in text_of(get(client))
    client.force_login(b.make_user(role="regulation"))
    assert "01 02 03 04 99" in text_of(get(client))


def test_a_name_with_markup_stays_text(reader):
    make_hit("<script>alert(1)</script>")
    body = get(reader).content.decode()
    assert "&lt;script&gt;alert(1)" in body
    assert "<script>alert" not in body


def test_a_retired_concept_can_still_be_searched(reader):
    make_hit()
    Concept.objects.filter(code="94-59-hlm").update(retired=True)
    assert "1 établissement" in text_of(get(reader))


def test_filters_are_chips_one_can_remove_and_counts_stay_exact(reader):
    _, unit = make_hit("Un")
    b.make_activite(unit, "TRE_R211|448", "Coordination plan de soins")
    b.project(unit.entite_geographique)
    make_hit("Deux")
    text = text_of(get(reader))
    assert "2 établissements" in text
    assert "Activités opérationnelles (1)" in text
    response = get(reader, QUESTION | {"activite": "448"})
    text = text_of(response)
    assert "1 établissement" in text
    assert "Effacer les filtres" in text
    body = response.content.decode()
    assert 'aria-label="Retirer le filtre Coordination plan de soins"' in body
    assert 'href="/recherche/?ou=75110&amp;code=ror-type-uo%7C94-59-hlm"' in body


def test_filters_send_the_question_along(reader):
    make_hit()
    body = get(reader, QUESTION | {"tri": "pertinence"}).content.decode()
    for pair in (("ou", "75110"), ("code", ACT), ("tri", "pertinence")):
        assert '<input type="hidden" name="{}" value="{}">'.format(*pair) in body
    assert "<noscript><button" in body


def test_nothing_found_says_what_was_looked_for_and_what_to_try(reader):
    b.make_activite(make_hit()[1], "TRE_R211|448", "Coordination plan de soins")
    text = text_of(get(reader, QUESTION | {"activite": "448"}))
    assert (
        "Aucun établissement ne correspond à « Appartement de Coordination Thérapeutique (ACT) hors les murs »" in text
    )
    assert "avec 1 filtre" in text
    assert "Retirer le filtre" in text
    text = text_of(get(reader, {"q": "appartement de zorglub", "dans": "noms"}))
    assert "Chercher ces mots dans tout le ROR" in text
    assert "Chercher « Appartement de Coordination" in text


def test_beyond_two_hundred_the_list_says_so(reader, settings):
    settings.RESULTS_MAX, settings.RESULTS_PER_PAGE = 2, 1
    for name in ("Un", "Deux", "Trois"):
        make_hit(name)
    response = get(reader)
    text = text_of(response)
    assert "3 établissements" in text
    assert "La liste s’arrête aux 2 premiers établissements sur 3." in text
    assert "page=2" in response.content.decode()
    assert "page=3" not in response.content.decode()


def test_pages_follow_each_other_without_gap(reader, settings):
    settings.RESULTS_PER_PAGE = 2
    for km in range(1, 6):
        make_hit(f"Maison {km}", km=km)
    seen = [re.findall(r"Maison \d", text_of(get(reader, QUESTION | {"page": str(page)}))) for page in (1, 2, 3)]
    assert [list(dict.fromkeys(names)) for names in seen] == [
        ["Maison 1", "Maison 2"],
        ["Maison 3", "Maison 4"],
        ["Maison 5"],
    ]


# --- htmx ---------------------------------------------------------------------------------------------------------


def test_a_fragment_brings_the_chips_and_the_facets_and_the_short_address(reader):
    make_hit()
    response = get(reader, QUESTION | {"lieu": "Paris 10 (75010)"}, **{"HX-Request": "true"})
    body = response.content.decode()
    assert "<html" not in body
    for part in ("criteres", "filtres", "annonce"):
        assert re.search(rf'id="{part}" hx-swap-oob="innerHTML"', body)
    assert response["HX-Push-Url"] == "/recherche/?ou=75110&code=ror-type-uo%7C94-59-hlm"
    assert "HX-Request" in response["Vary"]


def test_history_gets_the_whole_page(reader):
    make_hit()
    response = get(reader, QUESTION, **{"HX-Request": "true", "HX-History-Restore-Request": "true"})
    assert "<html" in response.content.decode()


# --- Cost ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rows", [1, 15])
def test_the_page_costs_the_same_whatever_the_number_of_rows(reader, rows, django_assert_num_queries):
    for number in range(rows):
        make_hit(f"Maison {number}", eg_phone="0102030413")
    places.find("75110"), suggestions.find(ACT), labels.get()  # what this process reads once
    with django_assert_num_queries(RESULTS_QUERIES):
        response = get(reader)
    assert f"{rows} établissement" in text_of(response)


# --- Durations ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("km", "portal"), [(3, 3), (7, 8), (9, 13), (13, 14)])
def test_durations_are_within_two_minutes_of_the_portal(km, portal):
    assert abs(routing.minutes(km) - portal) <= 2


def test_durations_grow_with_distance():
    durations = [routing.minutes(km / 2) for km in range(200)]
    assert durations == sorted(durations)
    assert durations[0] == 1


@pytest.mark.parametrize(
    ("duration", "clock", "words"),
    [
        (1, "00:01", "1 minute"),
        (24, "00:24", "24 minutes"),
        (65, "01:05", "1 heure 5 minutes"),
        (120, "02:00", "2 heures"),
    ],
)
def test_durations_are_written_for_eyes_and_ears(duration, clock, words):
    assert (routing.clock_text(duration), routing.words(duration)) == (clock, words)


def test_url_names(reader):
    assert reverse("search:results") == URL
    assert reverse("search:export") == "/recherche/export.xlsx"
