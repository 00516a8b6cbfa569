"""French typography of numbers, phones and dates; icons."""

import datetime as dt

import phonenumbers
import pytest
from django import forms
from django.template import Context, Template
from django.utils import timezone

from ror.templatetags import ror as tags
from ror.templatetags.icons import ICONS

NBSP, NARROW = "\u00a0", "\u202f"


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("0183763031", "01 83 76 30 31"),
        ("+33183763031", "01 83 76 30 31"),
        ("+33 1 83 76 30 31", "01 83 76 30 31"),
        ("+33 (0)1 83 76 30 31", "01 83 76 30 31"),
        ("0033183763031", "01 83 76 30 31"),
        ("01.83.76.30.31", "01 83 76 30 31"),
        ("+262262905050", "02 62 90 50 50"),
        ("0800235236", "08 00 23 52 36"),
        ("15", "15"),
        ("3919", "3919"),
        ("116 117", "116 117"),
        ("+3222876211", "+3222876211"),
        ("poste 12", "poste 12"),
        ("", ""),
        (None, ""),
    ],
)
def test_phones_are_read_in_pairs_and_the_others_left_alone(given, shown):
    expected = shown.replace(" ", NBSP) if len(shown.replace(" ", "")) == 10 and shown.startswith("0") else shown
    assert tags.phone(given) == expected


@pytest.mark.parametrize(
    ("given", "href"),
    [
        ("01 83 76 30 31", "tel:+33183763031"),
        ("+33183763031", "tel:+33183763031"),
        ("+262262905050", "tel:+262262905050"),
        ("15", "tel:15"),
        ("3919", "tel:3919"),
        ("accueil", ""),
        (None, ""),
    ],
)
def test_a_phone_is_a_link_that_dials(given, href):
    assert tags.tel_href(given) == href


@pytest.mark.parametrize(
    ("given", "shown"),
    [("750011728", "75 001 172 8"), ("2A0000014", "2A 000 001 4"), ("75001172", "75001172"), (None, "")],
)
def test_finess_is_grouped(given, shown):
    assert tags.finess(given) == (shown.replace(" ", NBSP))


@pytest.mark.parametrize(
    ("count", "words", "shown"),
    [
        (0, "établissement", "0 établissement"),
        (1, "établissement", "1 établissement"),
        (2, "établissement", "2 établissements"),
        (9, "fiche validée", "9 fiches validées"),
        (3, "UO", "3 UO"),
        (3, "hôpital", "3 hôpitaux"),
        (3, "réseau", "3 réseaux"),
        (3, "lieu", "3 lieux"),
        (3, "mois", "3 mois"),
        (2, "travail|travaux", "2 travaux"),
        (None, "dossier", "0 dossier"),
    ],
)
def test_plural_follows_the_french_rule(count, words, shown):
    number, _, rest = shown.partition(" ")
    assert tags.plural(count, words) == f"{number}{NBSP}{rest}"


def test_thousands_are_parted_by_a_narrow_space():
    assert tags.plural(14463, "établissement") == f"14{NARROW}463{NBSP}établissements"
    assert tags.number(1234567) == f"1{NARROW}234{NARROW}567"
    assert tags.number(2.5) == "2,5"
    assert tags.number(None) == ""


def test_dates():
    day = dt.date(2025, 10, 1)
    assert tags.date_fr(day) == "01/10/2025"
    assert tags.date_fr(day, "long") == f"1er{NBSP}octobre 2025"
    assert tags.date_fr(dt.date(2025, 9, 17), "long") == f"17{NBSP}septembre 2025"
    instant = dt.datetime(2025, 9, 17, 12, 5, tzinfo=dt.UTC)
    with timezone.override("Europe/Paris"):
        assert tags.date_fr(instant, "heure") == f"17/09/2025 à{NBSP}14{NBSP}h{NBSP}05"
    assert tags.date_fr(None) == ""


def test_an_icon_is_hidden_from_screen_readers_and_an_unknown_one_is_an_error():
    html = tags.icon("search")
    assert 'class="ror-ic"' in html
    assert 'aria-hidden="true"' in html
    assert ICONS["search"] in html
    with pytest.raises(KeyError):
        tags.icon("licorne")


def test_the_tags_are_there_without_load():
    html = Template("{% icon 'place' %}{{ n|plural:'lieu' }}").render(Context({"n": 2}))
    assert html.startswith("<svg")
    assert html.endswith(f"2{NBSP}lieux")


class _Form(forms.Form):
    name = forms.CharField()
    kind = forms.ChoiceField(choices=[("a", "A")])
    agree = forms.BooleanField()


def test_a_field_takes_the_class_of_its_kind_and_says_when_it_is_wrong():
    form = _Form()
    assert 'class="form-control"' in tags.control(form["name"])
    assert 'class="form-select"' in tags.control(form["kind"])
    assert 'class="form-check-input"' in tags.control(form["agree"])
    wrong = tags.control(_Form({"kind": "a"})["name"])
    assert "is-invalid" in wrong
    assert 'aria-invalid="true"' in wrong
    assert 'aria-describedby="id_name_error"' in wrong


def test_the_short_way_of_tel_href_agrees_with_the_library():
    """Every beginning of four digits: what the short way takes is valid, and its E.164 form is the library's."""
    taken = [f"0{first}123456" for first in range(100, 1000) if tags._METROPOLITAN.fullmatch(f"0{first}123456")]
    assert len(taken) > 400
    for number in taken:
        parsed = phonenumbers.parse(number, "FR")
        assert phonenumbers.is_valid_number(parsed), number
        assert "tel:" + phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164) == tags.tel_href(
            number
        )


@pytest.mark.parametrize(
    "tag", ["{% icon one %}", "{% url 'directory:uo' one %}", "{% url 'directory:repertoire' as one %}{{ one }}"]
)
def test_a_tag_that_is_given_a_variable_is_drawn_each_time(tag):
    template = Template("{% for one in names %}" + tag + "{% endfor %}")
    drawn = [template.render(Context({"names": names})) for names in (["map"], ["list"], ["map", "list"])]
    assert drawn[2] == drawn[0] + drawn[1] and all(drawn)


def test_a_tag_of_constants_is_the_same_each_time():
    template = Template("{% icon 'map' %}{% url 'search:results' %}")
    assert {template.render(Context()) for _ in range(2)} == {tags.icon("map") + "/recherche/"}
