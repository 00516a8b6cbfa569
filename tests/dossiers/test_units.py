"""Units of a dossier: added, duplicated, taken out, closed."""

import re

import pytest

from dossiers import drafts
from dossiers.models import Dossier, DraftFiche
from tests.builders import make_concept
from tests.dossiers.builders import draft_of, edit, opened, submitted
from tests.dossiers.screens import actions, text_of, url

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]


def test_a_unit_is_added_once_with_what_its_type_decides(camille, structure, types):
    dossier = opened(structure)
    page = camille.get(url("dossier", dossier)).content.decode()
    assert (
        page.index("Proposés pour cet établissement") < page.index("Consultation jeunes") < page.index(">Appartement")
    )
    apres = re.search(r'name="apres" value="(\d+)"', page)[1]
    sent = {"nom": "CJC (fictif)", "type_uo": "ror-type-uo|CJC", "apres": apres}
    first, again = (camille.post(url("ajouter_uo", dossier), sent) for _ in range(2))
    [new] = DraftFiche.objects.filter(dossier=dossier, base_version=0)
    assert first.url == again.url == new.get_absolute_url()
    assert new.content["type_offre"] == "TRE_R244|90"


def test_two_people_may_add_units_of_the_same_name(client, structure, types):
    dossier = opened(structure)
    sent = {"nom": "CJC (fictif)", "type_uo": "ror-type-uo|CJC", "apres": "1"}
    for user in (structure.camille, structure.karim):
        client.force_login(user)
        client.post(url("ajouter_uo", dossier), sent)
    assert DraftFiche.objects.filter(dossier=dossier, base_version=0).count() == 2


@pytest.mark.parametrize(
    ("nom", "type_uo"), [("", "ror-type-uo|CJC"), ("CJC", ""), ("CJC", "faux"), ("x" * 300, "\x00")]
)
def test_a_unit_asks_for_a_name_and_a_type(camille, structure, types, nom, type_uo):
    dossier = opened(structure)
    page = camille.post(url("ajouter_uo", dossier), {"nom": nom, "type_uo": type_uo})
    assert page.status_code == 422 and "ror-error" in page.content.decode()
    assert not DraftFiche.objects.filter(base_version=0).exists()


def test_what_is_to_correct_has_the_focus(camille, structure, types):
    dossier = opened(structure)
    add = camille.post(url("ajouter_uo", dossier), {"nom": "CJC", "type_uo": ""}).content.decode()
    assert re.findall(r'<\w+ name="(\w+)"[^>]* autofocus', add) == ["type_uo"]
    remark = camille.post(url("remarque", dossier), {"text": " "}).content.decode()
    assert re.findall(r'<\w+ name="(\w+)"[^>]* autofocus', remark) == ["text"]
    assert "autofocus" not in camille.get(dossier.get_absolute_url()).content.decode()


def test_a_unit_is_duplicated_once(camille, structure):
    dossier = opened(structure)
    draft = draft_of(dossier, "uo")
    for _ in range(2):
        camille.post(url("dupliquer", dossier, draft.pk), {"apres": "1"})
    [copy] = DraftFiche.objects.filter(dossier=dossier, base_version=0)
    assert copy.name == "Accueil de jour (copie)"
    page = camille.post(url("dupliquer", dossier, draft_of_eg(dossier).pk))
    assert page.status_code == 409 and "Seule une unité se duplique" in text_of(page)


def draft_of_eg(dossier: Dossier) -> DraftFiche:
    return draft_of(dossier, "eg")


def test_a_new_unit_is_taken_out_after_a_confirmation(camille, structure):
    dossier = opened(structure)
    new = drafts.add_uo(dossier, name="CJC (fictif)", type_uo=None, by=structure.camille)
    address = url("retirer", dossier, new.pk)
    assert "sera effacé" in text_of(camille.get(address)) and DraftFiche.objects.filter(pk=new.pk).exists()
    assert "est retirée du dossier" in text_of(camille.post(address, {"version": new.version}, follow=True))
    assert camille.post(address).status_code == 404
    published = url("retirer", dossier, draft_of(dossier, "uo").pk)
    for method in (camille.get, camille.post):
        page = method(published)
        assert page.status_code == 409 and "ne se retire pas" in text_of(page)


def test_a_published_unit_is_closed_and_taken_back(camille, structure):
    dossier = opened(structure)
    draft = draft_of(dossier, "uo")
    address = url("fermer", dossier, draft.pk)
    assert "sa fiche dit qu’elle est fermée" in text_of(camille.get(address))
    sent = {"version": draft.version, "type_fermeture": "DEF", "date_fermeture": "2026-04-01"}
    for _ in range(2):
        assert "fermera quand le dossier sera validé" in text_of(camille.post(address, sent, follow=True))
    draft.refresh_from_db()
    assert draft.is_closing and actions(dossier, "dossier_close_uo") == 1
    assert "À fermer" in text_of(camille.get(url("dossier", dossier)))
    camille.post(address, {"version": draft.version, "rouvrir": "1"})
    draft.refresh_from_db()
    assert not draft.is_closing and draft.content["type_fermeture"] == ""


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"type_fermeture": "DEF"}, "premier jour de la fermeture"),
        ({"date_fermeture": "2026-04-01"}, "Choisissez un type de fermeture"),
        ({"type_fermeture": "ZZZ", "date_fermeture": "2026-04-01"}, "Choisissez dans la liste"),
        ({"type_fermeture": "DEF", "date_fermeture": "zzz"}, "Écrivez une date"),
        (
            {"type_fermeture": "DEF", "date_fermeture": "2026-04-01", "date_reouverture": "2026-05-01"},
            "Seule une fermeture provisoire",
        ),
        (
            {"type_fermeture": "PRO", "date_fermeture": "2026-04-01", "date_reouverture": "2026-03-01"},
            "ne peut pas précéder",
        ),
    ],
)
def test_a_closing_that_means_nothing_is_told_next_to_its_field(camille, structure, sent, told):
    make_concept("TRE_R286|PRO", "Provisoire", value_set="JDV_J201")
    dossier = opened(structure)
    draft = draft_of(dossier, "uo")
    page = camille.post(url("fermer", dossier, draft.pk), {"version": draft.version, **sent})
    assert page.status_code == 422 and told in text_of(page)
    draft.refresh_from_db()
    assert not draft.is_closing


def test_a_closing_on_a_fiche_saved_meanwhile_is_asked_again(camille, structure):
    dossier = opened(structure)
    draft = draft_of(dossier, "uo")
    old = draft.version
    edit(draft, structure.karim, nom="Autre nom")
    sent = {"version": old, "type_fermeture": "DEF", "date_fermeture": "2026-04-01"}
    page = camille.post(url("fermer", dossier, draft.pk), sent)
    assert page.status_code == 409 and "Karim Belkacem a enregistré cette fiche" in text_of(page)


def test_units_of_a_sent_dossier_do_not_change(camille, structure, types):
    dossier = submitted(structure)
    draft = draft_of(dossier, "uo")
    requests = [
        ("ajouter_uo", (), {"nom": "CJC", "type_uo": "ror-type-uo|CJC"}),
        ("dupliquer", (draft.pk,), {}),
        ("fermer", (draft.pk,), {"version": draft.version, "type_fermeture": "DEF", "date_fermeture": "2026-04-01"}),
    ]
    for name, more, sent in requests:
        page = camille.post(url(name, dossier, *more), sent)
        assert page.status_code == 409 and "n’est plus en cours de saisie" in text_of(page), name
    assert DraftFiche.objects.filter(dossier=dossier).count() == 2
