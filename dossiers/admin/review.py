"""The page of a dossier: its fiches, one of them line by line, and the decisions of support on them."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from dossiers import decisions, display_journal, display_review, queue, remarks, undoing, warnings, workflow
from dossiers.admin.access import dossier_of, visible
from dossiers.admin.forms import RemarkForm
from dossiers.decisions import MOTIFS, NotDecidable, Proposal, Review
from dossiers.display_review import Typed
from dossiers.models import Dossier, DraftFiche, Statut

IN_FULL = "tout"
YES, NO = "oui", "non"


@never_cache
@require_safe
def page(request: HttpRequest, object_id: str) -> HttpResponse:
    """`?fiche=`: the one on screen; `?vue=tout`: all that it says."""
    dossier = dossier_of(request, object_id)
    found = decisions.reviews(dossier)
    shown = display_review.current(found, request.GET.get("fiche"))
    return _render(request, dossier, found, shown, in_full=request.GET.get("vue") == IN_FULL)


def _render(
    request: HttpRequest,
    dossier: Dossier,
    found: list[Review],
    shown: Review,
    *,
    typed: dict[str, Typed] | None = None,
    remark: RemarkForm | None = None,
    in_full: bool = False,
    status: int = 200,
) -> HttpResponse:
    context = _frame(request, dossier, found, shown, typed=typed, in_full=in_full)
    communes = warnings.communes_of(
        document for review in found for document in (review.proposed, review.reference) if document
    )
    context |= {
        "place": dossier.eg.lieu_principal,
        "controls": display_review.controls(shown, found, communes),
        "places": display_review.places(shown, found, communes),
        "map_side": display_review.MAP_SIDE,
        "remarks": remarks.thread(dossier),
        "remark_form": remark or RemarkForm(initial={"fiche": shown.draft.pk}),
        "events": display_journal.events(dossier, limit=8),
        "next": queue.following(visible(request), dossier, request.user),
        "suite": dossier.suites.first(),
        "has_refused": dossier.status in ("valide", "publie") and any(review.refused for review in found),
        "is_undone": dossier.status == Statut.PUBLIE and undoing.is_undone(dossier),
    }
    return render(request, "admin/dossiers/dossier.html", context, status=status)


def _frame(
    request: HttpRequest,
    dossier: Dossier,
    found: list[Review],
    shown: Review,
    *,
    typed: dict[str, Typed] | None = None,
    in_full: bool = False,
) -> dict:
    """What the fiche, the list at left and the bar read: the parts a decision replaces."""
    refusal = _why_not_decide(request, dossier)
    is_sent = dossier.status == Statut.SOUMIS
    return {
        "dossier": dossier,
        "status": display_review.status(dossier),
        "entries": display_review.entries(dossier, found, shown),
        "fiche": display_review.fiche(
            shown, lieux=display_review.lieux_of(found), typed=typed, in_full=in_full and not typed
        ),
        "fiche_url": display_review.url(dossier, shown),
        "full_url": display_review.url(dossier, shown, in_full=True),
        "in_full": in_full,
        "counts": display_review.counts(shown),
        "motifs": display_review.motifs(),
        "can_decide": not refusal,
        "why_not": refusal,
        "n_waiting": sum(len(review.undecided) for review in found),
        "tally": display_review.tally(found),
        "blockers": display_review.blockers(dossier, found) if is_sent and decisions.blockers(found) else [],
        "is_mine": dossier.assigned_to_id == request.user.pk,
        "is_sender": dossier.submitted_by_id == request.user.pk,
        "is_sent": is_sent,
        "steps": workflow.possible(request.user, dossier),
    }


def _why_not_decide(request: HttpRequest, dossier: Dossier) -> str:
    """In words, why this person decides nothing here; empty when she may. `decisions.decidable` checks again."""
    if dossier.status in (Statut.INITIE, Statut.A_CORRIGER):
        return f"Le dossier est {dossier.get_status_display()}\u00a0: rien à décider tant qu’il n’est pas envoyé."
    if dossier.status != Statut.SOUMIS:
        return f"Le dossier est {dossier.get_status_display()}\u00a0: les décisions ne changent plus."
    if dossier.submitted_by_id == request.user.pk:
        return "Vous avez envoyé ce dossier\u00a0: un autre agent doit le valider."
    if dossier.assigned_to_id is None:
        return "Prenez le dossier en charge pour décider de chaque ligne."
    if dossier.assigned_to_id != request.user.pk:
        return f"{dossier.assigned_to} a pris ce dossier en charge."
    return ""


# --- Decisions -------------------------------------------------------------------------------------------------------


@dataclass
class Sent:
    """What the form says of one fiche: addresses to accept, refusals, and what cannot be kept."""

    accepted: list[str] = field(default_factory=list)
    refused: dict[str, Typed] = field(default_factory=dict)
    faults: dict[str, Typed] = field(default_factory=dict)
    undone: str | None = None


@never_cache
@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """One line, several, or all those left: the whole form of a fiche, or the fragment of one line (`X-Fragment`)."""
    dossier = dossier_of(request, pk)
    draft = _draft(dossier, request.POST.get("fiche"))
    proposals = decisions.proposals_now(draft)
    sent = _read(request, proposals)
    try:
        _apply(request, draft, proposals, sent)
    except (NotDecidable, ValueError) as refusal:
        return _refused(request, dossier, draft, str(refusal))
    found = decisions.reviews(dossier)
    shown = next(one for one in found if one.draft.pk == draft.pk)
    status = 422 if sent.faults else 200
    if request.headers.get("X-Fragment"):
        touched = {*sent.accepted, *sent.refused, *sent.faults, *([] if sent.undone is None else [sent.undone])}
        context = _frame(request, dossier, found, shown, typed=sent.faults)
        context["touched"] = [line for line in context["fiche"].lines if line.proposal.address in touched]
        return render(request, "admin/dossiers/_decided.html", context, status=status)
    if sent.faults:
        return _render(request, dossier, found, shown, typed=sent.faults, status=status)
    return redirect(_after(dossier, found, shown, sent))


def _draft(dossier: Dossier, asked: str | None) -> DraftFiche:
    found = dossier.fiches.select_related("dossier__eg").prefetch_related("decisions__by")
    draft = next((one for one in found if str(one.pk) == asked), None)
    if draft is None:
        raise Http404
    return draft


def _read(request: HttpRequest, proposals: Iterable[Proposal]) -> Sent:
    """Per line: `d:<address>` (oui, non), `m:` its motif, `t:` its message, `f:` what was read. Buttons: `tout`,
    `annuler` (an address)."""
    # No text of PostgreSQL holds a null character, and nobody types one.
    data, sent = {name: value.replace("\x00", "") for name, value in request.POST.items()}, Sent()
    if "annuler" in data:
        sent.undone = data["annuler"]
        return sent
    for one in proposals:
        choice = YES if "tout" in data and one.decision is None else data.get(f"d:{one.address}", "")
        typed = Typed(choice, data.get(f"m:{one.address}", ""), data.get(f"t:{one.address}", "").strip())
        if choice == YES and one.is_accepted is not True:
            sent.accepted.append(one.address)
        elif choice == NO and not _is_same(one, typed):
            fault = _fault(typed)
            if fault:
                sent.faults[one.address] = Typed(NO, typed.motif, typed.message, fault)
            else:
                sent.refused[one.address] = typed
    return sent


def _is_same(one: Proposal, typed: Typed) -> bool:
    held = one.decision
    return bool(held) and not held.is_accepted and (held.motif, held.message) == (typed.motif, typed.message)


def _fault(typed: Typed) -> str:
    if typed.motif and typed.motif not in MOTIFS:
        return "Choisissez un motif de la liste."
    if not typed.motif and not typed.message:
        return "Refuser demande un motif ou un message."
    longest = decisions.Decision._meta.get_field("message").max_length
    return f"Au plus {longest} caractères." if len(typed.message) > longest else ""


def _apply(request: HttpRequest, draft: DraftFiche, proposals: Iterable[Proposal], sent: Sent) -> None:
    """Raises what `decisions.decide` raises; each call is a transaction, and what precedes a refusal stays."""
    by, pk = request.user, draft.pk
    seen = {one.address: request.POST.get(f"f:{one.address}", one.fingerprint) for one in proposals}
    if sent.undone is not None:
        decisions.undecide(pk, sent.undone, by=by)
    if sent.accepted:
        decisions.decide(pk, sent.accepted, is_accepted=True, by=by, seen=seen)
    for address, typed in sent.refused.items():
        said = {"motif": typed.motif, "message": typed.message}
        decisions.decide(pk, [address], is_accepted=False, by=by, seen=seen, **said)


def _refused(request: HttpRequest, dossier: Dossier, draft: DraftFiche, why: str) -> HttpResponse:
    """Nothing was decided: the page says why, and shows the dossier as it is."""
    if request.headers.get("X-Fragment"):
        return render(request, "admin/dossiers/_refusal.html", {"why": why}, status=409)
    return not_made(request, dossier, why, fiche=str(draft.pk))


def not_made(request: HttpRequest, dossier: Dossier, why: str, *, fiche: str | None = None) -> HttpResponse:
    """The dossier as it is now, and why what was asked was not done: 409, never the redirection of what was."""
    dossier = dossier_of(request, dossier.pk)
    messages.error(request, why)
    found = decisions.reviews(dossier)
    shown = display_review.current(found, fiche)
    return _render(request, dossier, found, shown, status=409)


def _after(dossier: Dossier, found: Iterable[Review], shown: Review, sent: Sent) -> str:
    """Back to the fiche, at the first line left; to the next fiche that waits when this one is done."""
    if sent.undone is not None:
        return display_review.url(dossier, shown, display_review.anchor(sent.undone))
    waiting = shown if shown.undecided else next((one for one in found if one.undecided), shown)
    first = display_review.anchor(waiting.undecided[0].address) if waiting.undecided else "fiche"
    return display_review.url(dossier, waiting, first)


# --- Remarks, journal ------------------------------------------------------------------------------------------------


@never_cache
@require_POST
def remark(request: HttpRequest, pk: int) -> HttpResponse:
    """One more message of the thread, on the dossier or on one of its fiches."""
    dossier = dossier_of(request, pk)
    form = RemarkForm(request.POST)
    if not form.is_valid():
        found = decisions.reviews(dossier)
        shown = display_review.current(found, request.POST.get("fiche"))
        return _render(request, dossier, found, shown, remark=form, status=422)
    fiche = dossier.fiches.filter(pk=form.cleaned_data["fiche"]).first() if form.cleaned_data["fiche"] else None
    remarks.add(dossier, text=form.cleaned_data["text"], by=request.user, fiche=fiche)
    messages.success(request, "Remarque ajoutée\u00a0: les référents la voient dans le dossier.")
    address = reverse("admin:dossiers_dossier_change", args=[dossier.pk])
    return redirect(f"{address}{f'?fiche={fiche.pk}' if fiche else ''}#remarques")


@never_cache
@require_safe
def history(request: HttpRequest, object_id: str) -> HttpResponse:
    """The journal of the dossier, in words."""
    dossier = dossier_of(request, object_id)
    context = {
        "dossier": dossier,
        "status": display_review.status(dossier),
        "events": display_journal.events(dossier),
        "limit": display_journal.SHOWN,
    }
    return render(request, "admin/dossiers/journal.html", context)
