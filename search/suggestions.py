"""Suggestions of the « Quoi ? » box, and the concepts a typed text means. In process: 0.2 ms a keystroke.

The lists hold no name of a structure, so nothing a reader may not see can come out of here.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import reduce
from operator import and_

from nomenclature.models import Concept, Synonyme, ValueSetMembership
from nomenclature.models.regional import FILIERE, TYPE_UO
from nomenclature.refreshed import Refreshed, table_stamp
from nomenclature.text import normalise
from search.prefix import StartIndex, TokenIndex, needed_words

Segment = tuple[str, bool]  # a piece of a label, and whether it is what was typed

CHECK_EVERY = 10.0  # seconds between two looks at the stamp
MAX_CONCEPTS = 200
_RANKED_AT_MOST = 400  # matches ranked by position; beyond, a keystroke is too short to be worth more
_LEAD = 4  # « Prise en charge en … »: labels that share these first words are neighbours
_LONG = 4  # letters from which a single word is worth a partial match
_SIGLE = 3  # letters of a short sigle
_JOINTS = (" ", "-", "’", "'")  # between two words that are marked as one
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True)
class Dimension:
    """One group of suggestions. `source`: a value set (`JDV_…`) or a regional system."""

    key: str
    title: str
    source: str


# The order of the training's list; the last three are proposed under « Tout le ROR » only.
DIMENSIONS = (
    Dimension("types_uo", "Types d’UO", TYPE_UO),
    Dimension("filieres", "Filières", FILIERE),
    Dimension("actes", "Actes spécifiques", "JDV_J16"),
    Dimension("activites", "Activités opérationnelles", "JDV_J17"),
    Dimension("modes", "Modes de prise en charge", "JDV_J19"),
    Dimension("specialisations", "Spécialisations de prise en charge", "JDV_J35"),
)


@dataclass(frozen=True)
class Option:
    """What can be chosen: `value` goes to the server, `segments` are drawn."""

    value: str
    label: str
    segments: tuple[Segment, ...]


@dataclass(frozen=True)
class Group:
    title: str
    options: list[Option]


@dataclass
class Entry:
    """A concept as it is searched. `words`: (start, end, normalised) of each word of the label."""

    concept_id: int
    key: str
    label: str
    plain: str
    words: list[tuple[int, int, str]]
    texts: dict[str, str] = field(default_factory=dict)  # normalised → as written: other labels, synonyms

    def tokens(self) -> set[str]:
        return set(" ".join((self.plain, *self.texts)).split())


class QuoiIndex:
    """The concepts of one dimension, ready to be searched."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries = sorted(entries, key=lambda entry: (entry.plain, entry.key))
        self._tokens = TokenIndex(entry.tokens() for entry in self.entries)
        self._starts = StartIndex(
            (text, number) for number, entry in enumerate(self.entries) for text in (entry.plain, *entry.texts)
        )
        self._leads: dict[str, list[int]] = {}
        for number, entry in enumerate(self.entries):
            self._leads.setdefault(self._lead(entry), []).append(number)

    @staticmethod
    def _lead(entry: Entry) -> str:
        words = entry.plain.split(" ")
        return " ".join(words[:_LEAD]) if len(words) > _LEAD else ""

    def complete(self, typed: str, limit: int, *, share: float) -> list[Entry]:
        """The best entries for a normalised text: whole matches, then those with `share` of the letters typed."""
        chosen: dict[int, None] = {}
        for number in self._ranked(typed, share):
            chosen[number] = None
            if len(chosen) == limit:
                break
        return [self.entries[number] for number in chosen]

    def _ranked(self, typed: str, share: float) -> Iterator[int]:
        words = needed_words(typed.split(" "))
        yield from self._starts.equal_to(typed)
        yield from self._starts.starting_with(typed)
        whole = self._tokens.with_all(words)
        ranked = sorted(sorted(whole)[:_RANKED_AT_MOST], key=lambda number: self._position(number, words))
        yield from ranked
        if len(words) > 1:
            yield from self._partial(words, share, whole)
        if ranked and len(words) > 1:
            lead = self._lead(self.entries[ranked[0]])
            yield from self._leads[lead] if lead else ()

    def _position(self, number: int, words: list[str]) -> int:
        """Where in the label the first match begins; after the label when only a synonym matches."""
        for position, (_, _, word) in enumerate(self.entries[number].words):
            if any(word.startswith(typed) for typed in words):
                return position
        return 99

    def _partial(self, words: list[str], share: float, whole: set[int]) -> list[int]:
        """Entries that match some of the words, the most letters first; at least `share` of what was typed."""
        found = {word: self._tokens.with_prefix(word) for word in words}
        candidates = set().union(*(found[word] for word in words if len(word) >= _LONG)) - whole
        least = share * sum(map(len, words))
        weights = {n: sum(len(word) for word in words if n in found[word]) for n in candidates}
        kept = sorted((-weight, n) for n, weight in weights.items() if weight >= least)
        return [n for _, n in kept[:_RANKED_AT_MOST]]

    def tokens(self) -> Iterable[str]:
        """Every word of a label, a sigle or a synonym."""
        return self._tokens.words()

    def holds(self, word: str) -> bool:
        return word in self._tokens

    def concepts_matching(self, words: list[str], whole: frozenset[str]) -> list[int]:
        """Concept ids where every word begins (or, for those of `whole`, is) a word of the label or of a synonym, in
        label order."""
        held = (self._tokens.with_word(word) if word in whole else self._tokens.with_prefix(word) for word in words)
        return [self.entries[number].concept_id for number in sorted(reduce(and_, held))]


def vocabulary(labels: Iterable[str]) -> dict[str, str]:
    """Each word of these labels and its normalised form, made in one go: word by word costs ten times as much."""
    words = list({word for label in labels for word in _WORD.findall(label)})
    plain = normalise(" ".join(words)).split(" ")
    return dict(zip(words, plain, strict=True) if len(plain) == len(words) else ((w, normalise(w)) for w in words))


def label_words(label: str, known: dict[str, str]) -> list[tuple[int, int, str]]:
    """(start, end, normalised) of each word of a label."""
    return [(match.start(), match.end(), known[match.group()]) for match in _WORD.finditer(label)]


def plain_words(label: str, known: dict[str, str]) -> str:
    """`normalise(label)`, from words already known."""
    return " ".join([known[word] for word in _WORD.findall(label)])


def _build() -> dict[str, QuoiIndex]:
    """Three queries whatever the size of the lists."""
    synonyms: dict[int, list[str]] = {}
    for concept_id, text in Synonyme.objects.values_list("concept_id", "texte"):
        synonyms.setdefault(concept_id, []).append(text)
    regional = Concept.objects.active().filter(system__code__in=[TYPE_UO, FILIERE])
    fields = ("pk", "system__code", "code", "label", "short_label", "alt_labels")
    rows = [(system, (pk, system, *rest), "") for pk, system, *rest in regional.values_list(*fields)]
    members = ValueSetMembership.objects.filter(
        value_set__code__in=[dimension.source for dimension in DIMENSIONS], concept__retired=False
    ).values_list("value_set__code", "label", *(f"concept__{name}" for name in fields))
    rows += [(source, tuple(concept), label) for source, label, *concept in members]
    known = vocabulary(concept[3] for _, concept, _ in rows)
    entries: dict[str, list[Entry]] = {dimension.source: [] for dimension in DIMENSIONS}
    for source, (pk, system, code, label, short_label, alt_labels), other in rows:
        plain = normalise(label)
        texts = {normalise(text): text for text in (other, short_label, *alt_labels, *synonyms.get(pk, ())) if text}
        texts = {text: written for text, written in texts.items() if text and text != plain}
        entries[source].append(Entry(pk, f"{system}|{code}", label, plain, label_words(label, known), texts))
    return {dimension.key: QuoiIndex(entries[dimension.source]) for dimension in DIMENSIONS}


_index = Refreshed(_build, lambda: table_stamp(Concept, Synonyme, ValueSetMembership), CHECK_EVERY)
_concepts: Refreshed[dict[str, Concept]] = Refreshed(dict, lambda: table_stamp(Concept), CHECK_EVERY)


def tokens() -> set[str]:
    """Every word of the lists, in its compared form."""
    return {word for index in _index.get().values() for word in index.tokens()}


def is_word(word: str) -> bool:
    """A label, a sigle or a synonym holds this whole word."""
    return any(index.holds(word) for index in _index.get().values())


def find(key: str) -> Concept | None:
    """The concept `system|code`, retired ones included, kept until the lists change; None when there is none."""
    known = _concepts.get()
    if key not in known and "|" in key:
        known.update(Concept.objects.by_key([key]))
    return known.get(key)


def _dimensions(dans: str) -> list[Dimension]:
    return [dimension for dimension in DIMENSIONS if dans in ("tout", dimension.key)]


def suggest_quoi(text: str, dans: str = "tout", limit: int = 8) -> list[Group]:
    """Concepts for what is being typed, by dimension, at most `limit` each; `value` is `system|code`.

    `dans`: a `Dans`; `noms` has no suggestion. Ranked partial match: a label with most of the letters typed
    comes after those with every word, and anything close at all when nothing has half of them.
    """
    typed = normalise(text)
    if not typed:
        return []
    index = _index.get()
    for share in (0.6, 0.0):
        found = [(d.title, index[d.key].complete(typed, limit, share=share)) for d in _dimensions(dans)]
        if any(entries for _, entries in found):
            break
    words = typed.split(" ")
    return [Group(title, [_option(entry, words) for entry in entries]) for title, entries in found if entries]


def concept_ids_matching(text: str, dans: str = "tout") -> list[int]:
    """Ids of the concepts whose label or synonyms hold every word typed (as prefixes); at most 200."""
    typed = normalise(text)
    if not typed:
        return []
    words = needed_words(typed.split(" "))
    # A short sigle is a whole word: « ch » is not every « chirurgie », « fam » is not « famille ».
    whole = frozenset(word for word in words if len(word) < _SIGLE or (len(word) == _SIGLE and is_word(word)))
    index = _index.get()
    ids: dict[int, None] = {}
    for dimension in _dimensions(dans):
        ids.update(dict.fromkeys(index[dimension.key].concepts_matching(words, whole)))
    return list(ids)[:MAX_CONCEPTS]


def _option(entry: Entry, words: list[str]) -> Option:
    segments = segment(entry.label, entry.words, words)
    if not any(is_match for _, is_match in segments):
        needed = needed_words(words)
        for plain, written in entry.texts.items():  # it came by a synonym: say which
            if any(token.startswith(word) for token in plain.split(" ") for word in needed):
                segments += ((" · ", False), (written, True))
                break
    return Option(entry.key, entry.label, tuple(segments))


def segment(label: str, label_words: list[tuple[int, int, str]], typed: list[str]) -> tuple[Segment, ...]:
    """The label cut where it matches: « Appartements de Coo|rdination ». A final plural mark counts as typed."""
    needed = set(needed_words(typed))
    spans: list[list[int]] = []
    for start, end, word in label_words:
        best = max((len(one) for one in needed if word.startswith(one)), default=0)
        if not best:
            # « de » between two matches is part of them: joined below if it touches the last one.
            if word in typed and spans and label[spans[-1][1] : start] in _JOINTS:
                spans.append([start, end, 0])
            continue
        stop = start + best if len(word) == end - start else end
        if label[stop:end] in ("s", "x"):
            stop = end
        spans.append([start, stop, 1])
    return _cut(label, _joined(label, spans))


def _joined(label: str, spans: list[list[int]]) -> list[list[int]]:
    """Spans with only a blank or a hyphen between become one; stop words that join nothing are dropped."""
    joined: list[list[int]] = []
    for position, (start, stop, weight) in enumerate(spans):
        if not weight and (position + 1 == len(spans) or label[stop : spans[position + 1][0]] not in _JOINTS):
            continue
        if joined and label[joined[-1][1] : start] in _JOINTS:
            joined[-1][1] = stop
        else:
            joined.append([start, stop])
    return joined


def _cut(label: str, spans: list[list[int]]) -> tuple[Segment, ...]:
    segments: list[Segment] = []
    at = 0
    for start, stop in spans:
        if start > at:
            segments.append((label[at:start], False))
        segments.append((label[start:stop], True))
        at = stop
    if at < len(label):
        segments.append((label[at:], False))
    return tuple(segments)
