"""Jinja2 for the few partials drawn hundreds of times a second; every other template is Django's.

They take the same filters by the same names, escape everything, and fail on an undefined name like the tests ask of
the others.
"""

from jinja2 import Environment, StrictUndefined

from ror.templatetags import ror


def environment(**options) -> Environment:
    """The environment named in `settings.TEMPLATES`."""
    ours = {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True, "autoescape": True}
    made = Environment(**options | ours)  # noqa: S701 - autoescape is among them
    made.filters |= {"phone": ror.phone, "tel_href": ror.tel_href, "date_fr": ror.date_fr}
    made.globals["icon"] = ror.icon
    return made
