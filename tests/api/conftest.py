"""An establishment worth reading, and the machines and people who read it."""

import datetime as dt
from types import SimpleNamespace

import pytest
from django.core.cache import caches
from django.test import Client as Browser
from django.utils import timezone
from oauth2_provider.models import AccessToken, set_token_value

from accounts.models import User
from api import clients
from api.models import Client
from directory.models import LieuDeLOffre, Niveau
from nomenclature import refreshed
from tests import builders as b


@pytest.fixture(autouse=True)
def _counts_forgotten():
    caches["redis"].clear()


def make_client(niveau: int = Niveau.PROFESSIONNELS, **attrs) -> Client:
    client = Client(name="Client d’essai", responsable="Camille, camille@exemple.fr", niveau=niveau, **attrs)
    client.secret = clients.create(client, by=User.objects.system())
    return client


def make_token(client: Client, *, text: str = "", scope: str = "lecture", seconds: int = 3600) -> str:
    text = text or f"jeton-{client.pk}-{scope}-{seconds}"
    token = AccessToken(application=client, scope=scope, expires=timezone.now() + dt.timedelta(seconds=seconds))
    set_token_value(token, text)
    token.save()
    return text


def machine(client: Client | None = None, **attrs) -> Browser:
    """A browser that shows the token of a client."""
    client = client or make_client(**attrs)
    return Browser(headers={"authorization": f"Bearer {make_token(client)}"}, raise_request_exception=False)


def person(**attrs) -> Browser:
    browser = Browser(raise_request_exception=False)
    browser.force_login(b.make_user(**attrs))
    return browser


@pytest.fixture
def world(db) -> SimpleNamespace:
    """A CAMSP of Paris 10 with a number of each level, and a sensitive unit that works at a hidden place."""
    b.make_concept("ror-type-offre|etablissement", "Établissement")
    for canal, label in (("1", "Téléphone mobile"), ("2", "Téléphone fixe")):
        b.make_concept(f"TRE_R200|{canal}", label)
    eg = b.make_eg(denomination="CAMSP du Lys", niveau_recours_orsan=b.make_concept("TRE_R331|1", "Recours 1"))
    hidden = b.make_lieu(eg, nom="Adresse cachée", libelle_voie="impasse du Secret")
    actes = {"actes_specifiques": [b.make_concept("TRE_R210|A1", "Bilan orthophonique")]}
    uo = b.make_uo(eg=eg, type_uo="CAMSP", nom="CAMSP, accueil", age_min=0, age_max=6, concepts=actes)
    b.make_activite(uo, "TRE_R211|448", "Dépistage")
    for niveau in (1, 2, 3):
        for owner in (eg, uo):
            b.make_contact(owner, niveau=niveau, telecoms=[("2", f"019900000{niveau}")], ordre=3 - niveau)
    secret = b.make_uo(eg=eg, type_uo="Refuge", nom="Refuge des Roses", unite_sensible=True)
    LieuDeLOffre.objects.create(unite=secret, lieu_uid=hidden.uid)
    b.make_contact(secret, niveau=3, telecoms=[("2", "0199000009")])
    b.project(eg)
    refreshed.reset_all()
    return SimpleNamespace(eg=eg, uo=uo, secret=secret, hidden=hidden, commune=b.make_commune())
