"""A consumer with much to deliver: in rounds, so that nobody is cut off and others have their turn."""

from __future__ import annotations

from contextlib import asynccontextmanager

import nats
import pytest
from nats.js.api import AckPolicy, ConsumerConfig

from nats_reference.jetstream.consumer import delivering
from nats_reference.testing import ReferenceServer

MESSAGES = 4000
#: Less than the backlog may wait for a client that reads.
PENDING = 2 << 20


@asynccontextmanager
async def a_backlog(size, **options):
    """A client, and a stream full of messages of `size` bytes."""
    with ReferenceServer(**options) as server:
        client = await nats.connect(server.url)
        js = client.jetstream()
        await js.add_stream(name="log", subjects=["log.*"], storage="memory")
        for number in range(MESSAGES):
            await client.publish(f"log.{number % 2}", bytes(size))
        await client.flush()
        yield client, js
        await client.close()


def pushed(**config):
    return ConsumerConfig(durable_name="all", deliver_subject="deliver", **config)


@pytest.mark.parametrize(
    "config",
    [
        {"ack_policy": AckPolicy.NONE},
        {"ack_policy": AckPolicy.EXPLICIT, "max_ack_pending": MESSAGES},
    ],
)
async def test_a_backlog_larger_than_may_be_pending_is_pushed_whole(config):
    async with a_backlog(4000, max_pending=PENDING) as (client, js):
        heard = await client.subscribe("deliver")
        await js.add_consumer("log", pushed(**config))
        sequences = [(await heard.next_msg(5)).metadata.sequence for _ in range(MESSAGES)]
        assert [each.stream for each in sequences] == list(range(1, MESSAGES + 1))
        assert [each.consumer for each in sequences] == list(range(1, MESSAGES + 1))
        info = await js.consumer_info("log", "all")
        assert (info.num_pending, info.delivered.consumer_seq) == (0, MESSAGES)


async def test_only_what_the_filter_lets_in_is_pushed():
    async with a_backlog(4000, max_pending=PENDING) as (client, js):
        heard = await client.subscribe("deliver")
        config = pushed(ack_policy=AckPolicy.NONE, filter_subject="log.1")
        await js.add_consumer("log", config)
        got = [(await heard.next_msg(5)).metadata for _ in range(MESSAGES // 2)]
        assert [each.sequence.stream for each in got] == list(range(2, MESSAGES + 1, 2))
        assert [each.num_pending for each in got] == list(range(MESSAGES // 2 - 1, -1, -1))


async def test_a_request_that_waits_for_nothing_gets_all_that_is_there():
    async with a_backlog(10) as (_client, js):
        config = ConsumerConfig(max_ack_pending=-1)
        subscription = await js.pull_subscribe("log.*", "worker", config=config)
        got = await subscription.fetch(3 * delivering.ROUND, timeout=5)
        assert [each.metadata.sequence.stream for each in got] == list(range(1, len(got) + 1))
        assert len(got) == 3 * delivering.ROUND
