"""The page of a dossier: its fiches, what blocks sending, its people, remarks and journal."""

from dataclasses import dataclass, field

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from directory.display.history import where
from directory.models import Kind
from directory.permissions import Reader
from dossiers import (
    checklist,
    decisions,
    display,
    display_journal,
    listing,
    presence,
    rebasing,
    remarks,
    workflow,
)
from dossiers.forms import AddUoForm, RemarkForm, SubmitForm
from dossiers.models import Decision, Dossier, DraftFiche, Statut
from dossiers.views.access import on_a_dossier

EVENTS = 30


@dataclass
class Refusal:
    """Why what was just asked was not done, shown on top."""

    message: str
    reasons: list[str] = field(default_factory=list)


@on_a_dossier
@require_safe
def page(request: HttpRequest, dossier: Dossier) -> HttpResponse:
    return render_dossier(request, dossier)


def render_dossier(
    request: HttpRequest, dossier: Dossier, *, status: int = 200, refusal: Refusal | None = None, **forms
) -> HttpResponse:
    """The page, with what was refused and the forms as they were typed."""
    drafts = list(DraftFiche.objects.filter(dossier=dossier).select_related("updated_by"))
    for draft in drafts:
        draft.dossier, draft.badge = dossier, display.state(draft)
    reader = Reader.of(request.user)
    steps = workflow.possible(request.user, dossier)
    is_writable = dossier.status in (Statut.INITIE, Statut.A_CORRIGER)
    moved = rebasing.moved(dossier, drafts) if is_writable else {}
    items = checklist.items(dossier, drafts) if is_writable else []
    gone = {item.fiche.pk for item in items if item.is_elsewhere}
    for draft in drafts:
        draft.may_leave = draft.kind == Kind.UO and (draft.is_new or draft.pk in gone)
    version, last = {"version": dossier.version}, {"apres": max((draft.position for draft in drafts), default=0)}
    context = {
        "dossier": dossier,
        "eg": dossier.eg,
        "badge": display.status(dossier),
        "steps": display.steps(dossier),
        "waits_for": display.waits_for(dossier, request.user, reader),
        "fiches": drafts,
        "last_position": last["apres"],
        "n_finalisees": sum(draft.state == "finalisee" for draft in drafts),
        "items": items,
        "is_writable": is_writable,
        "is_support": reader.is_support,
        "moved": [(draft, len(moved[draft.pk][1].clashes)) for draft in drafts if draft.pk in moved],
        "waiting": Dossier.objects.filter(eg=dossier.eg_id, status=Statut.VALIDE).exclude(pk=dossier.pk).first(),
        "can": {name: name in steps for name in workflow.TRANSITIONS},
        "refusal": refusal,
        "submit_form": forms.get("submit_form") or SubmitForm(initial={**version, "date_effet": dossier.date_effet}),
        "add_form": forms.get("add_form") or (AddUoForm(eg=dossier.eg, initial=last) if is_writable else None),
        "remark_form": forms.get("remark_form") or RemarkForm(),
        "remarques": remarks.thread(dossier),
        "others": presence.others(dossier, user=request.user),
        "refused": refused_lines(dossier),
        "events": display_journal.events(dossier, limit=EVENTS),
        "n_dossiers": listing.n_open(reader),
    }
    for name in ("submit_form", "add_form", "remark_form"):
        _focus_first_error(context[name])
    is_clashing = any(merge.clashes for _, merge in moved.values())
    context["is_ready"] = is_writable and not is_clashing and all(item.is_done for item in items)
    return render(request, "dossiers/dossier.html", context, status=status)


def _focus_first_error(form: Form | None) -> None:
    """The page opens on what is to correct: without it the focus is nowhere, at the top of a long page."""
    name = next((name for name in form.errors if name in form.fields), None) if form and form.is_bound else None
    if name:
        form.fields[name].widget.attrs["autofocus"] = True


@dataclass(frozen=True)
class Refused:
    """One line support refused: where to correct it, and why. `is_changed`: somebody wrote there since."""

    fiche: DraftFiche
    field: str
    url: str
    motif: str
    message: str
    is_changed: bool


def refused_lines(dossier: Dossier) -> list[Refused]:
    """Names of fields, never their values. While it is corrected, one more look says what was.

    What was refused is still to correct in a dossier sent again, then withdrawn; while support looks, it is not said.
    """
    is_withdrawn = dossier.status == Statut.INITIE and dossier.motif
    if not dossier.decided_at and not is_withdrawn:
        return []
    rows = Decision.objects.filter(fiche__dossier=dossier, is_accepted=False).select_related("fiche")
    rows = list(rows.order_by("fiche__position", "pk"))
    is_corrected = rows and dossier.status in (Statut.A_CORRIGER, Statut.INITIE)
    held = {one.decision.pk for review in decisions.reviews(dossier) for one in review.refused} if is_corrected else {}
    names = {decisions.WHOLE: "l’unité entière", decisions.CLOSING_ADDRESS: "la fermeture"}
    return [
        Refused(
            row.fiche,
            names.get(row.address) or where(row.address, row.fiche.content),
            _url(row),
            decisions.MOTIFS.get(row.motif, ""),
            row.message,
            bool(is_corrected) and row.pk not in held,
        )
        for row in rows
    ]


def _url(row: Decision) -> str:
    """The field in its form; the whole fiche when it is no field."""
    if row.address == decisions.CLOSING_ADDRESS:
        return reverse("dossiers:fermer", args=[row.fiche.dossier_id, row.fiche_id])
    field = row.address.partition("/")[0]
    return f"{row.fiche.get_absolute_url()}#id_{field}" if field else row.fiche.get_absolute_url()
