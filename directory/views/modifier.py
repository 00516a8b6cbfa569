"""Direct correction, from the Répertoire: contacts, horaires, accueil. Live at once, undone by the history."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import kept_text
from directory import diff, merge, modifying
from directory.checks import DocumentInvalid
from directory.display.history import groups
from directory.documents import MODELS, Document, UnknownReference
from directory.forms import FicheForm
from directory.models import Kind
from directory.modifying import Choice, Clashed, Keep, Saved
from directory.ownership import DIRECT
from directory.permissions import Reader
from directory.restoring import unknown_reference
from directory.verifying import Fiche
from directory.views.verification import named
from ror.templatetags.ror import date_fr
from ror.typed import small_number

OURS = ("csrfmiddlewaretoken", "version", "garder", "sur", kept_text.AUTHOR)  # posted beside the fields of the form
RESCUED = "Votre session s’était terminée\u00a0: voici votre texte. Relisez-le, puis enregistrez-le."


def _on(kind: Kind):
    """The view of one kind."""

    @kept_text.kept_when_the_session_is_over
    @never_cache
    @require_http_methods(["GET", "HEAD", "POST"])
    def view(request: HttpRequest, cle: str) -> HttpResponse:
        fiche = named(kind, cle, request.user)
        if not MODELS[kind].objects.editable_by(Reader.of(request.user)).filter(pk=fiche.pk).exists():
            raise PermissionDenied
        if request.method != "POST":
            return _opened(request, kind, fiche)
        form, read = _form(kind, fiche, request.POST, small_number(request.POST.get("version")))
        if form.redraw or request.POST.get("garder") == "reprendre" or not form.is_valid():
            return _page(request, kind, fiche, form, read)
        return _save(request, kind, fiche, form, read)

    return view


eg, uo = _on(Kind.EG), _on(Kind.UO)


def _opened(request: HttpRequest, kind: Kind, fiche: Fiche) -> HttpResponse:
    """The fiche as it is; a text that a lost session interrupted comes first."""
    rescued = kept_text.of(request)
    form, read = _form(kind, fiche, rescued, small_number((rescued or {}).get("version", [""])[-1]))
    if rescued is not None:
        form.is_valid()  # the errors of what is shown
    return _page(request, kind, fiche, form, read, told=RESCUED if rescued else "")


def _form(kind: Kind, fiche: Fiche, data: Mapping | None, read: int | None) -> tuple[FicheForm, int]:
    """The form, and the version it starts from: the one of the page, or the last when nobody published that one."""
    base = modifying.base(kind, fiche.pk, read) if read else None
    if base is None:
        read = fiche.version
        base = modifying.base(kind, fiche.pk, read)
    return FicheForm(kind, base, data=data or None, only=DIRECT[kind], live=base), read


def _choice(request: HttpRequest) -> Choice | None:
    keep, over = request.POST.get("garder", ""), small_number(request.POST.get("sur"))
    return Choice(Keep(keep), over) if keep in list(Keep) and over is not None else None


def _save(request: HttpRequest, kind: Kind, fiche: Fiche, form: FicheForm, read: int) -> HttpResponse:
    try:
        saved = modifying.save(kind, fiche.pk, form.document, read=read, by=request.user, choice=_choice(request))
    except Clashed as clashed:
        return _conflict(request, kind, fiche, read, clashed)
    except DocumentInvalid as invalid:
        form.add_problems(invalid.problems)
        return _page(request, kind, fiche, form, read)
    except UnknownReference as unknown:
        form.add_problems([unknown_reference(unknown)])
        return _page(request, kind, fiche, form, read)
    kept_text.forget(request)
    if saved.changed_nothing:
        messages.info(request, "Vous n’avez rien changé\u00a0: la fiche est restée à la même version.")
    else:
        messages.success(request, _told(kind, fiche, saved))
    return redirect(fiche)


def _told(kind: Kind, fiche: Fiche, saved: Saved) -> SafeString:
    """« Enregistré, version 15. Revenir à la version du 12/09/2025 »."""
    previous = modifying.published_at(kind, fiche.pk, saved.before)
    return format_html(
        'Enregistré et en ligne, version\u00a0{}{}. <a href="{}">Revenir à la version du {}</a>',
        saved.version.number,
        ", avec ce qu’une autre personne a changé entre-temps" if saved.was_merged else "",
        reverse(f"directory:{kind}_retablir", args=[fiche.cle, saved.before]),
        date_fr(previous, "heure"),
    )


def _page(
    request: HttpRequest, kind: Kind, fiche: Fiche, form: FicheForm, read: int, *, told: str = ""
) -> HttpResponse:
    is_sent = request.method == "POST"
    faults = form.error_summary if is_sent and not form.redraw else []
    context = _common(request, kind, fiche, read) | {"form": form, "is_typed": is_sent or bool(told), "told": told}
    return render(request, "directory/modifier.html", context, status=422 if faults else 200)


def _conflict(request: HttpRequest, kind: Kind, fiche: Fiche, read: int, clashed: Clashed) -> HttpResponse:
    """Both texts, and what the person sent kept in the page: nothing to type again whatever she chooses."""
    found = clashed.merge
    addresses = {clash.address for clash in found.clashes}
    mine: Document = merge.three_way(clashed.start, clashed.live, clashed.mine, keep_mine=addresses).document
    context = _common(request, kind, fiche, read) | {
        "groups": groups(diff.compare(found.document, mine), found.document, mine),
        "latest": modifying.last_version(kind, fiche.pk),
        "n_taken": len(found.taken),
        "over": clashed.version,
        "sent": [(name, value) for name, values in request.POST.lists() if name not in OURS for value in values],
    }
    return render(request, "directory/modifier_conflit.html", context, status=409)


def _common(request: HttpRequest, kind: Kind, fiche: Fiche, read: int) -> dict[str, Any]:
    eg = fiche.entite_geographique if kind == Kind.UO else fiche
    title = fiche.nom if kind == Kind.UO else fiche.display_name
    author = kept_text.author(request.user)
    return {"fiche": fiche, "kind": kind, "eg": eg, "title": title, "read": read, "author": author}
