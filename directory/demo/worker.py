"""The other processes of a large seeding. Imports no model: it is read before Django is ready there."""

import gc
import pickle

import django

_mass = None


def prepare(mass: bytes) -> None:
    """Once per process: Django, then what the blocks share (a pickled `blocks.Mass`)."""
    global _mass  # noqa: PLW0603 - the one place a pool gives a process to keep something
    gc.disable()  # documents hold no cycle, and millions of them would be walked again and again
    django.setup()
    _mass = pickle.loads(mass)  # noqa: S301 - from the process that started this one


def run(block: int) -> list:
    """The chunks of one block."""
    from .blocks import make  # noqa: PLC0415 - models are ready only now

    return list(make(_mass, block))
