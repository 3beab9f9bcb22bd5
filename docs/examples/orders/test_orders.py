"""Tests of the kitchen: no binary, no waiting."""

import nats
import pytest

from orders import PATIENCE, Kitchen


@pytest.fixture
async def kitchen(nats_reference):
    client = await nats.connect(nats_reference.url)
    kitchen = Kitchen(client)
    await kitchen.open()
    yield kitchen
    await client.close()


async def order(kitchen, dish):
    request = kitchen.client.request("order", dish, timeout=5, headers={"Guest": "ann"})
    return (await request).data


async def test_an_order_is_stored_and_answered(kitchen, nats_reference):
    assert await order(kitchen, b"soup") == b"order 1"
    assert await order(kitchen, b"!") == b"that is no dish"
    stored = nats_reference.streams["ORDERS"].messages
    assert [message.subject for message in stored] == ["orders.soup"]


async def test_an_order_goes_to_another_cook_if_the_first_falls_asleep(kitchen, nats_reference):
    await order(kitchen, b"soup")
    await kitchen.next_order()
    await nats_reference.clock.elapse(PATIENCE + 1)
    again = await kitchen.next_order()
    assert again.metadata.num_delivered == 2


async def test_guests_are_forgotten_after_an_hour(kitchen, nats_reference):
    await order(kitchen, b"soup")
    assert await kitchen.last_dish("ann") == "soup"
    await nats_reference.clock.elapse(3600)
    assert await kitchen.last_dish("ann") is None
