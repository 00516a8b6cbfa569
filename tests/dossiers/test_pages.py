"""Pages of the dossiers: the list, opening, one dossier, its steps and units; who and what they refuse."""

import datetime as dt
import re

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from post_office.models import Email

from directory import documents, publishing
from directory.models import Role
from dossiers import decisions, drafts, presence, remarks
from dossiers.models import Dossier, DraftFiche, Presence, Remarque, Statut
from journal.models import Entry
from tests.builders import make_concept, make_departement, make_eg, make_type_uo, make_user
from tests.dossiers.builders import draft_of, edit, make_complete_uo, make_structure, opened, step, submitted, taken

pytestmark = pytest.mark.django_db
TODAY, TOMORROW = dt.date(2026, 3, 2), dt.date(2026, 3, 3)


@pytest.fixture(autouse=True)
def monday(settings):
    settings.ROR_TODAY = TODAY


@pytest.fixture
def structure(db):
    return make_structure()


@pytest.fixture
def camille(client, structure):
    client.force_login(structure.camille)
    return client


def text_of(response) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode())).replace(" ,", ",")


def url(name: str, dossier: Dossier, *more: int) -> str:
    return reverse(f"dossiers:{name}", args=[dossier.pk, *more])


def actions(dossier: Dossier, name: str) -> int:
    return Entry.objects.filter(target=dossier.reference, action=name).count()


# --- The list --------------------------------------------------------------------------------------------------------


def test_a_professional_without_structure_is_told_how_to_have_one(client):
    client.force_login(make_user(role=Role.LECTEUR))
    page = client.get("/dossiers/")
    assert "demandez-en l’accès depuis sa fiche" in text_of(page)
    assert reverse("dossiers:ouvrir") not in page.content.decode()


def test_only_mine_are_listed(camille, structure):
    mine = opened(structure)
    other = make_eg(denomination="Celle d’une autre (fictif)")
    drafts.open_dossier(other, by=make_user(role=Role.REFERENT, eg=other))
    page = camille.get("/dossiers/")
    assert mine.numero in text_of(page) and "Celle d’une autre" not in text_of(page)


def test_support_lists_its_territory_and_no_other(client, structure):
    mine = opened(structure)
    for departement, expected in (("75", True), ("93", False)):
        client.force_login(make_user(role=Role.SUPPORT, departement=make_departement(departement)))
        assert (mine.numero in text_of(client.get("/dossiers/"))) is expected


def says(client, user, filtre: str = "en-cours") -> str:
    client.force_login(user)
    return text_of(client.get("/dossiers/", {"filtre": filtre}))


def test_whose_turn_it_is_for_each_of_them(client, structure, settings):
    dossier = opened(structure)
    assert "À vous de jouer" in says(client, structure.camille)
    assert "Chez les référents depuis aujourd’hui" in says(client, structure.sophie)
    step(dossier, "submit", structure.camille, date_effet=TOMORROW)
    Dossier.objects.update(submitted_at=timezone.now() - (timezone.localdate() - TODAY) - dt.timedelta(days=3))
    assert "Chez le support depuis 3 jours" in says(client, structure.camille).replace("\xa0", " ")
    assert "À prendre en charge depuis 3 jours" in says(client, structure.sophie).replace("\xa0", " ")
    step(dossier, "take", structure.sophie)
    assert "Sophie l’examine" in says(client, structure.karim)
    assert "À vous : pris en charge" in says(client, structure.sophie)
    for review in decisions.reviews(dossier):
        if review.proposals:
            addresses = [one.address for one in review.proposals]
            decisions.decide(review.draft.pk, addresses, is_accepted=True, by=structure.sophie)
    step(dossier, "validate", structure.sophie)
    assert "Prend effet le 03/03/2026" in says(client, structure.camille).replace("\xa0", " ")


@pytest.mark.parametrize("asked", ["mesanges", "CSAPA més", "{finess}", "{finess_spaced}", "{numero}", "{pk}"])
def test_it_is_found_by_name_finess_or_number(camille, structure, asked):
    dossier = opened(structure)
    finess = structure.eg.finess
    spaced = f"{finess[:2]} {finess[2:5]} {finess[5:8]} {finess[8:]}"
    asked = asked.format(finess=finess, finess_spaced=spaced, numero=dossier.numero, pk=dossier.pk)
    assert dossier.numero in text_of(camille.get("/dossiers/", {"q": asked}))


@pytest.mark.parametrize("asked", ["introuvable", "2020-0001", "99999999999", "…", "\x00", "%", "x" * 300])
def test_what_is_not_found_says_so(camille, structure, asked):
    dossier = opened(structure)
    page = camille.get("/dossiers/", {"q": asked, "filtre": "nimporte", "page": "zzz"})
    assert page.status_code == 200
    found = dossier.numero in text_of(page)
    assert found is (asked == "\x00")  # nothing is left of it: the whole list


@pytest.mark.parametrize("count", [1, 15])
def test_the_list_costs_the_same_whatever_it_holds(client, count, django_assert_num_queries):
    make_concept("TRE_R286|DEF", "Définitive", value_set="JDV_J201")
    sophie = make_user(role=Role.SUPPORT)
    for _ in range(count):
        eg = make_eg()
        make_complete_uo(eg)
        drafts.open_dossier(eg, by=sophie)
    client.force_login(sophie)
    client.get("/dossiers/")
    with django_assert_num_queries(LIST_QUERIES):
        client.get("/dossiers/")


LIST_QUERIES = 7  # two of the session, the habilitations, counts, number of the page, keys, rows


def test_home_and_header_count_what_is_open(camille, structure):
    opened(structure)
    for path in ("/", "/dossiers/"):
        assert 'ror-count">1<span class="visually-hidden"> en cours' in camille.get(path).content.decode()
    assert "À vous de jouer" in text_of(camille.get("/"))


# --- Opening ---------------------------------------------------------------------------------------------------------


def test_opening_from_a_fiche_asks_first_then_opens_once(camille, structure):
    address = reverse("dossiers:ouvrir")
    page = camille.get(address, {"eg": structure.eg.cle})
    assert "Ouvrir le dossier" in text_of(page) and not Dossier.objects.exists()
    first = camille.post(address, {"eg": structure.eg.cle})
    again = camille.post(address, {"eg": structure.eg.cle}, follow=True)
    dossier = Dossier.objects.get()
    assert first.url == dossier.get_absolute_url() == again.redirect_chain[0][0]
    assert f"Un dossier y est déjà ouvert : le n° {dossier.numero}" in text_of(again).replace("\xa0", " ")


def test_one_chooses_among_the_structures_one_answers_for(camille, structure):
    make_eg(denomination="Celle d’une autre (fictif)")
    page = text_of(camille.get(reverse("dossiers:ouvrir")))
    assert "Les Mésanges" in page and "Celle d’une autre" not in page
    assert "Les Mésanges" not in text_of(camille.get(reverse("dossiers:ouvrir"), {"q": "introuvable"}))


def test_support_searches_by_name_or_finess(client, structure):
    client.force_login(structure.sophie)
    assert "Les Mésanges" not in text_of(client.get(reverse("dossiers:ouvrir")))
    for asked in ("mesanges", structure.eg.finess):
        assert "Les Mésanges" in text_of(client.get(reverse("dossiers:ouvrir"), {"q": asked}))


@pytest.mark.parametrize("role", [Role.LECTEUR, Role.REGULATION, Role.CONTRIBUTEUR])
def test_who_does_not_answer_for_it_opens_nothing(client, structure, role):
    client.force_login(make_user(role=role, eg=structure.eg if role == Role.CONTRIBUTEUR else None))
    address = reverse("dossiers:ouvrir")
    assert client.get(address, {"eg": structure.eg.cle}).status_code == 404
    assert client.post(address, {"eg": structure.eg.cle}).status_code == 404
    assert not Dossier.objects.exists()


# --- One dossier -----------------------------------------------------------------------------------------------------

GETS = ["dossier", "abandonner"]
POSTS = ["envoyer", "reprendre", "abandonner", "ajouter_uo", "remarque", "presents"]
FICHE_GETS = ["fiche", "retirer", "fermer"]
FICHE_POSTS = ["fiche", "dupliquer", "retirer", "fermer"]


def stranger(who: str):
    if who == "référent d’ailleurs":
        return make_user(role=Role.REFERENT, eg=make_eg())
    if who == "support d’ailleurs":
        return make_user(role=Role.SUPPORT, departement=make_departement("93"))
    return make_user(role=who)


@pytest.mark.parametrize("who", [Role.LECTEUR, Role.REGULATION, "référent d’ailleurs", "support d’ailleurs"])
def test_for_another_structure_it_does_not_exist(client, structure, who):
    dossier = opened(structure)
    remark = remarks.add(dossier, text="Bonjour", by=structure.camille)
    draft = draft_of(dossier, "uo")
    before = Dossier.objects.filter(pk=dossier.pk).values().get()
    client.force_login(stranger(who))
    for method, names, more in (("get", GETS, ()), ("post", POSTS, ()), ("get", FICHE_GETS, (draft.pk,))):
        for name in names:
            assert getattr(client, method)(url(name, dossier, *more)).status_code == 404, name
    for name in FICHE_POSTS:
        assert client.post(url(name, dossier, draft.pk), {"version": draft.version}).status_code == 404, name
    assert client.post(url("resoudre", dossier, remark.pk)).status_code == 404
    assert Dossier.objects.filter(pk=dossier.pk).values().get() == before
    assert DraftFiche.objects.filter(dossier=dossier).count() == 2 and not Presence.objects.exists()


def test_a_fiche_of_another_dossier_is_not_reached_through_mine(camille, structure):
    mine, other = opened(structure), make_eg()
    make_complete_uo(other)
    theirs = drafts.open_dossier(other, by=make_user(role=Role.REFERENT, eg=other))
    draft = draft_of(theirs, "uo")
    for name in ("fiche", "retirer", "fermer"):
        assert camille.get(url(name, mine, draft.pk)).status_code == 404
    assert camille.post(url("dupliquer", mine, draft.pk)).status_code == 404
    remark = remarks.add(theirs, text="Bonjour", by=theirs.opened_by)
    assert camille.post(url("resoudre", mine, remark.pk)).status_code == 404
    answer = camille.post(url("remarque", mine), {"text": "Bonjour", "fiche": draft.pk})
    assert answer.status_code == 404 and not Remarque.objects.filter(dossier=mine).exists()


@pytest.mark.parametrize("number", ["9" * 30, "0"])
def test_a_number_nobody_has_is_not_found(camille, structure, number):
    assert camille.get(f"/dossiers/{number}/").status_code == 404
    assert camille.get(f"/dossiers/{opened(structure).pk}/fiches/{number}/").status_code == 404


def test_the_check_list_leads_to_what_blocks(camille, structure):
    dossier = opened(structure)
    draft = edit(draft_of(dossier, "uo"), structure.camille, finalise=False, nom="")
    page = camille.get(url("dossier", dossier))
    assert f'<a href="{draft.get_absolute_url()}">UO' in page.content.decode()
    assert "1 sur 2" in text_of(page).replace("\xa0", " ")
    assert re.search(r'<button class="btn btn-primary[^>]*disabled', page.content.decode())


def test_a_dossier_costs_the_same_with_3_and_15_fiches(client):
    """Fiches to complete, changed, with remarks, and published again meanwhile: nothing asks one by one."""
    costs = [_cost_of_a_dossier(client, units) for units in (2, 14)]
    assert costs == [DOSSIER_QUERIES, DOSSIER_QUERIES]


def _cost_of_a_dossier(client, units: int) -> int:
    eg = make_eg()
    referent, other = (make_user(role=Role.REFERENT, eg=eg) for _ in range(2))
    unites = [make_complete_uo(eg, f"Unité {number}") for number in range(units)]
    dossier = drafts.open_dossier(eg, by=referent)
    for draft in DraftFiche.objects.filter(dossier=dossier, kind="uo"):
        edit(draft, referent, finalise=False, conditions_accueil="Autrement.")
        remarks.add(dossier, text="Relu ?", by=other, fiche=draft, address="nom")
    for uo in unites:
        live = documents.to_document("uo", uo.pk)
        publishing.publish("uo", live | {"conditions_accueil": "En direct."}, by=other, origin="direct")
    client.force_login(referent)
    client.get(url("dossier", dossier))
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url("dossier", dossier)).status_code == 200
    return len(queries)


DOSSIER_QUERIES = 34


# --- Steps -----------------------------------------------------------------------------------------------------------


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


# --- Units -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def types(structure):
    """Two types d’UO, one proposed for the category of the structure."""
    first, other = make_type_uo("CJC", "Consultation jeunes consommateurs"), make_type_uo("ACT", "Appartement")
    first.categories.add(structure.eg.categorie)
    other.categories.add(make_concept("TRE_R66|165", "ACT"))
    return first, other


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
    assert "est retirée du dossier" in text_of(camille.post(address, follow=True))
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


# --- Remarks and presence --------------------------------------------------------------------------------------------


def test_a_remark_is_on_the_dossier_a_fiche_or_a_field(camille, structure):
    dossier = opened(structure)
    draft = draft_of(dossier, "uo")
    for sent in ({}, {"fiche": draft.pk}, {"fiche": draft.pk, "address": "conditions_accueil"}):
        camille.post(url("remarque", dossier), {"text": "À revoir ?", **sent})
    found = list(Remarque.objects.values_list("fiche", "address"))
    assert found == [(None, ""), (draft.pk, ""), (draft.pk, "conditions_accueil")]
    page = camille.get(url("dossier", dossier))
    assert "Accueil de jour, Conditions d’accueil" in text_of(page)
    assert f'href="{draft.get_absolute_url()}#id_conditions_accueil"' in page.content.decode()


@pytest.mark.parametrize(
    "sent", [{"text": ""}, {"text": "  "}, {"text": "x" * 5000}, {"text": "Où ?", "address": "zzz"}]
)
def test_a_remark_says_something_about_something(camille, structure, sent):
    dossier = opened(structure)
    fiche = {"fiche": draft_of(dossier, "uo").pk} if "address" in sent else {}
    page = camille.post(url("remarque", dossier), sent | fiche)
    assert page.status_code == 422 and "ror-error" in page.content.decode()
    assert sent["text"].strip() in page.content.decode()
    assert not Remarque.objects.exists()


def test_a_remark_is_settled_once_and_says_by_whom(client, structure):
    dossier = opened(structure)
    remark = remarks.add(dossier, text="À revoir ?", by=structure.camille)
    for user in (structure.karim, structure.camille):
        client.force_login(user)
        client.post(url("resoudre", dossier, remark.pk))
    remark.refresh_from_db()
    assert remark.resolved_by == structure.karim
    assert "par Karim Belkacem" in text_of(client.get(url("dossier", dossier)))


@pytest.mark.parametrize("back", ["https://ailleurs.invalid/", "//ailleurs.invalid", "javascript:alert(1)"])
def test_one_comes_back_to_our_pages_only(camille, structure, back):
    dossier = opened(structure)
    answer = camille.post(url("remarque", dossier), {"text": "Bonjour", "retour": back})
    assert answer.url == f"{dossier.get_absolute_url()}#remarques"


def test_who_is_there_is_told_for_a_minute(client, structure):
    dossier = opened(structure)
    draft = draft_of(dossier, "uo")
    client.force_login(structure.karim)
    for _ in range(2):
        assert "Karim" not in text_of(client.post(url("presents", dossier), {"fiche": draft.pk}))
    assert Presence.objects.count() == 1
    client.force_login(structure.camille)
    told = text_of(client.get(url("dossier", dossier)))
    assert "Karim Belkacem sur « Accueil de jour »" in told
    Presence.objects.update(seen_at=timezone.now() - dt.timedelta(seconds=presence.SECONDS + 1))
    assert "Karim Belkacem sur" not in text_of(client.post(url("presents", dossier)))


def test_presence_keeps_no_session_alive(camille, structure):
    """The page asks by itself: it is no activity of the person."""
    dossier = opened(structure)
    old = timezone.now() - dt.timedelta(minutes=30)
    structure.camille.sessions_ouvertes.update(seen_at=old)
    camille.post(url("presents", dossier), headers={"X-Background": "1"})
    assert structure.camille.sessions_ouvertes.get().seen_at == old


def test_a_lost_session_answers_401_to_the_page_that_asks(client, structure):
    dossier = opened(structure)
    answer = client.post(url("presents", dossier), headers={"Accept": "text/html, application/json"})
    assert answer.status_code == 401
