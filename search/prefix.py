"""In-memory prefix search: sorted arrays and bisection, nothing else. Built once per process, read by every thread."""

from bisect import bisect_left
from collections.abc import Iterable

_LAST = "\uffff"  # sorts after every character of a normalised text

# Words that need not be found: people type them, labels are split on them. Normalised (see nomenclature.text).
STOP_WORDS = frozenset("a au aux avec d de des du en et l la le les par pour s sans sous sur un une".split())


def needed_words(words: list[str]) -> list[str]:
    """The typed words that must be found: all but the stop words, or all when there is nothing else."""
    return [word for word in words if word not in STOP_WORDS] or words


class TokenIndex:
    """Documents by the prefix of any of their words. A document is its position in the list given."""

    def __init__(self, documents: Iterable[Iterable[str]]) -> None:
        postings: dict[str, list[int]] = {}
        for number, tokens in enumerate(documents):
            for token in set(tokens):
                postings.setdefault(token, []).append(number)
        self._tokens = sorted(postings)
        self._postings = [postings[token] for token in self._tokens]

    def with_prefix(self, prefix: str) -> set[int]:
        """Documents that hold a word beginning with `prefix`."""
        low = bisect_left(self._tokens, prefix)
        high = bisect_left(self._tokens, prefix + _LAST, low)
        return set().union(*self._postings[low:high])

    def with_all(self, prefixes: Iterable[str]) -> set[int]:
        """Documents where each prefix begins some word. Longest first: the sets shrink sooner."""
        found: set[int] | None = None
        for prefix in sorted(prefixes, key=len, reverse=True):
            matches = self.with_prefix(prefix)
            found = matches if found is None else found & matches
            if not found:
                return set()
        return found or set()


class StartIndex:
    """Documents by the beginning of one of their texts, in the order of the texts."""

    def __init__(self, pairs: Iterable[tuple[str, int]]) -> None:
        ordered = sorted(set(pairs))
        self._texts = [text for text, _ in ordered]
        self._numbers = [number for _, number in ordered]

    def starting_with(self, prefix: str) -> list[int]:
        """Documents in alphabetical order of the text that matched; one may come several times."""
        low = bisect_left(self._texts, prefix)
        return self._numbers[low : bisect_left(self._texts, prefix + _LAST, low)]

    def equal_to(self, text: str) -> list[int]:
        low = bisect_left(self._texts, text)
        return self._numbers[low : bisect_left(self._texts, text + " ", low)]
