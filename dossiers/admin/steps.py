"""The steps of support on a dossier: each is `workflow.move` or a service; a page before those that send a message."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from dossiers import decisions, display_review, following, permissions, undoing, workflow
from dossiers import messages as dossier_messages
from dossiers.admin import review
from dossiers.admin.access import dossier_of
from dossiers.admin.forms import CommentForm, ReasonForm, ReturnForm
from dossiers.drafts import DossierAlreadyOpen
from dossiers.models import Dossier, Statut
from dossiers.workflow import TransitionRefused
from ror.typed import small_number

METHODS = ["GET", "HEAD", "POST"]


# --- Take, release ---------------------------------------------------------------------------------------------------


@never_cache
@require_POST
def take(request: HttpRequest, pk: int) -> HttpResponse:
    return _at_once(request, pk, "take", "Le dossier est à vous\u00a0: {dossier}.")


@never_cache
@require_POST
def release(request: HttpRequest, pk: int) -> HttpResponse:
    return _at_once(request, pk, "release", "Le dossier est rendu à la file\u00a0: {dossier}.")


def _at_once(request: HttpRequest, pk: int, action: str, done: str) -> HttpResponse:
    """A step without a page of its own; `next`: where the button was."""
    dossier = dossier_of(request, pk)
    try:
        workflow.move(action, dossier.pk, version=_version(request, dossier), by=request.user)
    except TransitionRefused as refused:
        return review.not_made(request, dossier, refused.message)
    messages.success(request, done.format(dossier=f"n° {dossier.numero}, {dossier.eg.display_name}"))
    back = request.POST.get("next", "")
    return redirect(back if url_has_allowed_host_and_scheme(back, {request.get_host()}) else _page(dossier))


def _page(dossier: Dossier) -> str:
    return reverse("admin:dossiers_dossier_change", args=[dossier.pk])


def _version(request: HttpRequest, dossier: Dossier) -> int:
    """The version the page showed; 0 for what is no number: the step is then refused as stale."""
    return small_number(request.POST.get("version")) or 0


# --- Return, validate, reopen ----------------------------------------------------------------------------------------


@never_cache
@require_http_methods(METHODS)
def send_back(request: HttpRequest, pk: int) -> HttpResponse:
    return _step(
        request,
        pk,
        "return",
        ReturnForm,
        {
            "title": "Renvoyer pour correction",
            "button": "Renvoyer le dossier",
            "icon": "return",
            "lead": "Les référents reprennent la main. Rien de ce qu’ils ont saisi n’est perdu, rien n’est publié.",
            "done": "Dossier renvoyé. Les référents sont prévenus.",
        },
    )


@never_cache
@require_http_methods(METHODS)
def validate(request: HttpRequest, pk: int) -> HttpResponse:
    return _step(
        request,
        pk,
        "validate",
        CommentForm,
        {
            "title": "Valider le dossier",
            "button": "Valider",
            "icon": "check",
            "lead": "Les lignes acceptées sont publiées, les lignes refusées ne le sont pas.",
            "done": "Dossier validé. Les référents sont prévenus.",
        },
    )


@never_cache
@require_http_methods(METHODS)
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    return _step(
        request,
        pk,
        "reopen",
        ReasonForm,
        {
            "title": "Annuler la validation",
            "button": "Annuler la validation",
            "icon": "return",
            "lead": "Le dossier n’attend plus sa date d’effet\u00a0: il redevient à corriger, rien n’en est publié.",
            "done": "Validation annulée. Les référents sont prévenus.",
        },
    )


def _step(
    request: HttpRequest, pk: int, action: str, form_class: Callable[..., Any], words: dict[str, str]
) -> HttpResponse:
    """GET shows what will leave; POST with `apercu` shows it again with what is typed; POST makes the step."""
    dossier = dossier_of(request, pk)
    if request.method != "POST":
        return _confirm(request, dossier, action, form_class(), words)
    form = form_class(request.POST)
    if "apercu" in request.POST:
        form.is_valid()
        return _confirm(request, dossier, action, form, words)
    if not form.is_valid():
        return _confirm(request, dossier, action, form, words, status=422)
    try:
        version = _version(request, dossier)
        done = workflow.move(action, dossier.pk, version=version, by=request.user, comment=form.text())
    except TransitionRefused as refused:
        dossier = dossier_of(request, pk)
        return _confirm(request, dossier, action, form, words, status=409, refused=refused)
    messages.success(request, _told(done, words["done"]))
    return redirect(_page(dossier))


def _told(dossier: Dossier, done: str) -> str:
    if dossier.status == Statut.PUBLIE:
        return f"{done} Les lignes acceptées sont publiées."
    if dossier.status == Statut.VALIDE and dossier.date_effet:
        return f"{done} Publication le {dossier.date_effet:%d/%m/%Y}."
    return done


def _confirm(
    request: HttpRequest,
    dossier: Dossier,
    action: str,
    form,
    words: dict[str, str],
    *,
    status: int = 200,
    refused: TransitionRefused | None = None,
) -> HttpResponse:
    """The page before a step: what it does, the message as it would leave, and why it cannot be made."""
    is_sent = dossier.status == Statut.SOUMIS
    found = decisions.reviews(dossier) if is_sent else []
    typed = form.text() if form.is_bound else ""
    why = [] if refused is None else refused.reasons
    context = {
        "dossier": dossier,
        "status": display_review.status(dossier),
        "form": form,
        "words": words,
        "tally": display_review.tally(found) if found else "",
        "blockers": display_review.blockers(dossier, found) if action == "validate" and _blocked(found) else [],
        "refused": refused.message if refused else "",
        "reasons": why,
        "may": action in workflow.possible(request.user, dossier),
        "why_not": workflow.refusal(action, request.user, dossier),
        "preview": dossier_messages.preview(dossier, action, by=request.user, comment=typed, found=found),
    }
    return render(request, "admin/dossiers/step.html", context, status=status)


def _blocked(found: list) -> bool:
    return bool(found) and bool(decisions.blockers(found))


# --- After the decision ----------------------------------------------------------------------------------------------


@never_cache
@require_POST
def follow_up(request: HttpRequest, pk: int) -> HttpResponse:
    """« Ouvrir un dossier avec les lignes refusées »"""
    dossier = dossier_of(request, pk)
    try:
        opened = following.follow_up(dossier, by=request.user)
    except following.NothingToFollow as nothing:
        return review.not_made(request, dossier, str(nothing))
    except DossierAlreadyOpen as other:
        why = (
            f"Le dossier n° {other.dossier.numero} est déjà ouvert sur cet établissement\u00a0: les lignes refusées "
            "pourront y être reprises, ou dans un nouveau dossier quand il sera terminé."
        )
        return review.not_made(request, dossier, why)
    messages.success(request, f"Dossier n° {opened.numero} ouvert avec les lignes refusées et leurs motifs.")
    return redirect(_page(opened))


@never_cache
@require_http_methods(METHODS)
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """« Annuler la publication »: GET says what it would restore, POST does it."""
    dossier = dossier_of(request, pk)
    if not permissions.supports(request.user, dossier):
        raise PermissionDenied
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            undoing.undo(dossier.pk, reason=form.text(), by=request.user)
        except undoing.NotUndone as refused:
            return _undoing(request, dossier, form, status=409, refused=str(refused), why=refused.reasons)
        messages.success(request, "Publication annulée\u00a0: les fiches redisent ce qu’elles disaient avant.")
        return redirect(_page(dossier))
    return _undoing(request, dossier, form, status=422 if form.is_bound else 200)


def _undoing(
    request: HttpRequest,
    dossier: Dossier,
    form: ReasonForm,
    *,
    status: int = 200,
    refused: str = "",
    why: list[str] | None = None,
) -> HttpResponse:
    found = undoing.published(dossier)
    is_undone = undoing.is_undone(dossier)
    reasons = why or ([] if is_undone or dossier.status != Statut.PUBLIE else undoing.reasons(found))
    context = {
        "dossier": dossier,
        "status": display_review.status(dossier),
        "form": form,
        "restored": [one for one in found if not one.is_created],
        "created": [one for one in found if one.is_created],
        "is_undone": is_undone,
        "is_published": dossier.status == Statut.PUBLIE,
        "refused": refused,
        "reasons": reasons,
    }
    return render(request, "admin/dossiers/annuler.html", context, status=status)
