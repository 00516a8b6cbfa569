"""Units of a dossier: add, duplicate, take out, close. Each is a draft until support validates."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from directory.models import Kind
from dossiers import drafts
from dossiers.forms import AddUoForm, CloseUoForm
from dossiers.models import Dossier, DraftFiche
from dossiers.views.access import fiche_of, on_a_dossier
from dossiers.views.dossier import Refusal, render_dossier
from ror.typed import small_number

NOT_WRITABLE = "Le dossier n’est plus en cours de saisie : ses fiches ne changent plus."


@on_a_dossier
@require_POST
def ajouter(request: HttpRequest, dossier: Dossier) -> HttpResponse:
    form = AddUoForm(request.POST, eg=dossier.eg)
    if not form.is_valid():
        return render_dossier(request, dossier, status=422, add_form=form)
    name, type_uo, after = (form.cleaned_data[one] for one in ("nom", "type_uo", "apres"))

    def add() -> HttpResponse:
        return redirect(drafts.add_uo(dossier, name=name, type_uo=type_uo, after=after, by=request.user))

    return _told(request, dossier, add)


@on_a_dossier
@require_POST
def dupliquer(request: HttpRequest, dossier: Dossier, fiche: int) -> HttpResponse:
    draft = fiche_of(dossier, fiche)

    def copy() -> HttpResponse:
        after = small_number(request.POST.get("apres"), digits=5)
        made = drafts.duplicate(draft, after=after, by=request.user)
        messages.success(request, "Unité dupliquée : donnez-lui son nom et ce qui la distingue.")
        return redirect(made)

    if draft.kind != Kind.UO:
        return _refuse(request, dossier, "Seule une unité se duplique.")
    return _told(request, dossier, copy)


@on_a_dossier
@require_http_methods(["GET", "HEAD", "POST"])
def retirer(request: HttpRequest, dossier: Dossier, fiche: int) -> HttpResponse:
    """A unit that was never published, or is another establishment’s now, leaves the dossier; GET asks to confirm."""
    draft = fiche_of(dossier, fiche)
    if not drafts.removable(dossier, draft):
        return _refuse(request, dossier, "Une unité publiée ne se retire pas : fermez-la.")
    if request.method != "POST":
        context = {"dossier": dossier, "eg": dossier.eg, "fiche": draft, "n_remarques": draft.remarques.count()}
        return render(request, "dossiers/retirer.html", context)

    def remove() -> HttpResponse:
        drafts.remove(draft, version=small_number(request.POST.get("version")) or 0, by=request.user)
        messages.success(request, f"« {draft.name} » est retirée du dossier.")
        return redirect(dossier)

    return _told(request, dossier, remove)


@on_a_dossier
@require_http_methods(["GET", "HEAD", "POST"])
def fermer(request: HttpRequest, dossier: Dossier, fiche: int) -> HttpResponse:
    """Close a published unit in the dossier, or reopen it (POST with `rouvrir`)."""
    draft = fiche_of(dossier, fiche)
    if draft.kind != Kind.UO or draft.is_new:
        return _refuse(request, dossier, "Seule une unité publiée se ferme ici.")
    names = ("type_fermeture", "date_fermeture", "date_reouverture")
    initial = {name: draft.content.get(name) for name in names} | {"version": draft.version}
    form = CloseUoForm(request.POST or None, initial=initial)
    if request.method == "POST" and "rouvrir" in request.POST and form["version"].data:
        form = _Reopening(request.POST)
    if request.method == "POST" and form.is_valid():
        if form.cleaned_data["type_fermeture"] or draft.content.get("date_fermeture"):
            return _told(request, dossier, lambda: _close(request, dossier, draft, form))
        form.add_error("type_fermeture", "Choisissez un type de fermeture.")
    context = {"dossier": dossier, "eg": dossier.eg, "fiche": draft, "form": form}
    return render(request, "dossiers/fermer.html", context, status=422 if form.is_bound else 200)


class _Reopening(CloseUoForm):
    """Only the version matters: the three fields are emptied."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("type_fermeture", "date_fermeture", "date_reouverture"):
            del self.fields[name]

    def clean(self) -> dict:
        return {**self.cleaned_data, "type_fermeture": "", "date_fermeture": None, "date_reouverture": None}


def _close(request: HttpRequest, dossier: Dossier, draft: DraftFiche, form: CloseUoForm) -> HttpResponse:
    drafts.close_uo(draft, by=request.user, **form.cleaned_data)
    if form.cleaned_data["type_fermeture"]:
        messages.success(request, f"« {draft.name} » fermera quand le dossier sera validé.")
    else:
        messages.success(request, f"« {draft.name} » reste ouverte.")
    return redirect(dossier)


def _told(request: HttpRequest, dossier: Dossier, do: Callable[[], HttpResponse]) -> HttpResponse:
    """Do it, or say on the dossier's page why it is not possible any more."""
    try:
        return do()
    except drafts.NotWritable as refused:
        return _refuse(request, refused.dossier, NOT_WRITABLE)
    except drafts.StaleDraft as stale:
        who = stale.current.updated_by
        return _refuse(request, dossier, f"{who} a enregistré cette fiche entre-temps : relisez-la, puis recommencez.")
    except DraftFiche.DoesNotExist:
        return _refuse(request, dossier, "Cette fiche n’est plus dans le dossier.")


def _refuse(request: HttpRequest, dossier: Dossier, message: str) -> HttpResponse:
    dossier.refresh_from_db()
    return render_dossier(request, dossier, status=409, refusal=Refusal(message))
