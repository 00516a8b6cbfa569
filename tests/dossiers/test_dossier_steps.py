"""The steps of the référents from the page of a dossier."""

import re

import pytest
from django.conf import settings
from django.urls import reverse
from post_office.models import Email

from directory import documents, publishing
from dossiers import decisions, drafts
from dossiers.models import Statut
from tests.dossiers.builders import TOMORROW, draft_of, edit, opened, step, submitted, taken
from tests.dossiers.screens import actions, text_of, url

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("monday")]


def test_it_is_sent_once_whatever_the_clicks(camille, structure):
    dossier = opened(structure)
    sent = {"version": dossier.version, "date_effet": "2026-03-03"}
    for _ in range(2):
        page = camille.post(url("envoyer", dossier), sent, follow=True)
        assert "Dossier envoyé en validation" in text_of(page)
    dossier.refresh_from_db()
    assert (dossier.status, dossier.date_effet) == (Statut.SOUMIS, TOMORROW)
    assert actions(dossier, "dossier_submit") == 1


def test_a_date_in_the_past_is_refused_and_stays_typed(camille, structure):
    dossier = opened(structure)
    page = camille.post(url("envoyer", dossier), {"version": dossier.version, "date_effet": "2026-03-01"})
    assert page.status_code == 409 and "La date d’effet est passée" in text_of(page)
    assert 'value="2026-03-01"' in page.content.decode()


@pytest.mark.parametrize("typed", ["demain", "31/02/2026", "\x00", "9" * 50])
def test_what_is_no_date_is_told_next_to_the_field(camille, structure, typed):
    dossier = opened(structure)
    page = camille.post(url("envoyer", dossier), {"version": dossier.version, "date_effet": typed})
    assert page.status_code == 422 and "Écrivez une date" in text_of(page)


def test_what_is_not_ready_says_what_remains(camille, structure):
    dossier = opened(structure)
    edit(draft_of(dossier, "uo"), structure.camille, finalise=False, nom="Autre nom")
    page = camille.post(url("envoyer", dossier), {"version": dossier.version})
    assert page.status_code == 409
    assert "Le dossier n’est pas prêt à être envoyé" in text_of(page) and "Autre nom" in text_of(page)


def test_an_old_page_is_refused_with_what_happened(camille, structure):
    dossier = opened(structure)
    old = dossier.version
    step(dossier, "submit", structure.karim)
    page = camille.post(url("envoyer", dossier), {"version": old})
    assert page.status_code == 409 and "envoyé en validation par Karim" in text_of(page)


@pytest.mark.parametrize("version", ["", "zzz", "-1", "9" * 40, "\x00"])
def test_a_request_without_its_version_does_nothing(camille, structure, version):
    dossier = opened(structure)
    for name in ("envoyer", "abandonner", "reprendre"):
        assert camille.post(url(name, dossier), {"version": version}).status_code in (409, 422)
    dossier.refresh_from_db()
    assert dossier.status == Statut.INITIE


def test_it_is_taken_back_until_support_takes_it(camille, structure):
    dossier = submitted(structure)
    page = camille.post(url("reprendre", dossier), {"version": dossier.version}, follow=True)
    assert "Dossier repris" in text_of(page)
    dossier = step(step(dossier, "submit", structure.camille), "take", structure.sophie)
    assert "Sophie Belkacem l’examine" in text_of(camille.get(url("dossier", dossier)))
    page = camille.post(url("reprendre", dossier), {"version": dossier.version})
    assert page.status_code == 409 and "Sophie Belkacem a pris le dossier en charge" in text_of(page)


def test_abandoning_asks_first(camille, structure):
    dossier = opened(structure)
    address = url("abandonner", dossier)
    assert "ne pourra plus être repris" in text_of(camille.get(address))
    dossier.refresh_from_db()
    assert dossier.status == Statut.INITIE
    for _ in range(2):
        page = camille.post(address, {"version": dossier.version}, follow=True)
        assert "Dossier abandonné" in text_of(page)
    assert actions(dossier, "dossier_abandon") == 1
    assert "ne s’abandonne plus" in text_of(camille.get(address))


def test_what_support_refused_is_told_with_the_way_to_the_field(camille, structure):
    dossier = taken(structure, conditions_accueil="Nouveau", animaux_domestiques="Acceptés")
    draft = draft_of(dossier, "uo")
    refuse = {"is_accepted": False, "by": structure.sophie, "motif": "imprecise", "message": "Lesquels ?"}
    decisions.decide(draft.pk, ["animaux_domestiques"], **refuse)
    step(dossier, "return", structure.sophie, comment="Merci, un point à préciser.")
    page = camille.get(url("dossier", dossier))
    told = text_of(page)
    assert "Merci, un point à préciser." in told and "Trop imprécise pour orienter. Lesquels ?" in told
    assert f'href="{draft.get_absolute_url()}#id_animaux_domestiques"' in page.content.decode()
    assert "Modifiée depuis" not in told
    edit(draft, structure.camille, animaux_domestiques="Chiens guides acceptés")
    assert "Modifiée depuis" in text_of(camille.get(url("dossier", dossier)))
    step(dossier, "submit", structure.camille)
    assert "Lesquels ?" not in text_of(camille.get(url("dossier", dossier)))
    step(dossier, "withdraw", structure.camille)
    told = text_of(camille.get(url("dossier", dossier)))
    assert "Lesquels ?" in told and "Modifiée depuis" in told


def test_support_is_sent_to_its_own_page_and_the_others_to_the_dossier(structure):
    dossier = submitted(structure)
    bodies = {mail.to[0]: mail.message for mail in Email.objects.filter(subject__contains="envoyé en validation")}
    assert reverse("admin:dossiers_dossier_change", args=[dossier.pk]) in bodies.pop(settings.SUPPORT["email"])
    assert bodies and all(f"{dossier.get_absolute_url()}\n" in body for body in bodies.values())
    assert not any("/admin/" in body or "\n\n\n" in body for body in bodies.values())


def test_a_dossier_that_waits_for_its_day_is_told(camille, structure):
    first = taken(structure, date_effet=TOMORROW)
    for review in decisions.reviews(first):
        if review.proposals:
            addresses = [one.address for one in review.proposals]
            decisions.decide(review.draft.pk, addresses, is_accepted=True, by=structure.sophie)
    step(first, "validate", structure.sophie)
    second = drafts.open_dossier(structure.eg, by=structure.camille)
    page = text_of(camille.get(url("dossier", second))).replace("\xa0", " ")
    assert f"dossier n° {first.numero}" in page and "prend effet le 03/03/2026" in page


def test_a_published_fiche_that_moved_is_told(camille, structure):
    dossier = opened(structure)
    live = documents.to_document("uo", structure.uo.pk)
    publishing.publish("uo", live | {"conditions_accueil": "En direct"}, by=structure.karim, origin="direct")
    draft = draft_of(dossier, "uo")
    page = camille.get(url("dossier", dossier))
    assert url("publiee", dossier, draft.pk) in page.content.decode()
    assert "1 ligne changée des deux côtés" in text_of(page).replace("\xa0", " ")
    assert re.search(r'<button class="btn btn-primary[^>]*disabled', page.content.decode())
