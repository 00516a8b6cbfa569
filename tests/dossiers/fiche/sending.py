"""One fiche of a dossier as its page sends it."""

import re

from django.test import Client
from django.urls import reverse

from accounts import kept_text
from accounts.models import User
from directory import publishing
from directory.documents import to_document
from directory.models import Kind
from dossiers import reconciling
from dossiers.fiche_pages import FichePage
from dossiers.models import Dossier, DraftFiche
from tests.builders import make_modele
from tests.dossiers.builders import Structure, draft_of, edit, step

TYPED = "Sans rendez-vous, le lundi."
AUTOSAVE = {"HTTP_ACCEPT": "application/json", "HTTP_X_REQUESTED_WITH": "fetch"}


def make_modeles() -> None:
    """A general modèle for each kind: a few fields of each sort, one required."""
    champs = {name: {} for name in ("nom", "age_min", "age_max", "animaux_domestiques", "contacts", "horaires")}
    make_modele("uo", general=True, **champs, conditions_accueil={"obligatoire": True})
    make_modele("eg", general=True, nom_operationnel={}, commentaire={}, lieux={})


def logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def url(draft: DraftFiche, name: str = "fiche") -> str:
    return reverse(f"dossiers:{name}", args=[draft.dossier_id, draft.pk])


def sent(draft: DraftFiche, **changes) -> dict:
    """What the page as it is now would send, with these fields changed."""
    draft = DraftFiche.objects.select_related("dossier__eg").get(pk=draft.pk)
    page = FichePage.of(draft, draft.updated_by)
    form = page.form()
    data = reconciling.typed(form) | {"version": draft.version, "base": reconciling.token(draft, draft.content)}
    data["auteur"] = kept_text.author(draft.updated_by)
    return data | changes


def fresh(draft: DraftFiche) -> DraftFiche:
    return DraftFiche.objects.get(pk=draft.pk)


def texte(response) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def autosave(client: Client, draft: DraftFiche, data: dict):
    return client.post(url(draft), data | {"autosave": "1"}, **AUTOSAVE)


def publish(structure: Structure, **changes) -> None:
    document = to_document(Kind.UO, structure.uo.pk) | changes
    publishing.publish(Kind.UO, document, by=structure.karim, origin="direct")


def submitted_from(dossier: Dossier, structure: Structure) -> Dossier:
    edit(draft_of(dossier, "uo"), structure.camille, conditions_accueil="Sans rendez-vous.")
    return step(dossier, "submit", structure.camille)
