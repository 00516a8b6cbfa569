"""In-memory prefix search: sorted arrays and bisection, nothing else. Built once per process, read by every thread."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator

_LAST = "\uffff"  # sorts after every character of a normalised text
_HEAD = 120  # documents kept ready for a beginning that more texts share

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

    def words(self) -> list[str]:
        """Every word, in alphabetical order."""
        return self._tokens

    def __contains__(self, word: str) -> bool:
        at = bisect_left(self._tokens, word)
        return at < len(self._tokens) and self._tokens[at] == word

    def has_prefix(self, prefix: str) -> bool:
        """Some word begins so."""
        at = bisect_left(self._tokens, prefix)
        return at < len(self._tokens) and self._tokens[at].startswith(prefix)

    def with_prefix(self, prefix: str) -> set[int]:
        """Documents that hold a word beginning with `prefix`."""
        low = bisect_left(self._tokens, prefix)
        high = bisect_left(self._tokens, prefix + _LAST, low)
        return set().union(*self._postings[low:high])

    def with_word(self, word: str) -> set[int]:
        """Documents that hold this very word."""
        at = bisect_left(self._tokens, word)
        return set(self._postings[at]) if at < len(self._tokens) and self._tokens[at] == word else set()

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
        self._heads = dict(self._common())

    def _common(self) -> Iterator[tuple[str, list[int]]]:
        """Each beginning of more than `_HEAD` texts, with its smallest documents: « s » or « saint » cost no sort."""
        waiting = [("", 0, len(self._texts))]
        while waiting:
            prefix, low, high = waiting.pop()
            if high - low <= _HEAD:
                continue
            yield prefix, sorted(set(self._numbers[low:high]))[:_HEAD]
            at = bisect_right(self._texts, prefix, low, high)
            while at < high:
                longer = self._texts[at][: len(prefix) + 1]
                end = bisect_left(self._texts, longer + _LAST, at, high)
                waiting.append((longer, at, end))
                at = end

    def starting_with(self, prefix: str) -> list[int]:
        """Documents in alphabetical order of the text that matched; one may come several times."""
        low = bisect_left(self._texts, prefix)
        return self._numbers[low : bisect_left(self._texts, prefix + _LAST, low)]

    def first_starting_with(self, prefix: str) -> list[int]:
        """Documents by number, each once; of a beginning that very many texts share, the smallest `_HEAD` only."""
        head = self._heads.get(prefix)
        return sorted(set(self.starting_with(prefix))) if head is None else head

    def equal_to(self, text: str) -> list[int]:
        low = bisect_left(self._texts, text)
        return self._numbers[low : bisect_left(self._texts, text + " ", low)]
