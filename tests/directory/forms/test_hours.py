"""The hours in the form: copied, changed for one week only, shown by day; pure changes of what was typed."""

import datetime as dt

import pytest

from directory import planning
from directory.documents import to_document
from directory.forms import FicheForm
from directory.forms import saisie as raw
from directory.models import Kind
from tests.builders import make_concept, make_horaire, make_modele, make_uo
from tests.directory.forms.sending import posted

pytestmark = pytest.mark.django_db
MONDAY = dt.date(2025, 9, 15)
CLOSED = planning.FERMETURE


@pytest.fixture
def document():
    """Monday and Wednesday 9–12, Wednesday 14–18."""
    make_modele("uo", general=True, horaires={})
    for code in ("01", "07", "08", "09"):
        make_concept(f"TRE_R252|{code}", "Horaire d'ouverture", value_set="JDV_J41")
    uo = make_uo()
    for jour, debut, fin in ((1, "09:00", "12:00"), (3, "09:00", "12:00"), (3, "14:00", "18:00")):
        make_horaire(uo, jour, debut, fin)
    return to_document(Kind.UO, uo.pk)


def press(document, **button) -> FicheForm:
    """The form after a button that works without JavaScript."""
    return FicheForm(Kind.UO, document, data=posted(FicheForm(Kind.UO, document).saisie, **button))


def sent(document, form: FicheForm, **changes) -> dict:
    """The document once the form on screen is sent."""
    after = FicheForm(Kind.UO, document, data=posted(form.saisie, **changes))
    assert after.is_valid()
    return after.document


def editor(form: FicheForm):
    return form.sections[0].items[0].planning


def hours(document, *, dated: bool = False) -> list[tuple]:
    return sorted(
        (line["date_debut"] or line["jour_semaine"], line["heure_debut"] or "", line["heure_fin"] or "")
        for line in document["horaires"]
        if bool(line["date_debut"]) is dated
    )


USUAL = [(1, "09:00", "12:00"), (3, "09:00", "12:00"), (3, "14:00", "18:00")]


def test_each_day_says_whether_it_is_open(document):
    assert [day.state for day in editor(FicheForm(Kind.UO, document)).days] == [
        "Ouvert",
        "Fermé",
        "Ouvert",
        *["Fermé"] * 4,
    ]


def test_a_day_is_copied_over_others(document):
    form = press(document, **{"copier": "3", "copier-3-vers": ["1", "2", "3"]})
    assert form.redraw and not form.is_valid()
    wednesday = [("09:00", "12:00"), ("14:00", "18:00")]
    assert hours(sent(document, form)) == [(day, *slot) for day in (1, 2, 3) for slot in wednesday]


FORGED = [
    {"copier": "9"},
    {"copier": "x"},
    {"semaine": "1"},
    {"semaine": "1", "horaires-jour": "x"},
    {"semaine": "annuler"},
    {"ajouter": "nom"},
    {"ajouter": "horaires-2025-13-45"},
    {"retirer": "x"},
    {"chercher": "x"},
]


@pytest.mark.parametrize("button", FORGED)
def test_a_forged_button_changes_nothing(document, button):
    form = press(document, **button)
    assert form.redraw
    assert sent(document, form) == document


def test_slots_are_added_and_removed(document):
    form = press(document, ajouter="horaires-5")
    [slot] = editor(form).days[4].slots
    assert slot["type_plage"].value() == "TRE_R252|01"
    added = {f"{slot.prefix}-heure_debut": "10:00", f"{slot.prefix}-heure_fin": "11 h 30".replace(" ", "")}
    assert (5, "10:00", "11:30") in hours(sent(document, form, **added))
    assert sent(document, form) == document  # left blank, it is no slot
    uid = document["horaires"][0]["uid"]
    assert hours(sent(document, press(document, retirer=f"horaires-{uid}"))) == USUAL[1:]


def test_a_cleared_slot_is_removed_and_one_to_be_specified_kept(document):
    uid = document["horaires"][0]["uid"]
    blank = {f"horaires-{uid}-heure_debut": "", f"horaires-{uid}-heure_fin": ""}
    shown = FicheForm(Kind.UO, document)
    assert hours(sent(document, shown, **blank)) == USUAL[1:]
    kept = sent(document, shown, **blank, **{f"horaires-{uid}-type_plage": "TRE_R252|09"})
    assert hours(kept)[0] == (1, "", "")


def test_a_dated_closure_is_added(document):
    form = press(document, ajouter="horaires-fermeture")
    [closure] = editor(form).exceptions
    dates = {f"{closure.prefix}-date_debut": "24/12/2025", f"{closure.prefix}-date_fin": "2025-12-31"}
    [line] = [line for line in sent(document, form, **dates)["horaires"] if line["date_debut"]]
    assert (line["date_debut"], line["date_fin"], line["type_plage"]) == ("2025-12-24", "2025-12-31", CLOSED)


# --- One week ---


@pytest.fixture
def week(document):
    """Week 38 of 2025 being changed alone."""
    return press(document, **{"semaine": "1", "horaires-jour": "2025-09-18"})


def slots(form: FicheForm, number: int) -> list:
    return editor(form).week.days[number - 1].slots


def test_a_week_opens_with_the_typical_one(week):
    shown = editor(week).week
    assert (shown.number, shown.text, shown.monday) == (38, "2025-W38", MONDAY)
    assert [len(day.slots) for day in shown.days] == [1, 0, 2, 0, 0, 0, 0]
    assert shown.days[2].usual == "09:00–12:00, 14:00–18:00"


def test_unchanged_it_leaves_nothing(document, week):
    assert sent(document, week) == document


def test_only_the_days_changed_stay_dated(document, week):
    [monday] = slots(week, 1)
    after = sent(document, week, **{f"{monday.prefix}-heure_fin": "17:00"})
    assert hours(after) == USUAL
    assert hours(after, dated=True) == [("2025-09-15", "09:00", "17:00")]
    shown = planning.week_of(planning.of_lines(after["horaires"]), MONDAY)
    texts = [[slot.text for slot in day.slots] for day in shown.days[:3]]
    assert texts == [["09:00–17:00"], [], ["09:00–12:00", "14:00–18:00"]]


def test_an_emptied_day_is_closed(document, week):
    removed = week.saisie
    for slot in slots(week, 3):
        removed = raw.without_line(removed, slot.prefix)
    after = FicheForm(Kind.UO, document, data=posted(removed))
    assert after.is_valid()
    [line] = [line for line in after.document["horaires"] if line["date_debut"]]
    assert (line["date_debut"], line["type_plage"], line["heure_debut"]) == ("2025-09-17", CLOSED, None)
    again = press(after.document, semaine="1", **{"horaires-jour": "2025-09-17"})
    assert [slot["type_plage"].value() for slot in slots(again, 3)] == [CLOSED]
    assert sent(after.document, again) == after.document


def test_a_day_closed_by_habit_is_opened(document, week):
    form = FicheForm(Kind.UO, document, data=posted(week.saisie, ajouter="horaires-2025-09-20"))
    [slot] = slots(form, 6)
    after = sent(document, form, **{f"{slot.prefix}-heure_debut": "10:00", f"{slot.prefix}-heure_fin": "12:00"})
    assert hours(after, dated=True) == [("2025-09-20", "10:00", "12:00")]


def test_the_typical_week_may_come_back(document, week):
    [monday] = slots(week, 1)
    changed = sent(document, week, **{f"{monday.prefix}-heure_fin": "17:00"})
    again = press(changed, semaine="1", **{"horaires-jour": "2025-09-15"})
    assert [slot["heure_fin"].value() for slot in slots(again, 1)] == ["17:00"]
    back = FicheForm(Kind.UO, changed, data=posted(again.saisie, semaine="annuler"))
    assert editor(back).week is None
    assert hours(sent(changed, back), dated=True) == []


def test_longer_periods_stay_where_they_are(document):
    uid = "a" * 32
    closure = dict.fromkeys(document["horaires"][0]) | {"uid": uid, "type_plage": CLOSED}
    closure |= {"date_debut": "2025-09-01", "date_fin": "2025-09-30"}
    document["horaires"].append(closure)
    form = press(document, **{"semaine": "1", "horaires-jour": "2025-09-15"})
    assert [node.uid for node in editor(form).exceptions] == [uid]
    assert closure in sent(document, form)["horaires"]
