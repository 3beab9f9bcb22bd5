"""A small service: takes orders, remembers who ordered last, and hands work to cooks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nats.js.api import ConsumerConfig, KeyValueConfig
from nats.js.errors import NotFoundError

if TYPE_CHECKING:
    from nats.aio.client import Client
    from nats.aio.msg import Msg
    from nats.js import JetStreamContext

#: Seconds that a cook has for an order before another gets it.
PATIENCE = 600


class Kitchen:
    """Answers on `order`, and keeps what is to be cooked."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.js: JetStreamContext = client.jetstream()

    async def open(self) -> None:
        """Make the stream and the bucket, and listen."""
        await self.js.add_stream(name="ORDERS", subjects=["orders.*"])
        self.guests = await self.js.create_key_value(KeyValueConfig(bucket="guests", ttl=3600))
        await self.client.subscribe("order", queue="kitchen", cb=self._ordered)

    async def _ordered(self, request: Msg) -> None:
        dish = request.data.decode()
        if not dish.isalpha():
            await request.respond(b"that is no dish")
            return
        ack = await self.js.publish(f"orders.{dish}", b"")
        await self.guests.put(request.headers["Guest"], dish.encode())
        await request.respond(b"order %d" % ack.seq)

    async def next_order(self) -> Msg:
        """Something to cook."""
        config = ConsumerConfig(ack_wait=PATIENCE)
        consumer = await self.js.pull_subscribe("orders.*", "cooks", config=config)
        (order,) = await consumer.fetch(1, timeout=5)
        return order

    async def last_dish(self, guest: str) -> str | None:
        """What the guest had, if that isn't too long ago."""
        try:
            entry = await self.guests.get(guest)
        except NotFoundError:
            return None
        return (entry.value or b"").decode()
