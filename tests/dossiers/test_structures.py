"""« Mes structures »: the tree, what is missing, what waits, and what it costs."""

import datetime as dt
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from directory.models import EntiteGeographique, Role, UniteOperationnelle
from directory.permissions import Reader
from dossiers import structures
from dossiers.models import Dossier, DraftFiche
from nomenclature import refreshed
from nomenclature.models import ChampSaisie, ModeleSaisie
from tests import builders as b

pytestmark = pytest.mark.django_db

URL = "/repertoire/mes-structures/"


@pytest.fixture
def ej():
    ej = b.make_ej(raison_sociale="Association Eucalyptus (fictif)")
    eg = b.make_eg(ej=ej, denomination="CAMSP du Lys (fictif)")
    b.make_uo(eg=eg, nom="CAMSP (fictif)")
    b.make_eg(ej=ej, denomination="Équipe mobile Les Frênes (fictif)")
    return ej


@pytest.fixture
def referent(client, ej):
    user = b.make_user(role=Role.REFERENT, ej=ej)
    client.force_login(user)
    return user


def page(client, **asked) -> str:
    response = client.get(URL, asked)
    assert response.status_code == 200
    return response.content.decode()


def test_the_tree_of_what_one_answers_for(client, ej, referent):
    b.make_eg(denomination="Celle d’une autre (fictif)")
    text = page(client)
    order = [text.index(name) for name in ("Association Eucalyptus", "CAMSP du Lys", "CAMSP (fictif)", "Les Frênes")]
    assert order == sorted(order)
    assert "1\xa0entité juridique, 2\xa0établissements, 1 UO" in text
    assert "Celle d’une autre" not in text
    assert "À décrire" in text and "Aucune unité décrite" in text
    assert re.search(r'<progress class="ror-progress" max="100" value="\d+"', text)


def test_nobody_elses_structures(client, ej):
    for user in (b.make_user(), b.make_user(role=Role.SUPPORT), b.make_user(role=Role.REGULATION)):
        client.force_login(user)
        text = page(client)
        assert "aucune structure" in text and "Eucalyptus" not in text
    ended = b.make_user()
    b.make_habilitation(ended, ej=ej, valid_to=dt.date(2021, 1, 1))
    client.force_login(ended)
    assert "Eucalyptus" not in page(client)
    client.logout()
    assert client.get(URL).status_code == 302


def test_what_is_closed_for_good_is_not_kept_up(client, ej, referent):
    EntiteGeographique.objects.filter(denomination__startswith="CAMSP").update(
        type_fermeture="DEF", date_fermeture=dt.date(2020, 1, 1)
    )
    assert "CAMSP du Lys" not in page(client)


def test_what_is_missing_is_named_with_the_way_to_write_it(client, ej, referent):
    modele = ModeleSaisie.objects.create(code="general", libelle="Général", kind="uo", general=True)
    for ordre, champ in enumerate(("horaires", "publics")):
        ChampSaisie.objects.create(modele=modele, champ=champ, section="Fiche", ordre=ordre, attendu=True)
    refreshed.reset_all()
    uo = UniteOperationnelle.objects.get()
    [row] = [row for one in _found(referent) for row in one.unites]
    assert [(lack.words, lack.url) for lack in row.missing] == [
        ("horaires", f"{uo.get_absolute_url()}modifier/#id_horaires"),  # changed at once
        ("publics pris en charge", ""),  # needs a dossier
    ]
    assert row.completeness.percent == 0
    dossier = Dossier.objects.create(eg=uo.entite_geographique, opened_by=referent)
    [row] = [row for one in _found(referent) for row in one.unites]
    assert row.missing[1].url == dossier.get_absolute_url()
    assert f'<a href="{row.missing[0].url}">horaires</a>' in page(client)


def _found(user) -> list[structures.Etablissement]:
    return [one for _, group in structures.structures(Reader.of(user)).groups for one in group]


def test_the_open_dossier_and_its_new_units_are_there(client, ej, referent):
    eg = EntiteGeographique.objects.get(denomination__startswith="CAMSP")
    dossier = Dossier.objects.create(eg=eg, opened_by=referent)
    DraftFiche.objects.create(
        dossier=dossier, kind="uo", key="11/999", content={"kind": "uo", "nom": "PCO (fictif)"}, updated_by=referent
    )
    text = page(client)
    assert f"Dossier {dossier.numero}" in text and dossier.get_absolute_url() in text
    assert "PCO (fictif)" in text and "pas encore publiée" in text
    assert "0 sur 1\xa0fiche finalisée" in text


def test_the_filters(client, ej, referent):
    UniteOperationnelle.objects.update(updated_at=timezone.now() - dt.timedelta(days=200))
    text = page(client)
    assert "À vérifier (1)" in text and "Rien n’a changé" in text
    late = page(client, filtre="verifier")
    assert "CAMSP du Lys" in late and "Les Frênes" not in late
    assert "Les Frênes" in page(client, filtre="completer")
    assert "CAMSP du Lys" in page(client, filtre="n’importe quoi", page="zzz")
    form = {"version": 1, "suivant": f"{URL}?filtre=verifier"}
    uo = UniteOperationnelle.objects.get()
    assert client.post(reverse("directory:uo_verifier", args=[uo.cle]), form).url == f"{URL}?filtre=verifier"
    assert "Tout a été relu" in page(client, filtre="verifier")


def test_two_hundred_establishments_come_by_pages(client, ej, referent, monkeypatch):
    monkeypatch.setattr(structures, "PER_PAGE", 2)
    for n in range(3):
        b.make_eg(ej=ej, denomination=f"Z{n} (fictif)")
    text = page(client)
    assert "Z0" not in text and "1 à 2 sur 5" in text
    assert "Z0" in page(client, page=2) and "Z2" in page(client, page=3)
    assert "page=2" in page(client, filtre="completer") and "filtre=completer" in page(client, filtre="completer")


def _queries(client, **asked) -> int:
    with CaptureQueriesContext(connection) as queries:
        page(client, **asked)
    return len(queries)


@pytest.mark.parametrize("filtre", ["tout", "completer", "verifier"])
def test_fifteen_establishments_cost_what_one_does(client, filtre):
    ej = b.make_ej()
    client.force_login(b.make_user(role=Role.REFERENT, ej=ej))
    counts = []
    for number in (1, 14):
        for _ in range(number):
            eg = b.make_eg(ej=ej)
            uo = b.make_uo(eg=eg)
            b.make_contact(uo, telecoms=[("2", "0102030405")])
            b.make_activite(uo)
            user = b.make_user(role=Role.REFERENT, eg=eg)
            Dossier.objects.create(eg=eg, opened_by=user)
        UniteOperationnelle.objects.update(updated_at=timezone.now() - dt.timedelta(days=200))
        refreshed.reset_all()
        page(client, filtre=filtre)  # what the process keeps, for ten seconds
        counts.append(_queries(client, filtre=filtre))
    assert counts[0] == counts[1]
    assert counts[1] <= 38
