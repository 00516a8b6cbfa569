"""What is in the file: its columns, at the level of who asked."""

import datetime as dt

import openpyxl
import pytest
from django.utils import timezone

from directory.models import Role
from restitutions.models import Format, Perimetre
from tests import builders as b
from tests.restitutions.extractions.making import lines, made, units

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("file_format", Format)
def test_the_whole_directory(offer, settings, file_format):
    settings.SITE_URL = "https://ror.test"
    reader = b.make_user(
        role=Role.SUPPORT, departement=b.make_departement("93")
    )  # nothing more than a professional here
    found = lines(made(reader, file_format=file_format))
    assert list(found) == [
        ("Alpha", "CSAPA un"),
        ("Bêta", "'=CSAPA deux" if file_format == Format.CSV else "=CSAPA deux"),
        ("Gamma", "CAMSP"),
        ("Sans unité", None),
    ]
    row = found["Alpha", "CSAPA un"]
    eg = offer["alpha"]
    uo = eg.unites.get()
    text = file_format == Format.CSV
    assert row | {"Mise à jour le": None, "Activités opérationnelles": None} == {
        "FINESS géographique": eg.finess,
        "SIRET": "" if text else None,
        "Établissement": "Alpha",
        "Catégorie": "CSAPA",
        "FINESS juridique": eg.entite_juridique.finess,
        "Entité juridique": eg.entite_juridique.raison_sociale,
        "Adresse": "12 rue de Paradis",
        "Code postal": "75010",
        "Commune": "Paris 10",
        "Code INSEE": "75110",
        "Département": "75",
        "Latitude": "48.8762" if text else 48.8762,
        "Longitude": "2.359" if text else 2.359,
        "Téléphone": "01 02 03 04 01",
        "Identifiant de l’UO": uo.identifiant,
        "Nom de l’UO": "CSAPA un",
        "Type d’UO": "CSAPA",
        "Mode de prise en charge": "Accueil individuel ou collectif",
        "Activités opérationnelles": None,
        "Patientèle": "Adultes",
        "Statut": "Ouvert",
        "Téléphone de l’UO": "" if text else None,
        "Mise à jour le": None,
        "Confidentialité": "" if text else None,
        "Fiche": f"https://ror.test{uo.get_absolute_url()}",
    }
    day = timezone.localdate(uo.updated_at)
    assert row["Mise à jour le"] == (day.isoformat() if text else dt.datetime(day.year, day.month, day.day))


def test_activities_are_named(support):
    uo = b.make_uo()
    b.make_activite(uo, "TRE_R211|448", "Coordination")
    b.make_activite(uo, "TRE_R211|449", "Accompagnement")
    b.project(uo.entite_geographique)
    [row] = lines(made(support)).values()
    assert row["Activités opérationnelles"] == "Accompagnement | Coordination"


def test_one_departement(support, offer):
    paris = made(support, perimetre=Perimetre.DEPARTEMENT, departement=b.make_departement("75"))
    assert {eg for eg, _ in lines(paris)} == {"Alpha", "Bêta"} and paris.words == "Paris (75)"


def test_levels_are_those_of_the_requester(offer):
    everywhere = lines(made(b.make_user(role=Role.REGULATION)))
    assert everywhere["Bêta", "Refuge caché"]["Confidentialité"] == "unité sensible"
    assert everywhere["Alpha", "CSAPA un"]["Téléphone"] == "01 02 03 04 01"
    here = lines(made(b.make_user(role=Role.REGULATION, departement=b.make_departement("75"))))
    assert ("Bêta", "Refuge caché") in here
    away = made(b.make_user(role=Role.REGULATION, departement=b.make_departement("91")))
    assert ("Bêta", "Refuge caché") not in lines(away)
    assert "Refuge" not in str(lines(away))


def test_level_3_numbers(support):
    eg = b.make_eg()
    b.make_contact(eg, niveau=3, telecoms=[("1", "0102030499")])
    b.make_uo(eg=eg, nom="Une")
    b.project(eg)
    [row] = lines(made(support)).values()
    assert row["Téléphone"] == "01 02 03 04 99"
    [row] = lines(made(b.make_user(role=Role.SUPPORT, departement=b.make_departement("93")))).values()
    assert row["Téléphone"] is None


def test_what_is_closed_for_good_is_not_there_and_the_clock_decides(support, settings):
    eg = b.make_eg(denomination="Ferme demain", type_fermeture="DEF", date_fermeture=dt.date(2026, 12, 1))
    b.make_uo(eg=eg, nom="Une")
    b.project(eg)
    settings.ROR_TODAY = dt.date(2026, 11, 30)
    assert units(made(support)) == ["Une"]
    settings.ROR_TODAY = dt.date(2026, 12, 1)
    assert lines(made(support)) == {}


def test_the_first_sheet_says_what_it_is(support, offer):
    extraction = made(support, perimetre=Perimetre.RECHERCHE, query="q=csapa")
    sheet = openpyxl.load_workbook(extraction.path)["Critères"]
    found = dict(sheet.iter_rows(values_only=True))
    assert found["Contenu"] == "«\u00a0csapa\u00a0»"
    assert "régulation" in found["Coordonnées"] and support.email not in str(found)
