"""The pytest plugin: `nats_reference`, an account of its own for each test on one server.

pytest finds it by its entry point, in every run of everybody who has this installed: so it
stands outside of `testing`, and imports nothing before a test asks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nats_reference.testing import ReferenceServer, World


@pytest.fixture(scope="session")
def nats_reference_server() -> Iterator[ReferenceServer]:
    """The server of all tests of the session."""
    from nats_reference.testing import ReferenceServer  # noqa: PLC0415 - few tests need it

    with ReferenceServer() as server:
        yield server


@pytest.fixture
def nats_reference(nats_reference_server: ReferenceServer) -> Iterator[World]:
    """A fresh account: `.url` to connect to, `.clock` to move, `.streams` to look at."""
    with nats_reference_server.account() as world:
        yield world
