"""Fiches EJ, EG and UO: who sees what, what is said, what it costs."""

import datetime as dt
import re

import pytest
from django.urls import reverse

from directory import publishing
from directory.documents import to_document
from directory.models import Kind, Role
from tests import builders as b
from tests.directory.readers import readers_of

pytestmark = pytest.mark.django_db

TODAY = dt.date(2025, 9, 17)  # a Wednesday, week 38
# Session and user; habilitations; the fiche; lieux; its document;
# concepts; last version; UO of the tree; EG of the tree.
UO_QUERIES = 9
EG_QUERIES = 10
EJ_QUERIES = 10


@pytest.fixture(autouse=True)
def _today(settings):
    settings.ROR_TODAY = TODAY


@pytest.fixture
def uo():
    """A CAMSP with one contact a level, and a level-3 number under a level-2 contact."""
    uo = b.make_uo(nom="CAMSP du Lys (fictif)", type_uo="CAMSP", age_min=0, age_max=6)
    b.make_contact(uo, nom="Accueil (fictif)", niveau=1, telecoms=[("2", "0102030401"), ("3", "accueil@exemple.fr")])
    b.make_contact(uo, nom="Secrétariat (fictif)", niveau=2, telecoms=[("2", "0102030402"), ("1", "0602030403", 3)])
    b.make_contact(uo, nom="Ligne de crise (fictif)", niveau=3, telecoms=[("2", "0102030404")])
    return uo


def get(client, user, url, **headers):
    client.force_login(user)
    return client.get(url, headers=headers)


def html(response) -> str:
    assert response.status_code == 200
    return response.content.decode()


LEVEL_3 = {"own", "own_by_ej", "regulation", "regulation_75"}
LEVEL_2 = {"pro", "other", "regulation_91"}


@pytest.mark.parametrize("who", sorted(LEVEL_2 | LEVEL_3))
@pytest.mark.parametrize("page", ["uo", "uo_imprimer"])
def test_levels_of_contacts_and_of_telecoms(client, uo, who, page):
    content = html(get(client, readers_of(uo.entite_geographique)[who], reverse(f"directory:{page}", args=[uo.cle])))
    for public in ("Accueil (fictif)", "tel:+33102030401", "mailto:accueil@exemple.fr", "tel:+33102030402"):
        assert public in content
    for secret in ("Ligne de crise (fictif)", "102030404", "602030403"):
        assert (secret in content) is (who in LEVEL_3), secret
    assert ("ne la remettez ni au public" in content) is (who in LEVEL_3 and page == "uo_imprimer")


@pytest.mark.parametrize("who", sorted(LEVEL_2 | LEVEL_3))
def test_a_sensitive_uo_does_not_exist_for_the_others(client, who):
    uo = b.make_uo(nom="Refuge secret (fictif)", unite_sensible=True)
    b.make_contact(uo, niveau=3, telecoms=[("2", "0102030409")])
    user = readers_of(uo.entite_geographique)[who]
    fiche = get(client, user, reverse("directory:uo", args=[uo.cle]))
    assert fiche.status_code == (200 if who in LEVEL_3 else 404)
    if who in LEVEL_3:
        assert "Unité sensible" in fiche.content.decode()
    eg = uo.entite_geographique
    for url in (eg.get_absolute_url(), eg.entite_juridique.get_absolute_url(), reverse("directory:repertoire")):
        content = html(get(client, user, url))
        assert ("Refuge secret" in content) is (who in LEVEL_3 and "/eg/" in url)
    assert ("À décrire" in html(get(client, user, eg.get_absolute_url()))) is (who in LEVEL_2)


@pytest.mark.parametrize("who", sorted(LEVEL_2 | LEVEL_3))
def test_orsan_and_landing_zone_are_for_level_3(client, who):
    orsan = b.make_concept("TRE_R284|1", "Première ligne ORSAN")
    eg = b.make_eg(niveau_recours_orsan=orsan, zone_poser=True)
    b.make_contact(eg, nom="Cellule d’alerte (fictif)", niveau=3, telecoms=[("2", "0102030410")])
    content = html(get(client, readers_of(eg)[who], eg.get_absolute_url()))
    for secret in ("Première ligne ORSAN", "hélicoptère", "Cellule d’alerte", "102030410"):
        assert (secret in content) is (who in LEVEL_3), secret


@pytest.mark.parametrize(
    ("who", "sees"),
    [("pro", False), ("own", False), ("own_by_ej", True), ("regulation_75", True), ("regulation_91", False)],
)
def test_level_3_contacts_of_an_ej_are_for_its_own_referents(client, uo, who, sees):
    ej = uo.entite_geographique.entite_juridique
    b.make_contact(ej, nom="Astreinte (fictif)", niveau=3)
    assert (
        "Astreinte (fictif)" in html(get(client, readers_of(uo.entite_geographique)[who], ej.get_absolute_url()))
    ) is sees


def test_login_is_required(client, uo):
    for name, cle in (("uo", uo.cle), ("eg", uo.entite_geographique.cle), ("repertoire", None)):
        response = client.get(reverse(f"directory:{name}", args=[cle] if cle else []))
        assert response.status_code == 302 and response.url.startswith("/connexion/")


def test_keys(client):
    eg = b.make_eg()
    without_finess = b.make_eg(siret="35600000000048")
    user = b.make_user()
    moved = get(client, user, reverse("directory:eg", args=[eg.idnat_struct]))
    assert (moved.status_code, moved.url) == (301, eg.get_absolute_url())
    moved = get(client, user, reverse("directory:ej", args=[eg.entite_juridique.idnat_struct]) + "?page=2")
    assert (moved.status_code, moved.url) == (301, eg.entite_juridique.get_absolute_url() + "?page=2")
    assert without_finess.get_absolute_url() == "/repertoire/eg/335600000000048/"
    html(get(client, user, without_finess.get_absolute_url()))
    for name, cle in (("eg", "750000000"), ("ej", "x"), ("uo", "11-999999"), ("uo", "11"), ("uo", "11-1/2")):
        url = reverse("directory:uo", args=["x"])[:-2].replace("uo/", f"{name}/") + f"{cle}/"
        assert get(client, user, url).status_code == 404, url


def test_an_unpublished_fiche_is_not_found(client):
    eg = b.make_eg(publish=False)
    assert get(client, b.make_user(), eg.get_absolute_url()).status_code == 404


def test_what_a_uo_says(client, uo):
    eg = uo.entite_geographique
    b.make_activite(
        uo, "TRE_R211|448", "Suivi psychologique", famille=b.make_concept("TRE_R265|010", "Prestation SERAFIN")
    )
    uo.specialisations = [b.make_concept(f"TRE_R245|{n}", f"Spécialisation {n}") for n in (3, 11)]
    uo.zones_intervention = [b.make_commune()]
    uo.conditions_admission = "Sans notification <MDPH>"
    uo.save()
    content = html(get(client, b.make_user(), uo.get_absolute_url()))
    assert len(re.findall("<h1", content)) == 1
    for text in (
        "<b>Enfants de 0 à 6\u00a0ans</b>",
        "Suivi psychologique",
        "Prestation SERAFIN",
        "Spécialisation 11",
        "Sans notification &lt;MDPH&gt;",
        "Zone d’intervention : Paris 10",
        "12 rue de Paradis",
        uo.identifiant,
        "par Système ROR · version 1",
        "openstreetmap.org/directions?to=48.876200,2.359000",
    ):
        assert text in content, text
    assert f'href="{eg.get_absolute_url()}"' in content
    assert f'<a href="{uo.get_absolute_url()}" aria-current="page">' in content
    assert " style=" not in content and "<style" not in content and "onclick" not in content


@pytest.mark.parametrize(
    ("ages", "sentence"),
    [
        ({"age_min": 18}, "Adultes à partir de 18\u00a0ans"),
        ({"age_min": 6, "age_min_unite": "mo", "age_max": 3}, "Enfants de 6\u00a0mois à 3\u00a0ans"),
        ({"age_max": 1}, "Enfants jusqu’à 1\u00a0an"),
        ({"age_min": 12, "age_max": 25}, "Enfants et adultes de 12 à 25\u00a0ans"),
        ({}, "Non renseignée"),
    ],
)
def test_patientele_in_words(client, ages, sentence):
    assert sentence in html(get(client, b.make_user(), b.make_uo(**ages).get_absolute_url()))


@pytest.mark.parametrize(
    ("closing", "words"),
    [
        ({}, "Ouvert</span>"),
        (
            {"type_fermeture": "DEF", "date_fermeture": dt.date(2025, 3, 1)},
            "Fermé définitivement depuis le\u00a001/03/2025",
        ),
        (
            {"type_fermeture": "PRO", "date_fermeture": dt.date(2025, 9, 1), "date_reouverture": dt.date(2025, 10, 6)},
            "Fermé provisoirement jusqu’au\u00a006/10/2025",
        ),
        (
            {"type_fermeture": "PRO", "date_fermeture": dt.date(2025, 9, 1)},
            "Fermé provisoirement depuis le\u00a001/09/2025",
        ),
        ({"type_fermeture": "DEF", "date_fermeture": dt.date(2025, 12, 31)}, "Ouvert, ferme le\u00a031/12/2025"),
        (
            {"type_fermeture": "PRO", "date_fermeture": dt.date(2025, 9, 1), "date_reouverture": dt.date(2025, 9, 17)},
            "Ouvert</span>",
        ),
    ],
)
def test_state_badge(client, closing, words):
    assert words in html(get(client, b.make_user(), b.make_uo(**closing).get_absolute_url()))


def test_an_old_fiche_is_to_refresh_unless_verified_since(client, uo, settings):
    user = b.make_user()
    settings.ROR_TODAY = None
    assert "À jour" in html(get(client, user, uo.get_absolute_url()))
    long_ago = uo.updated_at - dt.timedelta(days=settings.STALE_AFTER_DAYS + 1)
    type(uo).objects.filter(pk=uo.pk).update(updated_at=long_ago)
    assert "À actualiser" in html(get(client, user, uo.get_absolute_url()))
    type(uo).objects.filter(pk=uo.pk).update(verified_at=uo.updated_at, verified_by=user)
    content = html(get(client, user, uo.get_absolute_url()))
    assert "À jour" in content and "vérifié le" in content


def test_the_author_of_the_last_version(client, uo):
    author = b.make_user(first_name="Camille", last_name="Durand (fictif)")
    for key, value_set in (("TRE_R200|1", "JDV_J225"), ("TRE_R200|2", "JDV_J225"), ("TRE_R200|3", "JDV_J225")):
        b.make_concept(key, value_set=value_set)
    changed = to_document(Kind.UO, uo.pk) | {"complements": "Sonner deux fois."}
    publishing.publish(Kind.UO, changed, by=author, origin="direct")
    assert "par Camille Durand (fictif) · version 2" in html(get(client, b.make_user(), uo.get_absolute_url()))
    publishing.publish(Kind.UO, changed | {"complements": "Sonner une fois."}, by=author, origin="import:7")
    assert "par import · version 3" in html(get(client, b.make_user(), uo.get_absolute_url()))


@pytest.mark.parametrize(
    ("canal", "address", "expected"),
    [
        ("4", "https://lys.exemple.fr/accueil", 'href="https://lys.exemple.fr/accueil" rel="noopener'),
        ("4", "www.lys.exemple.fr", 'href="https://www.lys.exemple.fr" rel="noopener'),
        ("4", "http://lys.exemple.fr", "http://lys.exemple.fr</span>"),
        ("4", "javascript:alert(1)", "javascript:alert(1)</span>"),
        ("4", "https://a.fr@mechant.fr", "https://a.fr@mechant.fr</span>"),
        ("3", "pas une adresse", "pas une adresse</span>"),
        ("6", "0102030411", "0102030411</span>"),
    ],
)
def test_typed_text_becomes_a_link_only_when_safe(client, canal, address, expected):
    uo = b.make_uo()
    b.make_contact(uo, telecoms=[(canal, address)])
    content = html(get(client, b.make_user(), uo.get_absolute_url()))
    assert expected in content
    assert 'href="javascript' not in content and 'href="http:' not in content


# --- Hours -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def hours(uo):
    for day in range(1, 6):
        b.make_horaire(uo, day, "08:00", "19:00")
    b.make_horaire(uo, 6, "08:30", "13:00")
    closing = b.make_concept("TRE_R252|08", "Horaire de fermeture")
    b.make_horaire(uo, None, "12:00", "19:00", type_plage=closing, date_debut=TODAY, date_fin=TODAY)
    return uo


def week(content: str) -> list[str]:
    """The seven cells, tags removed."""
    cells = re.findall(r"<li[^>]*>(.*?)</li>", re.search(r'<ol class="ror-week">(.*?)</ol>', content, re.S)[1], re.S)
    return [" ".join(re.sub("<[^>]+>", " ", cell).split()) for cell in cells]


def test_week_of_today_with_its_exception(client, hours):
    content = html(get(client, b.make_user(), hours.get_absolute_url()))
    assert "Semaine 38" in content and "Semaine modifiée" in content
    cells = week(content)
    assert cells[0] == "Lu ndi 15/09 Ouvert 08:00–19:00"
    assert cells[2] == "Me rcredi 17/09 , aujourd’hui Ouvert 08:00–12:00 modifié"
    assert cells[6] == "Di manche 21/09 Fermé"
    assert "lundi au vendredi 08:00–19:00, samedi 08:30–13:00." in content
    assert "Le 17/09/2025\u00a0: fermé de 12:00 à 19:00" in content


def test_another_week_by_link_or_as_a_fragment(client, hours):
    url = hours.get_absolute_url()
    for text, number in (("2025-W39", 39), ("2025-W53", 38), ("n’importe quoi", 38), ("2026-W01", 1)):
        assert f"<b>Semaine {number}</b>" in html(get(client, b.make_user(), f"{url}?semaine={text}"))
    fragment = get(client, b.make_user(), f"{url}?semaine=2025-W39", **{"HX-Request": "true"})
    assert html(fragment).lstrip().startswith('<section class="ror-panel" id="horaires"')
    assert "HX-Request" in fragment["Vary"]
    assert "?semaine=2025-W38" in html(fragment) and "?semaine=2025-W40" in html(fragment)


def test_without_hours(client, uo):
    assert "Horaires non renseignés" in html(get(client, b.make_user(), uo.get_absolute_url()))


# --- EG and EJ ----------------------------------------------------------------------------------------------------


def test_what_an_eg_says(client):
    principal = b.make_eg(denomination="CSAPA Les Mésanges (fictif)")
    annexe = b.make_eg(
        denomination="Antenne du Nord (fictif)", site_principal=principal, ej=principal.entite_juridique
    )
    uo = b.make_uo(eg=principal, age_min=18)
    content = html(get(client, b.make_user(), principal.get_absolute_url()))
    assert len(re.findall("<h1", content)) == 1
    assert "Site principal de 1\u00a0annexe" in content and annexe.get_absolute_url() in content
    assert uo.get_absolute_url() in content and "À décrire" not in content
    content = html(get(client, b.make_user(), annexe.get_absolute_url()))
    assert "Annexe de" in content and principal.get_absolute_url() in content
    assert "À décrire" in content and "Aucun référent n’est encore désigné" in content
    referent = b.make_user(role=Role.REFERENT, eg=annexe)
    assert "Vous en êtes référent" in html(get(client, referent, annexe.get_absolute_url()))
    assert "Ses référents peuvent la décrire" in html(get(client, b.make_user(), annexe.get_absolute_url()))


def test_the_tree_is_capped_and_keeps_the_current_eg(client):
    ej = b.make_ej()
    last = [b.make_eg(ej=ej, denomination=f"Maison {n:02}", lieu=False) for n in range(33)][-1]
    content = html(get(client, b.make_user(), last.get_absolute_url()))
    assert content.count('title="Entité géographique"') == 31
    assert f'<a href="{last.get_absolute_url()}" aria-current="page">' in content
    assert f'href="/repertoire/?ej={ej.cle}"' in content


def test_what_an_ej_says(client):
    ej = b.make_ej(a_identifier=True, statut_juridique=None, raison_sociale="Entité 750000001")
    eg = b.make_eg(ej=ej, denomination="Seul établissement (fictif)")
    content = html(get(client, b.make_user(), ej.get_absolute_url()))
    assert "À identifier" in content and eg.get_absolute_url() in content
    assert len(re.findall("<h1", content)) == 1


def test_print_pages_have_no_frame(client, uo):
    eg = uo.entite_geographique
    pages = (("uo", uo.cle), ("eg", eg.cle), ("ej", eg.entite_juridique.cle))
    for name, cle in pages:
        content = html(get(client, b.make_user(), reverse(f"directory:{name}_imprimer", args=[cle])))
        assert "ror-topbar" not in content and "data-print" in content
        assert content.count("<h1") == 1


# --- Cost -----------------------------------------------------------------------------------------------------------


def fill(uo, *, contacts: int, concepts: int):
    for n in range(contacts):
        nature = b.make_concept(f"TRE_R287|{n:02}", f"Nature {n}")
        b.make_contact(uo, nature=nature, telecoms=[("2", f"01020305{n:02}"), ("3", f"c{n}@exemple.fr")])
    half = concepts // 2
    uo.specialisations = [b.make_concept(f"TRE_R245|{n}", f"Spécialisation {n}") for n in range(half)]
    uo.actes_specifiques = [b.make_concept(f"TRE_R210|{n}", f"Acte {n}") for n in range(half)]
    uo.save()
    for n in range(contacts):
        b.make_activite(uo, f"TRE_R211|{n}", famille=b.make_concept(f"TRE_R265|{n}"))
        b.make_horaire(uo, n % 7 + 1, "08:00", "12:00")


def cost(client, url, expected, django_assert_num_queries):
    client.force_login(b.make_user())
    html(client.get(url))  # keys of concepts are kept by the process
    with django_assert_num_queries(expected):
        html(client.get(url))


@pytest.mark.parametrize(("contacts", "concepts"), [(1, 2), (5, 40)])
def test_a_uo_costs_the_same_whatever_it_holds(client, contacts, concepts, django_assert_num_queries):
    uo = b.make_uo()
    fill(uo, contacts=contacts, concepts=concepts)
    for _ in range(contacts):
        b.make_uo(eg=uo.entite_geographique)
        b.make_eg(ej=uo.entite_geographique.entite_juridique)
    cost(client, uo.get_absolute_url(), UO_QUERIES, django_assert_num_queries)


@pytest.mark.parametrize("rows", [1, 15])
def test_an_eg_costs_the_same_whatever_it_holds(client, rows, django_assert_num_queries):
    eg = b.make_eg()
    for n in range(rows):
        b.make_uo(eg=eg)
        b.make_contact(eg, telecoms=[("2", f"01020305{n:02}")])
        b.make_eg(ej=eg.entite_juridique, site_principal=eg)
    cost(client, eg.get_absolute_url(), EG_QUERIES, django_assert_num_queries)


@pytest.mark.parametrize("rows", [1, 15])
def test_an_ej_costs_the_same_whatever_it_holds(client, rows, django_assert_num_queries):
    ej = b.make_ej()
    for n in range(rows):
        b.make_uo(eg=b.make_eg(ej=ej))
        b.make_contact(ej, telecoms=[("2", f"01020305{n:02}")])
    cost(client, ej.get_absolute_url(), EJ_QUERIES, django_assert_num_queries)
