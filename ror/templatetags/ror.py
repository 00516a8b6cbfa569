"""Tags and filters of every template (builtins): icons, and the French way to write numbers, dates and phones."""

import datetime as dt
import re
from collections.abc import Callable
from functools import cache, lru_cache

import phonenumbers
from django import forms, template
from django.conf import settings
from django.template import defaulttags
from django.template.base import Node, Parser, Token
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from .icons import ICONS

register = template.Library()

NBSP = "\u00a0"
NARROW_NBSP = "\u202f"
_NATIONAL = re.compile(r"0[0-9]{9}")
# Ranges of one letter of French plural: -al makes -aux, -au/-eu makes -x; the rest takes -s, or stays (-s, -x, -z).
_PLURALS = (("al", "aux"), ("eau", "eaux"), ("au", "aux"), ("eu", "eux"))


@register.simple_tag
@cache
def icon(name: str, css: str = "") -> SafeString:
    """Inline SVG of one of `icons.ICONS`, hidden from screen readers: a word always stands beside it.

    Raises KeyError on an unknown name: a missing icon is seen in tests, not by people.
    """
    return format_html(
        '<svg class="ror-ic{}" viewBox="0 0 16 16" aria-hidden="true" focusable="false">{}</svg>',
        f" {css}" if css else "",
        mark_safe(ICONS[name]),  # noqa: S308 - our own constants
    )


class _Once(Node):
    """What its tag gave the first time; two threads at most draw the same."""

    def __init__(self, node: Node) -> None:
        self.node, self.drawn = node, None

    def render(self, context: template.Context) -> str:
        if self.drawn is None:
            self.drawn = self.node.render(context)
        return self.drawn


def _once(compiled: Callable[[Parser, Token], Node]) -> Callable[[Parser, Token], Node]:
    """The same tag, drawn once where all it is given is between quotes: every page has some fifty of these."""

    def compile_tag(parser: Parser, token: Token) -> Node:
        node = compiled(parser, token)
        given = token.split_contents()[1:]
        return _Once(node) if all(bit[0] in "\"'" for bit in given) else node

    return compile_tag


register.tag("icon", _once(register.tags["icon"]))
register.tag("url", _once(defaulttags.url))  # Django's: `{% url 'search:results' %}` never changes


@register.simple_tag
def constant(name: str) -> SafeString:
    """A partial that reads nothing of its page, drawn once per process; at each request under DEBUG, to be edited."""
    return render_to_string(name) if settings.DEBUG else _drawn_once(name)


@cache
def _drawn_once(name: str) -> SafeString:
    return render_to_string(name)


@register.simple_tag(takes_context=True)
def jinja(context: template.Context, name: str, **given: object) -> SafeString:
    """A partial of `templates/jinja`, with what it is given, else all that the page knows; it escapes by itself."""
    return mark_safe(render_to_string(name, given or context.flatten(), using="jinja2"))  # noqa: S308


@register.filter
def control(field: forms.BoundField) -> SafeString:
    """The widget of a bound field with Bootstrap's class; Django adds `aria-describedby` and `aria-invalid` itself."""
    widget = field.field.widget
    if isinstance(widget, forms.CheckboxInput):
        css = "form-check-input"
    else:
        css = "form-select" if isinstance(widget, forms.Select) else "form-control"
    return field.as_widget(attrs={"class": f"{css} is-invalid" if field.errors else css, "placeholder": ""})


def _digits(value: object) -> str:
    return re.sub(r"\D", "", str(value))


@register.filter
def phone(value: object) -> str:
    """« 01 83 76 30 31 » from `0183763031`, `+33183763031` or `+262…`; others (15, 3919) as they are.

    Pairs are joined by non-breaking spaces; eight-hundred numbers too (« 08 00 23 52 36 »), as in the ROR.
    """
    text = str(value or "").strip()
    if _NATIONAL.fullmatch(text):  # nearly all: a page shows some sixty
        return _in_pairs(text)
    digits = _digits(text)
    for prefix in ("+33", "0033"):
        if text.replace(" ", "").startswith(prefix):
            digits = "0" + digits.removeprefix(_digits(prefix)).removeprefix("0")
    if text.startswith("+") and not digits.startswith("0"):
        return _overseas(text) or text
    return _in_pairs(digits) if _NATIONAL.fullmatch(digits) else text


def _in_pairs(digits: str) -> str:
    return NBSP.join((digits[:2], digits[2:4], digits[4:6], digits[6:8], digits[8:]))


def _overseas(text: str) -> str:
    """« 02 62 90 50 50 » from `+262262905050` (Réunion, Guadeloupe, …); empty when it is no such number."""
    parsed = _parsed(text)
    if parsed is None or parsed.country_code not in (262, 508, 590, 594, 596):
        return ""
    digits = "0" + str(parsed.national_number)
    return NBSP.join(digits[i : i + 2] for i in range(0, len(digits), 2))


@lru_cache(maxsize=4096)  # a list page reads the same numbers again and again
def _parsed(text: str) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(text, "FR")
    except phonenumbers.NumberParseException:
        return None


# Ten digits that can only be metropolitan: a page shows some forty, and the library takes 0.025 ms for each.
_METROPOLITAN = re.compile(r"0(?:[13]\d|4[1-9]|2(?!6)\d|5(?![09])\d|6[0-24-8]|7[4-8]|9[0-68])\d{7}")


@register.filter
def tel_href(value: object) -> str:
    """`tel:` address: E.164 when the number is valid, else its digits (`tel:15`); empty without a digit."""
    text = str(value or "").strip()
    joined = text.replace(" ", "")
    if _METROPOLITAN.fullmatch(joined):
        return f"tel:+33{joined[1:]}"
    parsed = _parsed(text)
    if parsed and phonenumbers.is_valid_number(parsed):
        return "tel:" + phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    digits = _digits(text)
    return f"tel:{digits}" if digits else ""


@register.filter
def finess(value: object) -> str:
    """« 75 001 172 8 »: département, number, key. What is not nine characters long is left alone."""
    text = str(value or "").strip()
    if not re.fullmatch(r"[0-9][0-9AB]\d{7}", text):
        return text
    return NBSP.join((text[:2], text[2:5], text[5:8], text[8]))


@register.filter
def number(value: int | float | None) -> str:
    """« 14 463 »: thousands parted by a narrow non-breaking space, decimals by a comma; empty for None."""
    if value is None or value == "":
        return ""
    return f"{value:,}".replace(",", NARROW_NBSP).replace(".", ",")


@register.filter
def plural(count: int | None, words: str) -> str:
    """« 9 établissements », « 1 établissement », « 0 établissement » (0 and 1 are singular in French).

    `words` is the singular, or "singular|plural" when the plural is not regular: `{{ n|plural:"travail|travaux" }}`.
    Each word of a regular expression takes its mark: `{{ n|plural:"UO ouverte|UO ouvertes" }}` when in doubt.
    """
    count = count or 0
    singular, _, irregular = words.partition("|")
    word = singular if abs(count) < 2 else irregular or _regular_plural(singular)
    return f"{number(count)}{NBSP}{word}"


def _regular_plural(word: str) -> str:
    """Plural of each word in turn: « fiche validée » → « fiches validées », « UO » (a sigle) stays « UO »."""

    def one(word: str) -> str:
        if word.isupper() or word[-1:] in "sxz":
            return word
        for ending, replacement in _PLURALS:
            if word.endswith(ending):
                return word.removesuffix(ending) + replacement
        return word + "s"

    return " ".join(one(w) for w in word.split(" "))


@register.filter
def date_fr(value: dt.date | dt.datetime | None, style: str = "court") -> str:
    """« 17/09/2025 » (`court`), « 1er octobre 2025 » (`long`), « 17/09/2025 à 14 h 05 » (`heure`); empty for None."""
    if not value:
        return ""
    if isinstance(value, dt.datetime) and timezone.is_aware(value):
        value = timezone.localtime(value)
    if style == "long":
        day = "1er" if value.day == 1 else str(value.day)
        return f"{day}{NBSP}{date_format(value, 'F Y')}"
    text = date_format(value, "d/m/Y")
    if style == "heure" and isinstance(value, dt.datetime):
        text += f" à{NBSP}{value.hour}{NBSP}h{NBSP}{value.minute:02d}"
    return text
