"""« La fiche publiée a changé »: what is taken as it is, what is asked, before the draft goes on from the new one."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from directory import diff
from directory.display.history import Group, Row, groups, told
from directory.merge import Merge
from dossiers import rebasing
from dossiers.drafts import NotReady, NotWritable, StaleDraft, Start
from dossiers.fiche_pages import FichePage, why_read_only
from dossiers.models import Dossier, DraftFiche
from dossiers.views.access import fiche_of, on_a_dossier
from dossiers.views.fiches import page_context, version_of

TYPED = (
    "Corrigez d’abord les champs signalés : votre saisie n’est pas encore valide. Vous reprendrez ensuite la fiche."
)
AGAIN = "La fiche a encore changé : voici ce qu’il en est à présent."
MISSING = "Choisissez, pour chaque ligne, ce qu’il faut garder."


@dataclass(frozen=True)
class Clash:
    """One line both changed, in words; `kept`: the choice made, `mien`, `leur` or nothing yet."""

    address: str
    title: str
    mine: list[Row]
    theirs: list[Row]
    kept: str


@on_a_dossier
@require_http_methods(["GET", "HEAD", "POST"])
def publiee(request: HttpRequest, dossier: Dossier, fiche: int) -> HttpResponse:
    found = FichePage.of(fiche_of(dossier, fiche), request.user)
    moved = found.moved()
    if moved is None or found.read_only:
        messages.info(request, found.read_only or "La fiche part bien de ce qui est publié : rien à reprendre.")
        return redirect(found.draft)
    if request.method != "POST":
        return _page(request, found, moved)
    asked = request.POST.getlist("asked")
    if any(request.POST.get(f"garder-{address}") not in ("mien", "leur") for address in asked):
        return _page(request, found, moved, status=422, words=MISSING)
    keep = [address for address in asked if request.POST[f"garder-{address}"] == "mien"]
    return _take(request, found, moved, asked=asked, keep=keep)


def _take(
    request: HttpRequest, found: FichePage, moved: tuple[Start, Merge], *, asked: list[str], keep: list[str]
) -> HttpResponse:
    draft = found.draft
    try:
        rebasing.take(draft, version=version_of(request), keep_mine=keep, asked=asked, by=request.user)
    except NotReady:
        messages.warning(request, TYPED)
    except StaleDraft:
        found.draft.refresh_from_db()
        return _page(request, found, found.moved() or moved, status=409, words=AGAIN)
    except NotWritable as refused:
        messages.warning(request, why_read_only(refused.dossier, request.user) or str(refused))
    except DraftFiche.DoesNotExist as error:
        raise Http404 from error
    else:
        messages.success(request, "La fiche part maintenant de ce qui est publié, avec vos changements.")
    return redirect(draft)


def _page(
    request: HttpRequest, found: FichePage, moved: tuple[Start, Merge], *, status: int = 200, words: str = ""
) -> HttpResponse:
    start, merge = moved
    context = page_context(request, found) | {
        "version": found.draft.version,
        "clashes": _clashes(request, found.draft, start, merge),
        "silent": _silent(found.draft, start, merge),
        "told": words,
    }
    return render(request, "dossiers/fiche_publiee.html", context, status=status)


def _clashes(request: HttpRequest, draft: DraftFiche, start: Start, merge: Merge) -> list[Clash]:
    mine = told([[clash.mine] for clash in merge.clashes], draft.base, draft.content)
    theirs = told([list(clash.theirs) for clash in merge.clashes], draft.base, start.document)
    return [
        Clash(
            clash.address,
            mine_rows[0][0],
            [row for _, row in mine_rows],
            [row for _, row in their_rows],
            request.POST.get(f"garder-{clash.address}", ""),
        )
        for clash, mine_rows, their_rows in zip(merge.clashes, mine, theirs, strict=True)
    ]


def _silent(draft: DraftFiche, start: Start, merge: Merge) -> list[Group]:
    asked = {line.path for clash in merge.clashes for line in clash.theirs}
    lines = [line for line in diff.compare(draft.base, start.document) if line.path not in asked]
    return groups(lines, draft.base, start.document)
