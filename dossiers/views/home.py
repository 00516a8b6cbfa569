"""Home page, and what « Dossiers collaboratifs » says until it is there."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from directory.permissions import Reader
from dossiers import figures, structures
from search.forms import SearchForm


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Search first, then my structures, then whom to call."""
    reader = Reader.of(request.user)
    structures = figures.my_structures(reader)
    context = {
        "form": SearchForm(),
        "figures": figures.described(),
        "structures": structures,
        "n_structures": len(reader.own_eg_ids),
    }
    return render(request, "dossiers/home.html", context)


@require_safe
def index(request: HttpRequest, pk: int = 0, fiche: int = 0) -> HttpResponse:
    return render(request, "dossiers/index.html")


@never_cache
@require_safe
def structures_page(request: HttpRequest) -> HttpResponse:
    """« Mes structures »: what a référent answers for, as a tree."""
    asked = request.GET.get("filtre", "")
    filtre = structures.Filtre(asked) if asked in structures.Filtre else structures.Filtre.TOUT
    found = structures.structures(Reader.of(request.user), filtre=filtre, number=request.GET.get("page"))
    return render(request, "dossiers/structures.html", {"found": found, "query": f"filtre={filtre}"})
