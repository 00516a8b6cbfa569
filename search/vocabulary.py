"""The words the search knows, and those closest to a mistyped one. In process: no name is compared one by one.

The words are those of `search_eg.texte`, which holds no word of a sensitive UO, and those of the lists: nothing a
reader may not see can be corrected to, or counted. A correction only asks the search another question; what it finds
obeys the rights of the reader like any other.
"""

import logging
import threading
import time
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from django.conf import settings
from django.db import connections
from rapidfuzz import process
from rapidfuzz.distance import OSA

from nomenclature.refreshed import Refreshed
from ror.database import planned_once
from search import suggestions
from search.text import EVERYTHING, Form, Group, groups, tsquery

logger = logging.getLogger(__name__)

CHECK_EVERY = 900.0  # seconds between two looks at the table: reading all its words takes seconds for a whole country
MAX_FORMS = 8  # corrections of one word
_LAST = "\uffff"  # sorts after every letter
_IDENTIFIER = r"^\d{2}[\dab]\d{6}$"  # a FINESS number is no word, and there is one in each establishment
# Counted: `exists` would hope for an early one, and read the whole table to find none.
_HELD = "select count(*) from search_eg where texte @@ %s::tsquery"
_SHORT = 4  # letters from which a word is corrected
_SIGLE, _USUAL = 3, 5  # letters of a short sigle, and establishments that make it one
_COMMON, _FEW = 500, 8  # establishments that make a word very common, and words that begin as another
_LONG = 8  # letters from which two mistakes are forgiven
_LONGEST = 30  # letters beyond which nothing is a word
_HALF = 3  # letters of each half of two words typed as one
_SWAP, _ONE, _TWO, _CUT, _START = 0.95, 0.9, 0.75, 0.85, 0.7  # closeness of each kind of correction
_FIRST_LETTER = 0.03  # rarely the wrong one


class Near(NamedTuple):
    """A correction of one word; `words` are two when a space was missing."""

    words: tuple[str, ...]
    is_prefix: bool
    closeness: float
    count: int

    def form(self) -> Form:
        return Form(self.words, self.is_prefix, self.closeness)


class Vocabulary:
    """Known words and the number of establishments that hold each; read by every thread, never changed."""

    def __init__(self, counts: Mapping[str, int]) -> None:
        self._counts = counts
        self._sorted = sorted(counts)
        # By length and first letter, by length and last letter: one mistake leaves one of them, and a fifth of
        # the words costs a fifth. Two mistakes, one at each end, are not forgiven.
        self._alike: dict[tuple[int, str, str], list[str]] = {}
        for word in self._sorted:
            if not word.isdigit():  # a number close to another is another number
                for key in ((len(word), word[0], ""), (len(word), "", word[-1])):
                    self._alike.setdefault(key, []).append(word)
        self._starts: dict[tuple[int, str], list[str]] = {}

    def __len__(self) -> int:
        return len(self._counts)

    def knows(self, form: Form) -> bool:
        """Some establishment or label holds this form of a word."""
        [word] = form.words
        if not form.is_prefix:
            return word in self._counts
        at = bisect_left(self._sorted, word)
        return at < len(self._sorted) and self._sorted[at].startswith(word)

    def count(self, word: str) -> int:
        """Establishments that hold this word."""
        return self._counts.get(word, 0)

    def begun(self, word: str) -> tuple[str, ...]:
        """The known words that begin so, of a very common word; none when they are many."""
        if self.count(word) < _COMMON:
            return ()
        at = bisect_left(self._sorted, word)
        found = self._sorted[at : at + _FEW + 1]
        found = [other for other in found if other.startswith(word)]
        return tuple(found) if len(found) <= _FEW else ()

    def near(self, word: str) -> list[Near]:
        """The closest known words, best first, at most `MAX_FORMS`; the word itself left out.

        One mistake (letter added, missing or changed, two swapped), two in a long word, a missing space; the
        beginning of a word, for one still being typed, when nothing else is near.
        """
        if not _SHORT <= len(word) <= _LONGEST or word.isdigit():
            return []
        found = self._close(word) + self._cut(word) or self._beginnings(word)
        return sorted(found, key=lambda near: (-near.closeness, -near.count, near.words))[:MAX_FORMS]

    def _close(self, word: str) -> list[Near]:
        mistakes = 2 if len(word) >= _LONG else 1
        found: dict[str, int] = {}
        for length in range(max(_SHORT - 1, len(word) - mistakes), len(word) + mistakes + 1):
            for key in ((length, word[0], ""), (length, "", word[-1])):
                found.update(_within(mistakes, word, self._alike.get(key, ())))
        return [
            Near((other,), False, _closeness(word, other, distance), self._counts[other])
            for other, distance in found.items()
        ]

    def _cut(self, word: str) -> list[Near]:
        """« saintdenis »: both halves known."""
        cuts = [(word[:at], word[at:]) for at in range(_HALF, len(word) - _HALF + 1)]
        known = [pair for pair in cuts if pair[0] in self._counts and pair[1] in self._counts]
        return [Near(pair, False, _CUT, min(self._counts[half] for half in pair)) for pair in known]

    def _beginnings(self, word: str) -> list[Near]:
        """« apparet » begins like « appart… »; its first letter is right."""
        found = _within(1, word, self._beginning(len(word), word[0]))
        return [Near((start,), True, _START * _closeness(word, start, n), 0) for start, n in found]

    def _beginning(self, length: int, letter: str) -> list[str]:
        """The distinct beginnings of that many letters, made when first asked for."""
        key = length, letter
        if key not in self._starts:
            low, high = bisect_left(self._sorted, letter), bisect_left(self._sorted, letter + _LAST)
            self._starts[key] = sorted({word[:length] for word in self._sorted[low:high] if len(word) > length})
        return self._starts[key]


def _within(mistakes: int, word: str, known: Sequence[str]) -> list[tuple[str, int]]:
    """(word, mistakes) of those so close to `word`, itself left out."""
    found = process.extract(word, known, scorer=OSA.distance, score_cutoff=mistakes, limit=None)
    return [(other, distance) for other, distance, _ in found if distance]


def _closeness(word: str, other: str, distance: int) -> float:
    one = _SWAP if len(word) == len(other) and sorted(word) == sorted(other) else _ONE
    value = one if distance == 1 else _TWO
    return value + (_FIRST_LETTER if word[0] == other[0] else 0)


# --- Corrections ----------------------------------------------------------------------------------------------------


def read(typed: str) -> list[Group]:
    """`text.groups`, but a sigle of three letters is a whole word (« fam » is not the beginning of « famille »), and
    a very common word is only the beginning of those known, minutes late."""
    return [group._replace(forms=(_known(group.forms[0]), *group.forms[1:])) for group in groups(typed)]


def _known(form: Form) -> Form:
    [word], known = form.words, current()
    if len(word) == _SIGLE and known.count(word) >= _USUAL:
        return form._replace(is_prefix=False)
    return form._replace(begun=known.begun(word)) if form.is_prefix else form


def correct(asked: Sequence[Group], *, every: bool = False) -> list[Group] | None:
    """The words asked for with the corrections of those nobody holds, or of `every` word beside itself.

    None when there is nothing to change, or when an unknown word is close to no other: nothing would be found.
    """
    known = current()
    corrected: list[Group] = []
    for group in asked:
        is_known = any(known.knows(form) for form in group.forms)
        near = tuple(near.form() for near in known.near(group.typed)) if every or not is_known else ()
        if not is_known and not near:
            return None
        corrected.append(Group(group.typed, (*(group.forms if is_known else ()), *near)))
    return corrected if corrected != list(asked) else None


def may_be_found(asked: Sequence[Group]) -> bool:
    """No word that nobody holds is among these: a word unknown here, which may be minutes late, is asked for."""
    known = current()
    unknown = next((group for group in asked if not any(known.knows(form) for form in group.forms)), None)
    if unknown is None:
        return True
    with planned_once(connections[settings.SEARCH_DATABASE]) as cursor:
        cursor.execute(_HELD, [tsquery([unknown], EVERYTHING)])
        return cursor.fetchone()[0] > 0


# --- What this process keeps ----------------------------------------------------------------------------------------


class _Apart(Refreshed[Vocabulary]):
    """Made in a thread when the process starts (`warm`), and again there while the old one serves.

    Who asks before it is there waits for it.
    """

    def get(self) -> Vocabulary:
        value = self._value
        if value is None:
            return super().get()
        if time.monotonic() - self._asked_at > self._every:
            self.refresh()
        return value

    def refresh(self) -> None:
        """Start the thread, unless one is at work."""
        if self._lock.acquire(blocking=False):
            self._asked_at = time.monotonic()
            threading.Thread(target=self._in_thread, name="vocabulary", daemon=True).start()

    def _in_thread(self) -> None:
        try:
            self._renew()
        except Exception:
            logger.exception("Le vocabulaire de la recherche n’a pas pu être lu.")
        finally:
            self._lock.release()
            connections.close_all()

    def _renew(self) -> None:
        stamp = self._stamp()
        if self._value is None or stamp != self._seen:
            self._value, self._seen = self._build(), stamp


def current() -> Vocabulary:
    """The vocabulary, at most some minutes late."""
    return _kept.get()


def warm() -> None:
    """Begin to read it, apart: what a server does when it starts, so that no page waits."""
    _kept.refresh()


def _stamp() -> object:
    """Moves with any write to the table, without reading it: the server counts them."""
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "select n_tup_ins, n_tup_upd, n_tup_del from pg_stat_user_tables where relid = 'search_eg'::regclass"
        )
        return cursor.fetchone(), suggestions.tokens()


def _build() -> Vocabulary:
    return Vocabulary(_counts())


def _counts() -> dict[str, int]:
    """Words of the establishments, and of the lists for those no establishment holds."""
    counts = dict.fromkeys(suggestions.tokens(), 0)
    with connections[settings.SEARCH_DATABASE].cursor() as cursor:
        cursor.execute("select word, ndoc from ts_stat('select texte from search_eg') where word !~ %s", [_IDENTIFIER])
        counts.update(cursor.fetchall())
    return counts


_kept = _Apart(_build, _stamp, CHECK_EVERY)
