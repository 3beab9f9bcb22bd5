"""A NATS server inside your tests: no binary, no port to choose, no waiting.

    async with ReferenceServer() as server:
        client = await nats.connect(server.url)
        ...
        await server.clock.elapse(3600)       # an hour later

The clock stands still until it is told otherwise. With pytest the fixture
`nats_reference` gives each test an account of its own on one such server.
"""

from __future__ import annotations

from .server import ReferenceServer, World
from .streams import Stored, StreamView

__all__ = ["ReferenceServer", "Stored", "StreamView", "World"]
