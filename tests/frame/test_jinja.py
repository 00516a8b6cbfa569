"""What the partials of Jinja2 draw is escaped, whatever its type."""

import pytest
from django.utils.functional import lazystr
from django.utils.safestring import mark_safe
from jinja2 import UndefinedError
from markupsafe import Markup

from ror.jinja import environment


class Told(str):
    __slots__ = ()


class Thing:
    def __str__(self) -> str:
        return "<i>"


@pytest.mark.parametrize(
    ("value", "drawn"),
    [
        ("<b> & \"'", "&lt;b&gt; &amp; &quot;&#x27;"),
        (Told("<b>"), "&lt;b&gt;"),
        (lazystr("<b>"), "&lt;b&gt;"),
        (Thing(), "&lt;i&gt;"),
        (12, "12"),
        (True, "True"),
        (None, "None"),
        (1.5, "1.5"),
        (["<b>"], "[&#39;&lt;b&gt;&#39;]"),
        (mark_safe("<b>"), "<b>"),
        (Markup("<b>"), "<b>"),
    ],
)
@pytest.mark.parametrize(
    "source",
    [
        "{{ value }}",
        "{% macro twice(x) %}{{ x }}{% endmacro %}{{ twice(value) }}",
        "{% set kept %}{{ value }}{% endset %}{{ kept }}",
        "{% for one in [value] %}{{ one }}{% endfor %}",
    ],
)
def test_what_is_drawn_is_escaped_once(source, value, drawn):
    assert environment().from_string(source).render(value=value) == drawn


def test_filters_and_constants_are_escaped_too():
    template = environment().from_string('{{ n|plural("<b>") }} {{ "<i>" }} {{ "search"|icon }} {{ a ~ "<u>" }}')
    text = template.render(n=2, a="<s>")
    assert "2\u00a0&lt;b&gt;" in text and "&lt;i&gt;" in text and "<svg" in text and "&lt;s&gt;&lt;u&gt;" in text


def test_an_unknown_name_fails():
    with pytest.raises(UndefinedError):
        environment().from_string("{{ nobody }}").render()
