"""What a form proposes for a field: its value set, kept in the process and searched as a person types.

choices.of("JDV_J16").search("tele", limit=20)
choices.of("ror-type-uo")["ror-type-uo|80"].label
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from nomenclature.models import Concept, GroupeActes, Synonyme, TypeUO, ValueSetMembership
from nomenclature.refreshed import Refreshed, table_stamp
from nomenclature.text import normalise

REGIONAL = "ror-"  # a regional system is its own value set
CHECK_EVERY = 10.0  # seconds between two looks at the tables
_WORD = re.compile(r"[^\W_]+")
# Typed between two words that matter, absent from many labels.
_STOP = frozenset("a au aux avec d de des du en et l la le les ou par pour s sans sous sur un une".split())

Segment = tuple[str, bool]  # a piece of a label, and whether it is what was typed


@dataclass(frozen=True)
class Choice:
    """One value: `key` is `system|code`; `group`, the heading it stands under, may be empty.

    `parent` is the key of its NOS parent: for an activité, its SERAFIN family. `haystack`: every word that finds it.
    """

    key: str
    code: str
    label: str
    short: str = ""
    group: str = ""
    parent: str = ""
    plain: str = ""
    haystack: str = ""

    @property
    def display(self) -> str:
        """The label, with its sigle when it does not hold it: « Médico-social (MS) »."""
        is_sigle = self.short.replace("-", "").isupper() and self.short not in self.label
        return f"{self.label} ({self.short})" if is_sigle else self.label


@dataclass(frozen=True)
class Choices:
    """The values of one list, in alphabetical order."""

    options: tuple[Choice, ...] = ()
    by_key: dict[str, Choice] = field(default_factory=dict)

    def __getitem__(self, key: str) -> Choice:
        return self.by_key[key]

    def __contains__(self, key: str) -> bool:
        return key in self.by_key

    def __iter__(self) -> Iterator[Choice]:
        return iter(self.options)

    def search(self, text: str, *, within: frozenset[str] = frozenset(), limit: int = 40) -> list[Choice]:
        """The best values for a typed text; all of them, in order, for an empty one. `within`: these keys alone.

        Labels that begin with the text, then those where each word begins one of the label's, then those found by a
        sigle or a synonym; when there is none at all, those that match some of the words.
        """
        options = [one for one in self.options if not within or one.key in within]
        typed = normalise(text)
        if not typed:
            return options[:limit]
        words = [word for word in typed.split() if word not in _STOP] or typed.split()
        ranked = sorted((rank, n) for n, one in enumerate(options) if (rank := _rank(one, typed, words)) is not None)
        if not ranked:
            ranked = sorted((-weight, n) for n, one in enumerate(options) if (weight := _weight(one, words)))
        return [options[n] for _, n in ranked[:limit]]


def of(value_set: str) -> Choices:
    """The values a person may choose today (retired ones are not there); empty for an unknown list."""
    return _choices.get().get(value_set) or Choices()


@dataclass(frozen=True)
class Fixed:
    """What choosing a type d’UO decides, as keys; an empty one is left to the person. `categories`: of EG, where
    the type is proposed (none: everywhere)."""

    type_offre: str = ""
    champ_activite: str = ""
    mode_prise_en_charge: str = ""
    categories: frozenset[str] = frozenset()


def fixed_by(type_uo: str) -> Fixed:
    """By the key of a type d’UO; nothing for an unknown one."""
    return _fixed.get().get(type_uo) or Fixed()


def reset() -> None:
    """Forget what this process keeps: right after a change made by it."""
    _choices.reset()
    _fixed.reset()


def segments(label: str, text: str) -> list[Segment]:
    """The label cut where it matches the typed text."""
    words = normalise(text).split()
    cut: list[Segment] = []
    done = 0
    for match in _WORD.finditer(label):
        plain = normalise(match.group())
        size = max((len(word) for word in words if plain.startswith(word)), default=0)
        if size:
            start, end = match.start(), min(match.start() + size, match.end())
            cut += [(label[done:start], False), (label[start:end], True)]
            done = end
    return [(part, marked) for part, marked in [*cut, (label[done:], False)] if part]


def _rank(one: Choice, typed: str, words: list[str]) -> tuple[int, int] | None:
    if one.plain.startswith(typed):
        return (0, 0)
    label = f" {one.plain}"
    places = [label.find(f" {word}") for word in words]
    if min(places) >= 0:
        return (1, min(places))
    return (2, 0) if all(f" {word}" in one.haystack for word in words) else None


def _weight(one: Choice, words: list[str]) -> int:
    """Letters of the long enough words that are found."""
    return sum(len(word) for word in words if len(word) > 3 and f" {word}" in one.haystack)


# --- Building -------------------------------------------------------------------------------------------------------


def _build() -> dict[str, Choices]:
    """Four queries whatever the size of the lists."""
    words: dict[int, list[str]] = {}
    for concept_id, text in Synonyme.objects.values_list("concept_id", "texte_normalise"):
        words.setdefault(concept_id, []).append(text)
    groups = dict(
        GroupeActes.objects.order_by("-ordre", "-libelle").exclude(actes=None).values_list("actes", "libelle")
    )
    fields = ("pk", "system__code", "code", "label", "short_label", "alt_labels", "parent__label")
    fields += ("parent__system__code", "parent__code")
    regional = Concept.objects.active().filter(system__code__startswith=REGIONAL).values_list(*fields)
    found: dict[str, list[Choice]] = {}
    for row in regional:
        found.setdefault(row[1], []).append(_choice(row, words, groups))
    members = ValueSetMembership.objects.filter(concept__retired=False).values_list(
        "value_set__code", *(f"concept__{name}" for name in fields)
    )
    known: dict[int, Choice] = {}  # a concept of several value sets is read once
    for value_set, *row in members:
        choice = known.get(row[0]) or known.setdefault(row[0], _choice(row, words, groups))
        found.setdefault(value_set, []).append(choice)
    return {name: _in_order(options) for name, options in found.items()}


def _choice(row: Iterable, words: dict[int, list[str]], groups: dict[int, str]) -> Choice:
    pk, system, code, label, short, others, parent_label, parent_system, parent_code = row
    plain = normalise(label)
    texts = [plain, *words.get(pk, ()), *(normalise(text) for text in (short, *others) if text)]
    return Choice(
        key=f"{system}|{code}",
        code=code,
        label=label,
        short=short,
        group=groups.get(pk) or parent_label or "",
        parent=f"{parent_system}|{parent_code}" if parent_code else "",
        plain=plain,
        haystack=" " + " ".join(texts),
    )


def _in_order(options: list[Choice]) -> Choices:
    options.sort(key=lambda one: (one.plain, one.key))
    return Choices(tuple(options), {one.key: one for one in options})


def _build_fixed() -> dict[str, Fixed]:
    """Two queries."""
    categories: dict[int, set[str]] = {}
    for pk, system, code in TypeUO.categories.through.objects.values_list(
        "typeuo_id", "concept__system__code", "concept__code"
    ):
        categories.setdefault(pk, set()).add(f"{system}|{code}")
    links = ("concept", "type_offre", "champ_activite", "mode_prise_en_charge")
    names = [f"{link}__{part}" for link in links for part in ("system__code", "code")]
    found = {}
    for pk, *parts in TypeUO.objects.values_list("pk", *names):
        key, *rest = (f"{system}|{code}" if code else "" for system, code in zip(*[iter(parts)] * 2, strict=True))
        found[key] = Fixed(*rest, categories=frozenset(categories.get(pk, ())))
    return found


_fixed = Refreshed(_build_fixed, lambda: table_stamp(TypeUO, TypeUO.categories.through), CHECK_EVERY)
_choices = Refreshed(
    _build,
    lambda: table_stamp(Concept, ValueSetMembership, Synonyme, GroupeActes, GroupeActes.actes.through),
    CHECK_EVERY,
)
