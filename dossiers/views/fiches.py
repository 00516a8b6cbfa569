"""The page of one fiche of a dossier: typed, saved (by itself too), finalised; and the two texts that meet."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts import kept_text
from directory.forms import FicheForm
from dossiers import display, drafts, presence, reconciling, remarks
from dossiers.drafts import NotReady, NotWritable, StaleDraft
from dossiers.fiche_pages import FichePage, saved_words, why_read_only
from dossiers.forms import RemarkForm
from dossiers.models import Dossier, DraftFiche
from dossiers.views.access import fiche_of, on_a_dossier
from ror.typed import small_number

NOT_VALID = "Ce que vous avez saisi est gardé, mais n’est pas encore valide : corrigez les champs signalés."
GONE = "Cette fiche n’est plus dans le dossier."


@kept_text.kept_when_the_session_is_over
@on_a_dossier
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, dossier: Dossier, fiche: int) -> HttpResponse:
    """GET shows the form. POST saves it: `finaliser`, `apercu` say what comes after; `autosave` answers in JSON;
    `reprendre` only shows what is sent, to correct it."""
    found = FichePage.of(fiche_of(dossier, fiche), request.user)
    if request.method != "POST":
        return _opened(request, found)
    form = found.form(request.POST)
    is_autosave = "autosave" in request.POST
    if not is_autosave and (form.redraw or "reprendre" in request.POST):
        form.is_valid()
        return _page(request, found, form, is_typed=True)
    try:
        is_valid = _save(request, found, form)
    except StaleDraft as stale:
        return _stale(request, found, stale)
    except NotWritable as refused:
        return _closed(request, found, form, refused)
    except PermissionDenied:
        if is_autosave:
            return JsonResponse(
                {"erreur": "droits", "message": "Vous n’avez plus le droit de la modifier."}, status=403
            )
        raise
    except DraftFiche.DoesNotExist as error:
        raise Http404(GONE) from error
    kept_text.forget(request)
    return JsonResponse(found.saved()) if is_autosave else _after(request, found, form, is_valid=is_valid)


def version_of(request: HttpRequest) -> int:
    """The version the page was drawn from; 0, which no row has, when it is unreadable."""
    return small_number(request.POST.get("version")) or 0


def _save(request: HttpRequest, found: FichePage, form: FicheForm) -> bool:
    """Keep what was typed, as a document or as it is; whether it is one."""
    is_valid = form.is_valid()
    kept = {"document": form.document, "saisie": None}
    if not is_valid:
        kept = {"document": None, "saisie": reconciling.typed(form)}
    dossier = found.draft.dossier
    found.draft = drafts.save(found.draft.pk, version=version_of(request), by=request.user, **kept)
    found.draft.dossier = dossier
    return is_valid


def _after(request: HttpRequest, found: FichePage, form: FicheForm, *, is_valid: bool) -> HttpResponse:
    """What a button asked for once the text is kept."""
    if not is_valid:
        return _page(request, found, form, status=422, told=NOT_VALID)
    if "finaliser" in request.POST:
        return _finalise(request, found, form)
    if "apercu" in request.POST:
        return redirect("dossiers:apercu", found.draft.dossier_id, found.draft.pk)
    messages.success(request, f"{saved_words(found.draft, request.user)}.")
    return redirect(found.draft)


def _finalise(request: HttpRequest, found: FichePage, form: FicheForm) -> HttpResponse:
    dossier = found.draft.dossier
    try:
        found.draft = drafts.finalise(found.draft.pk, version=found.draft.version, by=request.user)
    except NotReady as missing:
        form.add_problems(missing.problems)
        return _page(request, found, form, status=422)
    except StaleDraft as stale:
        return _stale(request, found, stale)
    found.draft.dossier = dossier
    after = found.next()
    words = f"« {found.draft.name} » est finalisée."
    messages.success(request, f"{words} Fiche suivante :" if after else f"{words} Toutes les fiches le sont.")
    return redirect(after or dossier)


# --- Showing ---------------------------------------------------------------------------------------------------------


def _opened(request: HttpRequest, found: FichePage) -> HttpResponse:
    """The form as it was left; a text that a lost session interrupted comes first."""
    rescued = None if found.read_only else kept_text.of(request)
    form = found.form(rescued)
    if rescued or found.draft.saisie is not None:
        form.is_valid()  # the errors of what is shown
    if rescued is None:
        return _page(request, found, form)
    told = "Votre session s’était terminée : voici votre texte. Relisez-le, puis enregistrez-le."
    return _page(request, found, form, is_typed=True, told=told, sent=rescued)


def _page(
    request: HttpRequest,
    found: FichePage,
    form: FicheForm,
    *,
    status: int = 200,
    is_typed: bool = False,
    told: str = "",
    sent: dict[str, list[str]] | None = None,
) -> HttpResponse:
    """`is_typed`: the form shows a text that is not saved; it starts from the version that text was written on."""
    draft = found.draft
    version, base = draft.version, reconciling.token(draft, draft.content)
    if is_typed:
        sent = sent or dict(request.POST.lists())
        version, base = ((sent.get(name) or [default])[-1] for name, default in (("version", version), ("base", "")))
    context = page_context(request, found) | {
        "form": form,
        "version": version,
        "base": base,
        "is_typed": is_typed,
        "told": told,
        "author": kept_text.author(request.user),
        "saved": saved_words(draft, request.user),
        "moved": found.moved(),
        "n_missing": 0 if draft.state == "finalisee" or found.read_only else len(found.problems()),
        "remarques": [one for one in remarks.thread(draft.dossier) if one.fiche_id in (None, draft.pk)],
        "remark_form": RemarkForm(draft=draft),
        "others": presence.others(draft.dossier, user=request.user),
    }
    return render(request, "dossiers/fiche.html", context, status=status)


def page_context(request: HttpRequest, found: FichePage) -> dict[str, Any]:
    """What the pages of one fiche share."""
    dossier = found.draft.dossier
    return {
        "dossier": dossier,
        "eg": dossier.eg,
        "fiche": found.draft,
        "badge": display.state(found.draft),
        "fiches": found.fiches,
        "read_only": found.read_only,
        "title": found.draft.name,
    }


# --- What happened meanwhile -----------------------------------------------------------------------------------------


def _closed(request: HttpRequest, found: FichePage, form: FicheForm, refused: NotWritable) -> HttpResponse:
    """The dossier went on: nothing is written, the text stays on the page to be copied."""
    words = why_read_only(refused.dossier, request.user) or str(refused)
    if "autosave" in request.POST:
        return JsonResponse({"erreur": "ferme", "message": words}, status=409)
    found.draft.dossier.refresh_from_db()
    found.read_only = f"{words} Votre texte n’a pas été enregistré : il est resté ci-dessous, copiez ce qui compte."
    return _page(request, found, form, status=409, is_typed=True)


def _stale(request: HttpRequest, found: FichePage, stale: StaleDraft) -> HttpResponse:
    """Somebody saved this fiche meanwhile: both texts, nothing written."""
    if "autosave" in request.POST:
        words = f"{stale.current.updated_by} a enregistré cette fiche pendant que vous écriviez."
        return JsonResponse({"erreur": "conflit", "message": words}, status=409)
    return _conflict(request, found, _reconciliation(request, found, stale.current))


def _reconciliation(request: HttpRequest, found: FichePage, current: DraftFiche) -> reconciling.Reconciliation:
    base = reconciling.base_of(request.POST.get("base", ""), current, version_of(request))
    return reconciling.Reconciliation(current, base=base, data=request.POST, etablissement=found.etablissement)


BUTTONS = ("finaliser", "apercu", "enregistrer", "conflit", "garder", "reprendre")
OURS = ("csrfmiddlewaretoken", "sur", kept_text.AUTHOR, *BUTTONS)


def _conflict(
    request: HttpRequest, found: FichePage, texts: reconciling.Reconciliation, *, told: str = ""
) -> HttpResponse:
    sent = [(name, value) for name, values in request.POST.lists() if name not in OURS for value in values]
    context = page_context(request, found) | {
        "texts": texts,
        "over": texts.current.version,
        "saved": saved_words(texts.current, request.user),
        "who": texts.current.updated_by,
        "author": kept_text.author(request.user),
        "sent": [(name, value) for name, value in sent if not name.startswith("garder-")],
        "told": told,
    }
    return render(request, "dossiers/fiche_conflit.html", context, status=409)


@kept_text.kept_when_the_session_is_over
@on_a_dossier
@require_POST
def conflit(request: HttpRequest, dossier: Dossier, fiche: int) -> HttpResponse:
    """The choices made on the conflict page, on the version that page showed; another save since asks again."""
    found = FichePage.of(fiche_of(dossier, fiche), request.user)
    texts = _reconciliation(request, found, found.draft)
    if request.POST.get("sur") != str(found.draft.version):
        return _conflict(request, found, texts, told="La fiche a encore changé : voici les textes à présent.")
    names = [one.address for one in texts.choices] + [one.name for one in texts.typed]
    # Mine unless told otherwise: nobody loses a text by not answering.
    keep = {name for name in names if request.POST.get(f"garder-{name}") != "leur"}
    document, saisie = texts.result(keep)
    try:
        saved = drafts.save(
            found.draft.pk, version=found.draft.version, saisie=saisie, document=document, by=request.user
        )
    except StaleDraft as stale:
        return _stale(request, found, stale)
    except NotWritable as refused:
        return _closed(request, found, found.form(request.POST), refused)
    kept_text.forget(request)
    messages.success(request, "Les deux textes sont réunis et enregistrés.")
    return redirect(saved)
