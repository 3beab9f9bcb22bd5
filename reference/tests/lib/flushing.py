"""Having a server read what nats-py has to say."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nats.aio.client import Client


async def flushed(client: Client) -> None:
    """The server has read everything.

    nats-py 2.16 sends the PING of a flush before what waits to be sent: only a second is behind it.
    """
    await client.flush()
    await client.flush()
