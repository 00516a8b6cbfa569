"""The pages of a dossier as a person reads them: which form to send next, with the version it shows.

Only what a page offers is tried: its forms, and the links to the pages that ask for a confirmation.
"""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from drill.browser import Answer, Fields, Form, Person
from drill.checker import WORDS_IN

PATIENCE = 30  # seconds for a rival to be ready
OK = 200
OPENING = "/dossiers/ouvrir/"
WAITS = "validé, en attente de sa date"  # on the page of a dossier that waits: support alone acts
# How often people do what does not bring the dossier nearer to its end.
WITHDRAWN, ABANDONED, WRITTEN, RELEASED, RETURNED = 0.3, 0.03, 0.12, 0.2, 0.2


@dataclass
class Shot:
    """One form ready to be sent; `promises(answer)`: what a « done » to it means."""

    person: Person
    url: str
    fields: Fields
    promises: Callable[[Answer], list[dict]]


def kept(promise: dict) -> Callable[[Answer], list[dict]]:
    return lambda answer: [promise]


def nothing(answer: Answer) -> list[dict]:
    """Done, and nothing that the account follows."""
    return []


class Screen:
    """One person in front of one dossier."""

    def __init__(self, person: Person, eg: str, dossier: int, chance: Random):
        self.person, self.eg, self.dossier, self.chance = person, eg, dossier, chance

    def step(self, page: Answer, path: str, action: str, **typed: str) -> Shot | None:
        """The form of one step on this page; None when the page has none."""
        form = page.form(path)
        if form is None or not form.value("version").isdigit():
            return None
        promise = {
            "what": "step",
            "dossier": self.dossier,
            "version": int(form.value("version")),
            "action": action,
            "by": self.person.email,
        }
        return Shot(self.person, path, form.filled(**typed), kept(promise))

    def confirmed(self, path: str, action: str, **typed: str) -> Shot | None:
        """The same, on the page that asks for a confirmation."""
        page = self.person.get(path)
        return self.step(page, path, action, **typed) if page.status == OK else None


class Referent(Screen):
    """`/dossiers/…`: write, finish, send, withdraw, abandon, open."""

    def shot(self, word: str) -> Shot | None:
        home = f"/dossiers/{self.dossier}/"
        page = self.person.get(home)
        if page.status != OK or WAITS in page.body:
            return None
        if page.form(f"{home}reprendre/"):
            return self.step(page, f"{home}reprendre/", "withdraw") if self.chance.random() < WITHDRAWN else None
        return self.writing(page, home, word) if page.form(f"{home}envoyer/") else self.open()

    def writing(self, page: Answer, home: str, word: str) -> Shot | None:
        """What brings the dossier nearer to its sending, mostly."""
        throw = self.chance.random()
        unfinished = re.findall(rf'is-todo">.*?{home}fiches/(\d+)/', page.body)
        if throw < ABANDONED:
            return self.confirmed(f"{home}abandonner/", "abandon")
        if throw < ABANDONED + WRITTEN or ("is-todo" in page.body and not unfinished):  # nothing changes yet
            return self.text(page, word)
        if unfinished:
            return self.finalise(int(unfinished[0]))
        return self.step(page, f"{home}envoyer/", "submit", date_effet=self.day())

    def day(self) -> str:
        """Most have no date d’effet, some take effect today, a few tomorrow: these wait."""
        later = self.chance.choice([None, None, None, None, 0, 0, 1])
        return "" if later is None else (dt.datetime.now().astimezone().date() + dt.timedelta(days=later)).isoformat()

    def text(self, page: Answer, word: str) -> Shot | None:
        """One word more in the fiche of the unit as it is on screen, saved, or saved and finalised."""
        for fiche in sorted(set(re.findall(rf"/dossiers/{self.dossier}/fiches/(\d+)/", page.body)), key=int):
            url, form = self.fiche(int(fiche))
            if form and any(name == WORDS_IN for name, _ in form.fields):
                typed = {WORDS_IN: f"{form.value(WORDS_IN)} {word}".strip()}
                typed |= {"finaliser": "1"} if self.chance.random() < 0.5 else {}
                promise = {"what": "text", "fiche": int(fiche), "word": word}
                return Shot(self.person, url, form.filled(**typed), kept(promise))
        return None

    def finalise(self, fiche: int) -> Shot | None:
        url, form = self.fiche(fiche)
        return Shot(self.person, url, form.filled(finaliser="1"), nothing) if form else None

    def fiche(self, fiche: int) -> tuple[str, Form | None]:
        url = f"/dossiers/{self.dossier}/fiches/{fiche}/"
        page = self.person.get(url)
        return url, page.form(url) if page.status == OK else None

    def open(self) -> Shot | None:
        """A new dossier on the same establishment, once this one is over."""
        form = self.person.get(f"{OPENING}?eg={self.eg}").form(OPENING)

        def opened(answer: Answer) -> list[dict]:
            found = re.search(r"/dossiers/(\d+)/", answer.location)
            return [{"what": "opening", "dossier": int(found[1])}] if found else []

        return Shot(self.person, OPENING, form.filled(), opened) if form else None


class Agent(Screen):
    """`/admin/dossiers/dossier/…`: take, release, decide, return, validate, reopen."""

    def shot(self, word: str) -> Shot | None:
        home = f"/admin/dossiers/dossier/{self.dossier}/"
        page = self.person.get(f"{home}change/")
        if page.status != OK:
            return None
        if f"{home}rouvrir/" in page.body:
            return self.confirmed(f"{home}rouvrir/", "reopen", comment="À revoir.")
        return self.step(page, f"{home}prendre/", "take") or self.deciding(page, home)

    def deciding(self, page: Answer, home: str) -> Shot | None:
        """The dossier is in hand: decide and validate, mostly."""
        throw = self.chance.random()
        if throw < RELEASED:
            return self.step(page, f"{home}rendre/", "release")
        if f"{home}renvoyer/" in page.body and throw < RELEASED + RETURNED:
            return self.confirmed(f"{home}renvoyer/", "return", comment="Précisez les horaires.")
        decide = self.decide(page, home)
        if decide or f"{home}valider/" not in page.body:
            return decide
        return self.confirmed(f"{home}valider/", "validate")

    def decide(self, page: Answer, home: str) -> Shot | None:
        """« Tout accepter » on the first fiche that waits for it."""
        for fiche in [None, *sorted(set(re.findall(r"\?fiche=(\d+)", page.body)))]:
            shown = page if fiche is None else self.person.get(f"{home}change/?fiche={fiche}")
            form = shown.form(f"{home}decider/")
            if form and 'name="tout"' in shown.body:
                return Shot(self.person, f"{home}decider/", form.filled(tout="oui"), nothing)
        return None
