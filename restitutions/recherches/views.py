"""HTTP of the saved searches: my list, save, change, delete, and the link of an alert that stops it."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from directory.permissions import Reader
from restitutions import questions
from restitutions.models import Alerte, RechercheEnregistree
from restitutions.recherches import alertes, services
from restitutions.recherches.forms import RechercheForm
from search.forms import SearchForm

PAGE = "restitutions:recherches"


@never_cache
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Mine, by name."""
    context = {
        "rows": RechercheEnregistree.objects.filter(user=request.user),
        "may_extract": Reader.of(request.user).may_extract,
        "Alerte": Alerte,
    }
    return render(request, "restitutions/recherches.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def enregistrer(request: HttpRequest) -> HttpResponse:
    """Keep the search whose parameters are in the address."""
    search = SearchForm(request.GET)
    if not search.is_answerable:
        messages.warning(request, "Faites d’abord une recherche, puis enregistrez-la depuis ses résultats.")
        return redirect("search:results")
    words = questions.in_words(search)
    form = RechercheForm(request.POST if request.method == "POST" else None, initial={"name": _proposed(search)})
    context = {"form": form, "words": words, "back": search.canonical_url, "recherche": None}
    if request.method == "POST" and form.is_valid():
        try:
            saved = services.save(
                by=request.user,
                name=form.cleaned_data["name"],
                query=questions.canonical(search),
                alerte=form.cleaned_data["alerte"],
            )
        except services.Refused as refused:
            form.add_error(refused.field or None, str(refused))
        else:
            messages.success(request, f"«\u00a0{saved.name}\u00a0» est dans vos recherches.")
            return redirect(PAGE)
    return render(request, "restitutions/recherche.html", context, status=422 if form.errors else 200)


def _proposed(search: SearchForm) -> str:
    return questions.in_words(search).replace("«\u00a0", "").replace("\u00a0»", "")[:80]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def modifier(request: HttpRequest, pk: int) -> HttpResponse:
    """Rename it, start or stop its alert."""
    recherche = get_object_or_404(RechercheEnregistree, pk=pk, user=request.user)
    initial = {"name": recherche.name, "alerte": recherche.alerte}
    form = RechercheForm(request.POST if request.method == "POST" else None, initial=initial)
    words = recherche.words
    if request.method == "POST" and form.is_valid():
        try:
            services.change(recherche, by=request.user, **form.cleaned_data)
        except services.Refused as refused:
            form.add_error(refused.field or None, str(refused))
        else:
            messages.success(request, "La recherche est modifiée.")
            return redirect(PAGE)
    context = {"form": form, "words": words, "back": "", "recherche": recherche}
    return render(request, "restitutions/recherche.html", context, status=422 if form.errors else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def supprimer(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then delete."""
    recherche = get_object_or_404(RechercheEnregistree, pk=pk, user=request.user)
    if request.method == "POST":
        services.delete(recherche, by=request.user)
        messages.success(request, f"«\u00a0{recherche.name}\u00a0» est supprimée.")
        return redirect(PAGE)
    return render(request, "restitutions/recherche_supprimer.html", {"recherche": recherche})


@never_cache
@login_not_required  # the signed token is the right, and stopping one alert is all it does
@require_http_methods(["GET", "HEAD", "POST"])
def desabonner(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows one button and changes nothing: mail scanners follow links. Says nothing of the search itself."""
    pk = alertes.read_token(token)
    recherche = RechercheEnregistree.objects.filter(pk=pk).first() if pk is not None else None
    if recherche is not None and request.method == "POST":
        services.unsubscribe(recherche.pk)
        return redirect(request.path)
    context = {"recherche": recherche, "is_stopped": recherche is not None and recherche.alerte == Alerte.AUCUNE}
    status = 200 if recherche else 404 if pk is None else 410
    response = render(request, "restitutions/desabonner.html", context, status=status)
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
