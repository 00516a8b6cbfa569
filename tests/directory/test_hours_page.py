"""What the fiche of a UO shows of its hours: the badge of now, the days of a week, the table of a month."""

import datetime as dt
import re
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from directory import planning
from directory.display import horaires
from ror import clock
from tests import builders as b

pytestmark = pytest.mark.django_db
PARIS = ZoneInfo("Europe/Paris")
WEDNESDAY = dt.date(2025, 9, 17)
NBSP = "\u00a0"


@pytest.fixture
def at(monkeypatch, settings):
    """Sets the time of the page, told in Paris."""

    def set_to(text: str) -> None:
        instant = dt.datetime.fromisoformat(text).replace(tzinfo=PARIS)
        settings.ROR_TODAY = instant.date()
        monkeypatch.setattr(clock, "now", lambda: instant)

    set_to("2025-09-17T10:00")
    return set_to


@pytest.fixture
def camsp():
    """The CAMSP of the training: 8–19 Monday to Friday, 8:30–13 on Saturday."""
    uo = b.make_uo(nom="CAMSP du Lys (fictif)")
    for day in range(1, 6):
        b.make_horaire(uo, day, "08:00", "19:00")
    b.make_horaire(uo, 6, "08:30", "13:00")
    return uo


def page(client, uo, query: str = "", **headers) -> str:
    client.force_login(b.make_user())
    response = client.get(f"{uo.get_absolute_url()}{query}", headers=headers)
    assert response.status_code == 200
    return response.content.decode()


def text_of(fragment: str) -> str:
    return " ".join(re.sub("<[^>]+>", " ", fragment).split()).replace("&#x27;", "'")


def rows(content: str) -> list[list[str]]:
    """Cells of the table of the month, tags removed."""
    table = re.search(r'<table class="ror-month">(.*?)</table>', content, re.S)[1]
    return [
        [text_of(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S)]
        for row in re.findall(r"<tr>(.*?)</tr>", table, re.S)
    ]


# --- Now ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "words"),
    [
        ("2025-09-17T10:00", "Ouvert · ferme à_19_h"),
        ("2025-09-20T12:59", "Ouvert · ferme à_13_h"),
        ("2025-09-17T07:30", "Fermé · ouvre à_8_h"),
        ("2025-09-18T20:00", "Fermé · ouvre demain à_8_h"),
        ("2025-09-19T19:00", "Fermé · ouvre demain à_8_h_30"),
        ("2025-09-20T14:00", "Fermé · ouvre lundi à_8_h"),
    ],
)
def test_badge_of_now(client, at, camsp, now, words):
    at(now)
    content = page(client, camsp)
    assert f"{words.replace('_', NBSP)}</span>" in content
    assert ">Ouvert</span>" not in content.split('id="horaires"')[0]


def answer(**attrs) -> planning.Answer:
    values = {name: dt.datetime.fromisoformat(text) for name, text in attrs.items() if name != "kind"}
    return planning.Answer("until" in attrs or "opens_at" not in attrs, attrs.get("kind"), **values)


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (answer(until="2025-09-18T00:00"), "Ouvert · ferme à_minuit"),
        (answer(until="2025-09-19T00:00"), "Ouvert · ferme demain à_minuit"),
        (answer(until="2025-09-18T06:30"), "Ouvert · ferme demain à_6_h_30"),
        (answer(), "Ouvert · jour et nuit"),
        (answer(until="2025-09-17T18:00", kind="TRE_R252|07"), "Ouvert (consultation sur RDV) · ferme à_18_h"),
        (answer(opens_at="2025-09-23T00:00"), "Fermé · ouvre mardi à_minuit"),
        (answer(opens_at="2025-09-24T09:00"), "Fermé · ouvre le_24_septembre à_9_h"),
        (answer(opens_at="2026-02-01T09:05"), "Fermé · ouvre le_1er_février 2026 à_9_h_05"),
        (planning.Answer(False), "Fermé"),
    ],
)
def test_badge_in_words(told, words):
    concepts = {"TRE_R252|07": b.make_concept("TRE_R252|07", "Horaire de consultation sur RDV")}
    assert horaires.badge(told, concepts, WEDNESDAY).text == words.replace("_", NBSP)


def test_without_hours_nothing_is_said_of_now(client, at):
    content = page(client, b.make_uo())
    assert "Ouvert ·" not in content and "Fermé ·" not in content
    assert "Ouvert</span>" in content


def test_a_closed_uo_says_its_closing_alone(client, at, camsp):
    camsp.type_fermeture, camsp.date_fermeture = "PRO", dt.date(2025, 9, 1)
    camsp.save()
    content = page(client, camsp)
    assert "Fermé provisoirement" in content
    assert "Ouvert ·" not in content and "Fermé ·" not in content
    assert content.count('ror-week-state">Fermé') == 7


def test_a_closing_to_come_stands_beside_the_hours(client, at, camsp):
    camsp.type_fermeture, camsp.date_fermeture = "DEF", dt.date(2025, 9, 30)
    camsp.save()
    content = page(client, camsp)
    assert f"Ouvert · ferme à{NBSP}19{NBSP}h" in content
    assert f"Ferme le{NBSP}30/09/2025" in content and "Ouvert, ferme" not in content


def test_the_time_of_the_establishment(client, at):
    at("2025-09-17T16:00")  # 18:00 in Saint-Denis de La Réunion
    commune = b.make_commune("97411", "Saint-Denis", departement=b.make_departement("974"))
    uo = b.make_uo(eg=b.make_eg(commune=commune))
    b.make_horaire(uo, 3, "08:00", "17:00")
    assert f"Fermé · ouvre le{NBSP}24{NBSP}septembre à{NBSP}8{NBSP}h" in page(client, uo)


# --- Week -----------------------------------------------------------------------------------------------------------


def test_a_public_holiday_is_named_and_closes(client, at, camsp):
    content = page(client, camsp, "?semaine=2025-W29")
    assert "14 juillet, férié" in content
    assert content.count('ror-week-state is-open">Ouvert') == 5
    assert content.count('ror-week-state">Fermé') == 2
    assert "Semaine modifiée" not in content
    assert "le planning type ne s’applique pas, appelez" in content
    assert "Jours fériés" not in page(client, camsp, "?semaine=2025-W30")


def test_who_declares_365_days_is_open_on_a_holiday(client, at, camsp):
    camsp.ouverture_annuelle = b.make_concept("TRE_R238|03", "Année complète (365 jours par an)")
    camsp.save()
    content = page(client, camsp, "?semaine=2025-W29")
    assert "14 juillet, férié" in content and content.count('ror-week-state is-open">Ouvert') == 6
    assert "le planning type s’applique." in content


def test_who_says_to_be_open_on_public_holidays_is_and_its_fiche_says_so(client, at, camsp):
    assert "ouverte les jours fériés" not in page(client, camsp, "?semaine=2025-W29").lower()
    camsp.ouvert_jours_feries = True
    camsp.save()
    content = page(client, camsp, "?semaine=2025-W29")
    assert content.count('ror-week-state is-open">Ouvert') == 6
    assert re.search(r"Ouverte les jours fériés\s*</dt>(\s*<[^>]*>)*\s*Oui", content)


# --- Month ----------------------------------------------------------------------------------------------------------


def test_month_of_the_training(client, at, camsp):
    closing = b.make_concept("TRE_R252|08", "Horaire de fermeture")
    b.make_horaire(camsp, None, "12:00", "19:00", type_plage=closing, date_debut=WEDNESDAY, date_fin=WEDNESDAY)
    content = page(client, camsp, "?mois=2025-09")
    found = rows(content)
    assert found[0] == ["Sem.", *"Lu ndi,Ma rdi,Me rcredi,Je udi,Ve ndredi,Sa medi,Di manche".split(",")]
    assert [row[0] for row in found[1:]] == [f"Semaine {n}" for n in (36, 37, 38, 39, 40)]
    assert found[3][1:] == [
        "15 08:00–19:00",
        "16 08:00–19:00",
        "17 , aujourd’hui 08:00–12:00 modifié",
        "18 08:00–19:00",
        "19 08:00–19:00",
        "20 08:30–13:00",
        "21 Fermé",
    ]
    assert found[5][3] == "01/10 08:00–19:00"
    assert "<b>Septembre 2025</b>" in content and "Mois modifié" in content
    for query in ("mois=2025-08", "mois=2025-10", "semaine=2025-W38", "semaine=2025-W36"):
        assert f'href="{camsp.get_absolute_url()}?{query}#horaires"' in content


def test_from_the_week_to_its_month_and_back(client, at, camsp):
    assert '?mois=2025-09#horaires"' in page(client, camsp)
    assert '?mois=2025-10#horaires"' in page(client, camsp, "?semaine=2025-W40")  # its Thursday is 2 October
    segment = page(client, camsp, "?mois=2025-12").split('class="ror-seg', 1)[1]
    assert segment.index("?semaine=2025-W49") < segment.index('aria-current="true"')


def test_a_month_as_a_fragment(client, at, camsp):
    fragment = page(client, camsp, "?mois=2025-11", **{"HX-Request": "true"})
    assert fragment.lstrip().startswith('<section class="ror-panel" id="horaires"')
    cells = [cell for row in rows(fragment)[1:] for cell in row]
    assert "11 Fermé 11 novembre, férié" in cells


@pytest.mark.parametrize("text", ["", "2025-13", "2025-00", "2025-9", "1999-12", "9999-99", "non", "２０２５-09"])
def test_an_unreadable_month_is_the_current_one(client, at, camsp, text):
    assert "<b>Septembre 2025</b>" in page(client, camsp, f"?mois={text}")


@pytest.mark.parametrize(("text", "title"), [("2099-12", "Décembre 2099"), ("2000-01", "Janvier 2000")])
def test_the_first_and_the_last_month(client, at, camsp, text, title):
    assert f"<b>{title}</b>" in page(client, camsp, f"?mois={text}")


def test_kinds_of_slots_are_noted_under_the_month(client, at):
    uo = b.make_uo()
    rdv = b.make_concept("TRE_R252|07", "Horaire de consultation sur RDV")
    desk = b.make_concept("TRE_R252|04", "Horaire d'ouverture du secrétariat")
    b.make_horaire(uo, 1, "09:00", "12:00", type_plage=rdv)
    b.make_horaire(uo, 1, "14:00", "17:00")
    b.make_horaire(uo, 2, "09:00", "12:00", type_plage=desk)
    content = page(client, uo, "?mois=2025-09")
    assert rows(content)[1][1:3] == ["1 09:00–12:00 1 14:00–17:00", "2 09:00–12:00 2"]
    assert "<sup>1</sup> consultation sur RDV" in content and "<sup>2</sup> ouverture du secrétariat" in content


def test_the_month_costs_no_more_than_the_week(client, at, camsp, django_assert_num_queries):
    client.force_login(b.make_user())
    client.get(camsp.get_absolute_url())
    with CaptureQueriesContext(connection) as week:
        client.get(camsp.get_absolute_url())
    with django_assert_num_queries(len(week)):
        client.get(f"{camsp.get_absolute_url()}?mois=2025-07")
