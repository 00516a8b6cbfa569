"""Jinja2 for the partials drawn hundreds of times a second; every other template is Django's.

They take the same filters by the same names, escape everything, and fail on an undefined name like the tests ask of
the others. A page of Django draws one with `{% jinja %}`.
"""

from functools import cache
from html import escape as escape_text

from django.templatetags.static import static
from django.urls import reverse
from jinja2 import Environment as JinjaEnvironment
from jinja2 import StrictUndefined
from jinja2.compiler import CodeGenerator
from markupsafe import Markup, escape

from ror.templatetags import ror

_BY_TYPE = {str: escape_text, int: str, Markup: str}


def drawn(value: object) -> str:
    """Escaped, for a text that is joined to the page at once: wrapping it in `Markup` first took longer."""
    return _BY_TYPE.get(type(value), escape)(value)


class _Generator(CodeGenerator):
    """Writes `drawn` where Jinja2 writes `escape`; a page holds a thousand of them."""

    def _output_child_pre(self, node, frame, finalize) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape or finalize.src is not None:
            super()._output_child_pre(node, frame, finalize)
        else:
            self.write("environment.drawn(")


class Environment(JinjaEnvironment):
    code_generator_class = _Generator
    drawn = staticmethod(drawn)


def environment(**options) -> Environment:
    """The environment named in `settings.TEMPLATES`."""
    ours = {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True, "autoescape": True}
    made = Environment(**options | ours)
    # An icon too is a filter there: Jinja2 applies filters to constants when it compiles the template.
    for function in (ror.date_fr, ror.icon, ror.number, ror.phone, ror.plural, ror.tel_href):
        made.filters[function.__name__] = function
    made.globals |= {"constant": ror.constant, "static": cache(static), "url": cache(reverse)}
    return made
