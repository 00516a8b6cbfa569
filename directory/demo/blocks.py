"""The mass cut into blocks, each a pure function of its number: several processes invent them at once.

A block has its own seed, ids, numbers and identifiants, so what it writes depends on no other.
"""

import datetime as dt
import multiprocessing
import os
import pickle
from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from itertools import islice

from directory.documents import MODELS
from directory.models import Kind

from . import worker
from .encode import Encoder, Range, Table, tables_with_ids
from .generate import SEED, Generator
from .numbers import Numbers
from .world import World

CHUNK = 4000  # fiches written at once
IDS_PER_EG = 100  # ids kept for each establishment of a block, in each table


@dataclass(frozen=True)
class Mass:
    """All that the blocks share. `first_ids`: first free id by table; `first_offre`: first free identifiant."""

    world: World
    today: dt.date
    concepts: Mapping[str, int]
    users: Mapping[str, int]
    first_ids: Mapping[str, int]
    first_offre: int
    eg: int
    blocks: int

    def size(self, block: int) -> int:
        """Establishments of this block."""
        return self.eg // self.blocks + (block < self.eg % self.blocks)

    @property
    def stride(self) -> int:
        return IDS_PER_EG * self.size(0)


@dataclass(frozen=True)
class Chunk:
    """Rows to write, and where the counters of the block are after them."""

    rows: dict[Table, bytes]
    counts: dict[Kind, int]
    next_ids: dict[str, int]
    last_offre: int


def chunks(mass: Mass) -> Iterator[Chunk]:
    """Every block in order. More than one: invented by other processes, a few blocks ahead."""
    if mass.blocks == 1:
        yield from make(mass, 0)
        return
    workers = min(mass.blocks, os.cpu_count() or 1, 8)
    context = multiprocessing.get_context("spawn")  # a fork would share our connection to the database
    with ProcessPoolExecutor(
        workers, mp_context=context, initializer=worker.prepare, initargs=(pickle.dumps(mass),)
    ) as pool:
        waiting: deque[Future] = deque()
        for block in range(mass.blocks):
            waiting.append(pool.submit(worker.run, block))
            if len(waiting) > workers:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()


def make(mass: Mass, block: int) -> Iterator[Chunk]:
    """One block, chunk by chunk."""
    start, end = block * mass.stride, (block + 1) * mass.stride if mass.blocks > 1 else None
    ranges = {table: Range(first + start, end and first + end) for table, first in mass.first_ids.items()}
    encoder = Encoder(mass.concepts, mass.users, ranges)
    generator = Generator(
        mass.world,
        today=mass.today,
        first_offre=mass.first_offre + start,
        seed=SEED + block,
        numbers=Numbers(lane=block + 1, lanes=mass.blocks + 1),
    )
    entries = generator.entries(eg=mass.size(block))
    before = dict(encoder.counts)
    while part := list(islice(entries, CHUNK)):
        for entry in part:
            encoder.add(entry)
        counts = {kind: encoder.counts[kind] - before[kind] for kind in MODELS}
        before = dict(encoder.counts)
        yield Chunk(encoder.take(), counts, {table: encoder.next_ids[table] for table in tables_with_ids()},
                    encoder.last_offre)  # fmt: skip
