"""The two sheets and the workbook: what a number of each level needs to be on one of them."""

import datetime as dt
import io
import itertools

import pytest
from openpyxl import load_workbook

from directory.models import LieuDeLOffre, Role
from restitutions.selection import hours
from tests import builders as b

pytestmark = pytest.mark.django_db
PRINT, EXPORT = "/selection/imprimer/", "/selection/export.xlsx"
NBSP = "\u00a0"
PUBLIC, PRO, REGUL, HIDDEN = (NBSP.join(["01", "99", "00", "00", f"0{n}"]) for n in (1, 2, 3, 4))
MONDAY = dt.date(2025, 9, 15)


@pytest.fixture(autouse=True)
def _today(settings):
    settings.ROR_TODAY = dt.date(2025, 9, 17)


@pytest.fixture
def eg():
    return b.make_eg(denomination="Maison des Lilas", lieu={"description": "Métro 7, arrêt Crimée."})


@pytest.fixture
def uo(eg):
    """A unit with a number of each level, a number of level 2 on a contact of level 1 included."""
    uo = b.make_uo(eg=eg, nom="Accueil de jour", age_min=18, conditions_accueil="Sans rendez-vous.")
    b.make_contact(uo, niveau=1, nom="Standard", telecoms=[("2", "0199000001"), ("2", "0199000002", 2)])
    b.make_contact(uo, niveau=3, nom="Astreinte", telecoms=[("2", "0199000003")])
    return uo


@pytest.fixture
def refuge(eg):
    refuge = b.make_uo(eg=eg, nom="Refuge discret", unite_sensible=True)
    lieu = b.make_lieu(eg, nom="Abri", libelle_voie="rue Cachée")
    LieuDeLOffre.objects.create(unite=refuge, lieu_uid=lieu.uid)
    b.make_contact(refuge, niveau=3, nom="Veille", telecoms=[("2", "0199000004")])
    return refuge


def readers(eg) -> dict:
    return {
        "lecteur": b.make_user(role=Role.LECTEUR),
        "autre": b.make_user(role=Role.REFERENT, eg=b.make_eg()),
        "ailleurs": b.make_user(role=Role.REGULATION, departement=b.make_departement("77")),
        "référent": b.make_user(role=Role.REFERENT, eg=eg),
        "régulation": b.make_user(role=Role.REGULATION),
    }


def put(client, *fiches, notes: str = "") -> None:
    """In the session as it is, whoever may see them: a right may have ended since."""
    session = client.session
    session["selection"] = [["uo" if hasattr(fiche, "identifiant") else "eg", fiche.cle, notes] for fiche in fiches]
    session.save()


def paper(client, query: str) -> str:
    """What is printed: without what the screen alone shows above."""
    response = client.get(f"{PRINT}?{query}")
    assert response.status_code == 200
    text = response.content.decode().replace(hours.JOINER, "")
    return text.split("<article")[1].split("</article>")[0]


BOXES = ("contacts", "niveau3", "sensibles", "notes")


def combinations() -> list[tuple[str, ...]]:
    return [chosen for n in range(len(BOXES) + 1) for chosen in itertools.combinations(BOXES, n)]


@pytest.mark.parametrize("who", ["lecteur", "autre", "ailleurs", "référent", "régulation"])
def test_what_each_box_adds_to_the_sheet_of_a_person(client, eg, uo, refuge, who):
    client.force_login(readers(eg)[who])
    put(client, uo, eg, refuge, notes="à rappeler")
    may = who in ("référent", "régulation")
    for boxes in combinations():
        text = paper(client, "&".join(["pour=personne", *(f"{box}=on" for box in boxes)]))
        assert PUBLIC in text and "Accueil de jour" in text
        assert (PRO in text) == ("contacts" in boxes)
        assert REGUL not in text  # never for a person, whatever is ticked
        assert ("Refuge discret" in text) == (may and "sensibles" in boxes)
        assert ("rue Cachée" in text) == (may and "sensibles" in boxes)
        assert (HIDDEN in text) == (may and {"sensibles", "contacts"} <= set(boxes))
        assert ("à rappeler" in text) == ("notes" in boxes)
        told = "contacts" in boxes or (may and "sensibles" in boxes)
        assert ("porte des informations réservées aux professionnels" in text) == told
        assert ("(réservé aux professionnels)" in text) == ("contacts" in boxes)


@pytest.mark.parametrize("who", ["lecteur", "autre", "ailleurs", "référent", "régulation"])
def test_what_each_box_adds_to_the_sheet_of_a_colleague(client, eg, uo, refuge, who):
    client.force_login(readers(eg)[who])
    put(client, uo, eg, refuge, notes="à rappeler")
    may = who in ("référent", "régulation")
    for boxes in combinations():
        text = paper(client, "&".join(["pour=collegue", *(f"{box}=on" for box in boxes)]))
        assert PUBLIC in text and PRO in text
        assert (REGUL in text) == (may and "niveau3" in boxes)
        assert ("Refuge discret" in text) == (may and "sensibles" in boxes)
        assert (HIDDEN in text) == (may and {"sensibles", "niveau3"} <= set(boxes))
        assert ("à rappeler" in text) == ("notes" in boxes)
        reserved = may and bool({"niveau3", "sensibles"} & set(boxes))
        assert ("Réservé à la régulation" in text) == reserved
        assert ("Réservé aux professionnels" in text) == (not reserved)


def test_boxes_are_shown_to_who_can_use_them(client, eg, uo, refuge):
    client.force_login(b.make_user())
    put(client, uo, refuge)
    screen = client.get(PRINT).content.decode()
    assert 'name="contacts"' in screen
    assert not any(f'name="{box}"' in screen for box in ("niveau3", "sensibles", "notes"))
    assert "sensible" not in screen.replace("name=", "")
    client.force_login(b.make_user(role=Role.REGULATION))
    put(client, uo, refuge, notes="x")
    screen = client.get(f"{PRINT}?pour=collegue").content.decode()
    assert all(f'name="{box}"' in screen for box in ("niveau3", "sensibles", "notes"))
    assert "Une unité sensible n’est pas imprimée" in screen and "Refuge" not in screen


@pytest.mark.parametrize("query", ["", "pour=zzz", "pour=COLLEGUE", "contacts=off&pour=", "niveau3=on", "pour=%00"])
def test_an_unreadable_address_prints_the_least(client, eg, uo, query):
    client.force_login(b.make_user(role=Role.REGULATION))
    put(client, uo)
    text = paper(client, query)
    assert "où l’on peut vous accompagner" in text and REGUL not in text


def test_an_establishment_tells_nothing_of_its_sensitive_units(client, eg, uo, refuge):
    client.force_login(b.make_user(role=Role.REGULATION))
    put(client, eg)
    for query in ("pour=personne", "pour=personne&sensibles=on", "pour=collegue&niveau3=on"):
        text = paper(client, query)
        assert "Accueil de jour" in text
        assert "Refuge" not in text and "Cachée" not in text and HIDDEN not in text


def test_a_unit_without_a_number_gives_that_of_its_establishment(client, eg):
    uo = b.make_uo(eg=eg)
    b.make_contact(eg, niveau=1, nom="Accueil", telecoms=[("2", "0199000001")])
    b.make_contact(eg, niveau=2, nom="Direction", telecoms=[("2", "0199000002")])
    client.force_login(b.make_user())
    put(client, uo)
    text = paper(client, "pour=personne")
    assert PUBLIC in text and PRO not in text


def test_the_sheet_of_a_person_says_how_to_come_and_when(client, eg, uo):
    for jour in range(1, 6):
        b.make_horaire(uo, jour, "09:00", "17:30")
    friday = dt.date(2025, 9, 19)
    b.make_concept("TRE_R252|08", "Fermeture")
    b.make_horaire(uo, 5, None, None, type_plage=b.make_concept("TRE_R252|08"), date_debut=friday, date_fin=friday)
    client.force_login(b.make_user(fonction="assistante sociale"))
    put(client, uo)
    text = paper(client, "")
    for words in (
        "Un lieu où l’on peut vous accompagner",
        "mercredi 17 septembre 2025",
        "assistante sociale",
        "Métro 7, arrêt Crimée.",
        "12 rue de Paradis",
        "Sans rendez-vous.",
        f"Adultes à partir de 18{NBSP}ans",
        "Lundi au jeudi : 09:00–17:30",
        "Vendredi au dimanche : fermé",
        "La semaine suivante",
        "Lundi au vendredi : 09:00–17:30",
        "composez le 15",
    ):
        assert words in text, words


def test_a_week_in_words():
    columns = [
        hours.horaires.DayColumn(
            name, MONDAY, "Ouvert" if texts else "Fermé", bool(texts), "", texts, [], [], False, False
        )
        for name, texts in (
            ("lundi", ["09:00–12:00", "14:00–18:00"]),
            ("mardi", ["09:00–12:00", "14:00–18:00"]),
            ("mercredi", []),
            ("jeudi", ["10:00–12:00"]),
        )
    ]
    assert [(days, text.replace(hours.JOINER, "")) for days, text in hours._lines(columns)] == [
        ("Lundi et mardi", "09:00–12:00, 14:00–18:00"),
        ("Mercredi", "fermé"),
        ("Jeudi", "10:00–12:00"),
    ]


def test_temporarily_closed_is_said_on_paper(client, eg):
    uo = b.make_uo(eg=eg, date_fermeture="2025-09-01", type_fermeture="PRO", date_reouverture="2025-10-13")
    client.force_login(b.make_user())
    put(client, uo)
    assert f"Fermé provisoirement jusqu’au{NBSP}13/10/2025" in paper(client, "")


def test_nothing_to_print(client):
    client.force_login(b.make_user())
    assert "Rien à imprimer" in paper(client, "")


# --- Workbook --------------------------------------------------------------------------------------------------------


def cells(client, query: str = "") -> list[list[str]]:
    response = client.get(f"{EXPORT}?{query}")
    assert response.status_code == 200 and "ror-selection-2025-09-17.xlsx" in response["Content-Disposition"]
    book = load_workbook(io.BytesIO(response.content))
    return [[str(cell.value or "") for cell in row] for sheet in book for row in sheet]


def test_the_workbook_holds_the_numbers_of_its_reader(client, eg, uo, refuge):
    everyone = readers(eg)
    for who, user in everyone.items():
        client.force_login(user)
        put(client, uo, refuge, notes="=1+1")
        text = str(cells(client)).replace("\\xa0", " ")
        may = who in ("référent", "régulation")
        assert "01 99 00 00 02" in text
        assert ("01 99 00 00 03" in text) == may
        assert ("Refuge discret" in text) == may
        assert ("N’est plus disponible" in text) == (not may)
        assert "=1+1" not in text
        assert "=1+1" in str(cells(client, "notes=on"))


def test_typed_text_never_becomes_a_formula(client, eg):
    uo = b.make_uo(eg=eg, nom="=HYPERLINK(1)")
    client.force_login(b.make_user())
    put(client, uo, notes="=1+1")
    book = load_workbook(io.BytesIO(client.get(f"{EXPORT}?notes=on").content))
    texts = [cell for row in book["Sélection"] for cell in row if str(cell.value).startswith("=")]
    assert {cell.value for cell in texts} == {"=HYPERLINK(1)", "=1+1"}
    assert {cell.data_type for cell in texts} == {"s"}
