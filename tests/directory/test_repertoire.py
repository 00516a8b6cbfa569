"""`/repertoire/`: filters, states, pages, Excel, cost."""

import datetime as dt
import io
import re

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from directory.models import Role
from journal.models import Entry
from tests import builders as b

pytestmark = pytest.mark.django_db

URL = "/repertoire/"
TODAY = dt.date(2025, 9, 17)
# Session; user with her rights; choices of départements and of categories (the page only); count, keys, rows.
LIST_QUERIES = 7
EXPORT_QUERIES = 4


@pytest.fixture(autouse=True)
def _today(settings):
    settings.ROR_TODAY = TODAY


@pytest.fixture
def user(client):
    user = b.make_user()
    client.force_login(user)
    return user


def names(response) -> list[str]:
    assert response.status_code == 200
    rows = re.findall(r'<th role="rowheader"[^>]*><a[^>]*>(.*?)</a>', response.content.decode())
    return [name.replace("&#x27;", "'") for name in rows]


def test_sorted_by_name_whatever_the_accents(client, user):
    for name in ("Zénith", "École du Lac", "eau vive", "Abri"):
        b.make_eg(denomination=name)
    b.make_eg(denomination="ZZZ", nom_operationnel="Foyer")
    b.make_eg(denomination="Brouillon", publish=False)
    assert names(client.get(URL)) == ["Abri", "eau vive", "École du Lac", "Foyer", "Zénith"]


@pytest.mark.parametrize(
    ("params", "found"),
    [
        ({"nom": "mesanges"}, ["CSAPA Les Mésanges"]),
        ({"nom": "MÉSANGES csapa"}, ["CSAPA Les Mésanges"]),
        ({"nom": "les-mesanges"}, ["CSAPA Les Mésanges"]),
        ({"nom": "saint roch"}, ["CENTRE ST ROCH"]),
        ({"nom": "100% inconnu"}, []),
        ({"commune": "75010"}, ["CSAPA Les Mésanges"]),
        ({"commune": "75110"}, ["CSAPA Les Mésanges"]),
        ({"commune": "paris 10"}, ["CSAPA Les Mésanges"]),
        ({"commune": "evry"}, ["CENTRE ST ROCH"]),
        ({"departement": "91"}, ["CENTRE ST ROCH"]),
        ({"categorie": "TRE_R66|190"}, ["CENTRE ST ROCH"]),
        ({"etat": "decrit"}, ["CSAPA Les Mésanges"]),
        ({"etat": "a_decrire"}, ["CENTRE ST ROCH"]),
        ({"etat": "ferme"}, ["Fermé hier"]),
        ({"departement": "91", "nom": "mesanges"}, []),
    ],
)
def test_filters(client, user, params, found):
    described = b.make_eg(denomination="CSAPA Les Mésanges")
    b.make_uo(eg=described)
    evry = b.make_commune("91228", "Évry-Courcouronnes", codes_postaux=["91000"])
    camsp = b.make_concept("TRE_R66|190", "CAMSP", value_set="JDV_J55")
    b.make_eg(denomination="CENTRE ST ROCH", commune=evry, categorie=camsp)
    b.make_eg(denomination="Fermé hier", lieu=False, type_fermeture="DEF", date_fermeture=TODAY - dt.timedelta(1))
    response = client.get(URL, params)
    assert names(response) == found
    if not found:
        assert "Aucun établissement pour ces critères" in response.content.decode()


def test_by_number(client, user):
    eg, other = b.make_eg(), b.make_eg(siret="35600000000048")
    for typed in (
        eg.finess,
        f"{eg.finess[:2]} {eg.finess[2:5]} {eg.finess[5:8]} {eg.finess[8]}",
        eg.entite_juridique.finess,
    ):
        assert names(client.get(URL, {"finess": typed})) == [eg.denomination]
    assert names(client.get(URL, {"finess": "356 000"})) == [other.denomination]
    assert names(client.get(URL, {"finess": "-"})) == []


def test_by_ej_with_a_chip_that_removes_it(client, user):
    ej = b.make_ej(raison_sociale="SA Oiseaux (fictif)")
    eg = b.make_eg(ej=ej)
    b.make_eg()
    response = client.get(URL, {"ej": ej.cle, "nom": eg.denomination[:5]})
    assert names(response) == [eg.denomination]
    content = response.content.decode()
    assert "Entité juridique : SA Oiseaux (fictif)" in content
    assert 'class="ror-chip" href="/repertoire/?nom=' in content and f'name="ej" value="{ej.cle}"' in content


def test_a_wrong_choice_says_so_and_shows_nothing(client, user):
    b.make_eg()
    content = client.get(URL, {"etat": "autre"}).content.decode()
    assert "Un critère n’a pas été compris" in content and 'aria-invalid="true"' in content
    assert client.get(reverse("directory:repertoire_export"), {"etat": "autre"}).status_code == 302


def test_states_and_number_of_uo(client, user):
    eg = b.make_eg(denomination="Alpha")
    b.make_uo(eg=eg)
    b.make_uo(eg=eg, unite_sensible=True)
    b.make_uo(eg=eg, type_fermeture="DEF", date_fermeture=TODAY)
    b.make_uo(eg=eg, publish=False)
    content = client.get(URL).content.decode()
    assert re.search(r'data-label="UO :">1</td>', content) and "Décrit</span>" in content
    client.force_login(b.make_user(role=Role.REGULATION))
    assert re.search(r'data-label="UO :">2</td>', client.get(URL).content.decode())


def test_mes_structures_is_for_referents(client, user):
    mine, other = b.make_eg(denomination="La mienne"), b.make_eg(denomination="Une autre")
    assert "Mes structures" not in client.get(URL).content.decode()
    assert names(client.get(URL, {"mes_structures": "on"})) == ["La mienne", "Une autre"]
    client.force_login(b.make_user(role=Role.REFERENT, eg=mine))
    content = client.get(URL).content.decode()
    assert "Mes structures" in content and other.denomination in content
    assert names(client.get(URL, {"mes_structures": "1"})) == ["La mienne"]
    assert names(client.get(URL, {"mes_structures": "on"})) == ["La mienne"]


def test_pages_keep_the_filters(client, user):
    ej = b.make_ej()
    for n in range(51):
        b.make_eg(ej=ej, denomination=f"Maison {n:02}", lieu=False)
    response = client.get(URL, {"nom": "maison", "departement": ""})
    assert len(names(response)) == 50
    content = response.content.decode()
    assert "51\u00a0établissements" in content and 'href="?nom=maison&amp;page=2"' in content
    assert names(client.get(URL, {"nom": "maison", "page": 2})) == ["Maison 50"]


def test_fragment_for_htmx(client, user):
    b.make_eg(denomination="Alpha")
    response = client.get(URL, headers={"HX-Request": "true"})
    assert names(response) == ["Alpha"] and "<h1" not in response.content.decode()
    assert "HX-Request" in response["Vary"]
    page = client.get(URL).content.decode()
    assert page.count("<h1") == 1 and 'id="etablissements"' in page


def sheets(response) -> dict[str, list[list]]:
    assert response.status_code == 200
    book = load_workbook(io.BytesIO(b"".join(response.streaming_content)))
    assert book.worksheets[1].freeze_panes == "A2"
    assert all(cell.data_type != "f" for sheet in book for row in sheet for cell in row)
    return {sheet.title: [[cell.value for cell in row] for row in sheet.iter_rows()] for sheet in book}


def test_excel(client, user):
    eg = b.make_eg(denomination='=HYPERLINK("http://mechant")', nom_operationnel="")
    b.make_uo(eg=eg)
    b.make_eg(denomination="Autre", commune=b.make_commune("91228", "Évry"))
    found = sheets(client.get(reverse("directory:repertoire_export"), {"departement": "75"}))
    assert ["Département", "75 · Paris"] in found["Critères"]
    assert ["Établissements trouvés", "1"] in found["Critères"]
    header, row = found["Établissements"]
    cells = dict(zip(header, row, strict=True))
    assert cells["Nom"] == '=HYPERLINK("http://mechant")'
    assert cells["FINESS géographique"] == eg.finess and cells["FINESS juridique"] == eg.entite_juridique.finess
    assert (cells["Adresse"], cells["Code postal"], cells["Commune"]) == ("12 rue de Paradis", "75010", "Paris 10")
    assert (cells["Nombre d’UO"], cells["État"]) == (1, "Décrit")
    assert cells["Mis à jour le"].date() == eg.updated_at.date()


def test_excel_says_when_it_is_cut(client, user, monkeypatch):
    monkeypatch.setattr("directory.exports.MAX_ROWS", 1)
    b.make_eg()
    b.make_eg()
    found = sheets(client.get(reverse("directory:repertoire_export")))
    assert len(found["Établissements"]) == 2
    assert ["Attention", "Seuls les 1 premiers sont dans ce fichier : affinez les critères."] in found["Critères"]


@pytest.mark.parametrize("rows", [1, 15])
def test_the_list_costs_the_same_whatever_the_number_of_rows(client, user, rows, django_assert_num_queries):
    for _ in range(rows):
        b.make_uo()
    client.get(URL)  # the clock of these tests is moved: the first request begins the day
    with django_assert_num_queries(LIST_QUERIES):
        client.get(URL)
    with django_assert_num_queries(EXPORT_QUERIES):
        b"".join(client.get(reverse("directory:repertoire_export")).streaming_content)


@pytest.mark.parametrize("page", ["", "ej", "eg", "uo", "habilitation", "ficheversion", "importrun"])
def test_admin_is_read_only_but_for_habilitations(client, page):
    uo = b.make_uo()
    b.make_contact(uo, telecoms=[("2", "0102030401", 3)])
    boss = b.make_user(is_staff=True, is_superuser=True)
    client.force_login(boss)
    model = {"ej": "entitejuridique", "eg": "entitegeographique", "uo": "uniteoperationnelle"}.get(page, page)
    if not page:
        assert client.get(reverse("admin:journal_entry_changelist")).status_code == 200
        assert client.get(reverse("admin:journal_entry_add")).status_code == 403
        return
    assert client.get(reverse(f"admin:directory_{model}_changelist"), {"q": "x"}).status_code == 200
    added = client.get(reverse(f"admin:directory_{model}_add"))
    assert added.status_code == (200 if page == "habilitation" else 403)
    if page == "uo":
        shown = client.get(reverse(f"admin:directory_{model}_change", args=[uo.pk]))
        assert "0102030401 (niveau 3)" in shown.content.decode() and 'name="_save"' not in shown.content.decode()


def test_a_habilitation_given_in_the_admin_is_in_the_journal(client):
    boss, person, eg = b.make_user(is_staff=True, is_superuser=True), b.make_user(), b.make_eg()
    client.force_login(boss)
    data = {"user": person.pk, "role": Role.REFERENT, "eg": eg.pk, "valid_from": "01/01/2025"}
    assert client.post(reverse("admin:directory_habilitation_add"), data).status_code == 302
    entry = Entry.objects.get(action="add_habilitation")
    assert entry.author == boss and entry.detail["eg"] == eg.cle and entry.detail["user"] == person.email
