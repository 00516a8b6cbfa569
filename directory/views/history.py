"""History of a fiche: its versions, the difference between two of them, and going back to one."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.core.validators import MaxValueValidator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from directory import diff, history, restoring
from directory.checks import DocumentInvalid
from directory.display import ej as ej_display
from directory.display.history import Group, groups, origin, told_problems
from directory.documents import MODELS, Document, UnknownReference
from directory.models import EntiteGeographique, EntiteJuridique, FicheVersion, Kind, Lieu, Niveau, UniteOperationnelle
from directory.ownership import DIRECT
from directory.permissions import Reader
from directory.publishing import StaleVersion

PER_PAGE = 50


@dataclass(frozen=True)
class Subject:
    """A fiche, and what the reader may do with its past. `parents`: EJ, or EJ and EG, above it; `only`: the fields
    this person may bring back, None for all."""

    kind: Kind
    fiche: EntiteJuridique | EntiteGeographique | UniteOperationnelle
    title: str
    parents: list[EntiteJuridique | EntiteGeographique]
    level: int
    is_editable: bool
    only: tuple[str, ...] | None = ()
    eg_id: int | None = None

    @property
    def address(self) -> str:
        return reverse(f"directory:{self.kind}_historique", args=[self.fiche.cle])

    def redacted(self, *found: Document) -> list[Document]:
        """These documents without what the reader may not see; two queries, none at level 3."""
        if self.level >= Niveau.REGULATION:
            return list(found)
        return history.redacted(
            found,
            level=self.level,
            hidden=history.ever_above(self.kind, self.fiche.pk, self.level),
            hides_places=self.eg_id is not None and history.hides_places(self.eg_id),
        )


def _subject(kind: Kind, cle: str, user) -> Subject:
    """The fiche whose key is `cle`, as this person may read it, or 404."""
    reader = Reader.of(user)
    found = MODELS[kind].objects.visible_to(reader)
    if kind == Kind.UO:
        if "-" not in cle:
            raise Http404
        found = found.select_related("entite_geographique__entite_juridique")
        fiche = get_object_or_404(found, identifiant=cle.replace("-", "/", 1))
        eg = fiche.entite_geographique
    elif kind == Kind.EG:
        fiche = eg = get_object_or_404(found.select_related("entite_juridique"), Q(finess=cle) | Q(idnat_struct=cle))
    else:
        fiche, eg = get_object_or_404(found, Q(finess=cle) | Q(idnat_struct=cle)), None
    parents = [one for one in (eg and eg.entite_juridique, eg) if one and one is not fiche]
    return Subject(
        kind=kind,
        fiche=fiche,
        title=fiche.nom if kind == Kind.UO else fiche.display_name,
        parents=parents,
        level=_level(reader, eg) if eg else ej_display.level_on(fiche, user, reader),
        is_editable=MODELS[kind].objects.editable_by(reader).filter(pk=fiche.pk).exists(),
        only=None if reader.is_support else DIRECT[kind],
        eg_id=eg and eg.pk,
    )


def _level(reader: Reader, eg: EntiteGeographique) -> int:
    """As on the fiche: the département is that of the main entrance, else of the first place."""
    lieux = Lieu.objects.filter(entite_geographique=eg).order_by("-est_principal", "pk")
    return reader.level_on(eg_id=eg.pk, departement=lieux.values_list("commune__departement", flat=True).first())


def _on_a_fiche(kind: Kind, view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The view of one kind: finds the fiche; a key that is not the one of its address (idNat_Struct beside a FINESS)
    is read all the same when something is sent, and answers 301 otherwise."""

    @never_cache  # a shared computer: « Back » after logging out must not show level 3
    @wraps(view)
    def on_a_fiche(request: HttpRequest, cle: str, **more: int) -> HttpResponse:
        subject = _subject(kind, cle, request.user)
        if subject.fiche.cle != cle and request.method != "POST":
            match = request.resolver_match
            target = reverse(match.view_name, kwargs={**match.kwargs, "cle": subject.fiche.cle})
            query = request.META["QUERY_STRING"]
            return redirect(f"{target}?{query}" if query else target, permanent=True)
        return view(request, subject, **more)

    return on_a_fiche


# --- Versions and their differences ----------------------------------------------------------------------------------


class CompareForm(forms.Form):
    """Two numbers of version; any order: « what would going back change? » is a fair question."""

    de = forms.IntegerField(label="De la version", min_value=1)
    a = forms.IntegerField(label="à la version", min_value=1)

    def __init__(self, *args: Any, last: int, **kwargs: Any):
        super().__init__(*args, **kwargs)
        beyond = MaxValueValidator(last, f"La dernière version est la\u00a0{last}.")
        for one in self.fields.values():
            one.validators.append(beyond)
            one.widget.attrs |= {"max": last, "inputmode": "numeric"}


@dataclass(frozen=True)
class Comparison:
    """Two versions side by side. `refusal` says in words why there is nothing to show."""

    before: FicheVersion
    after: FicheVersion
    groups: list[Group]
    refusal: str = ""

    @property
    def before_title(self) -> str:
        return f"Version\u00a0{self.before.number}"

    @property
    def after_title(self) -> str:
        return f"Version\u00a0{self.after.number}"


@require_safe
def versions_page(request: HttpRequest, subject: Subject) -> HttpResponse:
    """Versions, newest first, and the difference asked for (the last two when none is)."""
    page = Paginator(history.versions(subject.kind, subject.fiche.pk), PER_PAGE).get_page(request.GET.get("page"))
    for version in page.object_list:
        version.origin_words, version.previous = origin(version), version.number - 1
    last = subject.fiche.version
    asked = {"de": request.GET.get("de", last - 1), "a": request.GET.get("a", last)}
    form = CompareForm(asked, last=last) if last > 1 else None
    comparison = _comparison(subject, form.cleaned_data) if form and form.is_valid() else None
    context = {
        "subject": subject,
        "fiche": subject.fiche,
        "page": page,
        "form": form,
        "comparison": comparison,
        "query": f"de={comparison.before.number}&a={comparison.after.number}" if comparison else "",
        "is_level_3": subject.level >= Niveau.REGULATION,
    }
    return render(request, "directory/historique.html", context)


def _comparison(subject: Subject, asked: dict[str, int]) -> Comparison | None:
    """None when one of the two was never published (a number before the history began)."""
    kind, pk, numbers = subject.kind, subject.fiche.pk, (asked["de"], asked["a"])
    found = {version.number: version for version in history.versions(kind, pk).filter(number__in=numbers)}
    if not set(numbers) <= found.keys():
        return None
    before, after = (found[number] for number in numbers)
    try:
        documents = history.contents(kind, pk, numbers)
    except ValueError:
        return Comparison(before, after, [], "Cette version a été écrite par une version plus récente du ROR.")
    documents = [documents[number] for number in numbers]
    if any(history.is_reserved(document, subject.level) for document in documents):
        return Comparison(before, after, [], "Une de ces versions décrit une unité sensible : elle est réservée.")
    old, new = subject.redacted(*documents)
    return Comparison(before, after, groups(diff.compare(old, new), old, new))


# --- Going back ------------------------------------------------------------------------------------------------------


class RestoreForm(forms.Form):
    """The live version the person has read: another one since is said, not overwritten."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)


@require_http_methods(["GET", "HEAD", "POST"])
def restore_page(request: HttpRequest, subject: Subject, number: int) -> HttpResponse:
    """GET shows what going back would change; POST does it, by a new version."""
    if not subject.is_editable:
        raise PermissionDenied
    if request.method == "POST":
        form = RestoreForm(request.POST)
        if form.is_valid():
            return _restore(request, subject, number, expected=form.cleaned_data["version"])
    return _confirmation(request, subject, number)


def _confirmation(request: HttpRequest, subject: Subject, number: int, status: int = 200, *told: str) -> HttpResponse:
    """What would change, and what forbids it. The live version is read first: if it moves meanwhile, the button says
    so rather than publishing something else than what is shown."""
    version = _version(subject, number)
    expected = type(subject.fiche).objects.values_list("version", flat=True).get(pk=subject.fiche.pk)
    live, target = _target(subject, number)
    problems = list(told) or told_problems(restoring.problems(subject.kind, target, live), target)
    old, new = subject.redacted(live, target)
    context = {
        "subject": subject,
        "fiche": subject.fiche,
        "version": version,
        "groups": groups(diff.compare(old, new), old, new),
        "problems": problems,
        "form": RestoreForm(initial={"version": expected}),
        "expected": expected,
    }
    return render(request, "directory/retablir.html", context, status=status)


def _restore(request: HttpRequest, subject: Subject, number: int, *, expected: int) -> HttpResponse:
    _version(subject, number)
    _, target = _target(subject, number)
    try:
        done = restoring.restore(
            subject.kind, subject.fiche.pk, number, by=request.user, expected_version=expected, only=subject.only
        )
    except StaleVersion:
        return _stale(request, subject, number)
    except DocumentInvalid as invalid:
        return _confirmation(request, subject, number, 422, *told_problems(invalid.problems, target))
    except UnknownReference as unknown:
        problem = restoring.unknown_reference(unknown)
        return _confirmation(request, subject, number, 422, problem.message)
    if done.number == expected:
        messages.info(request, f"La fiche est déjà celle de la version\u00a0{number} : rien n’a changé.")
    else:
        messages.success(request, f"Version\u00a0{number} rétablie : c’est maintenant la version\u00a0{done.number}.")
    return redirect(subject.address)


def _stale(request: HttpRequest, subject: Subject, number: int) -> HttpResponse:
    """Somebody published meanwhile: who, when, and nothing of what was asked was done."""
    latest = history.versions(subject.kind, subject.fiche.pk).first()
    context = {
        "subject": subject,
        "fiche": subject.fiche,
        "number": number,
        "latest": latest,
        "origin_words": origin(latest),
    }
    return render(request, "directory/retablir_conflit.html", context, status=409)


def _version(subject: Subject, number: int) -> FicheVersion:
    version = get_object_or_404(history.versions(subject.kind, subject.fiche.pk), number=number)
    version.origin_words = origin(version)
    return version


def _target(subject: Subject, number: int) -> tuple[Document, Document]:
    """(live document, what would be published), or 404 for a version this release cannot read."""
    try:
        return restoring.target(subject.kind, subject.fiche.pk, number, subject.only)
    except (restoring.NoSuchVersion, ValueError) as unreadable:
        raise Http404 from unreadable


ej, eg, uo = (_on_a_fiche(kind, versions_page) for kind in (Kind.EJ, Kind.EG, Kind.UO))
ej_retablir, eg_retablir, uo_retablir = (_on_a_fiche(kind, restore_page) for kind in (Kind.EJ, Kind.EG, Kind.UO))
