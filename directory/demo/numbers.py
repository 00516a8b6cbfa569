"""Invented identifiers that pass their checks and cannot be taken for real ones.

FINESS: order numbers from 90000, which no real number of the files read uses. SIREN: `99…`. Telephones: the ranges
that ARCEP keeps for fiction. E-mails: the `invalid` domain (RFC 2606).
"""

import itertools
from collections import Counter

from stdnum import luhn

FIRST_ORDER = 90000
ORDERS = 10000  # 90000 to 99999, per département
# ARCEP, plan de numérotation: numbers reserved for audiovisual works (decision 2018-0881, article 2.5.12).
FICTION_PREFIXES = ("019900", "026191", "035301", "046571", "053649", "063998")
FIXE, MOBILE = "019900", "063998"
MAIL_DOMAIN = "exemple.invalid"


class Numbers:
    """Gives each number once. Counters only: the same calls give the same numbers.

    Of `lanes` makers at work at once, each gives one number out of `lanes`: theirs never meet.
    """

    def __init__(self, *, lane: int = 0, lanes: int = 1):
        self._lane, self._lanes = lane, lanes
        self._finess: Counter[str] = Counter()
        self._siren = itertools.count(lane, lanes)
        self._nic: Counter[str] = Counter()
        self._phones: Counter[str] = Counter()

    def finess(self, departement: str) -> str:
        """`<département>0<9xxxx><key>`, EJ and EG in the same space; those overseas share one (97)."""
        departement = departement[:2]
        order = FIRST_ORDER + self._lane + self._finess[departement] * self._lanes
        self._finess[departement] += 1
        if order >= FIRST_ORDER + ORDERS:
            raise ValueError(f"plus de numéro FINESS fictif pour le département {departement}")
        body = f"{departement}0{order}"
        return body + luhn.calc_check_digit(body.replace("A", "1").replace("B", "2"))

    def siren(self) -> str:
        body = f"99{next(self._siren):06d}"
        return body + luhn.calc_check_digit(body)

    def siret(self, siren: str) -> str:
        self._nic[siren] += 1
        body = f"{siren}{self._nic[siren]:04d}"
        return body + luhn.calc_check_digit(body)

    def fixe(self) -> str:
        return self._phone(FIXE)

    def mobile(self) -> str:
        return self._phone(MOBILE)

    def _phone(self, prefix: str) -> str:
        """Every 9,973 calls the range begins again: fiction has 10,000 numbers, a national set more telephones."""
        self._phones[prefix] += 1
        return f"{prefix}{(self._phones[prefix] * 7919) % 9973:04d}"
