"""A page that holds the form of a fiche and nothing else, for the tests of the form."""

from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import include, path

from directory import modeles
from directory.documents import to_document
from directory.forms import FicheForm
from directory.models import Kind

SENT: dict[int, dict] = {}  # the last document accepted, by id of its fiche
PAGE = """{% extends "base.html" %}
{% block title %}Essai{% endblock %}
{% block content %}<h1>Essai</h1>{% if done %}<p role="status">Enregistré</p>{% endif %}
<form method="post" data-unsaved="" novalidate class="ror-panel" aria-labelledby="t">
<input type="hidden" name="csrfmiddlewaretoken" value="{{ csrf_token }}">
<div class="ror-panel-head"><h2 id="t">Fiche</h2></div>
<div class="ror-panel-body">{% include "directory/forms/_form.html" with form=form only %}
<div class="ror-bar"><button class="btn btn-primary" name="enregistrer" value="1">Enregistrer</button></div></div>
</form>{% endblock %}"""


def page(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    live = to_document(Kind(kind), pk)
    document = SENT.get(pk, live)
    published = live if request.GET.get("publie") else None
    form, done = FicheForm(kind, document, live=published), False
    if request.method == "POST":
        form = FicheForm(kind, document, data=request.POST, live=published)
        if not form.redraw and form.is_valid():
            SENT[pk], done = form.document, True
            form.add_problems(modeles.missing(kind, form.document))
    context = {"form": form, "done": done, "section": ""}
    return HttpResponse(engines["django"].from_string(PAGE).render(context, request))


urlpatterns = [path("essai/<str:kind>/<int:pk>/", page), path("", include("ror.urls"))]
