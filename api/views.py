"""Read-only REST. Same criteria, same engine, same rights as the page: one meaning, another rendering."""

from rest_framework.decorators import api_view
from rest_framework.request import Request
from rest_framework.response import Response

from api.serializers import ResultatsSerializer
from directory.permissions import Reader
from search import engine
from search.forms import SearchForm


@api_view(["GET"])
def recherche(request: Request) -> Response:
    """`GET /api/v1/recherche/`: parameters of `/recherche/`, one page of 15 establishments.

    200 with `ResultatsSerializer`; 400 with {field: [messages]} when the question is not understood; 403 without
    a session.
    """
    form = SearchForm(request.query_params)
    if not form.is_answerable:
        errors = form.errors if form.is_bound else {}
        return Response(errors or {"q": ["Choisissez ce que vous cherchez."]}, status=400)
    results = engine.search(form.criteria(), reader=Reader.of(request.user), page=form.page_number)
    return Response(ResultatsSerializer(results).data)
