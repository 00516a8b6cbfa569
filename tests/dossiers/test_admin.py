"""The queue and the page of a dossier: who opens them, what they show, what they cost."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from directory import publishing
from directory.documents import to_document
from directory.models import Role
from dossiers import decisions, drafts, queue
from dossiers.models import Decision, Dossier, DraftFiche, Remarque
from journal.models import Entry
from tests.builders import make_commune, make_contact, make_departement, make_eg, make_user
from tests.dossiers.builders import (
    Structure,
    accept_all,
    draft_of,
    edit,
    make_complete_uo,
    make_structure,
    opened,
    step,
    submitted,
    taken,
    validated,
)

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 3, 2)
QUEUE = "/admin/dossiers/dossier/"
QUEUE_QUERIES = 14
PAGE_QUERIES = 46


@pytest.fixture(autouse=True)
def monday(settings):
    settings.ROR_TODAY = TODAY


@pytest.fixture
def structure(db) -> Structure:
    structure = make_structure()
    structure.sophie.is_staff = True
    structure.sophie.save()
    return structure


@pytest.fixture
def sophie(structure) -> Client:
    client = Client()
    client.force_login(structure.sophie)
    return client


def page(dossier: Dossier, name: str = "change") -> str:
    return reverse(f"admin:dossiers_dossier_{name}", args=[dossier.pk])


def other_structure(structure: Structure, **eg) -> Structure:
    """Another establishment, with the same agent of support."""
    found = make_eg(**eg)
    referent = make_user(role=Role.REFERENT, eg=found)
    return Structure(found, make_complete_uo(found), referent, referent, structure.sophie)


def sent_days_ago(dossier: Dossier, days: int) -> None:
    at = timezone.make_aware(dt.datetime.combine(TODAY - dt.timedelta(days=days), dt.time(12)))
    Dossier.objects.filter(pk=dossier.pk).update(submitted_at=at)


# --- Who -------------------------------------------------------------------------------------------------------------

NAMES = ("change", "history", "renvoyer", "valider", "rouvrir", "annuler")
POSTS = ("decider", "remarque", "prendre", "rendre", "renvoyer", "valider", "rouvrir", "suite", "annuler")


def test_a_referent_enters_no_page_of_validation(structure, client):
    dossier = taken(structure)
    client.force_login(structure.camille)
    for url in (QUEUE, *(page(dossier, name) for name in NAMES)):
        assert client.get(url, follow=True).status_code == 403, url
    for name in POSTS:
        assert client.post(page(dossier, name), {"version": dossier.version}, follow=True).status_code == 403


def test_staff_without_a_role_of_support_validates_nothing(structure, client):
    dossier = taken(structure)
    client.force_login(make_user(role=Role.REFERENT, eg=structure.eg, is_staff=True))
    for url in (QUEUE, *(page(dossier, name) for name in NAMES)):
        assert client.get(url).status_code == 403, url


def test_support_of_another_departement_sees_its_own_alone(structure, client):
    """Paris is elsewhere for support of Seine-Saint-Denis."""
    dossier = taken(structure)
    commune = make_commune("93001", "Aubervilliers", latitude=48.91, longitude=2.38, codes_postaux=["93300"])
    here = submitted(other_structure(structure, denomination="CSAPA du Canal (fictif)", commune=commune))
    client.force_login(make_user(role=Role.SUPPORT, departement=make_departement("93"), is_staff=True))
    text = client.get(QUEUE).content.decode()
    assert "CSAPA du Canal" in text and "Mésanges" not in text
    assert client.get(page(here)).status_code == 200
    before = Dossier.objects.filter(pk=dossier.pk).values().get()
    for name in NAMES:
        assert client.get(page(dossier, name)).status_code == 404, name
    for name in POSTS:
        assert client.post(page(dossier, name), {"version": dossier.version, "comment": "x"}).status_code == 404
    assert Dossier.objects.filter(pk=dossier.pk).values().get() == before


@pytest.mark.parametrize("pk", ["0", "abc", "9" * 30, "1'--", "²"])
def test_a_dossier_that_does_not_exist_is_404(sophie, pk):
    assert sophie.get(f"{QUEUE}{pk}/change/").status_code == 404


def test_reading_writes_nothing_and_steps_are_posts(structure, sophie):
    dossier = taken(structure)
    before = Entry.objects.count()
    for name in NAMES:
        sophie.get(page(dossier, name))
    for name in ("decider", "remarque", "prendre", "rendre", "suite"):
        assert sophie.get(page(dossier, name)).status_code == 405
    assert Entry.objects.count() == before


def test_the_index_of_the_administration_leads_to_the_queue(structure, sophie):
    submitted(structure)
    text = sophie.get("/admin/").content.decode()
    assert "1\u00a0dossier à traiter" in text and QUEUE in text


# --- Queue -----------------------------------------------------------------------------------------------------------


def shown(client: Client, **query) -> list[int]:
    return [item.dossier.pk for item in client.get(QUEUE, query).context["rows"]]


def test_the_oldest_comes_first_and_is_late(structure, sophie, settings):
    settings.DOSSIER_TARGET_DAYS = 5
    recent, old = submitted(structure), submitted(other_structure(structure))
    sent_days_ago(recent, 1)
    sent_days_ago(old, 6)
    response = sophie.get(QUEUE)
    rows = response.context["rows"]
    assert [row.dossier.pk for row in rows] == [old.pk, recent.pk]
    assert [row.age.text for row in rows] == ["6\u00a0j, en retard", "1\u00a0j"]
    assert shown(sophie, age="retard") == [old.pk]
    assert shown(sophie, age="7") == []


@pytest.mark.parametrize(("days", "css"), [(3, ""), (4, "ror-warn"), (5, "ror-warn"), (6, "ror-bad")])
def test_age_is_told_against_the_target(structure, days, css, settings):
    settings.DOSSIER_TARGET_DAYS = 5
    dossier = submitted(structure)
    sent_days_ago(dossier, days)
    dossier.refresh_from_db()
    assert queue.Item(dossier, structure.sophie).age.css == css


def test_counters_say_what_their_links_show(structure, sophie, settings):
    settings.DOSSIER_TARGET_DAYS = 5
    mine = taken(structure)
    free = submitted(other_structure(structure))
    colleague = make_user(role=Role.SUPPORT)
    theirs = step(submitted(other_structure(structure)), "take", colleague)
    late = submitted(other_structure(structure))
    sent_days_ago(late, 9)
    returned = step(taken(other_structure(structure)), "return", structure.sophie, comment="À revoir")
    waiting = validated(other_structure(structure), date_effet=TODAY + dt.timedelta(3))
    blocked = validated(other_structure(structure), date_effet=TODAY + dt.timedelta(3))
    Dossier.objects.filter(pk=blocked.pk).update(blocked="Type retiré")
    expected = {
        "À traiter": {mine.pk, free.pk, theirs.pk, late.pk},
        "À prendre": {free.pk, late.pk},
        "Les miens": {mine.pk},
        "Chez mes collègues": {theirs.pk},
        "En retard": {late.pk},
        "À corriger": {returned.pk},
        "Date d’effet à venir": {waiting.pk},
        "Mis de côté": {blocked.pk},
    }
    counters = sophie.get(QUEUE).context["counters"]
    assert {one.label: one.n for one in counters} == {label: len(pks) for label, pks in expected.items()}
    for counter in counters:
        response = sophie.get(f"{QUEUE}?{counter.query}")
        assert {row.dossier.pk for row in response.context["rows"]} == expected[counter.label], counter.label
        assert [one.label for one in response.context["counters"] if one.is_current] == [counter.label]


def test_it_is_searched_by_name_number_finess_and_people(structure, sophie):
    dossier, other = submitted(structure), submitted(other_structure(structure, denomination="CAMSP du Lys"))
    for text in ("mesanges", "Mésanges csapa", dossier.numero, f"n° {dossier.numero}", structure.eg.finess, "Karim"):
        assert shown(sophie, q=text) == [dossier.pk], text
    assert shown(sophie, q=structure.eg.finess[:4] + " " + structure.eg.finess[4:]) == [dossier.pk]
    assert shown(sophie, q="lys") == [other.pk]
    assert shown(sophie, q="%") == shown(sophie, q="introuvable") == []
    assert "Aucun dossier pour ces critères" in sophie.get(QUEUE, {"q": "introuvable"}).content.decode()


def test_filters_hold_together(structure, sophie):
    dossier = submitted(structure)
    Dossier.objects.filter(pk=dossier.pk).update(campagne="CSAPA 2026")
    submitted(other_structure(structure))
    categorie = structure.eg.categorie_id
    assert shown(sophie, campagne="CSAPA 2026", categorie=categorie, departement="75") == [dossier.pk]
    assert shown(sophie, statut="initie") == []
    assert dossier.pk in shown(sophie, statut="tous")


@pytest.mark.parametrize("query", ["statut=zzz", "age=%00", "categorie='", "departement=99", "assigne=1e9", "page=zz"])
def test_a_criterion_nobody_understands_is_told_next_to_its_field(sophie, query):
    response = sophie.get(f"{QUEUE}?{query}")
    assert response.status_code == (200 if "page" in query else 400)


@pytest.mark.parametrize("rows", [1, 60])
def test_the_queue_costs_the_same_whatever_its_length(structure, sophie, rows, django_assert_num_queries):
    first = submitted(structure)
    others = [make_eg(ej=structure.eg.entite_juridique) for _ in range(rows - 1)]
    made = Dossier.objects.bulk_create(Dossier(eg=eg, opened_by=structure.camille) for eg in others)
    Dossier.objects.filter(pk__in=[one.pk for one in made]).update(
        status="soumis", submitted_by=structure.camille, submitted_at=first.submitted_at
    )
    sophie.get(QUEUE)
    with django_assert_num_queries(QUEUE_QUERIES):
        response = sophie.get(QUEUE)
    assert len(response.context["rows"]) == min(rows, 50)


def test_taking_from_the_row_comes_back_to_the_list(structure, sophie):
    dossier = submitted(structure)
    back = f"{QUEUE}?assigne=personne"
    response = sophie.post(page(dossier, "prendre"), {"version": dossier.version, "next": back})
    assert response.url == back
    dossier.refresh_from_db()
    assert dossier.assigned_to == structure.sophie
    elsewhere = {"version": dossier.version, "next": "https://ailleurs.invalid/"}
    assert sophie.post(page(dossier, "rendre"), elsewhere).url == page(dossier)


def test_what_was_not_done_never_redirects_as_what_was(structure, sophie):
    """`script/drill` counts a redirection as a promise."""
    dossier = taken(structure)
    stale = {"version": dossier.version - 1, "next": QUEUE}
    step(dossier, "release", structure.sophie)
    response = sophie.post(page(dossier, "prendre"), stale)
    assert response.status_code == 409
    assert "Le dossier a changé depuis" in response.content.decode()
    dossier.refresh_from_db()
    assert dossier.assigned_to is None


# --- Page ------------------------------------------------------------------------------------------------------------


def test_old_and_new_stand_side_by_side(structure, sophie):
    dossier = taken(structure, conditions_accueil="Sans rendez-vous, le matin.", animaux_domestiques="Acceptés")
    text = sophie.get(page(dossier)).content.decode()
    assert "<del>Sur rendez-vous.</del>" in text and "<ins>Sans rendez-vous, le matin.</ins>" in text
    assert "2\u00a0lignes à décider" in text and "niveau 3" in text


def test_a_line_is_decided_by_a_plain_form(structure, sophie):
    dossier = taken(structure, conditions_accueil="Nouveau", animaux_domestiques="Acceptés")
    draft = draft_of(dossier, "uo")
    data = {
        "fiche": draft.pk,
        "d:conditions_accueil": "oui",
        "d:animaux_domestiques": "non",
        "m:animaux_domestiques": "imprecise",
        "t:animaux_domestiques": "Lesquels ?",
    }
    assert sophie.post(page(dossier, "decider"), data).status_code == 302
    held = {one.address: (one.is_accepted, one.motif, one.message) for one in Decision.objects.all()}
    assert held == {
        "conditions_accueil": (True, "", ""),
        "animaux_domestiques": (False, "imprecise", "Lesquels ?"),
    }
    before = Entry.objects.count()
    sophie.post(page(dossier, "decider"), data)
    assert Entry.objects.count() == before, "the same form sent twice decides nothing more"
    sophie.post(page(dossier, "decider"), {"fiche": draft.pk, "annuler": "conditions_accueil"})
    assert Decision.objects.count() == 1


def test_a_refusal_without_reason_is_told_under_its_line_and_the_rest_is_kept(structure, sophie):
    dossier = taken(structure, conditions_accueil="Nouveau", animaux_domestiques="Acceptés")
    data = {"fiche": draft_of(dossier, "uo").pk, "d:conditions_accueil": "oui", "d:animaux_domestiques": "non"}
    response = sophie.post(page(dossier, "decider"), data)
    assert response.status_code == 422
    assert "Refuser demande un motif ou un message." in response.content.decode()
    assert list(Decision.objects.values_list("address", flat=True)) == ["conditions_accueil"]


def test_the_fragment_of_a_line_brings_the_bar_and_the_list(structure, sophie):
    dossier = taken(structure, conditions_accueil="Nouveau", animaux_domestiques="Acceptés")
    data = {"fiche": draft_of(dossier, "uo").pk, "d:conditions_accueil": "oui"}
    response = sophie.post(page(dossier, "decider"), data, headers={"X-Fragment": "1"})
    text = response.content.decode()
    assert text.count("<tbody") == 1 and 'id="barre"' in text and 'id="fiches"' in text
    assert "1\u00a0ligne à décider" in text and "<html" not in text


def test_accept_all_keeps_what_was_refused(structure, sophie):
    dossier = taken(structure, conditions_accueil="Nouveau", animaux_domestiques="Acceptés", complements="Parking")
    draft = draft_of(dossier, "uo")
    decisions.decide(draft.pk, ["complements"], is_accepted=False, by=structure.sophie, motif="inexacte")
    sophie.post(
        page(dossier, "decider"),
        {"fiche": draft.pk, "tout": "oui", "d:complements": "non", "m:complements": "inexacte"},
    )
    assert set(Decision.objects.filter(is_accepted=True).values_list("address", flat=True)) == {
        "conditions_accueil",
        "animaux_domestiques",
    }
    assert Decision.objects.get(address="complements").is_accepted is False


def test_a_line_that_changed_since_it_was_read_is_not_decided(structure, sophie):
    dossier = taken(structure)
    draft = draft_of(dossier, "uo")
    [read] = next(one for one in decisions.reviews(dossier) if one.draft == draft).proposals
    edit(draft, structure.sophie, conditions_accueil="Corrigé par le support.")
    data = {"fiche": draft.pk, "d:conditions_accueil": "oui", "f:conditions_accueil": read.fingerprint}
    response = sophie.post(page(dossier, "decider"), data)
    assert response.status_code == 409 and "a changé depuis" in response.content.decode()
    assert not Decision.objects.exists()


@pytest.mark.parametrize("data", [{"m:conditions_accueil": "zzz"}, {"t:conditions_accueil": "x" * 1001}])
def test_a_bad_reason_is_told_and_decides_nothing(structure, sophie, data):
    dossier = taken(structure)
    data = {"fiche": draft_of(dossier, "uo").pk, "d:conditions_accueil": "non", **data}
    assert sophie.post(page(dossier, "decider"), data).status_code == 422
    assert not Decision.objects.exists()


@pytest.mark.parametrize("fiche", ["", "0", "abc", "9" * 40])
def test_the_fiche_of_another_dossier_is_404(structure, sophie, fiche):
    dossier = taken(structure)
    other = draft_of(submitted(other_structure(structure)), "uo")
    assert sophie.post(page(dossier, "decider"), {"fiche": fiche}).status_code == 404
    assert sophie.post(page(dossier, "decider"), {"fiche": other.pk, "tout": "oui"}).status_code == 404


def test_nobody_decides_before_taking_it_nor_its_sender(structure, sophie, client):
    dossier = submitted(structure)
    data = {"fiche": draft_of(dossier, "uo").pk, "d:conditions_accueil": "oui"}
    response = sophie.post(page(dossier, "decider"), data)
    assert response.status_code == 409 and "Prenez" in response.content.decode()
    step(dossier, "withdraw", structure.camille)
    step(dossier, "submit", structure.sophie)
    dossier = step(dossier, "take", structure.sophie)
    text = sophie.get(page(dossier)).content.decode()
    assert "un autre agent doit le valider" in text and 'type="radio"' not in text
    assert sophie.post(page(dossier, "decider"), data).status_code == 409
    response = sophie.post(page(dossier, "valider"), {"version": dossier.version})
    assert response.status_code == 409
    assert not Decision.objects.exists()


def test_a_new_unit_is_one_proposal_shown_whole(structure, sophie):
    dossier = opened(structure)
    new = drafts.add_uo(dossier, name="Consultation jeunes", type_uo=None, by=structure.camille)
    known = draft_of_uo(dossier).content
    edit(
        new, structure.camille, **{name: known[name] for name in ("champ_activite", "mode_prise_en_charge", "publics")}
    )
    dossier = step(step(dossier, "submit", structure.camille), "take", structure.sophie)
    text = sophie.get(page(dossier), {"fiche": new.pk}).content.decode()
    assert "Nouvelle unité" in text and "Consultation jeunes" in text and text.count('value="non"') == 1
    sophie.post(page(dossier, "decider"), {"fiche": new.pk, "d:": "non", "m:": "autorisation"})
    assert Decision.objects.get(fiche=new).address == decisions.WHOLE


def draft_of_uo(dossier: Dossier):
    return dossier.fiches.filter(kind="uo").order_by("position").first()


def test_a_slot_is_decided_whole(structure, sophie):
    """Its two hours are two lines of the diff, and one proposal: half a slot means nothing."""
    document = to_document("uo", structure.uo.pk)
    slot = {"uid": "a" * 32, "jour_semaine": 1, "heure_debut": "09:00", "heure_fin": "12:00"}
    empty = {"type_plage": None, "date_debut": None, "date_fin": None}
    publishing.publish("uo", document | {"horaires": [slot | empty]}, by=structure.karim, origin="direct")
    dossier = drafts.open_dossier(structure.eg, by=structure.camille)
    for draft in dossier.fiches.all():
        later = {"horaires": [slot | empty | {"heure_debut": "08:00", "heure_fin": "13:00"}]}
        edit(draft, structure.camille, **(later if draft.kind == "uo" else {}))
    dossier.refresh_from_db()
    dossier = step(step(dossier, "submit", structure.camille), "take", structure.sophie)
    [proposal] = next(one for one in decisions.reviews(dossier) if one.draft.kind == "uo").proposals
    assert proposal.address == f"horaires/{'a' * 32}" and len(proposal.lines) == 2


def test_the_whole_fiche_can_be_read(structure, sophie):
    dossier = taken(structure)
    url = page(dossier)
    draft = draft_of(dossier, "uo")
    assert "Secrétariat" not in sophie.get(url, {"fiche": draft.pk}).content.decode()
    assert "Secrétariat" in sophie.get(url, {"fiche": draft.pk, "vue": "tout"}).content.decode()


def test_what_moved_meanwhile_is_shown_beside(structure, sophie):
    dossier = taken(structure)
    live = to_document("uo", structure.uo.pk)
    publishing.publish("uo", live | {"complements": "Parking gratuit"}, by=structure.karim, origin="direct")
    text = sophie.get(page(dossier), {"fiche": draft_of(dossier, "uo").pk}).content.decode()
    assert "La fiche publiée a changé depuis que ce dossier a été commencé" in text and "Parking gratuit" in text


def test_accepting_everything_does_not_undo_what_a_referent_changed_meanwhile(structure):
    """Nobody proposed to take the car park away."""
    dossier = taken(structure)
    live = to_document("uo", structure.uo.pk)
    publishing.publish("uo", live | {"complements": "Parking gratuit"}, by=structure.karim, origin="direct")
    [review] = [one for one in decisions.reviews(dossier) if one.draft.kind == "uo"]
    assert [one.address for one in review.proposals] == ["conditions_accueil"]
    accept_all(dossier, structure.sophie)
    step(dossier, "validate", structure.sophie)
    structure.uo.refresh_from_db()
    assert (structure.uo.complements, structure.uo.conditions_accueil) == ("Parking gratuit", "Sans rendez-vous.")


def test_the_button_says_what_it_waits_for(structure, sophie):
    dossier = taken(structure)
    uo = draft_of(dossier, "uo")
    text = sophie.get(page(dossier)).content.decode()
    assert "« Valider » attend" in text and f"?fiche={uo.pk}#l-" in text
    assert page(dossier, "valider") not in text
    accept_all(dossier, structure.sophie)
    assert page(dossier, "valider") in sophie.get(page(dossier)).content.decode()


def test_a_rule_that_breaks_keeps_the_button_off_and_names_the_line(structure, sophie):
    dossier = taken(structure)
    draft = draft_of(dossier, "uo")
    DraftFiche.objects.filter(pk=draft.pk).update(content=draft.base | {"publics": []})
    decisions.decide(draft.pk, ["publics/TRE_R239|07"], is_accepted=True, by=structure.sophie)
    text = sophie.get(page(dossier), {"fiche": draft.pk}).content.decode()
    assert "ne peuvent pas être publiées telles quelles" in text
    assert page(dossier, "valider") not in text


def test_support_corrects_by_itself_and_the_page_says_so(structure, sophie):
    dossier = taken(structure)
    draft = draft_of(dossier, "uo")
    assert reverse("dossiers:fiche", args=[dossier.pk, draft.pk]) in sophie.get(page(dossier)).content.decode()
    edit(draft, structure.sophie, conditions_accueil="Corrigé.")
    assert "corrigée par le support" in sophie.get(page(dossier)).content.decode()


def test_a_remark_joins_the_thread(structure, sophie):
    dossier = taken(structure)
    draft = draft_of(dossier, "uo")
    response = sophie.post(page(dossier, "remarque"), {"text": "Quel étage ?", "fiche": draft.pk})
    assert response.status_code == 302
    remark = Remarque.objects.get()
    assert (remark.text, remark.author, remark.fiche) == ("Quel étage ?", structure.sophie, draft)
    assert "Quel étage ?" in sophie.get(page(dossier)).content.decode()
    assert sophie.post(page(dossier, "remarque"), {"text": " "}).status_code == 422
    other = draft_of(submitted(other_structure(structure)), "uo")
    sophie.post(page(dossier, "remarque"), {"text": "Ailleurs", "fiche": other.pk})
    assert Remarque.objects.get(text="Ailleurs").fiche is None


def test_the_journal_is_told_in_words(structure, sophie):
    dossier = validated(structure)
    text = sophie.get(page(dossier, "history")).content.decode()
    for words in ("a ouvert le dossier", "a accepté 1\u00a0ligne", "a validé le dossier", "a publié le dossier"):
        assert words in text


@pytest.mark.parametrize("units", [1, 15])
def test_the_page_costs_the_same_whatever_the_number_of_fiches(structure, sophie, units, django_assert_num_queries):
    for n in range(units - 1):
        make_complete_uo(structure.eg, f"Unité {n}")
    dossier = taken(structure, conditions_accueil="Changé partout")
    make_contact(structure.uo, telecoms=[("2", "0199000009")])
    accept_all(dossier, structure.sophie)
    sophie.get(page(dossier))
    with django_assert_num_queries(PAGE_QUERIES):
        response = sophie.get(page(dossier))
    assert len(response.context["entries"]) == units + 1


def test_deciding_costs_the_same_whatever_the_number_of_lines_and_fiches(structure, django_assert_max_num_queries):
    for n in range(10):
        make_complete_uo(structure.eg, f"Unité {n}")
    dossier = taken(structure, conditions_accueil="Changé", animaux_domestiques="Non", complements="Rien")
    draft = draft_of_uo(dossier)
    addresses = ["conditions_accueil", "animaux_domestiques", "complements"]
    with django_assert_max_num_queries(25):
        decisions.decide(draft.pk, addresses, is_accepted=True, by=structure.sophie)
