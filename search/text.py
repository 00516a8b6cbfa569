"""What a person typed, as a full-text query over words in their compared form (`nomenclature.text`)."""

from collections.abc import Iterator, Sequence
from itertools import islice, product
from typing import NamedTuple

from nomenclature.text import normalise

# Joining words say nothing alone: they are not asked for when anything else was typed.
JOINING_WORDS = frozenset("a au aux d de des du en et l la le les ou par pour sur un une".split())
EVERYTHING = "ABCD"  # weights of all that an establishment says: names, place and EJ, names of its UO, labels
OTHER_NUMBER = 0.99  # closeness of the plural of a singular, or the contrary: found, but below the word as typed
_PREFIX = 3  # letters from which a word may be the beginning of another
_PLURAL = 4  # letters from which a final mark is a plural
_READINGS = 8


class Form(NamedTuple):
    """One way to read a typed word: words that must all be there, the last one as a beginning or whole.

    `closeness`: 1 as typed, less for a correction. `begun`: all the words that begin as the last one, when it is very
    common and they are few: the index then skips what other words leave out, which it cannot do for a beginning.
    """

    words: tuple[str, ...]
    is_prefix: bool
    closeness: float = 1.0
    begun: tuple[str, ...] = ()

    def sql(self, weights: str) -> str:
        *first, last = self.words
        parts = [f"'{word}':{weights}" for word in first]
        if self.is_prefix and self.begun:
            begun = " | ".join(f"'{word}':{weights}" for word in self.begun)
            parts.append(f"({begun})")
        else:
            parts.append(f"'{last}':{'*' if self.is_prefix else ''}{weights}")
        return " & ".join(parts)


class Group(NamedTuple):
    """A typed word and the ways to read it, the closest first: any of them will do."""

    typed: str
    forms: tuple[Form, ...]

    @property
    def is_corrected(self) -> bool:
        return any(form.closeness < OTHER_NUMBER for form in self.forms)


def words(text: str) -> list[str]:
    """The words to look for, in order; joining words only when nothing else was typed."""
    found = normalise(text).split()
    return [word for word in found if word not in JOINING_WORDS] or found


def groups(text: str) -> list[Group]:
    """Each word as typed and, for a plural, its singular; a singular finds its plural as a beginning.

    « aurore 93 »: a département at the end is the beginning of its postal codes.
    """
    found = words(text)
    last = len(found) - 1
    return [
        Group(
            word, (Form((word,), len(word) >= _PREFIX or (word.isdigit() and 0 < rank == last)), *_other_number(word))
        )
        for rank, word in enumerate(found)
    ]


def _other_number(word: str) -> Iterator[Form]:
    """« centres » → centre, « hopitaux » → hopital, « social » → sociaux."""
    others = []
    if len(word) >= _PLURAL and not word.isdigit():
        if word.endswith("aux"):
            others = [f"{word[:-3]}al", word[:-1]]
        elif word.endswith("al"):
            others = [f"{word[:-2]}aux"]
        elif word[-1] in "sx":
            others = [word[:-1]]
    return (Form((other,), False, OTHER_NUMBER) for other in others)


def tsquery(asked: Sequence[Group], weights: str) -> str | None:
    """`(('csapa':*AB)) & (('evr':*AB))`: a reading of each word. None when there is none.

    Words are ASCII letters and digits (see `normalise`), so nothing typed can break out of the quotes.
    """
    parts = [" | ".join(f"({form.sql(weights)})" for form in group.forms) for group in asked]
    return " & ".join(f"({part})" for part in parts) or None


def whole_words(asked: Sequence[Group], weights: str) -> str | None:
    """Like `tsquery` without beginnings: « aurore 93 » is the 93 of the name, not every postal code that begins so."""
    whole = [Group(group.typed, tuple(form._replace(is_prefix=False) for form in group.forms)) for group in asked]
    return tsquery(whole, weights)


def as_typed(asked: Sequence[Group]) -> list[Group]:
    """Without the other numbers: « paris » is not the « pari » of a name when names are compared."""
    return [
        Group(group.typed, tuple(form for form in group.forms if form.closeness != OTHER_NUMBER)) for group in asked
    ]


def corrected(text: str, asked: Sequence[Group]) -> str:
    """The whole text in its compared form, each word by its closest reading: what a whole name is compared to."""
    best = {group.typed: group.forms[0].words for group in asked}
    return " ".join(other for word in normalise(text).split() for other in best.get(word, (word,)))


def readings(asked: Sequence[Group]) -> list[str]:
    """Texts these words may stand for, the closest first: for what reads a text and no groups."""
    ways = [list(dict.fromkeys(form.words for form in group.forms))[:3] for group in asked]
    return [" ".join(word for words in way for word in words) for way in islice(product(*ways), _READINGS)]
