"""A whole establishment, a whole offre: national names, levels held, nothing of what is hidden."""

import datetime as dt
import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import builders as b
from tests.api.conftest import machine, person

pytestmark = pytest.mark.django_db
PUBLIC, PRO, REGULATION = 1, 2, 3
NEVER_PUBLIC = {
    "acteSpecifique",
    "acteRealiseHorsCabinet",
    "specialisationPriseEnCharge",
    "professionRessource",
    "competenceSpecifique",
}


def uo_url(uo) -> str:
    return f"/api/v1/uo/{uo.cle}/"


def eg_url(eg) -> str:
    return f"/api/v1/etablissements/{eg.cle}/"


def numbers(answer: dict) -> list[str]:
    return [line["adresseTelecom"] for contact in answer["contact"] for line in contact["telecommunication"]]


def test_an_offre_with_its_national_names(world):
    answer = machine().get(uo_url(world.uo)).json()
    assert answer["identifiantOffre"] == world.uo.identifiant
    assert answer["nomOffre"] == "CAMSP, accueil"
    assert answer["typeUO"] == {"systeme": "ror-type-uo", "code": "CAMSP", "libelle": "CAMSP"}
    assert answer["activiteOperationnelle"][0]["activiteOperationnelle"]["libelle"] == "Dépistage"
    assert answer["patientele"]["ageMax"] == {"valeur": 6.0, "unite": "a"}
    assert [acte["libelle"] for acte in answer["acteSpecifique"]] == ["Bilan orthophonique"]
    assert answer["contact"][0]["telecommunication"][0]["canal"]["libelle"] == "Téléphone fixe"
    assert answer["lieuRealisationOffre"][0]["communeCog"] == "75110"
    assert answer["etablissement"]["url"] == f"http://testserver{eg_url(world.eg)}"
    assert answer["page"] == f"http://testserver{world.uo.get_absolute_url()}"
    assert answer["metadonnee"]["version"] == 1


@pytest.mark.parametrize(
    ("niveau", "expected"),
    [
        (PUBLIC, ["0199000001"]),
        (PRO, ["0199000002", "0199000001"]),
        (REGULATION, ["0199000003", "0199000002", "0199000001"]),
    ],
)
@pytest.mark.parametrize("kind", ["uo", "eg"])
def test_contacts_up_to_the_level_of_the_client(world, niveau, expected, kind):
    url = uo_url(world.uo) if kind == "uo" else eg_url(world.eg)
    assert numbers(machine(niveau=niveau).get(url).json()) == expected


def test_a_telecom_above_the_level_stays_in_its_visible_contact(world):
    uo = b.make_uo(eg=world.eg)
    b.make_contact(uo, niveau=1, telecoms=[("2", "0199000011", 1), ("2", "0199000012", 2)])
    assert numbers(machine(niveau=PUBLIC).get(uo_url(uo)).json()) == ["0199000011"]
    assert numbers(machine(niveau=PRO).get(uo_url(uo)).json()) == ["0199000011", "0199000012"]


def test_what_the_access_policy_keeps(world):
    public, pro, regulation = (machine(niveau=niveau) for niveau in (PUBLIC, PRO, REGULATION))
    assert not NEVER_PUBLIC & set(public.get(uo_url(world.uo)).json())
    assert set(pro.get(uo_url(world.uo)).json()) >= NEVER_PUBLIC
    assert not {"zonePoser", "niveauRecoursORSAN"} & set(pro.get(eg_url(world.eg)).json())
    assert regulation.get(eg_url(world.eg)).json()["niveauRecoursORSAN"]["libelle"] == "Recours 1"


def test_a_sensitive_unit_and_its_place_exist_for_regulation_alone(world):
    for client in (machine(niveau=PUBLIC), machine(niveau=PRO), person()):
        answer = client.get(uo_url(world.secret))
        assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
        text = json.dumps(client.get(eg_url(world.eg)).json(), ensure_ascii=False)
        assert "Refuge" not in text and "Secret" not in text
    regulation = machine(niveau=REGULATION)
    assert regulation.get(uo_url(world.secret)).json()["uniteSensible"] is True
    assert "impasse du Secret" in json.dumps(regulation.get(eg_url(world.eg)).json(), ensure_ascii=False)
    referent = person(role="referent", eg=world.eg)
    assert referent.get(uo_url(world.secret)).status_code == 200


def test_an_establishment_with_its_offres(world):
    answer = machine().get(eg_url(world.eg)).json()
    assert (answer["numFINESS"], answer["idNat_Struct"]) == (world.eg.finess, world.eg.idnat_struct)
    assert [offre["nomOffre"] for offre in answer["offreOperationnelle"]] == ["CAMSP, accueil"]
    assert answer["categorieEG"]["systeme"]
    assert len(answer["lieu"]) == 1
    assert machine().get(f"/api/v1/etablissements/{world.eg.idnat_struct}/").json() == answer


def test_expired_hours_are_not_told(world):
    today = dt.date.today()
    b.make_horaire(world.uo, 1, "09:00", "12:00")
    for end in (today - dt.timedelta(days=1), today):
        b.make_horaire(world.uo, 2, None, None, date_debut=today - dt.timedelta(days=30), date_fin=end)
    told = machine().get(uo_url(world.uo)).json()["horaire"]
    assert [line["finDateEffective"] for line in told] == [None, today.isoformat()]


@pytest.mark.parametrize(
    "url",
    ["/api/v1/uo/11-999999/", "/api/v1/uo/rien/", "/api/v1/etablissements/750999999/", "/api/v1/uo/%00/", "/api/rien"],
)
def test_what_is_not_there_is_a_problem(world, url):
    answer = machine().get(url)
    assert answer.status_code in (400, 404)
    assert answer["Content-Type"] == "application/problem+json"


def test_an_unpublished_fiche_is_not_there(world):
    assert machine().get(uo_url(b.make_uo(eg=world.eg, publish=False))).status_code == 404


def test_an_etag_until_the_next_publication(world):
    client = machine()
    kept = {"if-none-match": client.get(uo_url(world.uo))["ETag"]}
    assert client.get(uo_url(world.uo), headers=kept).status_code == 304
    world.uo.nom = "CAMSP, nouvel accueil"
    world.uo.save()
    assert client.get(uo_url(world.uo), headers=kept).status_code == 200


@pytest.mark.parametrize(("kind", "queries"), [("uo", 14), ("eg", 14)])
def test_a_fiche_costs_the_same_whatever_it_holds(world, kind, queries):
    url, client = (uo_url(world.uo) if kind == "uo" else eg_url(world.eg)), machine()
    client.get(url)
    with CaptureQueriesContext(connection) as few:
        client.get(url)
    for number in range(5):
        b.make_contact(world.uo, niveau=2, telecoms=[("2", "0199000002")])
        b.make_contact(world.eg, niveau=2, telecoms=[("1", "0699000002")])
        b.make_activite(world.uo, f"TRE_R211|9{number}")
        b.make_lieu(world.eg)
        b.make_uo(eg=world.eg)
    client.get(url)
    with CaptureQueriesContext(connection) as many:
        client.get(url)
    assert len(many) == len(few), [query["sql"][:120] for query in many]
    assert len(many) <= queries
