"""« Open at t? » against a reference that walks real time minute by minute, and the cases people will ask about."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings as django_settings
from hypothesis import example, given, settings
from hypothesis import strategies as st

from directory import planning
from tests.directory.test_planning import line

PARIS = ZoneInfo("Europe/Paris")
MINUTE = dt.timedelta(minutes=1)
ZONES = {"75": "Europe/Paris", "57": "Europe/Paris", "974": "Indian/Reunion", "975": "America/Miquelon"}
# Around both DST nights of Paris and of Miquelon, public holidays, the end of a year, an ordinary week.
STARTS = [dt.date(2025, 3, 8), dt.date(2025, 3, 29), dt.date(2025, 10, 25), dt.date(2025, 11, 1)]
STARTS += [dt.date(2025, 7, 13), dt.date(2025, 12, 24), dt.date(2025, 9, 17), dt.date(2025, 4, 17)]
HOLIDAYS = {
    "": {"2025-07-14", "2025-11-01", "2025-11-11", "2025-12-25", "2026-01-01", "2025-04-21", "2025-05-01"},
    "57": {"2025-04-18", "2025-12-26"},
    "974": {"2025-12-20"},
}
OPEN = {None, *(f"TRE_R252|{code}" for code in ("01", "02", "03", "05", "06", "07", "10", "11"))}
KINDS = [*sorted(OPEN - {None}), None, "TRE_R252|04", planning.FERMETURE]


def paris(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=PARIS)


# --- The reference: rules read from the raw lines, one minute of the wall clock at a time ---------------------------


def open_minutes(horaires: list[dict], date: dt.date, departement: str, holidays_closed: bool) -> set[int]:
    """Minutes of the wall clock of that day at which it is open."""

    def covers(slot: dict, minute: int) -> bool:
        text = f"{minute // 60:02}:{minute % 60:02}"
        return slot["heure_debut"] <= text and (text < slot["heure_fin"] or slot["heure_fin"] == "23:59")

    day = date.isoformat()
    typical = [one for one in horaires if not one["date_debut"] and one["jour_semaine"] == date.isoweekday()]
    dated = [
        one
        for one in horaires
        if one["date_debut"]
        and one["date_debut"] <= day <= (one["date_fin"] or "9")
        and one["jour_semaine"] in (None, date.isoweekday())
    ]
    closures = [one for one in dated if one["type_plage"] == planning.FERMETURE]
    in_force = [one for one in dated if one not in closures]
    is_holiday = day in HOLIDAYS[""] | HOLIDAYS.get(departement, set())
    if not in_force and not (is_holiday and holidays_closed):
        in_force = [one for one in typical if one["type_plage"] != planning.FERMETURE]
        closures += [one for one in typical if one["type_plage"] == planning.FERMETURE]
    found = set()
    for minute in range(24 * 60):
        is_open = any(one["type_plage"] in OPEN and covers(one, minute) for one in in_force)
        is_closed = any(one["heure_debut"] is None or covers(one, minute) for one in closures)
        if is_open and not is_closed:
            found.add(minute)
    return found


class Reference:
    """Answers by looking at the clock on the wall at each minute of real time."""

    def __init__(self, horaires: list[dict], departement: str, holidays_closed: bool):
        self._args = (departement, holidays_closed)
        self._horaires, self._zone, self._days = horaires, ZoneInfo(ZONES[departement]), {}

    def is_open(self, instant: dt.datetime) -> bool:
        wall = instant.astimezone(self._zone)
        if wall.date() not in self._days:
            self._days[wall.date()] = open_minutes(self._horaires, wall.date(), *self._args)
        return wall.hour * 60 + wall.minute in self._days[wall.date()]

    def next_change(self, instant: dt.datetime, *, days: int) -> dt.datetime | None:
        """First minute after `instant` that differs from it, within so many days."""
        state = self.is_open(instant)
        for n in range(1, days * 24 * 60):
            if self.is_open(instant + n * MINUTE) is not state:
                return instant + n * MINUTE
        return None


@st.composite
def plannings(draw):
    """Random weeks, exceptions and closures around a day; often in the hours of a DST night."""
    start = draw(st.sampled_from(STARTS))
    hours = st.sampled_from(["00:00", "01:30", "02:00", "02:15", "02:30", "03:00", "03:20", "09:00", "12:00", "18:30"])
    lines = []
    for _ in range(draw(st.integers(0, 9))):
        debut, fin = sorted((draw(hours), draw(st.one_of(hours, st.just("23:59")))))
        if debut == fin:
            continue
        lines.append(line(draw(st.integers(1, 7)), debut, fin, draw(st.sampled_from(KINDS))))
    for _ in range(draw(st.integers(0, 3))):
        first = start + dt.timedelta(days=draw(st.integers(-3, 4)))
        last = draw(st.one_of(st.none(), st.integers(0, 3).map(lambda n, day=first: day + dt.timedelta(days=n))))
        debut, fin = sorted((draw(hours), draw(hours)))
        kind = draw(st.sampled_from(KINDS))
        if debut == fin:
            debut, fin, kind = None, None, planning.FERMETURE
        weekday = draw(st.one_of(st.none(), st.integers(1, 7)))
        lines.append(line(weekday, debut, fin, kind, first.isoformat(), last and last.isoformat()))
    departement = draw(st.sampled_from(sorted(ZONES)))
    minutes = st.integers(0, 30 * 60)
    instant = dt.datetime.combine(start, dt.time(18), dt.UTC) + draw(minutes) * MINUTE
    return lines, departement, draw(st.booleans()), instant


def tells_hours(lines: list[dict]) -> bool:
    """Some opening is written, and closures do not take away the whole typical week."""
    typical = [one for one in lines if not one["date_debut"]]
    week = [dt.date(2025, 9, 15) + dt.timedelta(days=n) for n in range(7)]
    dated = any(one["type_plage"] in OPEN for one in lines if one["date_debut"])
    return dated or any(open_minutes(typical, day, "75", False) for day in week)


@settings(deadline=None, max_examples=200)
@given(plannings())
@example(([line(7, "01:00", "02:15")], "75", True, dt.datetime(2025, 10, 26, 0, 10, tzinfo=dt.UTC)))
@example(([line(7, "01:00", "02:15")], "75", True, dt.datetime(2025, 10, 26, 0, 20, tzinfo=dt.UTC)))
@example(([line(7, "02:30", "04:00")], "75", True, dt.datetime(2025, 3, 30, 0, 59, tzinfo=dt.UTC)))
@example(([line(7, "02:00", "03:00")], "75", True, dt.datetime(2025, 3, 30, 0, 59, tzinfo=dt.UTC)))
@example(([line(3, "08:00", "18:30"), line(3, "09:00", "12:00")], "75", True, paris("2025-09-17T08:30")))
@example(([line(n, "00:00", "23:59") for n in range(1, 8)], "75", False, dt.datetime(2025, 10, 25, tzinfo=dt.UTC)))
def test_answers_as_the_clock_on_the_wall_minute_by_minute(case):
    lines, departement, holidays_closed, instant = case
    hours = planning.of_lines(lines, departement=departement, holidays_closed=holidays_closed)
    answer = planning.open_at(hours, instant)
    if not tells_hours(lines):
        assert answer == planning.UNKNOWN
        return
    reference = Reference(lines, departement, holidays_closed)
    assert answer.is_open is reference.is_open(instant)
    change = reference.next_change(instant, days=7)
    told = answer.until if answer.is_open else answer.opens_at
    if change is None:
        assert told is None or told - instant >= dt.timedelta(days=7)
    else:
        # In UTC: for Python, an hour that comes twice never equals an instant of another zone (PEP 495).
        assert told.astimezone(dt.UTC) == change


# --- What people ask ------------------------------------------------------------------------------------------------

CAMSP = [*(line(day, "08:00", "19:00") for day in range(1, 6)), line(6, "08:30", "13:00")]


def test_the_camsp_of_the_training_in_week_38():
    hours = planning.of_lines(CAMSP, departement="91")
    during = planning.open_at(hours, paris("2025-09-17T10:00"))
    assert (during.is_open, during.until, during.opens_at) == (True, paris("2025-09-17T19:00"), None)
    evening = planning.open_at(hours, paris("2025-09-19T19:00"))
    assert (evening.is_open, evening.until, evening.opens_at) == (False, None, paris("2025-09-20T08:30"))
    assert planning.open_at(hours, paris("2025-09-20T13:00")).opens_at == paris("2025-09-22T08:00")


def test_holidays_close_unless_told_otherwise():
    noon = paris("2025-07-14T12:00")
    assert planning.open_at(planning.of_lines(CAMSP), noon).opens_at == paris("2025-07-15T08:00")
    assert planning.open_at(planning.of_lines(CAMSP, holidays_closed=False), noon).is_open
    opened = [*CAMSP, line(None, "10:00", "14:00", None, "2025-07-14", "2025-07-14")]
    assert planning.open_at(planning.of_lines(opened), noon).until == paris("2025-07-14T14:00")


@pytest.mark.parametrize(
    ("departement", "date", "name"),
    [
        ("75", "2025-07-14", "14 juillet"),
        ("75", "2025-05-01", "1er mai"),
        ("75", "2025-04-21", "Lundi de Pâques"),
        ("75", "2025-04-18", ""),
        ("57", "2025-04-18", "Vendredi saint"),
        ("67", "2025-12-26", "Saint-Étienne"),
        ("974", "2025-12-20", "Abolition de l’esclavage"),
        ("", "2025-12-25", "Noël"),
    ],
)
def test_public_holidays_by_departement(departement, date, name):
    assert planning.holiday_name(dt.date.fromisoformat(date), departement) == name


def test_each_departement_has_its_time():
    instant = dt.datetime(2025, 9, 17, 6, 30, tzinfo=dt.UTC)
    states = {code: planning.open_at(planning.of_lines(CAMSP, departement=code), instant).is_open for code in ZONES}
    assert states == {"75": True, "57": True, "974": True, "975": False}
    late = dt.datetime(2025, 9, 17, 15, 30, tzinfo=dt.UTC)
    assert not planning.open_at(planning.of_lines(CAMSP, departement="974"), late).is_open
    opens = planning.open_at(planning.of_lines(CAMSP, departement="974"), late).opens_at
    assert opens.isoformat() == "2025-09-18T08:00:00+04:00"


def test_every_zone_and_subdivision_of_the_settings_exists():
    for departement in {*django_settings.TIME_ZONES, *django_settings.HOLIDAY_SUBDIVISIONS}:
        assert planning.zone_of(departement).key
        assert planning.holiday_name(dt.date(2025, 12, 25), departement) == "Noël"


@pytest.mark.parametrize(
    ("lines", "kind"),
    [
        ([line(3, "09:00", "12:00", "TRE_R252|07")], "TRE_R252|07"),
        ([line(3, "09:00", "12:00", "TRE_R252|07"), line(3, "10:00", "11:00", "TRE_R252|06")], "TRE_R252|06"),
        ([line(3, "09:00", "12:00", "TRE_R252|10"), line(3, "08:00", "18:00")], None),
    ],
)
def test_kind_in_force(lines, kind):
    answer = planning.open_at(planning.of_lines(lines), paris("2025-09-17T10:30"))
    assert (answer.is_open, answer.kind) == (True, kind)


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [line(3, "09:00", "12:00", "TRE_R252|04")],
        [line(3, "09:00", "12:00", "TRE_R252|09")],
        [line(3), line(1, "09:00", "12:00")],
        [line(None, "09:00", "12:00", "TRE_R252|08", "2025-09-01", None)],
    ],
)
def test_not_known(lines):
    assert planning.open_at(planning.of_lines(lines), paris("2025-09-17T10:30")) == planning.UNKNOWN


def test_what_cannot_be_told_after_a_day_to_specify():
    hours = planning.of_lines([line(1, "09:00", "12:00"), line(4), line(5, "09:00", "12:00")])
    assert planning.open_at(hours, paris("2025-09-17T10:30")) == planning.Answer(False)
    assert planning.open_at(hours, paris("2025-09-20T10:30")).opens_at == paris("2025-09-22T09:00")


def document(horaires, **attrs) -> dict:
    closing = {"type_fermeture": "", "date_fermeture": None, "date_reouverture": None}
    return {"horaires": horaires, "ouverture_annuelle": None} | closing | attrs


ROUND_THE_CLOCK = [line(day, "00:00", "23:59") for day in range(1, 8)]


@pytest.mark.parametrize(
    ("read", "is_open"),
    [
        (document(CAMSP), False),
        (document(CAMSP, ouverture_annuelle="TRE_R238|03"), True),
        (document(CAMSP, ouverture_annuelle="TRE_R238|04"), False),
        (document(ROUND_THE_CLOCK), True),
        (document([*ROUND_THE_CLOCK[:6], line(7, "00:00", "20:00")]), False),
        (document(CAMSP, ouvert_jours_feries=None), False),
        (document(CAMSP, ouvert_jours_feries=True), True),
        (document(CAMSP, ouverture_annuelle="TRE_R238|03", ouvert_jours_feries=False), False),
        (document(ROUND_THE_CLOCK, ouvert_jours_feries=False), False),
    ],
)
def test_who_works_on_a_public_holiday(read, is_open):
    assert planning.open_at(planning.of_document(read), paris("2025-07-14T12:00")).is_open is is_open


def test_never_closing_has_no_end():
    answer = planning.open_at(planning.of_document(document(ROUND_THE_CLOCK)), paris("2025-10-26T02:30"))
    assert answer == planning.Answer(True)


def test_the_closing_of_the_uo_wins_over_its_hours():
    pause = document(CAMSP, type_fermeture="PRO", date_fermeture="2025-09-16", date_reouverture="2025-10-06")
    hours = planning.of_document(pause)
    assert planning.open_at(hours, paris("2025-09-15T10:00")).is_open
    assert planning.open_at(hours, paris("2025-09-15T19:30")).opens_at == paris("2025-10-06T08:00")
    ended = planning.of_document(document(CAMSP, type_fermeture="DEF", date_fermeture="2025-09-16"))
    assert planning.open_at(ended, paris("2025-09-17T10:00")) == planning.Answer(False)
    empty = planning.of_document(document([], type_fermeture="DEF", date_fermeture="2025-09-16"))
    assert planning.open_at(empty, paris("2025-09-17T10:00")) == planning.Answer(False)
    assert planning.open_at(empty, paris("2025-09-15T10:00")) == planning.UNKNOWN


def test_hours_have_a_place():
    with pytest.raises(ValueError, match="aware"):
        planning.open_at(planning.of_lines(CAMSP), dt.datetime(2025, 9, 17, 10))
