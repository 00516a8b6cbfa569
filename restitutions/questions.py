"""A search kept as text: the parameters of its page, read again by the same form that read them first."""

from urllib.parse import urlencode

from django.http import QueryDict

from search.criteria import Dans
from search.display import chips
from search.forms import SearchForm, describe

MAX_WORDS = 400


def read(query: str) -> SearchForm:
    """The form of these parameters; `is_answerable` says whether it still asks something."""
    return SearchForm(QueryDict(query))


def canonical(form: SearchForm, *, without: tuple[str, ...] = ()) -> str:
    """The shortest parameters of an answerable form: the same question always gives the same text."""
    return urlencode(form.pairs(without=without))


def in_words(form: SearchForm) -> str:
    """« CSAPA » autour d’Évry (91000), Adultes: what is asked, where, then each filter as its chip says it."""
    found = [describe(form)["quoi"]]
    if not form.concept and form.dans_value != Dans.TOUT:
        found[0] += f" dans «\u00a0{form.dans_label}\u00a0»"
    if form.origin:
        found[0] += f" autour de {form.place.label if form.place else form.origin.label}"
    found += [chip.label for chip in chips(form) if chip.is_filter]
    return ", ".join(found)[:MAX_WORDS]
