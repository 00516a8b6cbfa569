"""The strongest question about a secret: is anything different for this reader when it is there?"""

import datetime as dt
import io
import re
import zipfile

import pytest
from django.core.cache import caches

from directory import publishing
from directory.models import Kind, LieuDeLOffre, Role
from ror import clock
from search import index
from tests import builders as b

pytestmark = pytest.mark.django_db

SECRET = "Zygomatique"
QUESTIONS = (
    "q=zygomatique",
    "q=zygomatique&dans=noms",
    "q=vercingetorix",
    "q=visible&patientele=E",
    "q=visible&type_uo=SECRET",
    "q=visible&activite=777&tri=pertinence",
    "code=ror-type-uo|SECRET",
    "code=TRE_R210|777",
    "code=TRE_R211|777",
    "ou=77001&q=visible",
)


@pytest.fixture(autouse=True)
def _time_stands_still(monkeypatch):
    """Files say at what minute they were made: that alone is no difference."""
    instant = clock.now()
    monkeypatch.setattr(clock, "now", lambda: instant)


@pytest.fixture
def ej():
    """An EJ with a described EG and an empty one; every code the secret will use is already in the nomenclature."""
    ej = b.make_ej()
    eg = b.make_eg(ej=ej, denomination="Maison visible")
    b.make_eg(ej=ej, denomination="Maison nue")
    b.make_contact(b.make_uo(eg=eg, nom="UO visible"), telecoms=[("2", "0188000000")])
    b.make_contact(eg, nom="Accueil")
    for key in ("ror-type-offre|etablissement", "ror-patientele|E", "ror-patientele|A", "TRE_R200|2"):
        b.make_concept(key)
    b.make_type_uo("SECRET", "Type discret")
    b.make_concept("TRE_R210|777", "Acte discret", value_set="JDV_J16")
    b.make_concept("TRE_R211|777", "Activité discrète", value_set="JDV_J17")
    b.make_commune("77001", "Achères", latitude=48.6, longitude=2.8, codes_postaux=["77001"])
    b.make_departement("77")
    return ej


def hide_things_in(ej) -> list:
    """In each EG, a sensitive UO with a place of its own, and numbers of level 3; returns the UO."""
    acte, commune = b.make_concept("TRE_R210|777"), b.make_commune("77001")
    hidden = []
    for eg in ej.etablissements.order_by("pk"):
        uo = b.make_uo(
            eg=eg,
            nom=f"Refuge {SECRET}",
            type_uo="SECRET",
            unite_sensible=True,
            age_min=1,
            age_max=5,
            concepts={"actes_specifiques": [acte], "zones_intervention": [commune]},
            publish=False,
        )
        lieu = b.make_lieu(eg, nom=f"Abri {SECRET}", commune=commune, libelle_voie="rue Vercingétorix")
        LieuDeLOffre.objects.create(unite=uo, lieu_uid=lieu.uid)
        b.make_contact(uo, niveau=3, nom=SECRET, telecoms=[("2", "0199777000")])
        b.make_activite(uo, "TRE_R211|777")
        publishing.publish_many(Kind.UO, [uo.pk], by=b.User.objects.system(), origin="test")
        b.make_contact(eg, niveau=3, nom=SECRET, telecoms=[("2", "0199777001")])
        hidden.append(uo)
    b.make_contact(ej, niveau=3, nom=SECRET, telecoms=[("2", "0199777003")])
    index.rebuild()
    return hidden


def seen(client, user, ej) -> dict[str, str]:
    """Everything this person may ask for around the EJ, without what changes at each request."""
    client.force_login(user)
    caches["redis"].clear()
    urls = [
        "/",
        "/repertoire/",
        "/repertoire/export.xlsx",
        "/repertoire/?nom=zygomatique",
        "/repertoire/?commune=77001",
    ]
    urls += [f"/repertoire/?etat={etat}" for etat in ("decrit", "a_decrire", "ferme")]
    for fiche in (ej, *ej.etablissements.order_by("pk")):
        urls += [fiche.get_absolute_url(), f"{fiche.get_absolute_url()}imprimer/"]
    pages = ("/recherche/", "/recherche/export.xlsx", "/recherche/carte.geojson", "/api/v1/etablissements/")
    urls += [f"{page}?{q}" for q in QUESTIONS for page in pages]
    urls += [f"/recherche/suggestions/{box}/?q=zyg" for box in ("ou", "quoi")]
    return {url: _text(client.get(url)) for url in urls}


def _text(response) -> str:
    assert response.status_code == 200
    body = b"".join(response.streaming_content) if response.streaming else response.content
    if "spreadsheet" in response["Content-Type"]:
        archive = zipfile.ZipFile(io.BytesIO(body))
        body = b"".join(archive.read(name) for name in archive.namelist() if "core" not in name)
    # CSRF tokens, duration of the search, time of the extraction.
    return re.sub(r'"[0-9A-Za-z]{64}"|\d+(,\d+)?\s*ms|\d\d:\d\d|\d{1,2}\s*h\s*\d\d', "", body.decode())


@pytest.mark.parametrize("who", ["pro", "other", "contributeur", "regulation_77", "expired"])
def test_nothing_differs_for_who_may_not_see_it(client, ej, who, settings):
    settings.ROR_TODAY = dt.date(2025, 9, 17)
    eg = ej.etablissements.first()
    user = {
        "pro": b.make_user,
        "other": lambda: b.make_user(role=Role.REFERENT, eg=b.make_eg()),
        "contributeur": lambda: b.make_user(role=Role.CONTRIBUTEUR, eg=eg),
        "regulation_77": lambda: b.make_user(role=Role.REGULATION, departement=b.make_departement("77")),
        "expired": b.make_user,
    }[who]()
    if who == "expired":
        b.make_habilitation(user, Role.REGULATION, valid_to=dt.date(2021, 1, 1))
    index.rebuild()
    before = seen(client, user, ej)
    hidden = hide_things_in(ej)
    after = seen(client, user, ej)
    assert [url for url in before if before[url] != after[url]] == []
    for uo in hidden:
        for url in (uo.get_absolute_url(), f"{uo.get_absolute_url()}imprimer/"):
            assert client.get(url).status_code == 404


def test_who_may_see_it_does(client, ej):
    """The guard of the test above: the secret is really there."""
    hide_things_in(ej)
    answers = seen(client, b.make_user(role=Role.REFERENT, ej=ej), ej)
    with_secret = {url for url, text in answers.items() if SECRET in text}
    assert {
        "/recherche/?q=zygomatique",
        "/api/v1/etablissements/?code=TRE_R210|777",
        ej.get_absolute_url(),
    } <= with_secret
    eg = ej.etablissements.order_by("pk").first()
    assert f"Abri {SECRET}" in answers[eg.get_absolute_url()]
