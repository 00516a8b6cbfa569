"""Jinja2 for the few partials drawn hundreds of times a second; every other template is Django's.

They take the same filters by the same names, escape everything, and fail on an undefined name like the tests ask of
the others. A page of Django draws one with `{% jinja %}`.
"""

from functools import cache

from django.templatetags.static import static
from django.urls import reverse
from jinja2 import Environment, StrictUndefined

from ror.templatetags import ror


def environment(**options) -> Environment:
    """The environment named in `settings.TEMPLATES`."""
    ours = {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True, "autoescape": True}
    made = Environment(**options | ours)  # noqa: S701 - autoescape is among them
    # An icon too is a filter there: Jinja2 applies filters to constants when it compiles the template.
    for function in (ror.date_fr, ror.icon, ror.number, ror.phone, ror.plural, ror.tel_href):
        made.filters[function.__name__] = function
    made.globals |= {"constant": ror.constant, "static": static, "url": cache(reverse)}
    return made
