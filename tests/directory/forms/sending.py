"""A form as a browser sends it."""

from django.http import QueryDict

from directory.forms import FicheForm


def posted(saisie: dict[str, list[str]], **changes) -> QueryDict:
    """What a browser would send; a change given as a list is several values, None removes the field."""
    query = QueryDict(mutable=True)
    for name, values in (saisie | changes).items():
        if values is not None:
            query.setlist(name, values if isinstance(values, list) else [values])
    return query


def filled(kind, document, *, live=None, only=None, **changes) -> FicheForm:
    """The form of the document, sent with these changes."""
    shown = FicheForm(kind, document, live=live, only=only)
    return FicheForm(kind, document, live=live, only=only, data=posted(shown.saisie, **changes))


def errors(form: FicheForm) -> dict[str, list[str]]:
    return {node.prefix or "": {k: list(v) for k, v in node.errors.items()} for node in form.nodes() if node.errors}
