"""Words of the names of places that are close to a misspelt one."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from rapidfuzz import process
from rapidfuzz.distance import OSA

CORRECTED = 4  # letters from which a word is corrected
_TWO_MISTAKES = 8  # letters from which two mistakes are forgiven
_NEAR_WORDS = 4  # corrections tried of one word


class CloseWords:
    """Words of names one mistake away (two in a long word), found among those of about the same length that share one
    of their first two letters with the word typed: a tenth of a millisecond instead of nine."""

    def __init__(self, likely: Mapping[str, int]) -> None:
        self._likely = likely
        self._pools: dict[tuple[int, str], list[str]] = defaultdict(list)  # « s… » and « .a… » of each length
        for word in likely:
            self._pools[len(word), word[0]].append(word)
            self._pools[len(word), f".{word[1:2]}"].append(word)
        self._beginnings: dict[int, tuple[dict[str, int], dict[str, list[str]]]] = {}

    def near(self, word: str, *, is_last: bool) -> list[str]:
        """The closest first, then the most likely; of the word still being typed also beginnings."""
        if len(word) < CORRECTED or not word.isalpha():
            return []
        mistakes = 2 if len(word) >= _TWO_MISTAKES else 1
        found: list[tuple] = []
        for start in {word[0], word[1], f".{word[0]}", f".{word[1]}"}:
            for length in range(len(word) - mistakes, len(word) + mistakes + 1):
                for other, distance in _within(word, self._pools.get((length, start), ()), mistakes):
                    found.append((distance, other[0] != word[0], self._likely[other], other))
        for length in (len(word), len(word) + 1) if is_last else ():
            for first in {word[0], word[1]}:
                likely, pools = self._of_length(length)
                for other, distance in _within(word, pools.get(first, ()), 1):
                    found.append((distance, other[0] != word[0], likely[other], other))
        return list(dict.fromkeys(row[-1] for row in sorted(found) if row[-1] != word))[:_NEAR_WORDS]

    def _of_length(self, length: int) -> tuple[dict[str, int], dict[str, list[str]]]:
        """Beginnings of longer words: their most likely place, and all by first letter; made when first asked."""
        if length not in self._beginnings:
            likely: dict[str, int] = {}
            for word, number in self._likely.items():
                if len(word) > length:
                    likely.setdefault(word[:length], number)
            pools: dict[str, list[str]] = defaultdict(list)
            for word in likely:
                pools[word[0]].append(word)
            self._beginnings[length] = (likely, pools)
        return self._beginnings[length]


def _within(word: str, pool: Sequence[str], mistakes: int) -> Iterator[tuple[str, int]]:
    for other, distance, _ in process.extract(word, pool, scorer=OSA.distance, score_cutoff=mistakes, limit=None):
        yield other, distance
