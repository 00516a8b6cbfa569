"""Patience: pages wait for real work, and the machines of the tests are shared."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect


@pytest.fixture(autouse=True)
def patient() -> Iterator[None]:
    """A save waits two seconds for the next key; a busy machine adds many."""
    expect.set_options(timeout=20_000)
    yield
    expect.set_options(timeout=5_000)
