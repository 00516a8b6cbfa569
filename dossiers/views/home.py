"""The home page, and « Mes structures »."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from directory.permissions import Reader
from dossiers import figures, listing, queue, structures
from dossiers.models import Dossier
from restitutions.models import RechercheEnregistree
from search.forms import SearchForm

SHOWN = 3
SEARCHES = 5


@never_cache  # a shared computer: « Back » after logging out must not show whose dossiers they are
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Search first, then my structures and my open dossiers, then whom to call."""
    reader = Reader.of(request.user)
    mine = figures.my_structures(reader)
    n_dossiers = listing.n_open(reader)
    last = Dossier.objects.open().filter(eg__in=reader.own_eg_ids).with_counts() if n_dossiers else []
    context = {
        "form": SearchForm(),
        "figures": figures.described(),
        "structures": mine,
        "n_structures": len(reader.own_eg_ids),
        "dossiers": [listing.row(dossier, request.user, reader) for dossier in last[:SHOWN]],
        "n_dossiers": n_dossiers,
        "is_support": reader.is_support,
        "n_waiting": queue.n_waiting(request.user) if reader.is_support else 0,
        "recherches": RechercheEnregistree.objects.filter(user=request.user)[:SEARCHES],
    }
    return render(request, "dossiers/home.html", context)


@never_cache
@require_safe
def structures_page(request: HttpRequest) -> HttpResponse:
    """« Mes structures »: what a référent answers for, as a tree."""
    asked = request.GET.get("filtre", "")
    filtre = structures.Filtre(asked) if asked in list(structures.Filtre) else structures.Filtre.TOUT
    found = structures.structures(Reader.of(request.user), filtre=filtre, number=request.GET.get("page"))
    return render(request, "dossiers/structures.html", {"found": found, "query": f"filtre={filtre}"})
