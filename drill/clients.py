"""The people of a drill: threads that read pages, choose a step among those the page offers, and send its form.

Run in a process of its own: `python -m drill.clients PORT WORLD PROMISES SEED`, until SIGTERM. What a person was
told is done is written in PROMISES (see `drill.facts`), on disk before the next click.
"""

import itertools
import json
import os
import signal
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from random import Random

from drill.browser import CUT, Person
from drill.screens import PATIENCE, Agent, Referent, Screen, Shot

THREADS = 8
SOLO, DOUBLE = 0.5, 0.75  # below the first: one click; below the second: a double click; above: a rival
IN_TURN = 0.85  # the others come when nothing waits for them, as people do
NEXT = {"submit": Agent, "take": Agent, "release": Agent}  # after the other steps, the référents
BROKEN = 500
PAUSE = 0.3  # seconds before a person comes back to a site that does not answer


class Promises:
    """What people were told is done, one JSON line each, in a file that a crash of this process leaves whole."""

    def __init__(self, path: Path):
        self._file = path.open("a")
        self._lock = threading.Lock()

    def write(self, promise: dict) -> None:
        with self._lock:
            self._file.write(json.dumps(promise) + "\n")
            self._file.flush()
            os.fsync(self._file.fileno())


@dataclass
class World:
    """Who may do what; and, as far as anybody here knows, the dossier of each establishment and whose turn it is."""

    referents: dict[str, list[Person]]
    agents: list[Person]
    dossiers: dict[str, int]
    turns: dict[str, type[Screen]]

    @classmethod
    def read(cls, path: Path, port: int) -> "World":
        said = json.loads(path.read_text())
        people: dict[str, Person] = {}

        def person(email: str) -> Person:
            return people.setdefault(email, Person(email, said["password"], port))

        return cls(
            {eg: [person(email) for email in emails] for eg, emails in said["referents"].items()},
            [person(email) for email in said["agents"]],
            said["dossiers"],
            dict.fromkeys(said["dossiers"], Referent),
        )

    def everybody(self) -> list[Person]:
        return list({one.email: one for people in (self.agents, *self.referents.values()) for one in people}.values())


class Client:
    """One pair of hands; it plays any person of the world in turn."""

    words = itertools.count(1)

    def __init__(self, world: World, promises: Promises, seed: int, pool: ThreadPoolExecutor, over: threading.Event):
        self.world, self.promises, self.pool, self.over = world, promises, pool, over
        self.chance = Random(seed)  # noqa: S311 - a draw that can be played again

    def work(self) -> None:
        while not self.over.is_set():
            try:
                self.visit()
            except CUT:
                time.sleep(PAUSE)

    def visit(self) -> None:
        """Come to one establishment as one of its référents or as support, and do one thing there."""
        eg = self.chance.choice(list(self.world.referents))
        dossier = self.world.dossiers[eg]
        screen = self.world.turns[eg] if self.chance.random() < IN_TURN else self.chance.choice([Referent, Agent])
        group = self.world.referents[eg] if screen is Referent else self.world.agents
        person, rival = self.chance.sample(group, 2)
        shot = screen(person, eg, dossier, self.chance).shot(f"m{next(self.words)}")
        if shot is None:
            return
        throw = self.chance.random()
        if throw < SOLO:
            shots = [shot]
        elif throw < DOUBLE:
            shots = [shot, shot]
        else:  # the same page, read by somebody else before the first one has clicked
            other = screen(rival, eg, dossier, self.chance).shot(f"m{next(self.words)}")
            shots = [shot, other] if other else [shot]
        self.fire(eg, shots)

    def fire(self, eg: str, shots: list[Shot]) -> None:
        """Send them at the same instant; write down what each was told."""
        together = threading.Barrier(len(shots))

        def send(shot: Shot) -> None:
            together.wait(PATIENCE)
            try:
                answer = shot.person.post(shot.url, shot.fields)
            except CUT:
                answer = None
            if answer is None or answer.status >= BROKEN:  # made or not: nobody was told
                self.promises.write({"what": "unanswered", "url": shot.url})
                return
            if not answer.done:
                return
            for promise in shot.promises(answer):
                self.promises.write(promise)
                if promise["what"] == "opening":
                    self.world.dossiers[eg] = promise["dossier"]
                elif promise["what"] == "step":
                    self.world.turns[eg] = NEXT.get(promise["action"], Referent)

        list(self.pool.map(send, shots))


def main(port: int, world_path: Path, promises_path: Path, seed: int) -> None:
    over = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: over.set())
    world, promises = World.read(world_path, port), Promises(promises_path)
    for person in world.everybody():
        person.log_in()
    with ThreadPoolExecutor(2 * THREADS) as pool, ThreadPoolExecutor(THREADS) as hands:
        clients = [Client(world, promises, seed + n, pool, over) for n in range(THREADS)]
        for done in [hands.submit(client.work) for client in clients]:
            done.result()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]))
