"""The queue of support: which dossiers wait, since when, for whom. Reads only."""

import datetime as dt
import statistics
from dataclasses import dataclass
from functools import cached_property

import django_filters as filters
from django.conf import settings
from django.core.paginator import Page, Paginator
from django.db.models import CharField, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Concat
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from directory.display.common import Badge
from directory.filters import has_words
from directory.models import Habilitation, Lieu, Role
from directory.permissions import Reader
from dossiers import display_review, listing
from dossiers.models import Dossier, Statut
from nomenclature.models import Concept, Departement
from nomenclature.text import normalise
from ror import clock

PER_PAGE = 50
SET_ASIDE = "bloque"
EVERY = "tous"
STATUTS = [
    ("", "À traiter"),
    (Statut.A_CORRIGER.value, "À corriger"),
    (Statut.VALIDE.value, "Date d’effet à venir"),
    (SET_ASIDE, "Mis de côté"),
    (Statut.INITIE.value, "En cours de saisie"),
    (Statut.PUBLIE.value, "Publiés"),
    (Statut.ABANDONNE.value, "Abandonnés"),
    (EVERY, "Tous"),
]
NOBODY, ME, OTHERS = "personne", "moi", "collegues"
LATE = "retard"
SINCE = {"7": 7, "14": 14, "30": 30}  # days


def visible(reader: Reader) -> QuerySet[Dossier]:
    """Those of the territory of this support; none for anybody else."""
    return Dossier.objects.visible_to(reader) if reader.is_support else Dossier.objects.none()


def late_before() -> dt.datetime:
    """Sent before that instant: more days ago than support promises."""
    return _midnight(clock.today() - dt.timedelta(days=settings.DOSSIER_TARGET_DAYS))


def _midnight(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time.min))


def n_waiting(user: User) -> int:
    """Dossiers sent that wait for a decision, in the territory of this person."""
    return visible(Reader.of(user)).filter(status=Statut.SOUMIS).count()


# --- Filters ---------------------------------------------------------------------------------------------------------


class QueueFilter(filters.FilterSet):
    """Everything is kept in the address. `statut` empty: what waits for support."""

    q = filters.CharFilter(label="Chercher", method="by_text", max_length=100)
    statut = filters.ChoiceFilter(label="Statut", choices=STATUTS[1:], method="by_status", empty_label=STATUTS[0][1])
    categorie = filters.ChoiceFilter(label="Catégorie", choices=(), method="by_category", empty_label="Toutes")
    departement = filters.ChoiceFilter(label="Département", choices=(), method="by_departement", empty_label="Tous")
    assigne = filters.ChoiceFilter(label="Assigné à", choices=(), method="by_agent", empty_label="Tous")
    age = filters.ChoiceFilter(label="Attente", choices=(), method="by_age", empty_label="Toutes")
    campagne = filters.ChoiceFilter(label="Campagne", choices=(), field_name="campagne", empty_label="Toutes")

    def __init__(self, data, *, user: User, queryset: QuerySet):
        self.user = user
        super().__init__(data, queryset=queryset)
        rows = list(queryset.values_list("eg__categorie", "assigned_to", "campagne").distinct())
        target, agents = settings.DOSSIER_TARGET_DAYS, {agent for _, agent, _ in rows} - {user.pk}
        choices = {
            "categorie": _categories({category for category, _, _ in rows}),
            "departement": _departements(queryset),
            "assigne": [(NOBODY, "Personne"), (ME, "Moi"), (OTHERS, "Mes collègues"), *_agents(agents)],
            "age": [(LATE, f"En retard (plus de {target} jours)"), *((key, f"{key} jours ou plus") for key in SINCE)],
            "campagne": [(name, name) for name in sorted({name for _, _, name in rows if name})],
        }
        for name, found in choices.items():
            self.form.fields[name].choices = [("", self.form.fields[name].empty_label or "Tous"), *found]
        self.form.fields["q"].widget.attrs |= {"autocomplete": "off", "type": "search"}

    def by_text(self, found: QuerySet, name: str, value: str) -> QuerySet:
        """Number of the dossier, FINESS, or words of the establishment or of one of its people."""
        return listing.by_text(found, value, also=Q(pk__in=_of_people(value)))

    def by_status(self, found: QuerySet, name: str, value: str) -> QuerySet:
        if value == EVERY:
            return found
        if value == SET_ASIDE:
            return found.exclude(blocked="")
        return found.filter(status=value, **({"blocked": ""} if value == Statut.VALIDE else {}))

    def by_category(self, found: QuerySet, name: str, value: str) -> QuerySet:
        return found.filter(eg__categorie=value)

    def by_departement(self, found: QuerySet, name: str, value: str) -> QuerySet:
        lieux = Lieu.objects.filter(entite_geographique=OuterRef("eg"), est_principal=True)
        return found.filter(Exists(lieux.filter(commune__departement=value)))

    def by_agent(self, found: QuerySet, name: str, value: str) -> QuerySet:
        if value == NOBODY:
            return found.filter(assigned_to=None)
        if value == OTHERS:
            return found.exclude(assigned_to=None).exclude(assigned_to=self.user)
        return found.filter(assigned_to=self.user.pk if value == ME else int(value))

    def by_age(self, found: QuerySet, name: str, value: str) -> QuerySet:
        if value == LATE:
            return found.filter(submitted_at__lt=late_before())
        return found.filter(submitted_at__lt=_midnight(clock.today() - dt.timedelta(days=SINCE[value] - 1)))

    @property
    def qs(self) -> QuerySet:
        """Nothing for a criterion nobody understood: the message stands next to it."""
        if not self.form.is_valid():
            return self.queryset.none()
        found = super().qs
        return found if self.form.cleaned_data.get("statut") else found.filter(status=Statut.SOUMIS)


def _of_people(value: str) -> QuerySet:
    """Dossiers opened or sent by somebody of that name, or of whose establishment she is a référent."""
    people = User.objects.alias(
        noms=Concat("first_name", Value(" "), "last_name", Value(" "), "email", output_field=CharField())
    )
    people = has_words(people, "noms", value).values("pk")
    referents = Habilitation.objects.active(clock.today()).filter(role=Role.REFERENT, user__in=people)
    return Dossier.objects.filter(
        Q(opened_by__in=people)
        | Q(submitted_by__in=people)
        | Q(eg__in=referents.values("eg"))
        | Q(eg__entite_juridique__in=referents.values("ej"))
    ).values("pk")


def _categories(ids: set[int]) -> list[tuple[str, str]]:
    rows = Concept.objects.filter(pk__in=ids).values_list("pk", "label").order_by()
    return sorted(((str(pk), label) for pk, label in rows), key=lambda pair: normalise(pair[1]))


def _departements(found: QuerySet) -> list[tuple[str, str]]:
    lieux = Lieu.objects.filter(est_principal=True, entite_geographique__in=found.values("eg"))
    rows = Departement.objects.filter(pk__in=lieux.values("commune__departement")).order_by("code")
    return [(row.code, f"{row.code} · {row.nom}") for row in rows]


def _agents(ids: set[int | None]) -> list[tuple[str, str]]:
    rows = User.objects.filter(pk__in=ids - {None}).order_by("last_name", "first_name", "pk")
    return [(str(user.pk), str(user)) for user in rows]


# --- Counters --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Counter:
    """One figure above the list, and the filters that show what it counts."""

    label: str
    n: int
    query: str
    is_current: bool
    is_bad: bool = False


def counters(found: QuerySet, user: User, asked: dict[str, str]) -> list[Counter]:
    """One query for all."""
    sent = Q(status=Statut.SOUMIS)
    views = [
        ("À traiter", {}, sent),
        ("À prendre", {"assigne": NOBODY}, sent & Q(assigned_to=None)),
        ("Les miens", {"assigne": ME}, sent & Q(assigned_to=user)),
        ("Chez mes collègues", {"assigne": OTHERS}, sent & ~Q(assigned_to=None) & ~Q(assigned_to=user)),
        ("En retard", {"age": LATE}, sent & Q(submitted_at__lt=late_before())),
        ("À corriger", {"statut": Statut.A_CORRIGER.value}, Q(status=Statut.A_CORRIGER)),
        ("Date d’effet à venir", {"statut": Statut.VALIDE.value}, Q(status=Statut.VALIDE, blocked="")),
        ("Mis de côté", {"statut": SET_ASIDE}, ~Q(blocked="")),
    ]
    figures = found.aggregate(**{f"n{i}": Count("pk", filter=test) for i, (_, _, test) in enumerate(views)})
    return [
        Counter(
            label,
            figures[f"n{i}"],
            "&".join(f"{name}={value}" for name, value in query.items()),
            query == asked,
            is_bad=bool(figures[f"n{i}"]) and label in ("En retard", "Mis de côté"),
        )
        for i, (label, query, _) in enumerate(views)
    ]


def median_days(found: QuerySet) -> int | None:
    """Days between sending and decision, over what was decided in the last thirty; None when nothing was."""
    since = timezone.now() - dt.timedelta(days=30)
    rows = found.filter(decided_at__gte=since, submitted_at__isnull=False).values_list("submitted_at", "decided_at")
    days = [(decided - sent).total_seconds() / 86_400 for sent, decided in rows]
    return round(statistics.median(days)) if days else None


# --- Rows ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Item:
    """One row: the dossier with `n_changed`, `n_new`, `departement`, and what it says in words."""

    dossier: Dossier
    user: User

    @property
    def url(self) -> str:
        return reverse("admin:dossiers_dossier_change", args=[self.dossier.pk])

    @cached_property
    def waiting_days(self) -> int:
        """Since it was sent; since somebody touched it, for what does not wait for support."""
        since = self.dossier.submitted_at if self.is_waiting else self.dossier.updated_at
        return max(0, (clock.today() - timezone.localtime(since or self.dossier.updated_at).date()).days)

    @property
    def is_waiting(self) -> bool:
        return self.dossier.status == Statut.SOUMIS

    @property
    def age(self) -> Badge:
        """« 8 j, en retard »: colour, icon and word; neutral for what does not wait for support."""
        days = self.waiting_days
        text = f"{days}\u00a0j" if days else "aujourd’hui"
        left = settings.DOSSIER_TARGET_DAYS - days
        if self.is_waiting and left < 0:
            return Badge("ror-bad", "warning", f"{text}, en retard")
        if self.is_waiting and left <= 1:
            return Badge("ror-warn", "clock", f"{text}, presque en retard")
        return Badge("", "clock", text)

    @property
    def status(self) -> Badge:
        return display_review.status(self.dossier)

    @property
    def what(self) -> str:
        if self.dossier.is_first:
            return "Première description"
        if self.dossier.suite_de_id:
            return "Lignes refusées reprises"
        if self.dossier.n_new:
            return "Ajout d’une UO" if self.dossier.n_new == 1 else f"Ajout de {self.dossier.n_new} UO"
        return "Modification"

    @property
    def can_take(self) -> bool:
        return self.is_waiting and self.dossier.assigned_to_id is None

    @property
    def is_mine(self) -> bool:
        return self.dossier.assigned_to_id == self.user.pk


def oldest_first(found: QuerySet) -> QuerySet:
    return found.order_by(F("submitted_at").asc(nulls_last=True), "updated_at", "pk")


def page_of(found: QuerySet, number: str | None, user: User) -> tuple[Page, list[Item]]:
    """One page and its rows. Three queries: the count, the keys, and what these rows show."""
    page = Paginator(oldest_first(found).values_list("pk", flat=True), PER_PAGE).get_page(number)
    entree = Lieu.objects.filter(entite_geographique=OuterRef("eg"), est_principal=True)
    changed = Q(fiches__base_version=0) | ~Q(fiches__content=F("fiches__base"))
    rows = (
        oldest_first(Dossier.objects.filter(pk__in=list(page.object_list)))
        .select_related("eg__categorie", "assigned_to", "submitted_by", "opened_by")
        .annotate(
            n_changed=Count("fiches", filter=Q(fiches__isnull=False) & changed),
            n_new=Count("fiches", filter=Q(fiches__base_version=0)),
            departement=Subquery(entree.values("commune__departement__nom")[:1]),
        )
    )
    return page, [Item(dossier, user) for dossier in rows]


def following(found: QuerySet, dossier: Dossier, user: User) -> Dossier | None:
    """« Dossier suivant »: of mine and of those nobody took, the next that was sent, else the oldest."""
    waiting = oldest_first(found.filter(Q(assigned_to=None) | Q(assigned_to=user), status=Statut.SOUMIS))
    waiting = waiting.exclude(pk=dossier.pk)
    later = waiting.filter(submitted_at__gt=dossier.submitted_at) if dossier.submitted_at else waiting.none()
    return later.first() or waiting.first()
